/** The lines of sh that a manager runs as hooks, run by the real sh: what they write is read as it was meant, or not at all. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { signCommand, type SignKind } from '../../src/notify/sign-script.ts';
import { isBeingWritten, makeSpool, readSpool } from '../../src/notify/spool.ts';
import { parseCommandLines } from '../../src/systemd/values/command-line.ts';
import { unpackedRoot } from '../support/root.ts';

const invocation = '0123456789abcdef0123456789abcdef';
const later = () => Date.now() + 120_000;

/** The words of a hook as a manager reads them. */
function hook(kind: SignKind, spool: string, unit: string): readonly string[] {
  const line = signCommand(kind, '/usr/bin/timeout', spool, '%n', { seconds: 3, graceSeconds: 1 });
  const [command] = parseCommandLines(line, { version: 257 }).commands;
  const words = command?.argv.map(word =>
    word === '%n' ? unit : word.replaceAll('%%', '%').replaceAll('$$', '$'),
  );
  return words ?? [];
}

function run(
  kind: SignKind,
  spool: string,
  unit: string,
  environment: NodeJS.ProcessEnv,
  before = '',
): number | null {
  return runAndHear(kind, spool, unit, environment, before).status;
}

/** What it writes to stderr stands in the journal of the service. */
function runAndHear(
  kind: SignKind,
  spool: string,
  unit: string,
  environment: NodeJS.ProcessEnv,
  before = '',
): { readonly status: number | null; readonly stderr: string } {
  const words = hook(kind, spool, unit);
  const env = { PATH: process.env['PATH'], INVOCATION_ID: invocation, ...environment };
  // What comes before is the shell's, which then becomes the hook.
  const { status, stderr } = spawnSync('/bin/sh', ['-c', `${before} exec "$@"`, 'sh', ...words], {
    env,
    encoding: 'utf8',
  });
  return { status, stderr };
}

const fell = { SERVICE_RESULT: 'signal', EXIT_CODE: 'killed', EXIT_STATUS: 'KILL' };

describe('a sign', () => {
  it('has what the manager says, for each kind of hook', () => {
    const spool = makeSpool(unpackedRoot({}));
    const failed = Object.fromEntries(
      Object.entries(fell).map(([name, value]) => [`MONITOR_${name}`, value]),
    );
    expect(run('started', spool, 'a.service', {})).toBe(0);
    expect(run('ended', spool, 'a.service', fell)).toBe(0);
    expect(run('failed', spool, 'a.service', { ...failed, MONITOR_INVOCATION_ID: 'f'.repeat(32) })).toBe(0);
    const cause = { result: 'signal', code: 'killed', status: 'KILL' };
    const { signs } = readSpool(spool, Date.now());
    expect(signs.map(({ kind, unit, invocation: of, cause: why }) => ({ kind, unit, of, why }))).toEqual([
      { kind: 'started', unit: 'a.service', of: invocation, why: { result: null, code: null, status: null } },
      { kind: 'ended', unit: 'a.service', of: invocation, why: cause },
      { kind: 'failed', unit: 'a.service', of: 'f'.repeat(32), why: cause },
    ]);
  });

  it('names the unit whatever its name is', () => {
    const names = [
      String.raw`a\x20b.service`,
      String.raw`\x22\x27\x24\x28id\x29.service`,
      '-n.service',
      `${'x'.repeat(247)}.service`,
      'getty@tty1.service',
    ];
    const spool = makeSpool(unpackedRoot({}));
    for (const name of names) run('ended', spool, name, fell);
    expect(
      readSpool(spool, Date.now())
        .signs.map(({ unit }) => unit)
        .sort(),
    ).toEqual(names.sort());
  });

  it('goes into a folder with any name, which is made where it is missing', () => {
    const folder = path.join(unpackedRoot({}), `it's 100% "$HOME" \\ here`);
    const spool = path.join(folder, 'spool');
    expect(run('ended', spool, 'a.service', fell)).toBe(0);
    expect(readSpool(spool, Date.now()).signs).toHaveLength(1);
    expect(fs.statSync(spool).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(spool).map(name => fs.statSync(path.join(spool, name)).mode & 0o777)).toEqual([
      0o600,
    ]);
  });

  it('is never made of what is not one', () => {
    const spool = makeSpool(unpackedRoot({}));
    run('ended', spool, 'a.service\nend', fell);
    run('ended', spool, 'a.socket', fell);
    run('ended', spool, 'a.service', { ...fell, INVOCATION_ID: 'x' });
    const { signs } = readSpool(spool, Date.now());
    expect(signs.map(sign => sign.invocation)).toEqual([null]);
  });

  it('is left out where it cannot be written, and nothing else happens', () => {
    const root = unpackedRoot({ file: '' });
    // Its failure may be taken for the service's.
    expect(run('ended', path.join(root, 'file/spool'), 'a.service', fell)).toBe(0);
    const spool = makeSpool(root);
    // A limit of nothing stands for a full disk: the file is there, and nothing is in it.
    expect(run('ended', spool, 'a.service', fell, "trap '' XFSZ; ulimit -f 0;")).toBe(0);
    expect(readSpool(spool, Date.now()).signs).toEqual([]);
    expect(isBeingWritten(spool, Date.now())).toBe(true);
    expect(readSpool(spool, later()).discarded).toBe(1);
    expect(fs.readdirSync(spool)).toEqual([]);
  });

  it('is written in silence, however fast it is taken', async () => {
    const spool = makeSpool(unpackedRoot({}));
    const taker = spawn(
      '/bin/sh',
      ['-c', 'while :; do for f in "$1"/*; do [ -e "$f" ] && rm "$f"; done; done', 'sh', spool],
      {
        stdio: 'ignore',
      },
    );
    const heard = new Set<string>();
    for (let number = 0; number < 200; number += 1) {
      const { status, stderr } = runAndHear('ended', spool, 'a.service', fell);
      heard.add(`${status} ${stderr}`);
    }
    taker.kill('SIGKILL');
    await once(taker, 'exit');
    expect([...heard]).toEqual(['0 ']);
  }, 120_000);

  it('is written by the programs of the system, whatever the PATH of the service is', () => {
    const root = unpackedRoot({});
    for (const name of ['sync', 'mkdir', 'printf']) {
      fs.writeFileSync(path.join(root, name), `#!/bin/sh\n: >${root}/called\n`, { mode: 0o755 });
    }
    for (const PATH of ['/nowhere', '', root, undefined]) {
      const spool = path.join(unpackedRoot({}), 'spool');
      expect(runAndHear('ended', spool, 'a.service', { ...fell, PATH })).toEqual({ status: 0, stderr: '' });
      expect(readSpool(spool, Date.now()).signs).toHaveLength(1);
    }
    expect(fs.existsSync(path.join(root, 'called'))).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'is written though it cannot be flushed, and the journal says why, once',
    () => {
      const spool = makeSpool(unpackedRoot({}));
      const broken = path.join(
        unpackedRoot({ sync: '#!/bin/sh\necho "cannot flush" >&2; exit 1\n' }),
        'sync',
      );
      fs.chmodSync(broken, 0o755);
      const words = hook('ended', spool, 'a.service');
      const script = 'mount --bind "$0" "$(realpath /usr/bin/sync)" && exec "$@"';
      const { status, stderr } = spawnSync(
        'unshare',
        ['--mount', '/bin/sh', '-c', script, broken, ...words],
        {
          env: { PATH: process.env['PATH'], INVOCATION_ID: invocation, ...fell },
          encoding: 'utf8',
        },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: 'cannot flush\n' });
      expect(readSpool(spool, Date.now()).signs).toHaveLength(1);
    },
  );

  it('is read once it is complete, though it was seen before', () => {
    const spool = makeSpool(unpackedRoot({}));
    run('ended', spool, 'a.service', fell);
    const [name = ''] = fs.readdirSync(spool);
    const file = path.join(spool, name);
    const text = fs.readFileSync(file, 'utf8');
    for (let length = 0; length < text.length; length += 1) {
      fs.writeFileSync(file, text.slice(0, length));
      expect(readSpool(spool, Date.now()).signs).toEqual([]);
      fs.renameSync(path.join(spool, `.${name}`), file);
    }
    const handle = fs.openSync(file, 'w');
    readSpool(spool, Date.now());
    fs.writeSync(handle, text);
    fs.closeSync(handle);
    expect(readSpool(spool, Date.now()).signs).toHaveLength(1);
  });
});

