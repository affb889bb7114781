import { newerThanProcess } from '../old-settings.ts';
import { isOutOfDate } from '../out-of-date.ts';
import { isStartInVain } from '../starts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartNeeded {
  /** The file that was changed while the process ran. */
  readonly file: string;
  /** Whether the next start is known to fail: what runs would be gone. */
  readonly isInVain: boolean;
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
  *check(service, context): Iterable<Fault<RestartNeeded>> {
    const { live } = service.entry;
    // The manager must learn of the change first, see `daemon-reload-needed`.
    if (live === undefined || isOutOfDate(service.unit, live)) return;
    const file = newerThanProcess(service, context);
    if (file === undefined) return;
    const isInVain = isStartInVain(service.entry);
    yield {
      source: { file, line: null },
      details: { file, isInVain },
      changes: isInVain ? [] : [{ kind: 'restart', unit: service.name }],
    };
  },
};
