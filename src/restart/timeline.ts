/**
 * A service that falls the same way again and again: does systemd give up, after how many starts, and when?
 *
 * The start limit counts in a window that begins with a start and ends when a later start lies more than the interval
 * behind it; within it the burst's worth of starts is let through and the next is refused (`ratelimit_below()`).
 * Waits never shrink from one restart to the next, so the first window decides for all.
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

export interface Timeline {
  /** Whether the start limit ends it. `undetermined` where systemd's timing decides. */
  readonly givesUp: 'yes' | 'no' | 'undetermined';
  /** Activations that the limit let through; null when it goes on for ever or cannot be said. */
  readonly starts: number | null;
  /** systemd's `NRestarts` at the end: a refused restart has been counted. Null as `starts`. */
  readonly nRestarts: number | null;
  /** From the first start to the refused one, in seconds; null unless it surely gives up. */
  readonly afterSeconds: Interval | null;
  readonly because: readonly Reason[];
}

/**
 * Predicts an ending repeated for ever.
 *
 * @param lifetimeSeconds how long the main process lives before each
 */
export function predictTimeline(
  service: ServiceFacts,
  ending: Ending,
  lifetimeSeconds: number,
  machine: Machine,
): Timeline {
  const { settings } = service;
  const outcome = predictOutcome(service, ending, machine);
  if (!outcome.possible || !outcome.restarts || outcome.state?.startsWith('active/')) return once(outcome);
  // A manager that starts anew has forgotten its counts, and how often a unit falls with another is up to that one.
  if (outcome.result === null || isTiedEnding(ending)) return open('no', outcome.because);

  const burst = settings.StartLimitBurst.value;
  const intervalSeconds = settings.StartLimitIntervalSec.value / usecPerSecond;
  if (burst === 0 || intervalSeconds === 0) {
    const off = burst === 0 ? limitBurst(settings) : limitInterval(settings);
    return open('no', [{ code: 'limit-off', ...off }]);
  }

  // What upholds a unit meets the start limit, but when is not ours to time; and it tries again after the limit was reached.
  if (outcome.delaySeconds === null) return open('undetermined', []);
  const limit = { burst, intervalSeconds, ...limitInterval(settings) };
  const [min, max] = firstWindow(settings, ending, lifetimeSeconds, burst);
  if (max <= intervalSeconds) {
    if (upholderOf(service.surroundings, machine) !== undefined) return open('undetermined', []);
    const because: readonly Reason[] = [{ code: 'limit-reached', ...limit }];
    return { givesUp: 'yes', starts: burst, nRestarts: burst, afterSeconds: [min, max], because };
  }
  if (min > intervalSeconds) return open('no', [{ code: 'limit-out-of-reach', ...limit }]);
  return open('undetermined', [{ code: 'limit-undetermined', ...limit }]);
}

/** Nothing restarts it: one start, and the limit has no say. */
function once(outcome: Outcome): Timeline {
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

/** Seconds from the first start to the one after `burst` of them. */
function firstWindow(
  settings: ServiceSettings,
  ending: Ending,
  lifetimeSeconds: number,
  burst: number,
): Interval {
  const [upMin, upMax] = upTime(settings, ending, lifetimeSeconds);
  const [stopMin, stopMax] = stopTime(settings, ending);
  const [livesMin, livesMax] = [upMin + stopMin, upMax + stopMax];
  // Waits stop growing after RestartSteps=; beyond so many steps the rest is bounded instead of summed.
  const steps = settings.RestartSteps.value;
  const summed = Math.min(burst, steps, mostStepsSummed);
  let min = burst * livesMin;
  let max = burst * (livesMax + managerWorkSeconds);
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

/** How long it is up, or starting, before each ending: the process' own time, or the limit that ends it. */
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

/** How long it takes from the end to being down, beyond the manager's own work. */
function stopTime(settings: ServiceSettings, ending: Ending): Interval {
  const type = settings.Type.value;
  // A oneshot that hangs does not come to the end of its start.
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

/** Those in which systemd would have to kill the main process. */
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
