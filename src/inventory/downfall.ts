/** Whether a service that should run is down now, and whether it ended by itself or was stopped. */
import type { EndInJournal, FailedStart, LiveUnit } from '../systemd/host/host.ts';
import { restartWaitUsec } from '../restart/delay.ts';
import type { Reason } from '../restart/reason.ts';
import { classifyProcessEnd, type ProcessEnd } from '../restart/process-end.ts';
import { shortSignalName } from '../systemd/values/signal.ts';
import type { TimeLimit } from '../systemd/service-settings.ts';
import { formatTimeSpan } from '../systemd/values/time-span.ts';
import type { ServiceFacts } from '../restart/outcome.ts';
import type { Purpose } from './purpose.ts';
import { endsStart, isFailedStart } from './failed-start.ts';
import type { HalfUp } from './half-up.ts';
import type { EarlierRestarts, FailedStarts, RowOfFalls } from './row-of-falls.ts';
import type { Halt } from './service-processes.ts';

/**
 * How a service came to be down. `fell`: it ended without a stop job; `ended`: so too, but without a fault and without a line
 * that asks for a restart, so that it may be meant to end; `gave-up`: systemd does not restart it any more;
 * `ending`: its main process has ended without a stop job, and systemd waits for the rest of its end, such as `ExecStopPost=`;
 * `restarting`: systemd starts it again in less than a minute; `waiting`: so too, but later; `stopped-with`: a stop job ended it, because another unit had ended by itself;
 * `start-failed`: its last start failed, since a unit that it requires could not be started; `start-timed-out`: its job was cancelled, since it took
 * longer than it may (`JobTimeoutSec=`);
 * `exited`: its process was killed, and `RemainAfterExit=` keeps it called active;
 * `looping`: it falls again and again, and may be up between two falls; `restarted`: systemd has just restarted it, not for the first
 * time, and whether it goes on to fall is not known: it has been up for longer than its falls were apart, or nothing tells their times;
 * `unknown`: it ended, and whether somebody stopped it is not known.
 *
 * Of one that systemd calls active: `halted`: its process is there and cannot go on; `not-listening`: nobody listens on its port;
 * `not-listening-yet`: so too, but it may still be starting; `fell-lately`: it runs, and fell in the last ten minutes;
 * `ended-lately`: so too, but at last without a fault; `ends-again`: it ends again and again without one, which may be how it works.
 *
 * Of one that systemd starts or stops at the moment: `still-starting`, `still-stopping`: that has lasted for longer than is usual;
 * `starting`: it has not, and it fell in the last ten minutes.
 *
 * Of one that systemd has not started: `unloadable`: it refuses its unit file; `skipped`: a condition did not hold; `refused`: an assertion did not hold; `blocked`: a unit
 * that it requires is down; `trigger-failed`: what starts it on demand has failed; `queued`: its start waits for another; `never-started`: nothing has tried since its manager began.
 */
type DownHow =
  | 'fell'
  | 'ended'
  | 'gave-up'
  | 'ending'
  | 'restarting'
  | 'waiting'
  | 'stopped-with'
  | 'start-failed'
  | 'start-timed-out'
  | 'exited'
  | 'looping'
  | 'restarted'
  | 'halted'
  | 'not-listening'
  | 'not-listening-yet'
  | 'fell-lately'
  | 'ended-lately'
  | 'ends-again'
  | 'starting'
  | 'still-starting'
  | 'still-stopping'
  | 'unknown'
  | 'unloadable'
  | 'skipped'
  | 'refused'
  | 'blocked'
  | 'trigger-failed'
  | 'queued'
  | 'never-started';

/**
 * What a look at a service finds: `down`, also for a crash loop and for what waits for a restart; `held-back`: its start is skipped, refused
 * or waits, and why is known; `called-up`: systemd calls it active, so that a look at its state alone takes it for one that works;
 * `on-its-way`: systemd starts or stops it, and neither somebody's stop nor a crash loop is behind it.
 */
export type Standing = 'down' | 'held-back' | 'called-up' | 'on-its-way';

export const standings: Readonly<Record<DownHow, Standing>> = {
  fell: 'down',
  ended: 'down',
  'gave-up': 'down',
  ending: 'down',
  restarting: 'down',
  waiting: 'down',
  'stopped-with': 'down',
  'start-failed': 'down',
  'start-timed-out': 'down',
  exited: 'down',
  looping: 'down',
  restarted: 'down',
  unknown: 'down',
  'never-started': 'down',
  unloadable: 'down',
  skipped: 'held-back',
  refused: 'held-back',
  blocked: 'held-back',
  'trigger-failed': 'held-back',
  queued: 'held-back',
  halted: 'called-up',
  'not-listening': 'called-up',
  'not-listening-yet': 'called-up',
  'fell-lately': 'called-up',
  'ended-lately': 'called-up',
  'ends-again': 'called-up',
  starting: 'on-its-way',
  'still-starting': 'on-its-way',
  'still-stopping': 'on-its-way',
};

