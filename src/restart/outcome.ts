/** What happens to a service after an ending: systemd's result, whether and when the service is up again, and why. */
import { targetAtBoot } from '../systemd/install-targets.ts';
import { rememberLast } from '../systemd/remember.ts';
import { formatTimeSpan } from '../systemd/values/time-span.ts';
import type { ServiceSettings } from '../systemd/service-settings.ts';
import { decideRestart } from './decision.ts';
import { type Interval, restartDelay, restartWaitUsec } from './delay.ts';
import {
  type Ending,
  isTiedEnding,
  isWorldEnding,
  type OwnEnding,
  type TiedEnding,
  type WorldEnding,
} from './ending.ts';
import { type Fall, type Machine, predictFall, watchdogEndsStartPost } from './fall.ts';
import type { ServiceResult } from './process-end.ts';
import type { Reason } from './reason.ts';
import type { StartObstacle } from './start-obstacle.ts';
import type { Bond, Surroundings, Tie, Trigger } from './surroundings.ts';

/** All that the model needs to know about one service. */
export interface ServiceFacts {
  readonly settings: ServiceSettings;
  readonly surroundings: Surroundings;
  /**
   * The longest time that a command of `ExecStartPost=` can take because the program that runs it ends it, such as timeout(1);
   * in seconds. Left out where one of them has no such limit.
   */
  readonly startPostSeconds?: number | undefined;
  /**
   * Whether systemd knows its main process, where it may not: a daemon that has put itself into the background, and of which nobody tells.
   * `none`: it has not found one; `unsure`: that depends on how many processes the start leaves behind. Left out where it knows it.
   */
  readonly mainProcess?: 'none' | 'unsure' | undefined;
  /** What keeps it from starting again, as things are now; left out where nothing is known to. */
  readonly startObstacle?: StartObstacle | undefined;
}

/** What systemd does after one ending of a service. */
export interface Outcome {
  /** The ending that was asked about. */
  readonly on: Ending;
  /** False when the ending cannot occur with these settings; then `because` says why. */
  readonly possible: boolean;
  /** systemd's `Result`; null when systemd gives none (after logout or reboot) or the ending cannot occur. */
  readonly result: ServiceResult | null;
  /** Whether the service is up again afterwards without a person's help, or was never down. */
  readonly restarts: boolean;
  /** From the end to the restart, in seconds; null when systemd does not restart the service by `Restart=`. */
  readonly delaySeconds: Interval | null;
  /** `ActiveState/SubState` after the ending and before any restart, such as `failed/failed`; null when the ending cannot occur. */
  readonly state: string | null;
  /** The sockets, timers, paths and bus names that start the service when somebody needs it; empty when it restarts anyway. */
  readonly onDemand: readonly Trigger[];
  /** The reasons, in the order in which one leads to the next. */
  readonly because: readonly Reason[];
}

/**
 * Predicts what systemd does after one ending of a service that was up. The start limit has no part in it: see
 * {@link predictTimeline}.
 *
 * Source: systemd.service(5), Restart=; systemd.unit(5) for units that are tied to each other; loginctl(1), enable-linger;
 * `service_enter_dead()` in `src/core/service.c`. Tests compare the prediction with systemd 247, 252, 257 and 262.
 *
 * @example
 * import { alone, predictOutcome } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * const service = { settings, surroundings: alone };
 * const machine = { version: 252, cgroups: 'unified' } as const;
 * predictOutcome(service, { kind: 'signal', signal: 15 }, machine).restarts; // false
 * predictOutcome(service, { kind: 'exit', status: 1 }, machine).delaySeconds; // [ 0.1, 0.35 ]
 */
export function predictOutcome(service: ServiceFacts, ending: Ending, machine: Machine): Outcome {
  const outcome = whereItStarts(service, ending, machine);
  const { startObstacle: obstacle } = service;
  if (obstacle === undefined || !needsStart(outcome)) return outcome;
  // Whether a requirement matters at boot depends on systemd's version: `surroundings.boot` says it.
  if (obstacle.fault.kind === 'requirement' && isWorldEnding(ending)) return outcome;
  return withoutStart(outcome, obstacle);
}

