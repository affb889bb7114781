import type { Interval } from '../../restart/delay.ts';
import { predictTimeline } from '../../restart/timeline.ts';
import { misplacedStartLimit, neverGiveUp, wouldSpin } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface StartLimitGivesUp {
  /** The starts that systemd lets through ... */
  readonly starts: number;
  /** ... within this time; null for ever. */
  readonly intervalSeconds: number | null;
  /** From the first start of a program that fails at once until it is given up; null where timing decides whether it is. */
  readonly afterSeconds: Interval | null;
  /** Without a limit it would have to be slowed down. */
  readonly wouldSpin: boolean;
}

/** A start limit that a program which cannot start runs into: then it is down for good. */
export const startLimitGivesUp: ServiceRule<'start-limit-gives-up', StartLimitGivesUp> = {
  id: 'start-limit-gives-up',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
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
