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
  /** The socket that fails with it; null where it has none. */
  readonly socket: string | null;
  /** Only its socket starts it again: without a wait, whatever the limit. */
  readonly needsRestart: boolean;
}

/** A start limit that a program which cannot start exceeds: the service then stays down. */
export const startLimitGivesUp: ServiceRule<'start-limit-gives-up', StartLimitGivesUp> = {
  id: 'start-limit-gives-up',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, { inventory }): Iterable<Fault<StartLimitGivesUp>> {
    if (misplacedStartLimit(service) !== undefined) return;
    const { settings, facts } = service;
    const crash = { kind: 'exit', status: 1 } as const;
    const { givesUp, because, afterSeconds } = predictTimeline(facts, crash, 0, inventory.machine);
    const limit = because.find(({ code }) => code === 'limit-reached' || code === 'limit-undetermined');
    const socket = because.find(({ code }) => code === 'socket-fails');
    if (givesUp === 'no' || limit === undefined) return;
    if (!service.isMeantToStay && socket === undefined) return;
    const { StartLimitIntervalSec, StartLimitBurst, RestartSec, Restart, ExecStart } = settings;
    const needsRestart = service.falls.exit1.getsUp === 'on-demand';
    const own = { kind: 'set', unit: service.name } as const;
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
        socket: socket?.code === 'socket-fails' ? socket.trigger : null,
        needsRestart,
      },
      changes: [
        ...(needsRestart
          ? [{ ...own, section: 'Service', key: 'Restart', values: ['on-failure'] } as const]
          : []),
        ...neverGiveUp(service),
      ],
    };
  },
};
