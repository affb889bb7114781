/** The package as `npm install --global` puts it on a machine that has no network. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../src/cli/version.ts';
import { npmEnvironment, pack, type Packed } from './packed.ts';

let packed: Packed;
let daruma: string;

beforeAll(() => {
  packed = pack();
  const prefix = path.join(packed.folder, 'prefix');
  const args = ['install', '--global', '--offline', '--prefix', prefix, packed.tarball];
  const { status, stderr } = spawnSync('npm', args, {
    cwd: packed.folder,
    encoding: 'utf8',
    env: npmEnvironment(packed),
  });
  if (status !== 0) throw new Error(stderr);
  daruma = path.join(prefix, 'bin/daruma');
  return () => fs.rmSync(packed.folder, { recursive: true });
}, 120_000);

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const home = path.join(packed.folder, 'home');
  fs.mkdirSync(home, { recursive: true });
  const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', ...environment };
  const { status, stdout, stderr } = spawnSync(daruma, args, { encoding: 'utf8', env, cwd: packed.folder });
  return { code: status, stdout, stderr };
}

/** Has a process say at its end which parts of Node it has loaded. */
const tellLoaded =
  "process.on('exit', () => require('fs').writeSync(2, process.moduleLoadList.filter(name => /^NativeModule [a-z]/.test(name)).join()));";

function partsIn(told: string): readonly string[] {
  return told.split(',').map(name => name.replace('NativeModule ', ''));
}

function loadedBy(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): readonly string[] {
  const tell = path.join(packed.folder, 'tell.cjs');
  fs.writeFileSync(tell, tellLoaded);
  return partsIn(run(args, { NODE_OPTIONS: `--require=${tell}`, ...environment }).stderr);
}

describe('the installed command', () => {
  it('starts', () => {
    expect(run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  // A configuration brings in the largest dependencies.
  it('has all that it needs', () => {
    const units = path.join(packed.folder, 'units');
    fs.mkdirSync(units);
    fs.writeFileSync(path.join(units, 'a.service'), '[Service]\nExecStart=/bin/true\n');
    const file = path.join(packed.folder, 'config.yaml');
    fs.writeFileSync(file, 'units:\n  a:\n    ignore:\n      restart-blind-spot: tested\n');
    const { code, stdout, stderr } = run(['check', '--json', '--config', file, units]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout).summary).toMatchObject({ units: 1, suppressed: 1 });
  });

  it('keeps its code, compiled, in the cache of the user, and only where there is room', () => {
    const unit = path.join(packed.folder, 'kept.service');
    fs.writeFileSync(unit, '[Service]\nExecStart=/bin/true\n');
    const commands = {
      attend: ['notify', 'await'],
      check: ['check', unit],
      other: ['rules'],
      status: ['status', unit],
    };
    const roomy = fs.mkdtempSync(path.join(packed.folder, 'roomy-'));
    const cache = path.join(roomy, '.cache/daruma');
    const files = Object.entries(commands).map(([name, args]) => {
      const first = run(args, { HOME: roomy });
      expect(first.stderr).toBe('');
      const { size } = fs.statSync(path.join(cache, `${name}.code`));
      expect(size).toBeGreaterThan(100_000);
      expect(run(args, { HOME: roomy })).toEqual(first);
      const head = fs.readFileSync(path.join(cache, `${name}.code`), 'latin1').split('\n', 1)[0] ?? '';
      expect(JSON.parse(head)).toMatchObject({ renewals: 1 });
      return `${name}.code`;
    });
    expect(fs.readdirSync(cache).sort()).toEqual(files);

    const off = fs.mkdtempSync(path.join(packed.folder, 'off-'));
    const { code } = run(['rules'], { HOME: off, NODE_DISABLE_COMPILE_CACHE: '1' });
    expect({ code, made: fs.readdirSync(off) }).toEqual({ code: 0, made: [] });

    const full = fs.mkdtempSync(path.join(packed.folder, 'full-'));
    const script =
      'mount -t tmpfs -o size=64k,mode=755 tmpfs "$HOME" && "$0" rules >/dev/null && find "$HOME"';
    const { status, stdout } = spawnSync(
      'unshare',
      ['--map-root-user', '--mount', 'bash', '-c', script, daruma],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: full },
      },
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `${full}\n${full}/.cache\n${full}/.cache/daruma\n`,
    });
  });

  it.each(['status', 'check'])('loads no part of Node that it does not use: %s', command => {
    const unit = path.join(packed.folder, 'b.service');
    fs.writeFileSync(unit, '[Service]\nExecStart=/bin/true\n');
    const loaded = loadedBy([command, unit]);
    expect(loaded).toContain('fs');
    // zlib has the checksum of the compiled code.
    const others = new Set([
      'child_process',
      'crypto',
      'dgram',
      'dns',
      'http',
      'https',
      'http2',
      'sqlite',
      'tls',
    ]);
    expect(loaded.filter(name => others.has(name))).toEqual([]);
  });

  it('loads no part of Node that it does not use: what takes signs', () => {
    // It has no message to send, and no manager to ask.
    const home = fs.mkdtempSync(path.join(packed.folder, 'calm-'));
    const loaded = loadedBy(['notify', 'await'], { HOME: home, XDG_RUNTIME_DIR: home });
    expect(loaded).toContain('sqlite');
    const others = new Set(['assert', 'crypto', 'dns', 'http', 'https', 'perf_hooks', 'tls', 'tty']);
    expect(loaded.filter(name => others.has(name))).toEqual([]);
  });

  it('loads no part of Node for D-Bus that a socket of a manager does not need', () => {
    const dist = path.join(path.dirname(fs.realpathSync(daruma)), '../dist/cli');
    const file = fs.readdirSync(dist).find(name => name.startsWith('dbus-native-')) ?? '';
    const script = `require(process.argv[1]).default; ${tellLoaded}`;
    const { stderr } = spawnSync('node', ['-e', script, path.join(dist, file)], { encoding: 'utf8' });
    const loaded = partsIn(stderr);
    expect(loaded).toContain('net');
    const others = new Set(['assert', 'child_process', 'crypto', 'tls']);
    expect(loaded.filter(name => others.has(name))).toEqual([]);
  });

  it('cannot load HTTP/2, which takes longer than to send a message', () => {
    const dist = path.join(path.dirname(fs.realpathSync(daruma)), '../dist/cli');
    const files = fs.readdirSync(dist).filter(name => name.endsWith('.cjs'));
    expect(
      files.filter(name => /require\("node:http2"\)/.test(fs.readFileSync(path.join(dist, name), 'utf8'))),
    ).toEqual([]);
  });

  it('says in one line that Node is too old', () => {
    const fake = path.join(packed.folder, 'old.cjs');
    fs.writeFileSync(
      fake,
      `Object.defineProperty(process, 'version', { value: 'v20.20.2' });
      Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });`,
    );
    expect(run(['check'], { NODE_OPTIONS: `--require=${fake}` })).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'daruma: this is Node v20.20.2, and daruma needs Node 24 or newer (install it from https://nodejs.org, or put it first in PATH)\n',
    });
  });
});
