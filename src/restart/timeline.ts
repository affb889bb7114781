/**
 * A service that falls the same way again and again: does systemd give up, after how many starts, and when?
 *
 * The start limit counts starts in a window. A window begins with a start; the first start that comes more than
 * StartLimitIntervalSec= later begins the next window. Within a window systemd allows StartLimitBurst= starts and refuses
 * the one after them (`ratelimit_below()`). The wait before a restart never becomes shorter from one restart to the next,
 * so the first window decides for all.
 */
import type { ServiceSettings } from '../systemd/service-settings.ts';
import { formatTimeSpan } from '../systemd/values/time-span.ts';
import {
  type Interval,
  managerWorkSeconds,
  restartDelay,
  timerSlackSeconds,
  usecPerSecond,
} from './delay.ts';
import { type Ending, isTiedEnding } from './ending.ts';
import {
  hangLimit,
  lateStart,
  lateStartLeavesMain,
  type Machine,
  waitsForLeftMain,
  watchdogEndsStartPost,
} from './fall.ts';
import { type Outcome, predictOutcome, type ServiceFacts, upholderOf } from './outcome.ts';
import type { Reason } from './reason.ts';
import type { Trigger } from './surroundings.ts';

/** How a service that falls again and again ends up. */
export interface Timeline {
  /** Whether systemd gives up at the start limit; `undetermined` where systemd's timing decides. */
  readonly givesUp: 'yes' | 'no' | 'undetermined';
  /** How many starts the limit allows; null when the restarts never end, or the number is not certain. */
  readonly starts: number | null;
  /** The value of systemd's `NRestarts` at the end, which includes the refused restart; null where `starts` is. */
  readonly nRestarts: number | null;
  /** From the first start to the refused one, in seconds; null unless systemd is certain to give up. */
  readonly afterSeconds: Interval | null;
  readonly because: readonly Reason[];
}

/**
 * Predicts what systemd does when a service ends in the same way after every start.
 *
 * Source: systemd.unit(5), StartLimitIntervalSec=, StartLimitBurst=; `unit_test_start_limit()`, `ratelimit_below()`.
 *
 * @param lifetimeSeconds how long the main process lives before each ending, in seconds
 * @example
 * import { alone, predictTimeline } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * const machine = { version: 252, cgroups: 'unified' } as const;
 * const timeline = predictTimeline({ settings, surroundings: alone }, { kind: 'exit', status: 1 }, 0, machine);
 * timeline.givesUp; // 'yes'
 * timeline.starts; // 5
 */
export function predictTimeline(
  service: ServiceFacts,
  ending: Ending,
  lifetimeSeconds: number,
  machine: Machine,
): Timeline {
  const { settings } = service;
  const outcome = predictOutcome(service, ending, machine);
  const socket =
    outcome.onDemand.find(({ kind }) => kind === 'socket') ??
    service.surroundings.triggers.find(({ kind, hasFailed }) => kind === 'socket' && hasFailed);
  const comesAgain = outcome.restarts || socket !== undefined;
  if (!outcome.possible || !comesAgain || outcome.state?.startsWith('active/')) return startedOnce(outcome);
  // A manager that starts anew counts from zero, and the settings of the other unit decide how often a unit falls with it.
  if (outcome.result === null || isTiedEnding(ending)) return open('no', outcome.because);

  const burst = settings.StartLimitBurst.value;
  const intervalSeconds = settings.StartLimitIntervalSec.value / usecPerSecond;
  if (burst === 0 || intervalSeconds === 0) {
    // Without a wait between the starts the socket meets its TriggerLimitBurst= (ran on 247, 257 and 262: trigger-limit-hit).
    if (!outcome.restarts && socket !== undefined) return open('undetermined', [socketReason(socket)]);
    const off = burst === 0 ? limitBurst(settings) : limitInterval(settings);
    return open('no', [{ code: 'limit-off', ...off }]);
  }

  // Starts that an upholding unit causes count for the start limit, too, but the model does not know when they come; and the
  // upholding unit tries again after systemd has refused a start.
  if (outcome.restarts && outcome.delaySeconds === null) return open('undetermined', []);
  const limit = { burst, intervalSeconds, ...limitInterval(settings) };
  const waits = outcome.restarts ? waitsOf(settings, burst) : noWaits;
  const [min, max] = firstWindow(settings, ending, lifetimeSeconds, burst, waits);
  if (max <= intervalSeconds) {
    if (upholderOf(service.surroundings, machine) !== undefined) return open('undetermined', []);
    const because = [{ code: 'limit-reached', ...limit } as const, ...socketsOf(service, limit)];
    return { givesUp: 'yes', starts: burst, nRestarts: burst, afterSeconds: [min, max], because };
  }
  if (min > intervalSeconds) return open('no', [{ code: 'limit-out-of-reach', ...limit }]);
  return open('undetermined', [{ code: 'limit-undetermined', ...limit }]);
}

/** For a service that nothing restarts: it starts once. */
function startedOnce(outcome: Outcome): Timeline {
  return {
    givesUp: 'no',
    starts: outcome.possible ? 1 : null,
    nRestarts: outcome.possible ? 0 : null,
    afterSeconds: null,
    because: outcome.because,
  };
}

function open(givesUp: 'no' | 'undetermined', because: readonly Reason[]): Timeline {
  return { givesUp, starts: null, nRestarts: null, afterSeconds: null, because };
}

