/**
 * Runs daruma on hostile trees, one after the other, inside the file system that hostile-fuzz.ts has laid over the machine's:
 * whatever is written outside a tree lands in its upper layer. Says on stdout, a line of JSON each, what it is at and
 * what it saw.
 *
 * Arguments: seed, first tree, number of trees, how many of them are swapped, `shrink` or nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import { spokenCommands, unseen } from '../support/hostile-text.ts';
import { hostileTree, type HostileTree, layOut, swappedTree, treeFolder, victims } from './hostile-trees.ts';

/** What is told to hostile-fuzz.ts. */
export type Report =
  | { readonly kind: 'at'; readonly index: number; readonly command: string; readonly tree: HostileTree }
  | {
      readonly kind: 'fault';
      readonly index: number;
      readonly faults: readonly string[];
      readonly tree: HostileTree;
    }
  | { readonly kind: 'end'; readonly cpuSeconds: number };

/** Where hostile-fuzz.ts shows the upper layer. */
const witness = '/witness';

/** Of whoever runs daruma: a home of the test's own, since root's may hold anything. */
const ownHome = '/root/home-of-the-test';

/** Records of foreign trees may be written here. */
const ownState = [`${ownHome}/.local/state/daruma`, '/var/lib/daruma'];

let crashed: string[] = [];
process.on('uncaughtException', error => crashed.push(`uncaught: ${error.stack ?? ''}`));
process.on('unhandledRejection', error => crashed.push(`unhandled: ${String(error)}`));

function tell(report: Report): void {
  try {
    fs.writeSync(1, `${JSON.stringify(report)}\n`);
  } catch {
    // Nobody listens any more.
    process.exit(1);
  }
}

/** What is to be seen of every file: also its mode, owner, times and device. */
function stateOf(folder: string, skipped: readonly string[] = []): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  const walk = (at: string) => {
    for (const name of fs.readdirSync(at, { encoding: 'latin1' })) {
      const file = `${at}/${name}`;
      const shown = file.slice(folder.length);
      if (skipped.includes(shown)) continue;
      const { mode, uid, gid, size, rdev, ino, mtimeMs, ctimeMs } = fs.lstatSync(Buffer.from(file, 'latin1'));
      const isFolder = (mode & fs.constants.S_IFMT) === fs.constants.S_IFDIR;
      const times =
        isFolder && skipped.some(other => path.dirname(other) === shown) ? [] : [mtimeMs, ctimeMs];
      seen.set(shown, [mode.toString(8), uid, gid, isFolder ? '' : size, rdev, ino, ...times].join(' '));
      if (isFolder) walk(file);
    }
  };
  walk(folder);
  return seen;
}

function changesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter(file => before.get(file) !== after.get(file))
    .map(file => `${file}: ${before.get(file) ?? 'absent'} -> ${after.get(file) ?? 'absent'}`);
}

/** Files that run with the rights of their owner or group. */
function privileged(folder: string): ReadonlySet<string> {
  return new Set(
    [...stateOf(folder)].filter(([, state]) => /^10[2-7]\d{3} /.test(state)).map(([file]) => file),
  );
}

function layVictims(): void {
  fs.rmSync('/home/other', { recursive: true, force: true });
  fs.mkdirSync('/root/victim-empty', { recursive: true });
  for (const [file, { text, mode }] of Object.entries(victims)) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, text);
    fs.chmodSync(file, mode);
  }
  for (const folder of ownState) {
    // The machine's own may be there, below the layer.
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
  }
}

/** All that was said, up to a size that nobody reads. */
class Said extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    if (this.text.length < 4 * 1024 * 1024) this.text += chunk.toString();
    done();
  }
}

/** Time of the processor: how busy the machine is makes no difference. */
function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000_000;
}

/** A command that takes more does not end for whoever waits for it. */
const mostSeconds = 10;

async function runCommand(args: readonly string[]): Promise<readonly string[]> {
  const [stdout, stderr] = [new Said(), new Said()];
  const io: Io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    workingDirectory: '/',
    script: '/usr/bin/daruma',
    signals: new EventEmitter(),
  };
  const environment = { PATH: '/usr/bin:/bin', HOME: ownHome, COLUMNS: '80', LANG: 'C.UTF-8' };
  const usage = process.cpuUsage();
  const code = await run(args, io, environment);
  const taken = seconds(process.cpuUsage(usage));
  const text = stdout.text + stderr.text;
  return [
    ...(taken > mostSeconds ? [`takes ${Math.round(taken)} s of processor time`] : []),
    ...([0, 1, 2, 3, 4].includes(code) ? [] : [`exit code ${code}`]),
    ...(/^daruma: internal error|^ +at .*:\d+\)?$/m.test(stderr.text)
      ? [`crash: ${stderr.text.slice(0, 500)}`]
      : []),
    ...unseen(text)
      .map(sign => `unseen: U+${(sign.codePointAt(0) ?? 0).toString(16)}`)
      .slice(0, 1),
    ...spokenCommands(text)
      .filter(line => !/^::(?:error|warning|notice) (?:file=|title=)/.test(line))
      .map(line => `workflow command: ${line.slice(0, 200)}`)
      .slice(0, 1),
  ];
}