/** Whether the service has gone down and comes up by a start. */
function needsStart({ possible, restarts, onDemand, state }: Outcome): boolean {
  return possible && state?.startsWith('active/') !== true && (restarts || onDemand.length > 0);
}

/** systemd tries to start the service, and it does not come up. */
function withoutStart(outcome: Outcome, obstacle: StartObstacle): Outcome {
  const because = [...outcome.because, obstacleReason(obstacle)];
  return { ...outcome, restarts: false, delaySeconds: null, onDemand: [], because };
}

/** Why a service does not start, as a reason. */
export function obstacleReason({ fault, doubt, ...line }: StartObstacle): Reason {
  if (fault.kind === 'requirement') return { code: 'requires-missing-unit', target: fault.unit, ...line };
  return { code: doubt === null ? 'cannot-start' : 'may-not-start', fault, doubt, ...line };
}

/** The outcome as long as each start succeeds. */
function whereItStarts(service: ServiceFacts, ending: Ending, machine: Machine): Outcome {
  if (isWorldEnding(ending)) return afterWorldEnding(service.surroundings, ending);
  if (isTiedEnding(ending)) return afterTiedEnding(service, ending, machine);
  return whetherMainIsKnown(service, ending, machine);
}

/** As long as it is not known whether systemd finds the main process, an ending may have either outcome. */
function whetherMainIsKnown(service: ServiceFacts, ending: OwnEnding, machine: Machine): Outcome {
  const { mainProcess, settings } = service;
  const known = () => afterOwnEnding(service, ending, machine);
  if (mainProcess === undefined) return known();
  // What systemd cannot guess is as little known to it as what it may not guess.
  const GuessMainPID = { ...settings.GuessMainPID, value: false };
  const unknown = afterOwnEnding({ ...service, settings: { ...settings, GuessMainPID } }, ending, machine);
  const code = mainProcess === 'none' ? 'main-process-not-found' : 'main-process-not-certain';
  const because = unknown.because.map(reason =>
    reason.code === 'main-process-unknown' ? ({ code, ...plain } as const) : reason,
  );
  if (mainProcess === 'none') return { ...unknown, because };
  const best = known();
  if (best.restarts === unknown.restarts && best.state === unknown.state) return best;
  return unknown.restarts
    ? { ...best, because: [{ code: 'main-process-not-certain', ...plain }, ...best.because] }
    : { ...unknown, because };
}

/**
 * What happens to a service when a unit that it is tied to falls or is stopped. A restart is a job like any other, so that it
 * also starts what the unit wants (`transaction_add_job_and_dependencies()`).
 * Source: systemd.unit(5) Requires=, Requisite=, BindsTo=, PartOf=, StopPropagatedFrom=; `unit_notify()`,
 * `retroactively_stop_dependencies()`, `JOB_RESTART_DEPENDENCIES`. Tried on 247, 252, 257 and 262.
 */