export interface Downfall {
  readonly how: DownHow;
  /**
   * When it went down, in seconds since 1970; null when it never ran. For `gave-up`, and for what systemd calls active: the first fall of
   * the row that nobody's start interrupts; null where that is not known, or it has not fallen.
   */
  readonly sinceSeconds: number | null;
  /** For those: whether the row may be longer than what is known of it, so that it began before. */
  readonly mayHaveBegunEarlier: boolean;
  /** For those: the last fall, in seconds since 1970; null for all others, and where it is not known. */
  readonly lastFallSeconds: number | null;
  /** Which of the two times are those of a restart, since when its run had ended is not known. */
  readonly timesOfRestarts: readonly ('since' | 'lastFall')[];
  /** Restarts before that row, after which it had been up for long; null where there are none, or they are not known. */
  readonly earlierRestarts: EarlierRestarts | null;
  /** For those: the last falls of the row that were starts without a program; null where the last one was none, or it is not known. */
  readonly failedStarts: FailedStarts | null;
  /** For those: how many of all falls of the row that are known were such starts. */
  readonly startsFailed: number;
  /** Of what has ended: how long its last run took at most, in seconds, and for `gave-up` the longest of the row; null for all others, and where it is not known. */
  readonly runSeconds: number | null;
  /** How often systemd has restarted it since its last start by somebody; of what it calls active in the row that is known. */
  readonly restarts: number;
  /** Of what systemd calls active: when systemd last restarted it, in seconds since 1970; null where it has not, and for all others. */
  readonly lastRestartSeconds: number | null;
  /** What systemd says of it where it is neither at rest nor waits for a restart; null for all others. */
  readonly phase: 'up' | 'starting' | 'stopping' | null;
  /** Since when, in seconds since 1970; null where there is no phase, or it is not known. */
  readonly phaseSinceSeconds: number | null;
  /** Whether a unit file says that it is to be started; also for one that cannot be enabled. */
  readonly isEnabled: boolean;
  /** For `waiting`: when systemd starts it again, in seconds since 1970; null for all others, and where it never does. */
  readonly startsAgainSeconds: number | null;
  /** The socket, path or timer that starts it on demand, and has failed as well; null where there is none. */
  readonly failedTrigger: string | null;
  /** The units that start it again, such as a timer. */
  readonly startedBy: readonly string[];
  /** Why the next start fails for certain; null where nothing is known to keep it from starting. */
  readonly cannotStart: Reason | null;
  /** The unit that ended with it, that it requires or that its start waits for; null where there is none, or it is not known. */
  readonly other: string | null;
  /** The conditions or assertions one of which did not hold, as `ConditionPathExists=/srv/model`. */
  readonly conditions: readonly string[];
  /** The time limits one of which it took longer than, in its start, its run or what followed its end; empty where it was none, or it is not known. */
  readonly limits: readonly TimeLimit[];
  /** For `halted`: what keeps its process from going on; null for all others. */
  readonly halt: Halt | null;
  /** For `halted`: whether that is its main process alone, and another process of it runs. */
  readonly othersRun: boolean;
  /** For `not-listening` and `not-listening-yet`: the port on which it does not listen; null for all others. */
  readonly port: number | null;
  /** For those two: the ports on which it listens instead; empty where there are none, or they are not known. */
  readonly listensOn: readonly number[];
  /** For those two: whether another program listens on the port. */
  readonly isPortTaken: boolean;
  /**
   * systemd's result, how its main process ended, and with which exit status or signal, as systemd passes them to ExecStopPost=. The
   * result is null where its manager has forgotten the run, or was itself ended with it, and nothing of its end is written.
   */
  readonly result: string | null;
  readonly code: string | null;
  readonly status: string | null;
  /** Whether it is known that its main process ended well, or was ended by systemd because another command failed, but not with which status or by which signal. */
  readonly mainEndedWell: boolean;
  /** Which other command failed at its last end, as `ExecStartPre`; null where none did, or that is not known. */
  readonly failedCommand: FailedEnd | null;
}

/** The end of a command, in the words of `$EXIT_CODE` and `$EXIT_STATUS`. */
export interface FailedEnd {
  readonly name: string;
  readonly code: string;
  readonly status: string;
}

/** What is known about a service that may be down. */
export interface DownEvidence {
  readonly live: LiveUnit;
  readonly facts: ServiceFacts;
  readonly enabled: string | undefined;
  readonly purpose: Purpose;
  /** Whether its program is a server that daruma knows. */
  readonly isKnown: boolean;
  /** What the journal says of its last run, where it was asked. */
  readonly journal: EndInJournal | undefined;
  /** Likewise of the restarts before systemd gave up. */
  readonly restarts?: RowOfFalls | undefined;
  readonly ties: DownTies;
  /** Its start whose job alone failed; undefined where none did, or it has run or was stopped since. */
  readonly failedStart?: FailedStart | undefined;
  /** The lines of its unit that limit the time of a start job. */
  readonly jobLimits: readonly TimeLimit[];
  /** The lines of its unit with checks before a start. */
  readonly checks: Readonly<Record<'conditions' | 'asserts' | 'execConditions', readonly string[]>>;
}

/** What the units that it is tied to have to do with it. */
export interface DownTies {
  /** The unit whose own end had it stopped; `unknown` where that may be. */
  readonly endedWith: { readonly unit: string } | 'unknown' | undefined;
  /** A unit that it requires and that is down. */
  readonly missing: string | undefined;
  /** A unit that its start waits for. */
  readonly awaited: string | undefined;
}

export const noTies: DownTies = { endedWith: undefined, missing: undefined, awaited: undefined };