function hostOptions({ as }: HostileTree, folder: string): readonly string[] {
  switch (as) {
    case 'root':
      return ['--root', folder];
    case 'root-and-home':
      return ['--root', folder, '--home', '/home/kuma'];
    case 'system':
      return ['--root', folder, '--system'];
    case 'home':
      return ['--home', `${folder}/home/kuma`];
    default:
      return as satisfies never;
  }
}

/** In front of `--`, behind which all belongs to the new unit. */
function withHost(command: readonly string[], host: readonly string[]): readonly string[] {
  const end = command.indexOf('--');
  return end === -1 ? [...command, ...host] : [...command.slice(0, end), ...host, ...command.slice(end)];
}

/** Swaps as fast as it can; a process of its own, since daruma's waits for nothing. */
const swapping = `
const fs = require('node:fs');
const [folder] = process.argv.slice(1);
for (;;) {
  try {
    fs.renameSync(folder, folder + '.away');
    fs.symlinkSync('/root/victim-folder', folder);
    fs.unlinkSync(folder);
    fs.renameSync(folder + '.away', folder);
  } catch {
    try { fs.mkdirSync(folder, { recursive: true }); } catch { try { fs.unlinkSync(folder); } catch {} }
  }
}`;

function swap(folder: string): ChildProcess {
  return spawn(process.execPath, ['-e', swapping, folder], { stdio: 'ignore' });
}

let baseline: ReadonlyMap<string, string> | undefined;
let count = 0;

/** What daruma did that it must not. */
async function faultsOf(tree: HostileTree, index: number): Promise<readonly string[]> {
  count += 1;
  const number = String(count);
  const folder = path.join(treeFolder, number);
  fs.mkdirSync(folder);
  if (baseline === undefined) layVictims();
  baseline ??= stateOf(witness, ownState);
  for (const own of ownState) {
    for (const name of fs.readdirSync(own)) fs.rmSync(path.join(own, name), { recursive: true });
  }
  layOut(folder, tree, number);
  const touched = changesBetween(baseline, stateOf(witness, ownState));
  if (touched.length > 0) throw new Error(`the test itself has touched ${touched.join(', ')}`);
  const before = privileged(folder);
  const swapper = tree.swapped === undefined ? undefined : swap(path.join(folder, tree.swapped));
  const faults: string[] = [];
  const rounds = swapper === undefined ? 1 : 6;
  for (let round = 0; round < rounds; round += 1) {
    for (const command of tree.commands) {
      const args = withHost(command, hostOptions(tree, folder));
      tell({ kind: 'at', index, command: args.join(' '), tree });
      crashed = [];
      const seen = [...(await runCommand(args)), ...crashed];
      const after = stateOf(witness, ownState);
      const outside = changesBetween(baseline, after)
        .map(change => `outside: ${change}`)
        .slice(0, 8);
      if (outside.length > 0) {
        layVictims();
        fs.rmSync('/root/new-file', { force: true });
        fs.rmSync('/root/new-folder', { recursive: true, force: true });
        baseline = stateOf(witness, ownState);
      }
      faults.push(...[...seen, ...outside].map(fault => `${args.join(' ')}: ${fault}`));
    }
  }
  if (swapper !== undefined) {
    swapper.kill('SIGKILL');
    await new Promise(resolve => swapper.once('close', resolve));
  }
  const appeared = [
    ...[...privileged(folder)].filter(file => !before.has(file)),
    ...ownState.flatMap(own => [...privileged(own)]),
  ];
  faults.push(...appeared.map(file => `runs with its owner's rights: ${file}`));
  fs.rmSync(folder, { recursive: true, force: true });
  return faults;
}

const [seed = 0, first = 0, trees = 0, swapped = 0] = process.argv.slice(2).map(Number);
const isShrinking = process.argv[6] === 'shrink';

for (let index = first; index < first + trees; index += 1) {
  const arbitrary = index < swapped ? swappedTree : hostileTree;
  let smallest: { readonly faults: readonly string[]; readonly tree: HostileTree } | undefined;
  const property = fc.asyncProperty(arbitrary, async tree => {
    const faults = await faultsOf(tree, index);
    if (faults.length === 0) return true;
    smallest = { faults, tree };
    return false;
  });
  const { errorInstance } = await fc.check(property, {
    // Two runs whose seeds are neighbours have no tree in common.
    seed: Math.imul(seed, 1_000_003) + index,
    numRuns: 1,
    endOnFailure: !isShrinking,
    interruptAfterTimeLimit: 300_000,
  });
  if (errorInstance !== null && smallest === undefined) {
    // What goes wrong here is the test's own fault; daruma's own were caught.
    fs.writeSync(2, `${errorInstance instanceof Error ? errorInstance.stack : 'not an error'}\n`);
    process.exit(1);
  }
  if (smallest !== undefined) tell({ kind: 'fault', index, ...smallest });
}
tell({ kind: 'end', cpuSeconds: seconds(process.cpuUsage()) });
process.exit(0);
