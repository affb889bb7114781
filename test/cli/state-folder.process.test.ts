/** A state folder that cannot be written: on a disk that is full, in a file system that is read-only, of somebody else. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { signCommand } from '../../src/notify/sign-script.ts';
import { seedHomeWithChannel } from '../failover/squad.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout, darumaProcess } from './daruma.ts';

const isRoot = process.getuid?.() === 0;

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

/** Commands of a shell that make the folder `$STATE` what it is said to be, in a mount namespace that ends with the shell. */
const disks = {
  'is full':
    'mount -t tmpfs -o size=32k tmpfs "$STATE" && cp -a "$KEPT/." "$STATE"; cat /dev/zero >"$STATE/filler"',
  'out of room for another file':
    'mount -t tmpfs tmpfs "$STATE" && cp -a "$KEPT/." "$STATE" && mount -o remount,nr_inodes=$(find "$STATE" | wc -l) "$STATE"',
  'read-only': 'mount --bind "$STATE" "$STATE" && mount -o remount,ro,bind "$STATE"',
} as const;

interface Person {
  readonly home: string;
  readonly state: string;
  /** An unpacked system. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
}

function person(): Person {
  const home = unpackedRoot({
    ...seedHomeWithChannel(),
    'root/': '',
    'state/daruma/': '',
  });
  const root = path.join(home, 'root');
  fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
  const environment = { HOME: home, XDG_STATE_HOME: path.join(home, 'state') };
  return { home, root, state: path.join(home, 'state/daruma'), environment };
}

function onDisk(disk: string, args: readonly string[], { state, environment }: Person) {
  const kept = unpackedRoot({});
  fs.cpSync(state, kept, { recursive: true });
  const main = path.join(checkout, 'src/cli/main.ts');
  const script = `{ ${disk}; } 2>/dev/null; exec "$@"`;
  const env = { ...environment, PATH: process.env['PATH'], COLUMNS: '80', STATE: state, KEPT: kept };
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', process.execPath, main, ...args],
    { encoding: 'utf8', env, timeout: 60_000, killSignal: 'SIGKILL' },
  );
  return { code: status, stdout, stderr };
}

/** Of all files but those of the state. */
function contents({ home, state }: Person) {
  return fs
    .readdirSync(home, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .map(entry => ({ file: path.join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .filter(({ file }) => !file.startsWith(state))
    .map(({ file, isFile }) => [file, isFile ? fs.readFileSync(file, 'utf8') : ''])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

const commands = [
  'fix --yes',
  'fix --yes once more',
  'undo',
  'notify mute 1h',
  'notify send hello',
  'failover apply --yes',
];

function argumentsOf(command: string, { root }: Person): readonly string[] {
  const words = command.replace(' once more', '').split(' ');
  return ['fix', 'undo'].includes(words[0] ?? '') ? [...words, '--root', root] : words;
}

/** What is taken back was done before; what is done once more was done before, and taken back. */
function prepare(command: string, { home, root, environment }: Person): void {
  const isOnceMore = command.endsWith('once more');
  const first = command === 'undo' || isOnceMore ? [['fix', '--yes']] : [];
  for (const words of [...first, ...(isOnceMore ? [['undo']] : [])]) {
    const { code } = darumaProcess([...words, '--root', root], { env: environment, cwd: home });
    expect(code).toBe(0);
  }
}

function expectNothingDone({ code, stderr }: ReturnType<typeof onDisk>, { state }: Person): void {
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringMatching(/^daruma: .*; nothing was done\n$/),
  });
  expect(stderr).toContain(state);
  expect(stderr).not.toMatch(/failed|not-writable/);
}

describe.skipIf(!isRoot)('a state folder', { timeout }, () => {
  it.each(
    Object.entries(disks).flatMap(([what, disk]) => commands.map(command => [what, command, disk] as const)),
  )('on a disk that is %s is named by daruma %s, which does nothing', (_, command, disk) => {
    const of = person();
    prepare(command, of);
    const before = contents(of);
    const done = onDisk(disk, argumentsOf(command, of), of);
    expectNothingDone(done, of);
    expect(done.stdout).not.toMatch(/taken back|\bDone\b/);
    expect(contents(of)).toEqual(before);
  });

  it.each(['fix --yes', 'notify mute 1h', 'notify send hello', 'notify flush'])(
    'that cannot be made, since all around it is read-only, is named by daruma %s',
    command => {
      const of = person();
      fs.rmdirSync(of.state);
      const state = path.dirname(of.state);
      const done = onDisk(disks['read-only'], argumentsOf(command, of), { ...of, state });
      expectNothingDone(done, of);
      expect(done.stderr).toMatch(/state\/daruma\S* cannot be written;/);
    },
  );

  it.each(Object.entries(disks))('on a disk that is %s is named where hooks keep nothing', (what, disk) => {
    const of = person();
    const spool = path.join(of.state, 'spool');
    const hook = signCommand('ended', '/usr/bin/timeout', spool, '%n', { seconds: 3, graceSeconds: 1 });
    const dropIn = path.join(of.home, '.config/systemd/user/hooked.service.d/zz-daruma.notify.conf');
    fs.mkdirSync(path.dirname(dropIn), { recursive: true });
    fs.writeFileSync(dropIn, `[Service]\nExecStopPost=${hook}\n`);
    // Nothing can be read from a store that is not there.
    const flushed = darumaProcess(['notify', 'flush'], { env: of.environment, cwd: of.home });
    expect(flushed.code).toBe(0);
    const { code, stdout } = onDisk(disk, ['notify', 'status', '--json'], of);
    const reason = what === 'read-only' ? 'not-writable' : 'full';
    expect({ code, document: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      document: { unwritable: reason },
    });
    const { stdout: text } = onDisk(disk, ['notify', 'status'], of);
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(
      /(?:is full|cannot be written): what hooks see is not kept now/,
    );
    const { stdout: usual } = darumaProcess(['notify', 'status'], { env: of.environment, cwd: of.home });
    expect(usual).not.toContain('what hooks see');
  });

  it('is named in words where a fix that was interrupted cannot go on', () => {
    const of = person();
    prepare('undo', of);
    const [fixes = ''] = fs
      .globSync('trees/*/fixes', { cwd: of.state })
      .map(each => path.join(of.state, each));
    const [record = ''] = fs.readdirSync(fixes);
    const file = path.join(fixes, record);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"phase": "done"', '"phase": "begun"'));
    fs.writeFileSync(path.join(fixes, 'begun'), `${path.basename(record, '.json')} 999999`);
    const { code, stderr } = onDisk(disks['read-only'], ['fix', '--continue', '--root', of.root], of);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(' cannot be written') });
    expect(stderr).not.toContain('not-writable');
  });

  it.each(['fix --yes', 'fix --yes once more'])(
    'in a home that is read-only is named by daruma %s, which does nothing',
    command => {
      const of = person();
      const named = ['--home', path.join(of.root, 'home/azureuser')];
      for (const words of command.endsWith('once more') ? [['fix', '--yes'], ['undo']] : []) {
        const run = { env: of.environment, cwd: of.home };
        expect(darumaProcess([...words, ...named], run).code).toBe(0);
      }
      const before = contents(of);
      const disk = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME"';
      expectNothingDone(onDisk(disk, ['fix', '--yes', ...named], of), of);
      expect(contents(of)).toEqual(before);
    },
  );

  it.each(commands.filter(command => command !== 'undo' && !command.endsWith('once more')))(
    'of somebody else is named by daruma %s, which does nothing',
    command => {
      const of = person();
      for (const file of ['', ...fs.readdirSync(of.home, { recursive: true, encoding: 'utf8' })]) {
        const place = path.join(of.home, file);
        const status = fs.lstatSync(place);
        if (!status.isSymbolicLink()) fs.chmodSync(place, status.isDirectory() ? 0o755 : 0o644);
      }
      const before = contents(of);
      const { environment: env, home: cwd } = of;
      const done = darumaProcess(argumentsOf(command, of), { env, cwd, uid: 65_534 });
      expectNothingDone(done, of);
      expect(contents(of)).toEqual(before);
    },
  );
});