/** What ended a run. `ask`: only the journal may know; `nothing`: the last start led to no run. */
type EndedBy = 'itself' | 'job' | 'ask' | 'nothing';

/**
 * What ended the last run of a unit that is down, or on its way down.
 *
 * A process that ends by itself is gone before its unit leaves `active`; a stop job makes the unit leave `active` first. A unit
 * that waits for its restart is no longer inactive: when a job stops it there, it becomes `inactive` again without a run. Only
 * when systemd itself ends a service, or when it ends before it is up, the times do not tell (ran on 247, 252, 257 and 262).
 * Nor do they after `reset-failed`, which makes of every result a success and of `failed` an `inactive`.
 *
 * @param facts undefined for a unit of which only the state is known
 */
export function endedBy(live: LiveUnit, facts?: ServiceFacts): EndedBy {
  const { activeState, result } = live;
  // The start after the last run failed: whatever ended that run, somebody wanted it up.
  if (activeState === 'failed' && (result === 'start-limit-hit' || result === 'resources')) return 'itself';
  const hasRun = live.enteredInactiveUsec > 0 || activeState === 'deactivating';
  if (!hasRun || result === 'exec-condition' || failedCheck(live) !== undefined) return 'nothing';
  if (!wasUp(live)) return activeState === 'inactive' && result !== 'success' ? 'job' : 'ask';
  if (live.mainEndedUsec === 0) return 'ask';
  if (live.mainEndedUsec <= live.leftActiveUsec) return 'itself';
  if (result === 'watchdog' || result === 'oom-kill') return 'itself';
  if (result === 'success' && facts !== undefined && isResetFailure(live, facts)) return 'ask';
  // Whose bus name is gone systemd ends as it does in a stop (`service_bus_name_owner_change()`).
  if (result === 'success' && facts?.settings.Type.value === 'dbus') return 'ask';
  return result === 'timeout' ? 'ask' : 'job';
}

/** Whether another command than its main one has failed: only the journal tells which. */
export function hasOtherFailed(live: LiveUnit): boolean {
  return isOfOtherCommand(endingOf(live));
}

/** Whether the result is not that of the main process: status 0 always counts as a success (systemd.service(5), `SuccessExitStatus=`). */
export function isOfOtherCommand({
  result,
  code,
  status,
}: Pick<Downfall, 'result' | 'code' | 'status'>): boolean {
  if (result === 'exit-code') return code !== 'exited' || status === '0';
  return code === null && (result === 'signal' || result === 'core-dump');
}

/**
 * Whether its manager knows nothing of any run. It never ran, or was forgotten: a unit that is at rest stays loaded only while another
 * one names it, as the target does for which it is enabled (`unit_may_gc()`).
 */
export function isUnremembered({ activeState, enteredInactiveUsec, conditionsUsec }: LiveUnit): boolean {
  return activeState === 'inactive' && enteredInactiveUsec === 0 && conditionsUsec === 0;
}

/** Which check of its unit kept systemd from the last start. */
export function failedCheck(live: LiveUnit): 'skipped' | 'refused' | undefined {
  const since = live.enteredInactiveUsec;
  if (!live.conditionsHeld && live.conditionsUsec > since) return 'skipped';
  return live.conditionsHeld && !live.assertsHeld && live.assertsUsec > since ? 'refused' : undefined;
}

/** Whether the result was no success before `reset-failed`: by its process, or maybe by its time limit. */
function isResetFailure(live: LiveUnit, { settings }: ServiceFacts): boolean {
  const end = mainEndOf(live);
  const isFailure =
    end !== undefined && classifyProcessEnd(end, 'daemon', settings.SuccessExitStatus).result !== 'success';
  return isFailure || Number.isFinite(settings.RuntimeMaxSec.value);
}

/** Whether the last run of a unit got as far as to be up: a `Type=oneshot` never does, nor what falls in its start. */
export function wasUp({ leftActiveUsec, leftInactiveUsec }: LiveUnit): boolean {
  return leftActiveUsec > 0 && leftActiveUsec >= leftInactiveUsec;
}

/**
 * The same also while it waits for its restart, and where that was refused: by then it has left `inactive` once more
 * (`service_enter_dead()`), and only its times to the second tell of the run itself. Of two runs within one second it takes a start that
 * failed for a fall.
 */
export function hasBeenUp(live: LiveUnit): boolean {
  const { leftActiveSeconds: left, mainStartedSeconds: started } = live;
  return wasUp(live) || (left !== null && started !== null && left >= started);
}

/** Whether a unit neither runs nor is about to. */
export function isAtRest({ activeState }: LiveUnit): boolean {
  return activeState === 'inactive' || activeState === 'failed';
}

/** Whether it may be down: only then it is worth while to ask for more. */
export function mayBeDown(live: LiveUnit, facts: ServiceFacts): boolean {
  if (live.loadState !== 'loaded') return false;
  if (facts.settings.Type.value === 'oneshot') return hasFailedToRemain(live, facts);
  return isAtRest(live) || live.subState === 'exited';
}

/** What is to be called active after a command that ends, as what sets up a network or a container, and is not: that has failed. */
function hasFailedToRemain({ activeState }: LiveUnit, { settings }: ServiceFacts): boolean {
  return settings.RemainAfterExit.value && activeState === 'failed';
}

