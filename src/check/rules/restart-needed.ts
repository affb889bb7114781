import { isOutOfDate } from '../out-of-date.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';

export interface RestartNeeded {
  /** The file that was changed while the process ran. */
  readonly file: string;
}

/**
 * A process that was started before its unit was last changed: its command line, environment and limits are the old ones.
 * systemd itself keeps no account of that; it is told by the times of the files and of the start.
 */
export const restartNeeded: ServiceRule<'restart-needed', RestartNeeded> = {
  id: 'restart-needed',
  severity: 'warning',
  needs: 'manager',
  judges: 'service',
  *check({ unit, entry, name, isMeantToStay }, context): Iterable<Fault<RestartNeeded>> {
    const { live } = entry;
    if (!isMeantToStay || live === undefined || live.mainPid === 0 || live.mainStartedSeconds === null)
      return;
    // First the manager has to know of the change: `daemon-reload-needed`.
    if (isOutOfDate(unit, live)) return;
    // The start is known to the second: what was changed within it may have come before.
    const startedMs = (live.mainStartedSeconds + 1) * 1000;
    const files = [...(unit.fragment === undefined ? [] : [unit.fragment]), ...unit.dropIns];
    const file = files.find(each => changedMs(each, context) > startedMs);
    if (file === undefined) return;
    yield { source: { file, line: null }, details: { file }, changes: [{ kind: 'restart', unit: name }] };
  },
};

/** When a file's content was last changed; in the dim past where that cannot be seen. */
function changedMs(file: string, { inventory }: CheckContext): number {
  return inventory.host.files.status(file)?.modifiedMs ?? Number.NEGATIVE_INFINITY;
}