function afterTiedEnding(service: ServiceFacts, ending: TiedEnding, machine: Machine): Outcome {
  const { surroundings } = service;
  const base = { on: ending, result: null, delaySeconds: null, onDemand: [] } as const;
  const bond = decisiveBonds(surroundings.bonds).get(ending.unit);
  if (bond === undefined) {
    const because: readonly Reason[] = [{ code: 'not-tied', other: ending.unit, ...plain }];
    return { ...base, possible: false, restarts: false, state: null, because };
  }
  const reason = (code: 'stopped-with' | 'restarted-with' | 'unharmed-by-fall-of') =>
    ({ code, other: bond.other, setting: bond.kind, value: bond.other, source: bond.source }) as const;
  // systemd stops the service in the ordinary way, and a stop may fail.
  const stop = predictFall(service.settings, { kind: 'stop' }, machine);
  const isFailure = stop.kind === 'ended' && stop.result !== 'success';
  const stops = {
    ...base,
    possible: true,
    result: isFailure ? stop.result : null,
    state: isFailure ? 'failed/failed' : 'inactive/dead',
  } as const;
  const whyFailed = isFailure ? stop.because.filter(({ code }) => code !== 'stop-is-respected') : [];
  if (ending.kind === 'stop-of') {
    // An upholder would start both again while the stop of the other unit is still running: systemd refuses that start.
    return { ...stops, ...orNothing(startedOnDemand(surroundings, [reason('stopped-with'), ...whyFailed])) };
  }
  if (bond.afterItsFall === 'never-falls') {
    const because: readonly Reason[] = [{ code: 'cannot-fall', other: bond.other, ...plain }];
    return { ...base, possible: false, restarts: false, state: null, because };
  }
  if (isTight(bond) && bond.goesDown) {
    const because = [reason('stopped-with'), ...whyFailed];
    if (bond.pull === null || bond.afterItsFall === 'stays-down') {
      const staysDown = bond.afterItsFall === 'stays-down' ? ending.unit : undefined;
      const left = surroundings.upheldBy.filter(({ unit }) => unit !== staysDown);
      return {
        ...stops,
        ...orNothing(broughtBack({ upheldBy: left, triggers: surroundings.triggers }, machine, because)),
      };
    }
    const { kind, source } = bond.pull;
    const pulledIn: Reason = {
      code: 'pulled-in-with',
      other: bond.other,
      setting: kind,
      value: null,
      source,
    };
    return { ...stops, restarts: true, onDemand: [], because: [...because, pulledIn] };
  }
  const unharmed = isTight(bond) || bond.afterItsFall !== 'restarts';
  if (!unharmed) return { ...stops, restarts: true, because: [reason('restarted-with'), ...whyFailed] };
  const because = [reason('unharmed-by-fall-of')];
  const state = isUpWithoutProcess(service.settings) ? 'active/exited' : 'active/running';
  return { ...base, possible: true, restarts: true, state, because };
}

/**
 * By the name of the other unit, the bond to it that decides. The endings of one service are asked for in a row, and a service
 * may have thousands of bonds.
 */
const decisiveBonds = rememberLast((bonds: readonly Bond[]): ReadonlyMap<string, Bond> => {
  const decisive = new Map<string, Bond>();
  for (const bond of bonds) {
    const known = decisive.get(bond.other);
    if (known === undefined || (isTight(bond) && !isTight(known))) decisive.set(bond.other, bond);
  }
  return decisive;
});

function isUpWithoutProcess({ Type, RemainAfterExit }: ServiceSettings): boolean {
  return Type.value === 'oneshot' && RemainAfterExit.value;
}

/** Adds a reason where nothing starts the service again. */
function orNothing(after: Pick<Outcome, 'restarts' | 'onDemand' | 'because'>): typeof after {
  if (after.restarts || after.onDemand.length > 0) return after;
  return { ...after, because: [...after.because, { code: 'not-brought-back', ...plain }] };
}

/** Whether systemd stops the service as soon as the other unit is down, for whatever reason. */
function isTight({ kind }: Bond): boolean {
  return kind === 'BindsTo' || kind === 'StopPropagatedFrom';
}

/** What starts a service that is down and that systemd does not restart by `Restart=`. */
function broughtBack(
  surroundings: Pick<Surroundings, 'upheldBy' | 'triggers'>,
  machine: Machine,
  before: readonly Reason[],
): Pick<Outcome, 'restarts' | 'onDemand' | 'because'> {
  const upholder = upholderOf(surroundings, machine);
  if (upholder !== undefined) {
    const upheld: Reason = {
      code: 'upheld',
      by: upholder.unit,
      setting: 'Upholds',
      value: upholder.unit,
      source: upholder.source,
    };
    return { restarts: true, onDemand: [], because: [...before, upheld] };
  }
  return startedOnDemand(surroundings, before);
}

