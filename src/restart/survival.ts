/** The survival row of a service: every common fall, and whether the service gets up again. */
import { once, remember } from '../systemd/remember.ts';
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
  const crash = once(() => predictOutcome(service, exit1, machine));
  const fall = remember((name: FallName) => {
    if (name === 'crashLoop') return crashLoop(service, crash(), machine);
    return toFall(name === 'exit1' ? crash() : predictOutcome(service, endings[name], machine));
  });
  // Each is worked out when it is first asked for: for the death of a user's manager all units of the system are looked at.
  return {
    get exit0() {
      return fall('exit0');
    },
    get exit1() {
      return fall('exit1');
    },
    get sigterm() {
      return fall('sigterm');
    },
    get sigkill() {
      return fall('sigkill');
    },
    get oom() {
      return fall('oom');
    },
    get hang() {
      return fall('hang');
    },
    get crashLoop() {
      return fall('crashLoop');
    },
    get logout() {
      return fall('logout');
    },
    get managerKill() {
      return fall('managerKill');
    },
    get reboot() {
      return fall('reboot');
    },
  };
}

const exit1 = { kind: 'exit', status: 1 } as const;

const endings: Readonly<Record<Exclude<FallName, 'exit1' | 'crashLoop'>, Ending>> = {
  exit0: { kind: 'exit', status: 0 },
  sigterm: { kind: 'signal', signal: sigterm },
  sigkill: { kind: 'signal', signal: sigkill },
  oom: { kind: 'oom' },
  hang: { kind: 'hang' },
  logout: { kind: 'logout' },
  managerKill: { kind: 'manager-kill' },
  reboot: { kind: 'reboot' },
};

function toFall(outcome: Outcome): FallOutcome {
  const { possible, restarts, onDemand, delaySeconds, because } = outcome;
  const getsUp = onDemand.length > 0 && !restarts ? 'on-demand' : restarts || !possible;
  return { possible, getsUp, undetermined: because.some(leavesOpen), afterSeconds: delaySeconds, because };
}

/**
 * What happens when the service exits with status 1 right after each start.
 *
 * @param first the outcome of the first exit
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