/** @returns undefined when it is not down, or somebody stopped it: an operator's stop is respected */
export function downfallOf(evidence: DownEvidence): Downfall | undefined {
  const { live, facts, enabled, purpose } = evidence;
  if (!mayBeDown(live, facts) || enabled?.startsWith('masked') === true) return undefined;
  if (live.subState === 'exited') return remainsActive(evidence) ? found('exited', evidence) : undefined;
  // What is started on demand may be at rest, and an end that is expected is no fall.
  const isCalled = live.activeState === 'failed' && facts.surroundings.triggers.length > 0;
  const isLacking = hasFailedToRemain(live, facts) && isEnabledNow(enabled);
  if (!purpose.isMeantToStay && !isCalled && !isLacking) return undefined;
  const downfall = atRest(evidence);
  if (downfall === undefined || downfall.isEnabled) return downfall;
  // Nothing asks for what is not enabled, until somebody has started it.
  const { how } = downfall;
  return wantedUp.has(how) || (how === 'unknown' && live.activeState === 'failed') ? downfall : undefined;
}

/** How the job of its start failed. */
const failedBy = { dependency: 'start-failed', timeout: 'start-timed-out', assert: 'refused' } as const;

/** It has been started since, whoever asked for it. */
const wantedUp: ReadonlySet<DownHow> = new Set([
  'fell',
  'start-failed',
  'start-timed-out',
  'refused',
  'gave-up',
  'stopped-with',
]);

/**
 * A service at rest whose socket, path or timer has failed, as by its own limit of starts (`TriggerLimitBurst=`): whoever calls it is not
 * answered, however well its last run ended.
 */
export function triggerFailedOf(
  live: LiveUnit,
  { surroundings }: ServiceFacts,
  enabled: string | undefined,
): Downfall | undefined {
  const failedTrigger = surroundings.triggers.find(({ hasFailed }) => hasFailed)?.name;
  if (failedTrigger === undefined || !isAtRest(live) || live.hasJob) return undefined;
  if (live.loadState !== 'loaded' || enabled?.startsWith('masked') === true) return undefined;
  const known = { ...withoutFalls(enabled), restarts: live.nRestarts };
  return { how: 'trigger-failed', ...known, failedTrigger, ...endingOf(live) };
}

/** A service that is enabled and at rest, and whose unit its manager refuses to load: no start of it can succeed. */
export function unloadableOf(live: LiveUnit, enabled: string | undefined): Downfall | undefined {
  const isWanted = enabled?.startsWith('enabled') === true;
  if (!isAtRest(live) || !isWanted || endedBy(live) === 'job') return undefined;
  const { enteredInactiveSeconds: sinceSeconds, nRestarts: restarts } = live;
  const known = { sinceSeconds, restarts, isEnabled: true, other: null, conditions: [] };
  return { how: 'unloadable', ...known, ...noOutlook, ...endingOf(live) };
}

/** A stop that somebody has asked for, and that is over; times in seconds since 1970. */
export interface Stopped {
  readonly sinceSeconds: number;
  /** The end by itself after which the stop kept systemd from a restart; null where the stop ended what ran, or that is not known. */
  readonly fall: StoppedFall | null;
}

export interface StoppedFall extends Pick<Downfall, 'result' | 'code' | 'status'> {
  /** Null where no main process was there. */
  readonly seconds: number | null;
}

/**
 * A service that should run, and is stopped by a job, such as that of `systemctl stop`, and not by the end of another unit. Undefined where
 * that is not so, or not known.
 */
export function stoppedOf({
  live,
  facts,
  purpose,
  journal,
  ties,
  failedStart,
}: DownEvidence): Stopped | undefined {
  if (!mayBeDown(live, facts) || !isAtRest(live) || live.hasJob || !purpose.isMeantToStay) return undefined;
  if (ties.endedWith !== undefined || failedStart !== undefined) return undefined;
  const by = endedBy(live, facts);
  const isStopped = by === 'job' || (by === 'ask' && journal?.wasStopped === true);
  const { enteredInactiveSeconds: sinceSeconds } = live;
  return isStopped && sinceSeconds !== null ? { sinceSeconds, fall: fallBeforeStop(live) } : undefined;
}

/** A wait for a restart begins after `active`, and a job that ends it leaves the result of the end before, and its process, as they are. */
function fallBeforeStop(live: LiveUnit): StoppedFall | null {
  if (wasUp(live) || live.activeState !== 'inactive') return null;
  const hasProcess = live.mainEndedUsec > 0 && live.mainEndedUsec <= live.leftInactiveUsec;
  if (live.result === 'success' && !hasProcess) return null;
  return { seconds: hasProcess ? live.mainEndedSeconds : null, ...endingOf(live) };
}

/** A stop that somebody has asked for, or a restart, and that is not over. */
export interface StopUnderWay {
  /** In seconds since 1970. */
  readonly sinceSeconds: number;
  /**
   * When systemd kills what has not ended by then, in seconds since 1970; Infinity where it waits without a limit, null where it kills
   * nothing, or this is not known.
   */
  readonly killsAtSeconds: number | null;
}

/**
 * Undefined where nobody has a service that should run stopped at the moment, or it is not known since when.
 *
 * @param isStopped whether somebody has asked for the end
 */