/** The unit that starts the service whenever it is down (`Upholds=`, 249 and newer); undefined when there is none. */
export function upholderOf(
  { upheldBy }: Pick<Surroundings, 'upheldBy'>,
  { version }: Machine,
): Tie | undefined {
  return version >= 249 ? upheldBy[0] : undefined;
}

function startedOnDemand(
  { triggers }: Pick<Surroundings, 'triggers'>,
  before: readonly Reason[],
): Pick<Outcome, 'restarts' | 'onDemand' | 'because'> {
  const onDemand = triggers.filter(trigger => trigger.active);
  return { restarts: false, onDemand, because: [...before, ...onDemand.map(onDemandReason)] };
}

/** For a reason that is systemd's own rule: no directive decides. */
const plain = { setting: null, value: null, source: null } as const;

function afterOwnEnding(service: ServiceFacts, ending: OwnEnding, machine: Machine): Outcome {
  const { settings, surroundings } = service;
  const fall =
    ending.kind === 'start-post-timeout'
      ? lateStartPost(service, machine)
      : predictFall(settings, ending, machine);
  const base = { on: ending, possible: true, result: null, delaySeconds: null, onDemand: [] } as const;
  switch (fall.kind) {
    case 'impossible':
      return { ...base, possible: false, restarts: false, state: null, because: fall.because };
    case 'unnoticed':
      return { ...base, restarts: false, state: fall.state, because: fall.because };
    case 'stays-exited':
      return { ...base, result: 'success', restarts: false, state: 'active/exited', because: fall.because };
    case 'ended':
      return afterEnd(settings, surroundings, ending, fall, machine);
    default:
      return fall satisfies never;
  }
}

/** A command of `ExecStartPost=` takes too long; that cannot be where another program ends it before. */
function lateStartPost({ settings, startPostSeconds: seconds }: ServiceFacts, machine: Machine): Fall {
  const { ExecStartPost, TimeoutStartSec, WatchdogSec } = settings;
  const limit = watchdogEndsStartPost(settings) ? WatchdogSec : TimeoutStartSec;
  if (seconds === undefined || ExecStartPost.value.length === 0 || seconds * 1_000_000 >= limit.value)
    return predictFall(settings, { kind: 'start-post-timeout' }, machine);
  const decides = { setting: 'ExecStartPost', value: null, source: ExecStartPost.source } as const;
  return {
    kind: 'impossible',
    because: [{ code: 'hook-ends-in-time', hook: 'ExecStartPost', seconds, ...decides }],
  };
}

function afterEnd(
  settings: ServiceSettings,
  surroundings: Surroundings,
  ending: OwnEnding,
  fall: Extract<Fall, { kind: 'ended' }>,
  machine: Machine,
): Outcome {
  const { result } = fall;
  const decision = fall.stopped ? undefined : decideRestart(settings, result, fall.main, machine.version);
  const because = [...fall.because, ...(decision === undefined ? [] : [decision.reason])];
  const base = { on: ending, possible: true, result, onDemand: [] } as const;
  if (decision?.restarts === true) {
    const delay = restartDelay(settings, 1);
    const waits = {
      ...base,
      restarts: delay !== null,
      delaySeconds: delay,
      state: 'activating/auto-restart',
    };
    return { ...waits, because: [...because, delayReason(settings, delay)] };
  }
  const state = result === 'success' || result === 'exec-condition' ? 'inactive/dead' : 'failed/failed';
  return { ...base, delaySeconds: null, state, ...broughtBack(surroundings, machine, because) };
}

function delayReason(settings: ServiceSettings, delay: Interval | null): Reason {
  const { source } = settings.RestartSec;
  const value = formatTimeSpan(restartWaitUsec(settings, 1));
  return { code: delay === null ? 'delay-never-ends' : 'delay', setting: 'RestartSec', value, source };
}

