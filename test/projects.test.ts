/** Which project of vitest.config.ts a test belongs to is decided by its name: here names are held to what files do. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { remember } from '../src/systemd/remember.ts';
import { projects } from '../vitest.config.ts';

const checkout = path.join(import.meta.dirname, '..');
const tests = fs.globSync('test/**/*.test.ts', { cwd: checkout }).sort();

const importsOf = remember((file: string) => {
  const text = fs.readFileSync(path.join(checkout, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\s)(?:[^;']*?from )?'([^']+)'/gm);
  return [...statements].map(([, target = '']) =>
    target.startsWith('.') ? path.join(path.dirname(file), target) : target,
  );
});

/** All that a test gets from tests and from the lab, and what that gets from Node; the product's own files are no part of it. */
function reachedBy(test: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (file: string) => {
    for (const target of importsOf(file)) {
      if (reached.has(target)) continue;
      reached.add(target);
      if (/^(?:test|lab)\/.*\.ts$/.test(target) && target !== commandLine) visit(target);
    }
  };
  visit(test);
  return reached;
}

/** Modules that start programs: Node's own, and TypeScript's, whose compiler is one. */
const programStarters = ['node:child_process', 'typescript/unstable/sync'];

/** Runs command lines. */
const commandLine = 'test/cli/daruma.ts';

describe('the names of tests', () => {
  const reached = tests.map(test => ({ test, reached: reachedBy(test) }));
  const bootsHost = (one: ReadonlySet<string>) => one.has('lab/host.ts');

  it('say which boot a host', () => {
    const boots = reached.filter(each => bootsHost(each.reached)).map(({ test }) => test);
    expect(boots).toEqual(tests.filter(test => test.endsWith('.lab.test.ts')));
    expect(boots.length).toBeGreaterThan(20);
  });

  it('say which start programs', () => {
    const starts = reached
      .filter(each => programStarters.some(module => each.reached.has(module)) && !bootsHost(each.reached))
      .map(({ test }) => test);
    expect(starts.filter(test => !test.endsWith('.process.test.ts'))).toEqual([]);
    expect(starts.length).toBeGreaterThan(10);
  });

  it('say which run command lines in a process of their own', () => {
    const runs = tests.filter(test =>
      /\bdarumaProcess\b/.test(fs.readFileSync(path.join(checkout, test), 'utf8')),
    );
    const own = 'test/projects.test.ts';
    expect(runs.filter(test => test !== own && !/\.(?:process|lab)\.test\.ts$/.test(test))).toEqual([]);
  });

  it('are in one project each', () => {
    const belong = projects.map(({ name, include, exclude }) => ({
      name,
      files: fs.globSync(include, { cwd: checkout, exclude }),
    }));
    expect(belong.flatMap(({ files }) => files).sort()).toEqual(tests);
    const lines = belong.find(({ name }) => name === 'cli')?.files ?? [];
    const missed = reached
      .filter(each => each.reached.has(commandLine) && !/\.(?:lab|process)\.test\.ts$/.test(each.test))
      .filter(({ test }) => !lines.includes(test));
    expect(missed.map(({ test }) => test)).toEqual([]);
  });
});
