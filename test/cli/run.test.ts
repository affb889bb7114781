/** A run of the command line is a function of what it is given: nothing of one run is left in the next. */
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout, daruma, type RunOptions } from './daruma.ts';

/** Command lines, and what may be around them. */
function runs(): readonly (readonly [line: readonly string[], options: RunOptions])[] {
  const home = unpackedRoot({
    '.config/daruma/config.yaml': 'rules: {restart-blind-spot: off}\n',
    'units/a.service': '[Service]\nExecStart=/bin/a\nRestart=on-failure\n',
  });
  const other = unpackedRoot({ 'units/a.service': '[Service]\nExecStart=/bin/a\nRestart=always\n' });
  const surroundings: readonly RunOptions[] = [
    {},
    { env: { LANG: 'zh_CN.UTF-8' } },
    { env: { LC_ALL: 'C' } },
    { env: { COLUMNS: '40' } },
    { env: { NO_COLOR: undefined, FORCE_COLOR: '1' } },
    { env: { HOME: home, DARUMA_CONFIG: `${home}/.config/daruma/config.yaml` }, cwd: home },
    { env: { XDG_CONFIG_HOME: `${home}/.config` }, cwd: home },
    { cwd: other },
    { env: { PATH: '/nonexistent', XDG_RUNTIME_DIR: home, GITHUB_WORKSPACE: '/' }, cwd: other },
  ];
  const lines = [
    ['check', 'units', '--format', 'human'],
    ['check', 'units', '--format', 'github'],
    ['status', `${checkout}/examples/neko`],
    ['config', 'path'],
    ['explain', 'nothing'],
    ['--help'],
  ];
  return lines.flatMap(line => surroundings.map(options => [line, options] as const));
}

describe('two runs in one process', () => {
  it('say what each of them says alone, in any order and at the same time', async () => {
    const all = runs();
    const alone = [];
    for (const [line, options] of all) alone.push(await daruma(line, options));
    const reversed = [];
    for (const [line, options] of all.toReversed()) reversed.push(await daruma(line, options));
    expect(reversed.toReversed()).toEqual(alone);
    expect(await Promise.all(all.map(([line, options]) => daruma(line, options)))).toEqual(alone);
    // They do differ.
    expect(new Set(alone.map(({ stdout, stderr }) => stdout + stderr)).size).toBeGreaterThan(20);
  });

  it('leave no listener behind', async () => {
    const signals = new EventEmitter();
    const seen = await onTerminal(['fix', '--root', copyOfNeko()], 'n\n', signals);
    expect(seen.code).toBe(0);
    expect(signals.eventNames()).toEqual([]);
  });
});

describe('a terminal', () => {
  it.each([
    ['n\n', false],
    ['\n', false],
    ['', false],
    ['y\n', true],
    ['是\n', true],
  ])('is asked, and %j is taken for an answer', async (answer, isDone) => {
    const root = copyOfNeko();
    const { code, stdout, stderr } = await onTerminal(['fix', '--root', root], answer);
    expect(stderr).toMatch(/\? \[y\/N\] /);
    expect(code).toBe(0);
    expect(stdout.includes('Nothing was changed.')).toBe(!isDone);
    const dropIn = path.join(root, 'home/azureuser/.config/systemd/user/litellm.service.d/zz-daruma.conf');
    expect(fs.existsSync(dropIn)).toBe(isDone);
  });

  it('is asked, and Ctrl-C is no answer', async () => {
    const root = copyOfNeko();
    const { code, stdout, stderr } = await onTerminal(['fix', '--root', root], '\u0003');
    expect(code).toBe(3);
    expect(stderr).toMatch(/\ndaruma: interrupted; nothing was changed\n$/);
    expect(stdout).not.toContain('Nothing was changed.');
  });

  it('is not asked with --no-input', async () => {
    const { code, stderr } = await onTerminal(['fix', '--root', copyOfNeko(), '--no-input'], 'y\n');
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
  });

  it('has its width and its colours', async () => {
    const { stdout } = await onTerminal(['status', 'examples/kuma'], '');
    expect(stdout).toContain('\u001B[');
    const narrow = await daruma(['status', 'examples/kuma'], { env: { COLUMNS: '50' } });
    // oxlint-disable-next-line no-control-regex -- that is what a colour is
    expect(stdout.replaceAll(/\u001B\[[\d;]*m/g, '')).toBe(narrow.stdout);
  });
});

function copyOfNeko(): string {
  const root = unpackedRoot({});
  fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
  return root;
}

/** Runs a command line on a terminal of 50 columns, at which somebody types. */
async function onTerminal(args: readonly string[], typed: string, signals = new EventEmitter()) {
  const screen = () => {
    const pieces: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (piece: string, _, done) => {
        pieces.push(piece);
        done();
      },
    });
    return { pieces, stream: Object.assign(stream, { isTTY: true, columns: 50 }) };
  };
  const [stdout, stderr] = [screen(), screen()];
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end(typed);
  const io = {
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    workingDirectory: checkout,
    script: path.join(checkout, 'src/cli/main.ts'),
    signals,
  };
  const code = await run(args, io, { PATH: process.env['PATH'], HOME: unpackedRoot({}) });
  return { code, stdout: stdout.pieces.join(''), stderr: stderr.pieces.join('') };
}
