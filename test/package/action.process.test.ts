/** action.yml: its steps run as a runner runs them, in a checkout of somebody's unit files, with the package as published. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { version } from '../../src/cli/version.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout, npmEnvironment, pack, type Packed } from './packed.ts';

/** As docs.github.com describes it ("Metadata syntax for GitHub Actions"), as far as this one goes. */
const action = z
  .strictObject({
    name: z.string(),
    description: z.string().max(125),
    branding: z.strictObject({ icon: z.string(), color: z.string() }),
    inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
    outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
    runs: z.strictObject({
      using: z.literal('composite'),
      steps: z.array(
        z.union([
          z.strictObject({
            id: z.string(),
            shell: z.literal('bash'),
            env: z.record(z.string(), z.string()).default({}),
            run: z.string(),
          }),
          z.strictObject({ if: z.string(), uses: z.string(), with: z.record(z.string(), z.number()) }),
        ]),
      ),
    }),
  })
  .parse(parse(fs.readFileSync(path.join(checkout, 'action.yml'), 'utf8')));

let packed: Packed;

beforeAll(() => {
  packed = pack();
  return () => fs.rmSync(packed.folder, { recursive: true });
});

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly outputs: string;
}

/** Runs the step that checks, with the inputs that a workflow would give. */
function run(workspace: string, given: Readonly<Record<string, string>> = {}, bin = ''): Run {
  const step = action.runs.steps.find(candidate => 'run' in candidate && candidate.id === 'check');
  if (step === undefined || !('run' in step)) throw new Error('there is no step that checks');
  const output = path.join(packed.folder, 'output');
  fs.writeFileSync(output, '');
  const values: Readonly<Record<string, string>> = {
    'github.action_path': checkout,
    ...Object.fromEntries(
      Object.entries(action.inputs).map(([name, { default: value }]) => [`inputs.${name}`, value]),
    ),
    'inputs.version': `file:${packed.tarball}`,
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`inputs.${name}`, value])),
  };
  const filledIn = (text: string) =>
    text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`nobody gives ${name}`);
      return value;
    });
  const script = path.join(packed.folder, 'script.sh');
  fs.writeFileSync(script, step.run);
  const { status, stdout } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: workspace,
    encoding: 'utf8',
    timeout: 50_000,
    env: {
      ...npmEnvironment(packed),
      PATH: [bin, process.env['PATH']].filter(Boolean).join(':'),
      ...Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, filledIn(text)])),
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: output,
    },
  });
  return { code: status, stdout, outputs: fs.readFileSync(output, 'utf8') };
}

const blind = '[Service]\nExecStart=/bin/a\nRestart=on-failure\n';

function dotfiles(): string {
  return unpackedRoot({
    '.config/systemd/user/litellm.service': blind,
    'top.service': blind,
    'my units/web.service': blind,
    'node_modules/x/example.service': blind,
    '.git/stray.service': blind,
    'README.md': '',
  });
}

const filesIn = (stdout: string) => [...stdout.matchAll(/^::\w+ file=([^,]*),/gm)].map(([, file]) => file);

describe('action.yml', () => {
  it('puts nothing that a caller writes into a script', () => {
    const scripts = action.runs.steps.flatMap(step => ('run' in step ? [step.run] : []));
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  it('finds the Node of the job', () => {
    const step = action.runs.steps.find(candidate => 'run' in candidate && candidate.id === 'node');
    const output = path.join(packed.folder, 'node');
    const { status } = spawnSync(
      'bash',
      ['-eo', 'pipefail', '-c', step && 'run' in step ? step.run : 'false'],
      {
        env: { PATH: process.env['PATH'], GITHUB_OUTPUT: output },
      },
    );
    expect(status).toBe(0);
    expect(fs.readFileSync(output, 'utf8')).toBe(`major=${process.versions.node.split('.')[0]}\n`);
  });

  it('asks for the version that it belongs to, where none is asked for', () => {
    const bin = path.join(packed.folder, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'npx'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
    const { stdout } = run(unpackedRoot({ 'a.service': '' }), { version: '' }, bin);
    expect(stdout).toBe(
      `--yes --package daruma@${version} -- daruma check --fail-on warning --format github ./a.service\n`,
    );
  });
});

describe('the action in a checkout of unit files', () => {
  it('finds every unit, in hidden folders too, and names them from the top', () => {
    const { code, stdout } = run(dotfiles());
    expect(code).toBe(1);
    expect(new Set(filesIn(stdout))).toEqual(
      new Set(['.config/systemd/user/litellm.service', 'my units/web.service', 'top.service']),
    );
  }, 60_000);

  it('passes where nothing is as severe as asked', () => {
    const workspace = unpackedRoot({
      'quiet.service':
        '# daruma: ignore restart-blind-spot,no-hang-detection,restart-delay-busy-loop,start-limit-gives-up tested\n' +
        '[Service]\nExecStart=/bin/true\nRestart=always\nRestartSec=5\n',
    });
    expect(run(workspace, { 'fail-on': 'critical' })).toMatchObject({ code: 0, outputs: '' });
  }, 60_000);

  it('takes paths and patterns line by line', () => {
    const { stdout } = run(dotfiles(), { paths: '\n  my units/*.service  \ntop.service\n' });
    expect(new Set(filesIn(stdout))).toEqual(new Set(['my units/web.service', 'top.service']));
  }, 60_000);

  it('says so where nothing is to be found', () => {
    expect(run(dotfiles(), { paths: 'nothing/**/*.service' })).toMatchObject({
      code: 2,
      stdout: '::error::daruma: no unit files match nothing/**/*.service\n',
    });
  });

  it('writes SARIF beside what it prints, and judges by another systemd', () => {
    const workspace = dotfiles();
    const { code, stdout, outputs } = run(workspace, {
      'sarif-file': 'daruma.sarif',
      systemd: '252',
      format: 'markdown',
    });
    expect(code).toBe(1);
    expect(outputs).toBe('sarif-file=daruma.sarif\n');
    expect(stdout).toContain('### `top.service`');
    const { runs } = JSON.parse(fs.readFileSync(path.join(workspace, 'daruma.sarif'), 'utf8'));
    expect(runs[0].results.length).toBeGreaterThan(2);
  }, 60_000);

  it('fails with bad input instead of passing', () => {
    expect(run(dotfiles(), { 'fail-on': '$(touch hacked)' }).code).toBe(2);
    expect(run(dotfiles(), { 'sarif-file': 'x.sarif', systemd: 'new' }).code).toBe(2);
  }, 60_000);
});
