/**
 * Measures `daruma explain` and `daruma check` on folders of real unit files, against `systemd-analyze verify` and against
 * smaller folders.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Daruma, darumas } from './daruma.ts';
import type { Figure } from './figure.ts';
import { type Command, type Measurement, medianRuns } from './measure.ts';
import { folderOfUnits } from './unit-folder.ts';

/** Each number is ten times the one before, with which it is compared to see the growth. */
const defaultCounts = [100, 1_000, 10_000, 100_000];

type CommandName = 'explain' | 'check';

/**
 * The time budgets by number of files, as a share of the time of systemd-analyze, which simulates the start of every unit and
 * whose time grows faster than the number of units. Below a thousand files the start of Node dominates.
 */
const timeBudgets: Readonly<Record<CommandName, ReadonlyMap<number, { readonly ratio: number }>>> = {
  explain: new Map([[1_000, { ratio: 1 }]]),
  check: new Map([
    [1_000, { ratio: 1 }],
    [10_000, { ratio: 1 / 50 }],
  ]),
};

/** The largest growth of the time per file in a folder ten times as large. More than noise means growth that is not linear. */
const growthBudget = 1.2;

/** Limit of the peak memory for the largest folder, in 10^6 bytes. */
const memoryBudget = { files: 100_000, megabytes: 400 };

const timeoutMs = 300_000;

/**
 * Time and peak memory by number of files.
 *
 * The time is compared with systemd-analyze where that is measured, and its growth with the time per file of the smaller folder.
 */
export async function* folderFigures(
  command: CommandName,
  { counts = defaultCounts }: { readonly counts?: readonly number[] | undefined },
): AsyncIterable<Figure> {
  const ours = darumas();
  const mostForPeer = Math.max(...timeBudgets[command].keys());
  let smaller: { readonly count: number; readonly runs: readonly Measurement[] } | undefined;
  for (const count of counts) {
    const folder = folderOfUnits(count);
    for (const daruma of ours) {
      if (count <= mostForPeer) expectAllSeen(command, daruma, folder, count);
    }
    const commands = ours.map(daruma => commandOver(command, daruma, folder));
    if (count <= mostForPeer) commands.push(verifyCommand(folder));
    const measured = await medianRuns(commands, {
      repetitions: count <= 1_000 ? 11 : count <= 10_000 ? 3 : 1,
      // systemd-analyze exits with 1 when a command of a unit is not installed, after it has verified everything;
      // check exits with 1 when it found something.
      codes: [0, 1],
      timeoutMs,
    });
    const runs = measured.slice(0, ours.length);
    for (const [index, run] of runs.entries()) {
      const from = ours[index]?.from ?? '';
      yield* againstVerify(command, count, from, run, measured[ours.length]);
      const before = smaller?.runs[index];
      if (smaller !== undefined && before !== undefined)
        yield linearity(command, count, from, run, smaller.count, before);
    }
    smaller = { count, runs };
  }
}

function* againstVerify(
  command: CommandName,
  count: number,
  from: string,
  { milliseconds, megabytes }: Measurement,
  verify: Measurement | undefined,
): Iterable<Figure> {
  const what = `${command}, ${count} files (${from})`;
  yield {
    what: `${what}: time`,
    unit: 'ms',
    ours: milliseconds,
    peer: verify && { name: 'systemd-analyze verify', value: verify.milliseconds },
    budget: from === 'build' ? timeBudgets[command].get(count) : undefined,
  };
  yield {
    what: `${what}: peak memory`,
    unit: 'MB',
    ours: megabytes,
    peer: undefined,
    budget: count === memoryBudget.files ? { value: memoryBudget.megabytes } : undefined,
  };
}

function linearity(
  command: CommandName,
  count: number,
  from: string,
  { milliseconds }: Measurement,
  smallerCount: number,
  smaller: Measurement,
): Figure {
  return {
    what: `${command}, ${count} files (${from}): time per 1000`,
    unit: 'ms',
    ours: (milliseconds / count) * 1_000,
    peer: { name: `at ${smallerCount} files`, value: (smaller.milliseconds / smallerCount) * 1_000 },
    budget: from === 'build' ? { ratio: growthBudget } : undefined,
  };
}

function commandOver(command: CommandName, { from, argv }: Daruma, folder: string): Command {
  return { name: `daruma (${from})`, argv: [...argv, '--system', command, '--json', folder] };
}

function verifyCommand(folder: string): Command {
  const files = readdirSync(folder).map(name => join(folder, name));
  return {
    name: 'systemd-analyze verify',
    argv: ['systemd-analyze', 'verify', '--man=no', ...files],
  };
}

/** Checks that all files were processed: otherwise the figure would be meaningless. */
function expectAllSeen(command: CommandName, daruma: Daruma, folder: string, count: number): void {
  const { name, argv } = commandOver(command, daruma, folder);
  const [file = '', ...args] = argv;
  const { stdout } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1e9 });
  const seen =
    command === 'explain'
      ? (stdout.match(/"load": ?"loaded"/g)?.length ?? 0)
      : Number(/"summary": ?\{"units": ?(\d+)/.exec(stdout)?.[1]);
  if (seen !== count) throw new Error(`${name} saw ${seen} of ${count} units in ${folder}`);
}