function onDemandReason(trigger: Trigger): Reason {
  return { code: 'on-demand', trigger: trigger.name, setting: null, value: null, source: trigger.source };
}

function afterWorldEnding(surroundings: Surroundings, ending: WorldEnding): Outcome {
  const base = { on: ending, result: null, delaySeconds: null, onDemand: [] } as const;
  const unharmed = (because: Reason): Outcome => ({
    ...base,
    possible: true,
    restarts: true,
    state: 'active/running',
    because: [because],
  });
  if (surroundings.scope === 'system') {
    if (ending.kind === 'logout') return unharmed({ code: 'logout-does-not-matter', ...plain });
    if (ending.kind === 'manager-kill') {
      const because: readonly Reason[] = [{ code: 'system-manager-cannot-be-killed', ...plain }];
      return { ...base, possible: false, restarts: false, state: null, because };
    }
    return afterManagerStart(surroundings, ending, []);
  }
  if (ending.kind === 'manager-kill') return afterManagerKill(surroundings, ending);

  const linger = lingerReason(surroundings);
  if (linger.code !== 'linger-on') {
    return { ...base, possible: true, restarts: false, state: 'inactive/dead', because: [linger] };
  }
  return ending.kind === 'logout' ? unharmed(linger) : afterManagerStart(surroundings, ending, [linger]);
}

function afterManagerKill(surroundings: Surroundings, ending: WorldEnding): Outcome {
  const { userManager } = surroundings;
  const setting = { setting: 'Restart', source: userManager?.source ?? null };
  if (userManager?.restarts === true) {
    return afterManagerStart(surroundings, ending, [
      { code: 'user-manager-restarts', value: 'user@.service', ...setting },
    ]);
  }
  return {
    on: ending,
    possible: true,
    result: null,
    restarts: false,
    delaySeconds: null,
    state: 'inactive/dead',
    onDemand: [],
    because: [{ code: 'user-manager-stays-dead', value: 'user@.service', ...setting }],
  };
}

/** The outcome after the manager has started anew: it starts the service itself, or starts units that wait for demand. */
function afterManagerStart(
  surroundings: Surroundings,
  ending: WorldEnding,
  before: readonly Reason[],
): Outcome {
  const { boot } = surroundings;
  const triggers = boot.started ? [] : surroundings.triggers.filter(trigger => trigger.atBoot);
  return {
    on: ending,
    possible: true,
    result: null,
    restarts: boot.started,
    delaySeconds: null,
    state: 'inactive/dead',
    onDemand: triggers,
    because: [...before, bootReason(surroundings), ...triggers.map(onDemandReason)],
  };
}

function bootReason({ boot, scope }: Surroundings): Reason {
  if (boot.started) {
    return { code: 'started-at-boot', by: boot.by, setting: 'WantedBy', value: boot.by, source: boot.source };
  }
  const isConflict = boot.why === 'conflict' || boot.why === 'conflict-undecided';
  const setting = {
    setting: isConflict ? 'Conflicts' : 'WantedBy',
    value: boot.target,
    source: boot.source,
  };
  if (boot.why === 'not-enabled' || boot.target === null)
    return {
      code: 'not-enabled',
      isInstallable: boot.isInstallable !== false,
      target: targetAtBoot(scope),
      ...setting,
    };
  return { code: bootFaults[boot.why], target: boot.target, ...setting };
}

const bootFaults = {
  'missing-target': 'enabled-to-missing-target',
  'idle-target': 'enabled-to-idle-target',
  'missing-requirement': 'requires-missing-unit',
  conflict: 'gives-way-at-boot',
  'conflict-undecided': 'one-starts-at-boot',
} as const;

function lingerReason({ linger }: Surroundings): Reason {
  if (linger === null) return { code: 'linger-unknown', user: '', setting: null, value: null, source: null };
  const { user, enabled, source } = linger;
  return { code: enabled ? 'linger-on' : 'linger-off', user, setting: null, value: null, source };
}
