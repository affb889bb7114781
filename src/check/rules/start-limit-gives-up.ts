import type { Interval } from '../../restart/delay.ts';
import { predictTimeline } from '../../restart/timeline.ts';
import { misplacedStartLimit, neverGiveUp, wouldSpin } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface StartLimitGivesUp {
  /** How many starts systemd allows ... */
  readonly starts: number;
  /** ... within this time, in seconds; null when the interval has no end. */
  readonly intervalSeconds: number | null;
  /**
   * The time from the first start of a program that fails at once until systemd stops restarting it; null when timing
   * decides whether it does.
   */
  readonly afterSeconds: Interval | null;
  /** Whether restarts would be too fast without a limit. */
  readonly wouldSpin: boolean;
}

/** A start limit that a program which cannot start exceeds: the service then stays down. */
export const startLimitGivesUp: ServiceRule<'start-limit-gives-up', StartLimitGivesUp> = {
  id: 'start-limit-gives-up',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, { inventory }): Iterable<Fault<StartLimitGivesUp>> {
    if (!service.isMeantToStay || misplacedStartLimit(service) !== undefined) return;
    const { settings, facts } = service;
    const crash = { kind: 'exit', status: 1 } as const;
    const { givesUp, because, afterSeconds } = predictTimeline(facts, crash, 0, inventory.machine);
    const limit = because.find(({ code }) => code === 'limit-reached' || code === 'limit-undetermined');
    if (givesUp === 'no' || limit === undefined) return;
    const { StartLimitIntervalSec, StartLimitBurst, RestartSec, Restart, ExecStart } = settings;
    const intervalSeconds = StartLimitIntervalSec.value / 1_000_000;
    const set = [StartLimitIntervalSec, StartLimitBurst, RestartSec, Restart, ExecStart];
    yield {
      source: set.find(({ source }) => source !== null)?.source ?? null,
      severity: givesUp === 'yes' ? 'critical' : 'warning',
      details: {
        starts: StartLimitBurst.value,
        intervalSeconds: Number.isFinite(intervalSeconds) ? intervalSeconds : null,
        afterSeconds,
        wouldSpin: wouldSpin(settings),
      },
      changes: neverGiveUp(service),
    };
  },
};
