import { endingOf } from '../../inventory/downfall.ts';
import { isoSecond } from './service-down.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface JobFailed {
  /** When, in UTC as in ISO 8601, to the second; null where that is not known. */
  readonly since: string | null;
  /** As systemd passes them to ExecStopPost=; null where its process did not end, or was never started. */
  readonly result: string | null;
  readonly code: string | null;
  readonly status: string | null;
  /** The units that start it again, such as a timer. */
  readonly startedBy: readonly string[];
}

/** The last run of a service that does a job and ends, or runs when it is called, has failed. */
export const jobFailed: ServiceRule<'job-failed', JobFailed> = {
  id: 'job-failed',
  severity: 'warning',
  needs: 'manager',
  judges: 'service',
  *check({ entry: { live, downfall, purpose }, settings }): Iterable<Fault<JobFailed>> {
    // What starts it has failed as well: that says nothing of how the job ended.
    const isOther = downfall !== undefined && downfall.how !== 'trigger-failed';
    if (live?.activeState !== 'failed' || isOther) return;
    yield {
      source: settings.ExecStart.source,
      details: {
        since: isoSecond(live.enteredInactiveSeconds),
        ...endingOf(live),
        startedBy: purpose?.startedBy ?? [],
      },
      changes: [],
    };
  },
};
