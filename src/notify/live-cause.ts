/** What the manager itself says of the end of a unit's last run, where no hook has told of it. */
import { endedBeforeTimeout, endedBeforeUp, endingOf } from '../inventory/downfall.ts';
import type { LiveUnit } from '../systemd/host/host.ts';
import type { Cause } from './notice.ts';
import { unknownCause } from './sign.ts';

/** An assertion of its unit did not hold: systemd refused the start, and runs no hook, also not `OnFailure=` (`job_finish_and_invalidate()`). */
export function refusedCause(asserts: readonly string[]): Cause {
  return { ...unknownCause, result: 'job-assert', asserts };
}

/** After `reset-failed` the result of what has failed is a success: then it is not known. */
export function liveCause(live: LiveUnit): Cause {
  const { result, code, status } = endingOf(live);
  if (result === '' || result === 'success') return unknownCause;
  // The main process may be that of a run before.
  const isOfRun = live.mainEndedUsec > 0 && live.mainEndedUsec >= live.leftInactiveUsec;
  const beforeUp = endedBeforeUp(live) ? ({ isBeforeUp: true } as const) : {};
  return isOfRun
    ? { result, code, status, ...beforeUp, ...timeoutAfterEnd(live) }
    : { ...unknownCause, result, ...beforeUp };
}

/** What neither systemd's result nor the end of the process says. */
export function timeoutAfterEnd(live: LiveUnit): Pick<Cause, 'endedBeforeTimeout'> {
  return endedBeforeTimeout(live) ? { endedBeforeTimeout: true } : {};
}
