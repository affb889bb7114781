/** Which file shows that a process still has settings from before a change. */
import { countsFromReload } from '../systemd/counts-from-reload.ts';
import type { CheckedUnit } from './checked-unit.ts';
import { ownDropInsOf } from './own-drop-ins.ts';
import type { CheckContext } from './rule.ts';

/**
 * The first file of a running service that was changed after its process was started. systemd does not record which
 * settings a process was started with, so any line of a file may be the changed one. Only the drop-ins of daruma
 * itself are looked into: a fix only adds settings to them, so when all of these count from the reload, the process lacks
 * none. What an undo has taken out of one is not seen, as with a file that is removed.
 *
 * @returns undefined when there is none, when no process runs, or when the service need not run all the time
 */
export function newerThanProcess(
  { unit, entry, service }: CheckedUnit,
  { inventory }: CheckContext,
): string | undefined {
  const { live } = entry;
  if (service?.isMeantToStay !== true || live === undefined) return undefined;
  if (live.mainPid === 0 || live.mainStartedSeconds === null) return undefined;
  // The start is known only to the second: a change within that second may have come before it.
  const startedMs = (live.mainStartedSeconds + 1) * 1000;
  const { host, loader } = inventory;
  const own = new Set(ownDropInsOf(unit, host));
  const files = [...(unit.fragment === undefined ? [] : [unit.fragment]), ...unit.dropIns];
  return files.find(file => {
    // What cannot be seen counts as old.
    const changedMs = host.files.status(file)?.modifiedMs ?? Number.NEGATIVE_INFINITY;
    return changedMs > startedMs && !(own.has(file) && holdsFromReload(file, loader));
  });
}

/** Whether all settings of a file hold from the reload on. False when it cannot be read to its end. */
function holdsFromReload(file: string, loader: CheckContext['inventory']['loader']): boolean {
  try {
    const { items, fatal, cutAt } = loader.parse(file);
    if (fatal !== undefined || cutAt !== undefined) return false;
    return items.every(item => item.kind !== 'assignment' || countsFromReload(item.section, item.key));
  } catch {
    return false;
  }
}
