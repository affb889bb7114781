/**
 * Lays a file system over the machine's, so that whatever is written is seen and nothing is kept, and has
 * hostile-session.ts run daruma on hostile trees in it. As root alone.
 *
 * By hand: `node test/transaction/hostile-fuzz.ts [--seed N] [--trees N] [--first N] [--shrink]`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { parseArgs } from 'node:util';
import type { Report } from './hostile-session.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly trees: number;
  readonly first?: number;
  /** Look for the smallest tree that shows the same kind of fault. */
  readonly shrink?: boolean;
}

export interface FuzzResult {
  readonly faults: readonly Extract<Report, { readonly kind: 'fault' }>[];
  /** How often each command was run. */
  readonly commands: Readonly<Record<string, number>>;
  /** Of the processor, in sessions that came to their end. */
  readonly cpuSeconds: number;
}

const checkout = path.join(import.meta.dirname, '../..');

/** A command that is not through by then waits for what will never come. */
const patienceMs = 60_000;

/** In two processes, so that it takes half of the time. */
export async function fuzz({ seed, trees, first = 0, shrink = false }: FuzzOptions): Promise<FuzzResult> {
  const half = Math.ceil(trees / 2);
  const parts = [
    { first, trees: half },
    { first: first + half, trees: trees - half },
  ].filter(part => part.trees > 0);
  const results = await Promise.all(parts.map(part => fuzzPart({ seed, shrink, ...part }, swappedOf(trees))));
  const commands: Record<string, number> = {};
  for (const [name, count] of results.flatMap(result => Object.entries(result.commands))) {
    commands[name] = (commands[name] ?? 0) + count;
  }
  return {
    faults: results.flatMap(({ faults }) => faults),
    commands,
    cpuSeconds: results.reduce((sum, result) => sum + result.cpuSeconds, 0),
  };
}

/** One of fifty has somebody at work in it; it takes longer. */
function swappedOf(trees: number): number {
  return Math.ceil(trees / 50);
}

/** Goes on behind a tree on which a command hangs. */
async function fuzzPart(options: Required<FuzzOptions>, swapped: number): Promise<FuzzResult> {
  const faults: Extract<Report, { readonly kind: 'fault' }>[] = [];
  const commands: Record<string, number> = {};
  const end = options.first + options.trees;
  let cpuSeconds = 0;
  for (let next = options.first; next < end; ) {
    const session = await runSession({ ...options, first: next, trees: end - next }, swapped, report => {
      if (report.kind === 'fault') faults.push(report);
      if (report.kind === 'end') cpuSeconds += report.cpuSeconds;
      if (report.kind === 'at') {
        const name = report.command.split(' ')[0] ?? '';
        commands[name] = (commands[name] ?? 0) + 1;
      }
    });
    if (session.isComplete) break;
    const { at, said } = session;
    const fault =
      at === undefined ? `did not begin: ${said}` : `${at.command}: hangs or ends the process: ${said}`;
    faults.push({ kind: 'fault', index: at?.index ?? next, faults: [fault], tree: at?.tree ?? noTree });
    if (at === undefined) break;
    next = at.index + 1;
  }
  return { faults, commands, cpuSeconds };
}

const noTree = { changes: [], commands: [], as: 'root' } as const;

interface Session {
  readonly isComplete: boolean;
  readonly at: Extract<Report, { readonly kind: 'at' }> | undefined;
  readonly said: string;
}

async function runSession(
  { seed, first, trees, shrink }: Required<FuzzOptions>,
  swapped: number,
  see: (report: Report) => void,
): Promise<Session> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-hostile-'));
  const numbers = [seed, first, trees, swapped].map(String);
  const session = path.join(import.meta.dirname, 'hostile-session.ts');
  const args = [folder, checkout, process.execPath, session, ...numbers, shrink ? 'shrink' : ''];
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--net',
      '--ipc',
      '--pid',
      '--fork',
      '--kill-child',
      '--propagation',
      'private',
      'sh',
      '-c',
      layOver,
      'sh',
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-2_000);
  });
  let at: Session['at'];
  let isComplete = false;
  const watch = watchdog(child);
  for await (const line of readline.createInterface({ input: child.stdout })) {
    watch.alive();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- hostile-session.ts writes it
    const report = JSON.parse(line) as Report;
    if (report.kind === 'at') at = report;
    if (report.kind === 'end') isComplete = true;
    see(report);
  }
  watch.end();
  fs.rmdirSync(folder);
  return { isComplete, at, said };
}

function watchdog(child: ChildProcess) {
  const end = () => child.kill('SIGKILL');
  let timer = setTimeout(end, patienceMs);
  return {
    alive() {
      clearTimeout(timer);
      timer = setTimeout(end, patienceMs);
    },
    end() {
      clearTimeout(timer);
    },
  };
}

/** The whole machine as it is, and on top of it a layer in memory; devices that do no harm, and no others. */
const layOver = `
set -e
folder=$1 checkout=$2
shift 2
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/all"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/all"
cd "$folder/all"
mkdir -p witness trees
mount --bind "$folder/upper" witness
mount -t tmpfs -o mode=755,size=512m tmpfs trees
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
mount -t proc proc proc
mkdir -p ".$checkout"
mount --bind "$checkout" ".$checkout"
mount -o remount,bind,ro ".$checkout"
mount -t tmpfs -o mode=755 tmpfs dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/random c 1 8
exec chroot . "$@"
`;

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      trees: { type: 'string', default: '2000' },
      first: { type: 'string', default: '0' },
      shrink: { type: 'boolean', default: false },
    },
  });
  const options = { seed: Number(values.seed), trees: Number(values.trees), first: Number(values.first) };
  const startMs = performance.now();
  const { faults, commands, cpuSeconds } = await fuzz({ ...options, shrink: values.shrink });
  for (const { index, faults: found, tree } of faults) {
    console.log(
      `tree ${index}:\n${found.map(fault => `  ${JSON.stringify(fault)}`).join('\n')}\n  ${JSON.stringify(tree)}`,
    );
  }
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  console.log(
    `seed ${options.seed}: ${options.trees} trees, ${faults.length} with faults, ${seconds} s, of the processor ${Math.round(cpuSeconds)} s`,
    commands,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
