import { isOutOfDate } from '../out-of-date.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';

export interface RestartNeeded {
  /** The file that was changed while the process ran. */
  readonly file: string;
}

/**
 * A process that was started before its unit was last changed: it still has the old command line, environment and
 * limits. systemd does not record that; the times of the files and of the start show it.
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
    // The manager must learn of the change first, see `daemon-reload-needed`.
    if (isOutOfDate(unit, live)) return;
    // The start is known only to the second: a change within that second may have come before it.
    const startedMs = (live.mainStartedSeconds + 1) * 1000;
    const files = [...(unit.fragment === undefined ? [] : [unit.fragment]), ...unit.dropIns];
    const file = files.find(each => changedMs(each, context) > startedMs);
    if (file === undefined) return;
    yield { source: { file, line: null }, details: { file }, changes: [{ kind: 'restart', unit: name }] };
  },
};

/** When the content of a file was last changed, in milliseconds; the earliest time when that cannot be seen. */
function changedMs(file: string, { inventory }: CheckContext): number {
  return inventory.host.files.status(file)?.modifiedMs ?? Number.NEGATIVE_INFINITY;
}
