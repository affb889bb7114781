/** The survival row of a service: every common fall, and whether it gets up. */
import { sigkill, sigterm } from '../systemd/values/signal.ts';
import type { Interval } from './delay.ts';
import type { Ending } from './ending.ts';
import type { Machine } from './fall.ts';
import { type Outcome, predictOutcome, type ServiceFacts } from './outcome.ts';
import type { Reason } from './reason.ts';
import { predictTimeline } from './timeline.ts';

/** The falls, in the order of the table. */
export const fallNames = [
  'exit0',
  'exit1',
  'sigterm',
  'sigkill',
  'oom',
  'hang',
  'crashLoop',
  'logout',
  'managerKill',
  'reboot',
] as const;

export type FallName = (typeof fallNames)[number];

export interface FallOutcome {
  /** False when the fall cannot happen; then it does no harm either. */
  readonly possible: boolean;
  /** `on-demand`: down until a socket, timer, path or bus name calls for it. */
  readonly getsUp: boolean | 'on-demand';
  /** Whether systemd's timing decides; `getsUp` then holds the worse case. */
  readonly undetermined: boolean;
  /** From the fall to the next start; null when it stays down, never was down, or comes with the next boot. */
  readonly afterSeconds: Interval | null;
  readonly because: readonly Reason[];
}

export type SurvivalRow = Readonly<Record<FallName, FallOutcome>>;

/**
 * Predicts every common fall of a service that was up.
 *
 * @example survivalRow(facts, machine).sigterm.getsUp // false under Restart=on-failure
 */
export function survivalRow(service: ServiceFacts, machine: Machine): SurvivalRow {
  const after = (ending: Ending) => toFall(predictOutcome(service, ending, machine));
  const crash = predictOutcome(service, exit1, machine);
  return {
    exit0: after({ kind: 'exit', status: 0 }),
    exit1: toFall(crash),
    sigterm: after({ kind: 'signal', signal: sigterm }),
    sigkill: after({ kind: 'signal', signal: sigkill }),
    oom: after({ kind: 'oom' }),
    hang: after({ kind: 'hang' }),
    crashLoop: crashLoop(service, crash, machine),
    logout: after({ kind: 'logout' }),
    managerKill: after({ kind: 'manager-kill' }),
    reboot: after({ kind: 'reboot' }),
  };
}

function toFall(outcome: Outcome): FallOutcome {
  const { possible, restarts, onDemand, delaySeconds, because } = outcome;
  const getsUp = onDemand.length > 0 && !restarts ? 'on-demand' : restarts || !possible;
  return { possible, getsUp, undetermined: false, afterSeconds: delaySeconds, because };
}

/** Whether a service is to run all the time: a oneshot does its job and ends, which is no fall. */
export function isMeantToStay({ settings }: Pick<ServiceFacts, 'settings'>): boolean {
  return settings.Type.value !== 'oneshot';
}

const exit1 = { kind: 'exit', status: 1 } as const;

/**
 * exit:1 as soon as it is started, again and again.
 *
 * @param first what comes of the first
 */
function crashLoop(service: ServiceFacts, first: Outcome, machine: Machine): FallOutcome {
  if (!first.restarts) return toFall(first);
  const { givesUp, because } = predictTimeline(service, exit1, 0, machine);
  return {
    possible: true,
    getsUp: givesUp === 'no',
    undetermined: givesUp === 'undetermined',
    afterSeconds: givesUp === 'no' ? first.delaySeconds : null,
    because,
  };
}
