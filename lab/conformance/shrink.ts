/** Shrinks a unit about which model and systemd disagree: in each round all smaller variants run at once on one host. */
import { runBatchOf } from './batch.ts';
import type { Case, ManagerLines } from './case.ts';

/**
 * The smallest unit found that disagrees about the same fact. A round is one batch and takes about ten seconds.
 *
 * @param what the fact: the `what` of a disagreement
 * @param isIn whether a manager is the one in which the case ran; variants run in the same one
 */
export async function shrink(
  systemd: number,
  some: Case,
  managerLines: ManagerLines,
  what: string,
  isIn: 'system' | 'user',
): Promise<Case> {
  const parts = partsOf(some);
  // The units of a batch alternate between the two managers, so each variant is given twice to run in both.
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

/** Variants of a case: without one drop-in, without half of the lines, or without one line, also of the companion. */
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

/** The size of a case; a drop-in counts more than its lines. */
function sizeOf({ fragment, dropIns, companion = '' }: Case): number {
  return (
    fragment.length +
    companion.length +
    Object.values(dropIns).reduce((sum, text) => sum + text.length + 100, 0)
  );
}
