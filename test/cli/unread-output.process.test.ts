/** Output that nobody reads, or that cannot be written, neither stops a change halfway nor hides whether it was made. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { checkout } from './daruma.ts';

const units = 'home/kuma/.config/systemd/user';
const blind = '[Service]\nExecStart=/usr/bin/a\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';

interface Tried {
  readonly status: number | null;
  readonly stderr: string;
  /** What lies in the folder of the units. */
  readonly files: readonly string[];
}

/** A root with a service that there is something to fix of, and a shell in which `daruma` is a command. */
function machine() {
  const root = unpackedRoot({
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
    [`${units}/a.service`]: blind,
    'usr/bin/a': '#!/bin/sh\n',
  });
  fs.chmodSync(path.join(root, 'usr/bin/a'), 0o755);
  const state = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-unread-'));
  onTestFinished(() => fs.rmSync(state, { recursive: true }));
  return (script: string): Tried => {
    const functions = `daruma() { "$NODE" bin/daruma.cjs --root "$ROOT" "$@"; }`;
    const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', `${functions}\n${script}`], {
      cwd: checkout,
      encoding: 'utf8',
      timeout: 30_000,
      env: {
        PATH: process.env['PATH'],
        HOME: state,
        XDG_STATE_HOME: state,
        NODE: process.execPath,
        ROOT: root,
      },
    });
    const files = fs.readdirSync(path.join(root, units), { recursive: true, encoding: 'utf8' }).sort();
    return { status, stderr, files };
  };
}

/** Readers that are gone before the first line, after it, and after some. */
const readers = ['true', 'head -c 0', 'head -1', 'head -20'];

const cases: readonly (readonly [string, string, string])[] = [
  ['fix --yes', 'fix --yes', 'a.service.d/zz-daruma.conf'],
  ['fix --yes --json', 'fix --yes --json', 'a.service.d/zz-daruma.conf'],
  ['new', 'new b --yes -- /usr/bin/a', 'b.service'],
];

describe.each(cases)('%s', (_, command, made) => {
  it.each(readers)('is carried out when its reader is %s, and says so by its exit code', reader => {
    const { status, stderr, files } = machine()(`daruma ${command} | ${reader}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(files).toContain(made);
  });

  it('is carried out into a full disk, which is told', () => {
    const { status, stderr, files } = machine()(`daruma ${command} > /dev/full`);
    expect(files).toContain(made);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: 'daruma: the output cannot be written (ENOSPC) (the command itself was carried out)\n',
    });
  });

  it.each(['>&-', '>&- 2>&-', '2>&-', '> /dev/full 2> /dev/full'])('is carried out with %s', way => {
    const { status, files } = machine()(`daruma ${command} ${way}`);
    expect(files).toContain(made);
    expect(status).toBe(way.includes('full') ? 3 : 0);
  });
});

it.each(readers)('undo takes all back when its reader is %s', reader => {
  const run = machine();
  expect(run('daruma fix --yes').status).toBe(0);
  const { status, files } = run(`daruma undo | ${reader}`);
  expect(status).toBe(0);
  expect(files).not.toContain('a.service.d/zz-daruma.conf');
});

it('an undo into a full disk takes all back', () => {
  const run = machine();
  run('daruma fix --yes');
  const { status, files } = run('daruma undo > /dev/full');
  expect(status).toBe(3);
  expect(files).not.toContain('a.service.d/zz-daruma.conf');
});

it('a command that could not do its work says so by its exit code', () => {
  const { status, stderr, files } = machine()('chmod -R a-w "$ROOT"; daruma undo nothing | true');
  expect(status).toBe(2);
  expect(stderr).toContain('nothing');
  expect(files).not.toContain('a.service.d/zz-daruma.conf');
});

it.each(readers)('a verdict is the same when its reader is %s', reader => {
  const run = machine();
  expect(run('daruma check').status).toBe(1);
  for (const format of ['human', 'json', 'sarif']) {
    const { status, stderr } = run(`daruma check --format ${format} | ${reader}`);
    expect({ format, status, stderr: stderr.replaceAll(/^No service manager.*\n/gm, '') }).toEqual({
      format,
      status: 1,
      stderr: '',
    });
  }
  expect(
    run(`echo 'nodes: 1' > "$HOME/bad.yaml"; daruma config validate "$HOME/bad.yaml" --json | ${reader}`)
      .status,
  ).toBe(2);
});

it('a plan that nobody has seen is asked about by nobody', () => {
  const { status, files } = machine()('daruma fix | true');
  expect(status).not.toBe(0);
  expect(files).not.toContain('a.service.d/zz-daruma.conf');
});