const kills = 200;

it(`a hook that is killed ${kills} times at any moment has written its sign or none`, async () => {
  const spool = makeSpool(unpackedRoot({}));
  const words = hook('ended', spool, 'a.service');
  // Without timeout(1), which would be killed in place of the shell.
  const [program = '', ...args] = words.slice(words.indexOf('/bin/sh'));
  let done = 0;
  const startMs = performance.now();
  expect(run('ended', spool, 'a.service', fell)).toBe(0);
  const usualMs = performance.now() - startMs;
  for (let number = 0; number < kills; number += 1) {
    const env = { PATH: process.env['PATH'], INVOCATION_ID: number.toString(16).padStart(32, '0'), ...fell };
    const child = spawn(program, args, { env, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), Math.random() * usualMs);
    const [code]: readonly unknown[] = await once(child, 'close');
    clearTimeout(timer);
    if (code === 0) done += 1;
  }
  const written = fs.readdirSync(spool).length;
  const { signs, discarded } = readSpool(spool, later());
  expect(signs.length).toBeGreaterThanOrEqual(done + 1);
  expect(signs.length + discarded).toBe(written);
  for (const { unit, cause } of signs) {
    expect({ unit, cause }).toEqual({
      unit: 'a.service',
      cause: { result: 'signal', code: 'killed', status: 'KILL' },
    });
  }
}, 120_000);

it('thousands of signs are read in order within seconds', () => {
  const spool = makeSpool(unpackedRoot({}));
  run('ended', spool, 'a.service', { ...fell, INVOCATION_ID: '0'.repeat(32) });
  const [name = ''] = fs.readdirSync(spool);
  const text = fs.readFileSync(path.join(spool, name), 'utf8');
  const count = 20_100;
  for (let number = 1; number < count; number += 1) {
    const of = number.toString(16).padStart(32, '0');
    const file = path.join(spool, `${of}.1`);
    fs.writeFileSync(file, text.replace('0'.repeat(32), of));
  }
  const startMs = performance.now();
  const { signs, hasMore } = readSpool(spool, Date.now());
  // A second or two on a machine that does nothing else.
  expect(performance.now() - startMs).toBeLessThan(60_000);
  expect(hasMore).toBe(true);
  const numbers = signs.map(({ file }) => Number.parseInt(file, 16));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(signs.length).toBe(20_000);
  // In here it has the time that it takes.
  fs.rmSync(spool, { recursive: true });
}, 180_000);