export function stopUnderWay(
  live: LiveUnit,
  isStopped: boolean,
  { settings }: ServiceFacts,
  { isMeantToStay }: Purpose,
): StopUnderWay | undefined {
  const { phase, phaseSinceSeconds: sinceSeconds } = phaseOf(live);
  if (phase !== 'stopping' || sinceSeconds === null || !isStopped || !isMeantToStay) return undefined;
  // Each step of a stop has the whole time for itself (`service_enter_signal()`); the step behind this one is SIGKILL.
  const isAsked = live.subState === 'stop-sigterm' && settings.SendSIGKILL.value;
  // Before a reload the manager goes by older settings than those of the files.
  const isKnown = isAsked && settings.KillMode.value !== 'none' && !live.needDaemonReload;
  return {
    sinceSeconds,
    killsAtSeconds: isKnown ? sinceSeconds + settings.TimeoutStopSec.value / 1_000_000 : null,
  };
}

/**
 * Whether a service that no line asks to restart, of a program that daruma does not know, ended by itself and without an error: then
 * it may be meant to end, and a restart would make an endless loop of it.
 */
export function hasEndedWell(evidence: DownEvidence): boolean {
  const { live, facts, isKnown } = evidence;
  if (live.subState === 'exited') return !isKnown && codeOf(live) === 'exited' && live.mainStatus === 0;
  return isAtRest(live) && endedBy(live, facts) === 'itself' && isDone(evidence);
}

/** An exit may be what such a service is for; a signal is not. */
function remainsActive({ live, facts, purpose, isKnown }: DownEvidence): boolean {
  if (!facts.settings.RemainAfterExit.value || live.activeState !== 'active') return false;
  const code = codeOf(live);
  return code === 'killed' || code === 'dumped' || (code === 'exited' && isKnown && purpose.isMeantToStay);
}

function atRest(evidence: DownEvidence): Downfall | undefined {
  const { live, facts, journal, ties } = evidence;
  if (live.hasJob) return found('queued', evidence);
  const by = endedBy(live, facts);
  if (evidence.failedStart !== undefined && by !== 'itself')
    return found(failedBy[evidence.failedStart.result], evidence);
  switch (by) {
    case 'nothing':
      if (journal === undefined || !isUnremembered(live)) return notRun(evidence);
      return journal.wasStopped ? stopped(evidence) : forgotten(evidence);
    case 'ask':
      if (journal === undefined) return found('unknown', evidence);
      return journal.wasStopped ? stopped(evidence) : ended(evidence);
    case 'job':
      return stopped(evidence);
    case 'itself':
      return ended(evidence);
    default:
      return by satisfies never;
  }

  function stopped(of: DownEvidence): Downfall | undefined {
    if (ties.endedWith === undefined) return undefined;
    return found(ties.endedWith === 'unknown' ? 'unknown' : 'stopped-with', of);
  }
}

/** Of its end only the journal knows, and of one without a failure not even the journal by what it ended. */
function forgotten(evidence: DownEvidence): Downfall {
  const { facts, journal, isKnown } = evidence;
  const mayBeDone = journal?.result === null && facts.settings.Restart.value === 'no' && !isKnown;
  return found(mayBeDone ? 'ended' : 'fell', evidence);
}

function notRun(evidence: DownEvidence): Downfall {
  const { live, ties } = evidence;
  if (live.result === 'exec-condition') return found('skipped', evidence);
  const check = failedCheck(live);
  if (check !== undefined) return found(check, evidence);
  return found(ties.missing === undefined ? 'never-started' : 'blocked', evidence);
}

function ended(evidence: DownEvidence): Downfall {
  if (wasRefusedRestart(evidence))
    return { ...found('gave-up', evidence), ...timesOfRow(evidence), runSeconds: longestRunOf(evidence) };
  return found(isDone(evidence) ? 'ended' : 'fell', evidence);
}

/**
 * Whether the start limit has refused a restart. A start that fails in a way after which no restart is due (`Restart=`,
 * `RestartPreventExitStatus=`) leaves the same state; of that the journal has no restart after the last run.
 */
function wasRefusedRestart({ live, restarts }: DownEvidence): boolean {
  if (!hasGivenUp(live)) return false;
  const isKnown = restarts !== undefined && restarts.falls.at(-1)?.invocation === live.invocation;
  return live.result === 'start-limit-hit' || !isKnown || restarts.isLastAnswered;
}

/** Whether systemd restarts it no more after it has tried to, as far as its state tells. */
export function hasGivenUp(live: LiveUnit): boolean {
  const isEndOfRestarts = live.nRestarts > 0 && live.restart !== 'no' && isEndOfLoop(live);
  return live.result === 'start-limit-hit' || isEndOfRestarts;
}

type TimesOfRow = Pick<
  Downfall,
  | 'sinceSeconds'
  | 'mayHaveBegunEarlier'
  | 'lastFallSeconds'
  | 'timesOfRestarts'
  | 'failedStarts'
  | 'startsFailed'
>;

