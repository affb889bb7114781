/** Makes a disagreeing unit smaller: all its parts are tried at once, on one host, until none of them disagrees alone. */
import { runBatchOf } from './batch.ts';
import type { Case, ManagerLines } from './case.ts';

/**
 * The smallest unit found that disagrees about the same fact. A round is one batch, some ten seconds.
 *
 * @param what the fact, the `what` of a disagreement
 * @param isIn in which of the managers the case ran: what is tried runs there
 */
export async function shrink(
  systemd: number,
  some: Case,
  managerLines: ManagerLines,
  what: string,
  isIn: 'system' | 'user',
): Promise<Case> {
  const parts = partsOf(some);
  // Every other unit of a batch runs in the user's manager: each part twice is each part in both.
  const reports = await runBatchOf(
    systemd,
    parts.flatMap(part => [part, part]),
    managerLines,
  );
  const [smallest] = reports
    .filter(
      ({ place, comparison }) =>
        place.scope === isIn && comparison.disagreements.some(one => one.what === what),
    )
    .map(report => report.case)
    .sort((a, b) => sizeOf(a) - sizeOf(b));
  return smallest === undefined ? some : shrink(systemd, smallest, managerLines, what, isIn);
}

/** The case without one of its drop-ins, without half of its lines, without one of them, of its companion's as well. */
function partsOf(some: Case): readonly Case[] {
  const { companion } = some;
  const names = Object.keys(some.dropIns);
  return [
    ...names.map(name => withoutDropIn(some, name)),
    ...names.map(name => intoFragment(some, name)),
    ...fewerLines(some.fragment).map(fragment => ({ ...some, fragment })),
    ...(companion === undefined ? [] : fewerLines(companion).map(fewer => ({ ...some, companion: fewer }))),
  ];
}

function fewerLines(text: string): readonly string[] {
  const lines = text.split('\n').filter(Boolean);
  const removable = lines.flatMap((line, index) => (/^\[|^ExecStart=/.test(line) ? [] : [index]));
  const middle = Math.ceil(removable.length / 2);
  const without = (gone: readonly number[]) =>
    `${lines.filter((_, index) => !gone.includes(index)).join('\n')}\n`;
  return [
    ...(removable.length > 2 ? [without(removable.slice(0, middle)), without(removable.slice(middle))] : []),
    ...removable.map(index => without([index])),
  ];
}

function withoutDropIn(some: Case, name: string): Case {
  const dropIns = Object.fromEntries(Object.entries(some.dropIns).filter(([other]) => other !== name));
  return { ...some, dropIns };
}

function intoFragment(some: Case, name: string): Case {
  const rest = withoutDropIn(some, name);
  return { ...rest, fragment: rest.fragment + (some.dropIns[name] ?? '') };
}

/** A drop-in counts more than the lines in it. */
function sizeOf({ fragment, dropIns, companion = '' }: Case): number {
  return (
    fragment.length +
    companion.length +
    Object.values(dropIns).reduce((sum, text) => sum + text.length + 100, 0)
  );
}
