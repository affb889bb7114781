/** The survival row of a service: every common fall, and whether the service gets up again. */
import { sigkill, sigterm } from '../systemd/values/signal.ts';
import type { Interval } from './delay.ts';
import type { Ending } from './ending.ts';
import type { Machine } from './fall.ts';
import { type Outcome, predictOutcome, type ServiceFacts } from './outcome.ts';
import { leavesOpen, type Reason } from './reason.ts';
import { predictTimeline } from './timeline.ts';

/**
 * The falls of a {@link SurvivalRow}, in the order of the columns of `daruma status`.
 *
 * @example
 * import { fallNames } from 'daruma/restart';
 *
 * fallNames.slice(0, 4); // [ 'exit0', 'exit1', 'sigterm', 'sigkill' ]
 */
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

/** The name of one common fall; `crashLoop` stands for exit status 1 right after each start. */
export type FallName = (typeof fallNames)[number];

/** What one fall does to a service. */
export interface FallOutcome {
  /** False when the fall cannot happen; then `getsUp` is true. */
  readonly possible: boolean;
  /** Whether the service is up again, or never was down. `on-demand`: it stays down until a socket, timer, path or bus name starts it. */
  readonly getsUp: boolean | 'on-demand';
  /** True where systemd's timing decides, or a fact that is not known here; `getsUp` then holds the worse case. */
  readonly undetermined: boolean;
  /** From the fall to the restart, in seconds; null when the service stays down, never was down, or comes with the next boot. */
  readonly afterSeconds: Interval | null;
  readonly because: readonly Reason[];
}

/** What each common fall does to one service: a row of the table of `daruma status`. */
export type SurvivalRow = Readonly<Record<FallName, FallOutcome>>;

/**
 * Predicts every common fall of a service that was up: {@link predictOutcome} for each, and {@link predictTimeline} for the
 * crash loop.
 *
 * @example
 * import { alone, survivalRow } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * const row = survivalRow({ settings, surroundings: alone }, { version: 252, cgroups: 'unified' });
 * row.sigkill.getsUp; // true
 * row.sigterm.getsUp; // false
 * row.crashLoop.getsUp; // false
 */
export function survivalRow(service: ServiceFacts, machine: Machine): SurvivalRow {
  return {
    ...processFalls(service, machine),
    logout: fallAfter({ kind: 'logout' }, service, machine),
    managerKill: fallAfter({ kind: 'manager-kill' }, service, machine),
    reboot: fallAfter({ kind: 'reboot' }, service, machine),
  };
}

/** The falls of a {@link SurvivalRow} that are the process's own. */
export type ProcessFalls = Omit<SurvivalRow, 'logout' | 'managerKill' | 'reboot'>;

/** Predicts them alone: for the death of a user's manager all units of the system are looked at. */
export function processFalls(service: ServiceFacts, machine: Machine): ProcessFalls {
  const crash = predictOutcome(service, exit1, machine);
  return {
    exit0: fallAfter({ kind: 'exit', status: 0 }, service, machine),
    exit1: toFall(crash),
    sigterm: fallAfter({ kind: 'signal', signal: sigterm }, service, machine),
    sigkill: fallAfter({ kind: 'signal', signal: sigkill }, service, machine),
    oom: fallAfter({ kind: 'oom' }, service, machine),
    hang: fallAfter({ kind: 'hang' }, service, machine),
    crashLoop: crashLoop(service, crash, machine),
  };
}

function fallAfter(ending: Ending, service: ServiceFacts, machine: Machine): FallOutcome {
  return toFall(predictOutcome(service, ending, machine));
}

function toFall(outcome: Outcome): FallOutcome {
  const { possible, restarts, onDemand, delaySeconds, because } = outcome;
  const getsUp = onDemand.length > 0 && !restarts ? 'on-demand' : restarts || !possible;
  return { possible, getsUp, undetermined: because.some(leavesOpen), afterSeconds: delaySeconds, because };
}

const exit1 = { kind: 'exit', status: 1 } as const;

/**
 * What happens when the service exits with status 1 right after each start.
 *
 * @param first the outcome of the first exit
 */
function crashLoop(service: ServiceFacts, first: Outcome, machine: Machine): FallOutcome {
  const { givesUp, because } = predictTimeline(service, exit1, 0, machine);
  if (!first.restarts && givesUp === 'no') return toFall(first);
  return {
    possible: true,
    getsUp: givesUp === 'no',
    undetermined: givesUp === 'undetermined',
    afterSeconds: givesUp === 'no' ? first.delaySeconds : null,
    because,
  };
}