/** The unit entered `failed` when systemd gave up: that is later than its last fall, by the wait for the restart that was refused. */
function timesOfRow({ live, restarts }: DownEvidence): TimesOfRow {
  const { nRestarts } = live;
  if (restarts !== undefined) {
    const [first, last] = [restarts.falls[0], restarts.falls.at(-1)];
    return {
      sinceSeconds: first?.seconds ?? null,
      mayHaveBegunEarlier: !restarts.isWhole,
      lastFallSeconds: last?.seconds ?? null,
      timesOfRestarts: first?.isOfRestart === true ? ['since'] : [],
      failedStarts: restarts.failedStarts,
      startsFailed: restarts.startsFailed,
    };
  }
  const last = live.mainEndedSeconds;
  return {
    sinceSeconds: last,
    mayHaveBegunEarlier: nRestarts > 0,
    lastFallSeconds: last,
    timesOfRestarts: [],
    failedStarts: null,
    startsFailed: 0,
  };
}

/** The longest run of a row; null where only its last one is known. */
function longestRunOf({ live, restarts }: DownEvidence): number | null {
  const last = lastRunSeconds(live);
  if (last === null || (restarts === undefined && live.nRestarts > 0)) return null;
  return Math.max(last, Math.ceil(restarts?.longestStretch ?? 0));
}

/** Both times are rounded down. */
function lastRunSeconds({ mainStartedSeconds: from, mainEndedSeconds: to }: LiveUnit): number | null {
  return from === null || to === null || to < from ? null : to - from + 1;
}

/** Exited without a fault, and nothing asks systemd to bring it back: it may have done what it is for. */
function isDone(evidence: DownEvidence): boolean {
  const { live, facts, isKnown } = evidence;
  const end = mainEndOf(live);
  const isClean = resultOf(evidence) === 'success' && end?.code === 'exited' && end.status === 0;
  return isClean && facts.settings.Restart.value === 'no' && !isKnown;
}

function found(how: DownHow, evidence: DownEvidence): Downfall {
  const { live, facts, enabled, ties, checks, journal, failedStart, jobLimits } = evidence;
  const forgottenRun = isUnremembered(live) ? journal : undefined;
  const named = otherOf(how, ties);
  const hasFallen = how === 'fell' || how === 'ended';
  const death = deathOf(live, hasFallen || endedBy(live) === 'itself');
  // Of a run without a main process the manager knows only when all that follows its end was over.
  const endInJournal = hasFallen ? journal?.at?.seconds : undefined;
  const skipped = live.result === 'exec-condition' ? checks.execConditions : checks.conditions;
  return {
    how,
    // What is called active has been inactive only before.
    sinceSeconds:
      how === 'exited'
        ? null
        : how === 'start-failed' || how === 'start-timed-out'
          ? (failedStart?.seconds ?? null)
          : (death ?? endInJournal ?? live.enteredInactiveSeconds ?? forgottenRun?.at?.seconds ?? null),
    restarts: live.nRestarts,
    isEnabled: isEnabledNow(enabled),
    ...noOutlook,
    runSeconds: death === null ? null : lastRunSeconds(live),
    failedTrigger: facts.surroundings.triggers.find(({ hasFailed }) => hasFailed)?.name ?? null,
    other: typeof named === 'object' ? named.unit : (named ?? null),
    limits: how === 'start-timed-out' ? jobLimits : limitsOfEnd(live, facts),
    conditions: how === 'skipped' ? skipped : how === 'refused' ? checks.asserts : [],
    ...(journal && { failedCommand: failedEndOf(journal) }),
    ...endingOf(live),
    ...(forgottenRun && { code: forgottenRun.code, status: statusText(forgottenRun) }),
    result: resultOf(evidence),
  };
}

/**
 * The limit by which systemd ended the last run. Of a stop that took too long nothing tells it from a run that did, unless the run was
 * shorter than it may be.
 */
function limitsOfEnd(live: LiveUnit, { settings }: ServiceFacts): readonly TimeLimit[] {
  const limit = (
    setting: 'TimeoutStartSec' | 'RuntimeMaxSec' | 'WatchdogSec' | 'TimeoutStopSec',
  ): readonly TimeLimit[] => {
    const { value, source } = settings[setting];
    return [{ setting, value: formatTimeSpan(value), source }];
  };
  if (live.result === 'watchdog') return limit('WatchdogSec');
  if (live.result !== 'timeout') return [];
  if (endedBeforeTimeout(live)) return limit('TimeoutStopSec');
  if (!hasBeenUp(live)) return limit('TimeoutStartSec');
  const mostSeconds = settings.RuntimeMaxSec.value / 1_000_000;
  const ranSeconds = lastRunSeconds(live);
  return ranSeconds !== null && ranSeconds > mostSeconds ? limit('RuntimeMaxSec') : [];
}

function otherOf(
  how: DownHow,
  { endedWith, missing, awaited }: DownTies,
): { readonly unit: string } | string | undefined {
  switch (how) {
    case 'stopped-with':
      return endedWith;
    case 'start-failed':
    case 'blocked':
      return missing;
    case 'queued':
      return awaited;
    default:
      return undefined;
  }
}

/**
 * When its main process ended, in seconds since 1970, where that was before the unit came to rest: what runs after its end (ExecStopPost=) may take long. A
 * stop job ends the process only after the unit has left `active`, and what has not fallen is dated by its rest.
 *
 * While it waits for its restart, it has left `inactive` once more, and nothing but an end without a job leads there; each start clears the end
 * of the process before (`service_start()`, ran on 247 and 257).
 *
 * @param hasFallen whether no job ended that run, where more is known of it than its times
 */