/** A start limit that is met also takes the socket that starts the service (`socket_trigger_notify()`). */
function socketsOf(
  { surroundings }: ServiceFacts,
  limit: { readonly burst: number; readonly intervalSeconds: number },
): readonly Reason[] {
  return surroundings.triggers
    .filter(({ kind, active, hasFailed }) => kind === 'socket' && (active || hasFailed))
    .map(({ name: trigger, source }) => ({ code: 'socket-fails', trigger, ...limit, ...bySocket, source }));
}

function socketReason({ name: trigger, source }: Trigger): Reason {
  return { code: 'socket-may-fail', trigger, ...bySocket, source };
}

const bySocket = { setting: null, value: null } as const;

/**
 * Seconds from the first start to the start that comes after `burst` starts.
 *
 * @param waits all waits between them together
 */
function firstWindow(
  settings: ServiceSettings,
  ending: Ending,
  lifetimeSeconds: number,
  burst: number,
  [waitsMin, waitsMax]: Interval,
): Interval {
  const [upMin, upMax] = upTime(settings, ending, lifetimeSeconds);
  const [stopMin, stopMax] = stopTime(settings, ending);
  const [livesMin, livesMax] = [upMin + stopMin, upMax + stopMax];
  return [burst * livesMin + waitsMin, burst * (livesMax + managerWorkSeconds) + waitsMax];
}

/** What nobody accepts waits in the socket, and starts the service again at once. */
const noWaits: Interval = [0, 0];

function waitsOf(settings: ServiceSettings, burst: number): Interval {
  // The waits grow for RestartSteps= restarts. Where that is a very large number, only the first ones are summed, and the rest
  // is estimated from below and from above.
  const steps = settings.RestartSteps.value;
  const summed = Math.min(burst, steps, mostStepsSummed);
  let [min, max] = noWaits;
  for (let restart = 1; restart <= summed; restart += 1) {
    const [waitMin, waitMax] = restartDelay(settings, restart) ?? never;
    min += waitMin;
    max += waitMax;
  }
  min += (burst - summed) * (restartDelay(settings, summed + 1) ?? never)[0];
  max += (burst - summed) * (restartDelay(settings, steps + 1) ?? never)[1];
  return [min, max];
}

const mostStepsSummed = 10_000;
const never: Interval = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];

/** How long the service is up, or starting, before each ending, in seconds: the lifetime of the process, or the limit that ends it. */
function upTime(settings: ServiceSettings, ending: Ending, lifetimeSeconds: number): Interval {
  const timer = (usec: number): Interval => [usec / usecPerSecond, usec / usecPerSecond + timerSlackSeconds];
  const after = ([min, max]: Interval): Interval => [lifetimeSeconds + min, lifetimeSeconds + max];
  switch (ending.kind) {
    case 'start-post-timeout':
      return timer(
        watchdogEndsStartPost(settings) ? settings.WatchdogSec.value : settings.TimeoutStartSec.value,
      );
    case 'start-timeout':
      return timer(settings.TimeoutStartSec.value);
    case 'runtime-max':
      return timer(settings.RuntimeMaxSec.value);
    case 'watchdog':
      return after(timer(settings.WatchdogSec.value));
    case 'hang':
      if (settings.Type.value === 'oneshot') return timer(settings.TimeoutStartSec.value);
      return hangLimit(settings) === 'WatchdogSec'
        ? after(timer(settings.WatchdogSec.value))
        : timer(settings.RuntimeMaxSec.value);
    case 'start-pre':
    case 'condition':
      return [0, 0];
    default:
      return [lifetimeSeconds, lifetimeSeconds];
  }
}

/** How long systemd takes from the ending until the service is down, in seconds, without the manager's own work. */
function stopTime(settings: ServiceSettings, ending: Ending): Interval {
  const type = settings.Type.value;
  // A oneshot that hangs never finishes its start.
  const kind = ending.kind === 'hang' && type === 'oneshot' ? 'start-timeout' : ending.kind;
  const isLateStart =
    kind === 'start-timeout' || (kind === 'start-post-timeout' && !watchdogEndsStartPost(settings));
  const commandsMore = kind === 'start-timeout' ? lateStart(settings).commandsMore : 0;
  const isWaitedFor = waitsForLeftMain(settings) || (isLateStart && lateStartLeavesMain(settings));
  const isLeft =
    kind === 'start-timeout'
      ? type === 'oneshot' || type === 'dbus' || type === 'notify' || type === 'notify-reload'
      : type !== 'oneshot' && endingsThatLeaveMain.has(kind);
  const waits = [
    ...Array.from({ length: commandsMore }, () => settings.TimeoutStartSec.value),
    ...(isLeft && isWaitedFor ? [settings.TimeoutStopSec.value] : []),
  ];
  const seconds = waits.reduce((sum, usec) => sum + usec, 0) / usecPerSecond;
  return [seconds, seconds + waits.length * timerSlackSeconds];
}

/** The endings in which the main process still runs and systemd would have to kill it. */
const endingsThatLeaveMain: ReadonlySet<Ending['kind']> = new Set([
  'start-post',
  'start-post-timeout',
  'watchdog',
  'runtime-max',
  'hang',
]);

function limitInterval(settings: ServiceSettings): Pick<Reason, 'setting' | 'value' | 'source'> {
  const { value, source } = settings.StartLimitIntervalSec;
  return { setting: 'StartLimitIntervalSec', value: formatTimeSpan(value), source };
}

function limitBurst(settings: ServiceSettings): Pick<Reason, 'setting' | 'value' | 'source'> {
  const { value, source } = settings.StartLimitBurst;
  return { setting: 'StartLimitBurst', value: String(value), source };
}
