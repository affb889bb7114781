import { fallsLeftDown, longestWaitSeconds, ownFalls, slowDown } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartDelayTooLong {
  /** The wait in seconds; null when it never ends. */
  readonly waitSeconds: number | null;
  /** Whether the wait grows to that length, and stays so long until somebody starts the service by hand. */
  readonly isGrown: boolean;
}

/** A wait before restarts that is so long that it causes an outage of its own. */
export const restartDelayTooLong: ServiceRule<'restart-delay-too-long', RestartDelayTooLong> = {
  id: 'restart-delay-too-long',
  severity: 'info',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service): Iterable<Fault<RestartDelayTooLong>> {
    if (!service.isMeantToStay) return;
    const { settings, falls } = service;
    const { RestartSec, RestartSteps, RestartMaxDelaySec } = settings;
    if (RestartSec.value === Number.POSITIVE_INFINITY) {
      const keepsDown = fallsLeftDown(falls).some(fall =>
        falls[fall].because.some(({ code }) => code === 'delay-never-ends'),
      );
      yield {
        source: RestartSec.source,
        severity: keepsDown ? 'critical' : 'info',
        details: { waitSeconds: null, isGrown: false },
        changes: [slowDown(service)],
      };
      return;
    }
    const waitSeconds = longestWaitSeconds(settings);
    if (waitSeconds <= mostSeconds || !ownFalls.some(fall => falls[fall].afterSeconds !== null)) return;
    const isGrown = RestartSteps.value > 0 && RestartMaxDelaySec.value > RestartSec.value;
    const setting = isGrown && RestartMaxDelaySec.source !== null ? RestartMaxDelaySec : RestartSec;
    // The user chose this wait, perhaps to protect a server: only the user can shorten it.
    yield { source: setting.source, details: { waitSeconds, isGrown }, changes: [] };
  },
};

/** One start in a minute costs a machine almost nothing: a longer wait only makes the outage longer. */
const mostSeconds = 60;