export function deathOf(
  live: LiveUnit,
  hasFallen = endedBy(live) === 'itself' || isWaiting(live),
): number | null {
  const isOfRun = isWaiting(live) || live.mainEndedUsec >= live.leftInactiveUsec;
  return hasFallen && isOfRun && live.mainEndedUsec > 0 ? live.mainEndedSeconds : null;
}

/** Whether it waits for its next restart. */
export function isWaiting({ subState }: LiveUnit): boolean {
  return subState.startsWith('auto-restart');
}

/**
 * Whether the time limit was met only after its main process had ended by itself: what is left of its processes, or what systemd runs then
 * (ExecStop=, ExecStopPost=), took longer than `TimeoutStopSec=`. Where no failure came before, that is the result of the run
 * (`service_enter_dead()`, ran on 247 and 257).
 */
export function endedBeforeTimeout(live: LiveUnit): boolean {
  const { mainEndedUsec, leftActiveUsec } = live;
  return live.result === 'timeout' && hasBeenUp(live) && mainEndedUsec > 0 && mainEndedUsec <= leftActiveUsec;
}

/** What only its surroundings know, or its restarts. */
export const noOutlook = {
  startsAgainSeconds: null,
  runSeconds: null,
  mayHaveBegunEarlier: false,
  lastFallSeconds: null,
  lastRestartSeconds: null,
  phase: null,
  phaseSinceSeconds: null,
  startedBy: [],
  failedTrigger: null,
  cannotStart: null,
  timesOfRestarts: [],
  earlierRestarts: null,
  failedStarts: null,
  startsFailed: 0,
  limits: [],
  mainEndedWell: false,
  failedCommand: null,
  halt: null,
  othersRun: false,
  port: null,
  listensOn: [],
  isPortTaken: false,
};

/** systemd's result, also after a `reset-failed` where the journal still has it. */
function resultOf({ live, journal }: DownEvidence): string | null {
  const { result } = live;
  if (isUnremembered(live) && journal?.at === null) return null;
  return result === 'success' ? (journal?.result ?? result) : result;
}

/**
 * A service whose main process has ended without a stop job, while what systemd runs after that, or a process that is left of it, has not.
 *
 * @param isStopped whether somebody has asked for the end
 */
export function endingOnOf(
  live: LiveUnit,
  isStopped: boolean,
  facts: ServiceFacts,
  purpose: Purpose,
  enabled: string | undefined,
): Downfall | undefined {
  if (live.activeState !== 'deactivating' || isStopped || facts.settings.Type.value === 'oneshot')
    return undefined;
  const by = endedBy(live, facts);
  const hasEnded = by === 'itself' || (by === 'ask' && live.mainPid === 0);
  if (!purpose.isMeantToStay || !hasEnded) return undefined;
  const { nRestarts: restarts } = live;
  const sinceSeconds = deathOf(live, true);
  const known = { sinceSeconds, restarts, isEnabled: isEnabledNow(enabled), other: null, conditions: [] };
  const limits = limitsOfEnd(live, facts);
  return { how: 'ending', ...known, ...noOutlook, limits, ...phaseOf(live), ...endingOf(live) };
}

/**
 * A service that waits for its next restart: it is down at this moment.
 *
 * @param facts of its files; undefined where they are not known
 * @param row its falls until now, where the journal was asked
 */
export function restartingOf(
  live: LiveUnit,
  enabled: string | undefined,
  facts: ServiceFacts | undefined,
  row?: RowOfFalls,
): Downfall | undefined {
  if (!isWaiting(live)) return undefined;
  const { enteredInactiveSeconds: entered, nRestarts: restarts, needDaemonReload } = live;
  // Before a reload the manager works with older settings than those of the files.
  const isKnown = facts !== undefined && !needDaemonReload;
  const waitSeconds = isKnown ? restartWaitUsec(facts.settings, restarts + 1) / 1_000_000 : 0;
  const how = waitSeconds < longWaitSeconds ? 'restarting' : 'waiting';
  const startsAgain = how === 'waiting' && entered !== null ? entered + waitSeconds : Infinity;
  const startsAgainSeconds = Number.isFinite(startsAgain) ? startsAgain : null;
  const sinceSeconds = deathOf(live) ?? entered;
  const known = { sinceSeconds, restarts, isEnabled: isEnabledNow(enabled), other: null, conditions: [] };
  const runSeconds = lastRunSeconds(live);
  const ending = endingOf(live);
  // The manager was asked before the journal.
  const isSame = isOfStart(live) && row?.falls.at(-1)?.result === ending.result;
  const failedStarts = isSame ? row.failedStarts : null;
  const limits = isKnown ? limitsOfEnd(live, facts) : [];
  return { how, ...known, ...noOutlook, startsAgainSeconds, runSeconds, failedStarts, limits, ...ending };
}

/**
 * A service that systemd calls active and that does not do what it is for.
 *
 * @param falls its falls of the last minutes, where it had some
 */
export function halfUpNow(
  halfUp: HalfUp,
  live: LiveUnit,
  falls: Downfall | undefined,
  enabled: string | undefined,
): Downfall {
  return { ...(falls ?? withoutFalls(enabled)), ...phaseOf(live), ...halfUp };
}

function withoutFalls(enabled: string | undefined): Omit<Downfall, 'how'> {
  const none = { sinceSeconds: null, restarts: 0, result: 'success', code: null, status: null };
  return { ...none, isEnabled: isEnabledNow(enabled), other: null, conditions: [], ...noOutlook };
}

/**
 * A service whose start or stop has lasted for longer than is usual, or that systemd ends for a fault. One that somebody has asked systemd to stop or to restart is left
 * alone: the job tells. A start always has one.
 *
 * @param isStopped whether somebody has asked for the end
 * @param falls its falls of the last minutes, where it had some
 * @param warmUpSeconds the longest time that its program is known to take from its start; undefined where nothing is known
 */
export function stuckOf(
  live: LiveUnit,
  isStopped: boolean,
  falls: Downfall | undefined,
  enabled: string | undefined,
  warmUpSeconds: number | undefined,
  nowSeconds: number,
): Downfall | undefined {
  const { phase, phaseSinceSeconds: since } = phaseOf(live);
  if (since === null || phase === null || phase === 'up') return undefined;
  if (phase === 'stopping' && isStopped) return undefined;
  const usual = phase === 'starting' ? Math.max(usualSeconds, warmUpSeconds ?? 0) : usualSeconds;
  // A time limit, its watchdog or another of its commands had systemd end it: that is no usual stop, however short.
  const isForFault = phase === 'stopping' && live.result !== 'success';
  if (!isForFault && nowSeconds - since < usual) return undefined;
  const known = { ...(falls ?? withoutFalls(enabled)), phase, phaseSinceSeconds: since };
  if (phase === 'starting') return { ...known, how: 'still-starting' };
  return { ...known, how: 'still-stopping', ...endingOf(live) };
}

/** Most starts and stops are over long before. */
const usualSeconds = 60;

/** What systemd does with it at the moment, and since when. */
export function phaseOf(live: LiveUnit): Pick<Downfall, 'phase' | 'phaseSinceSeconds'> {
  const { activeState, mainPid, mainStartedSeconds, stateChangedSeconds } = live;
  if (isAtRest(live) || isWaiting(live)) return { phase: null, phaseSinceSeconds: null };
  if (activeState === 'deactivating') return { phase: 'stopping', phaseSinceSeconds: stateChangedSeconds };
  // Its sub-state changes also while it starts, and while it runs.
  const started = mainPid === 0 ? null : mainStartedSeconds;
  const phase = activeState === 'activating' ? 'starting' : 'up';
  return { phase, phaseSinceSeconds: started ?? stateChangedSeconds };
}

/** Whoever looks meanwhile would take it for down. */
const longWaitSeconds = 60;

/** Whether the state of its unit file says that it is to be started. */
export function isEnabledNow(enabled: string | undefined): boolean {
  return !/^(?:disabled|linked)/.test(enabled ?? '');
}

/**
 * Whether nobody expects a boot to start it: it is masked, has no file any more, or is neither enabled nor wanted by what is. The manager
 * loads a masked unit with no other settings, and one without a file with its drop-ins alone.
 */
export function isOutOfUse(
  { loadState, unitFileState }: Pick<LiveUnit, 'loadState' | 'unitFileState'>,
  isStartedAtBoot: () => boolean,
): boolean {
  if (loadState === 'masked' || loadState === 'not-found') return true;
  return !isEnabledNow(unitFileState) && !isStartedAtBoot();
}

/** Failed while it waited for a restart, or in a start: since its last run it has left `inactive` and not been up. */
function isEndOfLoop({ activeState, leftInactiveUsec, leftActiveUsec }: LiveUnit): boolean {
  return activeState === 'failed' && leftInactiveUsec > leftActiveUsec;
}

/** How a unit ended, in the words that systemd passes to ExecStopPost= (systemd.exec(5), `$EXIT_CODE`). */
export function endingOf(live: LiveUnit): Pick<Downfall, 'result' | 'code' | 'status'> {
  const code = codeOf(live);
  return { result: live.result, code, status: statusText({ code, status: live.mainStatus }) };
}

/** Whether its last run was a start that failed, as far as its times tell. */
export function isOfStart(live: LiveUnit): boolean {
  return isFailedStart({ ...endingOf(live), ...(endedBeforeUp(live) && { isBeforeUp: true }) });
}

/** Whether the run that is over, or is ending, was one that systemd has never called active, and ended as a start. */
export function endedBeforeUp(live: LiveUnit): boolean {
  return !hasBeenUp(live) && endsStart(live, endingOf(live));
}

/** An exit status or the name of a signal; null where there was no end, or it is not known. */
export function statusText({
  code,
  status,
}: {
  readonly code: string | null;
  readonly status: number | null;
}): string | null {
  if (code === null || status === null) return null;
  return code === 'exited' ? String(status) : shortSignalName(status);
}

export function failedEndOf({ failedCommand }: Pick<EndInJournal, 'failedCommand'>): FailedEnd | null {
  if (failedCommand === undefined) return null;
  const { name, code, status } = failedCommand;
  return { name, code, status: code === 'exited' ? String(status) : shortSignalName(status) };
}

function mainEndOf(live: LiveUnit): ProcessEnd | undefined {
  const code = codeOf(live);
  if (code === null) return undefined;
  return code === 'exited' ? { code, status: live.mainStatus } : { code, signal: live.mainStatus };
}

/** `si_code` of waitid(2). */
function codeOf({ mainCode }: LiveUnit): ProcessEnd['code'] | null {
  return ([null, 'exited', 'killed', 'dumped'] as const)[mainCode] ?? null;
}
