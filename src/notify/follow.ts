/** Follows a service that has ended or started until its new state is certain. */
import { setTimeout as sleep } from 'node:timers/promises';
import { failedCheck, isOutOfUse, isUnremembered } from '../inventory/downfall.ts';
import type { Purpose } from '../inventory/purpose.ts';
import type { HostJournal, LiveUnit } from '../systemd/host/host.ts';
import { type DownIncident, type Incident, isUnknown } from './incident.ts';
import { liveCause, refusedCause } from './live-cause.ts';
import { answers, type Readiness } from './readiness.ts';
import { type Desk, lookAhead, settle } from './settle.ts';
import { type Sign, unknownCause } from './sign.ts';
import { causeInJournal, refusedRestart, unseenEnd } from './unseen-end.ts';

export interface Watch {
  /** The present state according to the manager; undefined when it does not answer. */
  readonly look: () => Promise<LiveUnit | undefined>;
  readonly readiness: Readiness;
  readonly purpose: Purpose;
  /** Of what starts it on demand the unit that has failed, as a socket does with the start limit of its service; left out where there is none. */
  readonly failedTrigger?: () => Promise<string | undefined>;
  /** When the machine was started, in ms since 1970; null where it is not known. */
  readonly bootMs: number | null;
  readonly isStartedAtBoot: () => boolean;
  /** The assertions of its unit, as `AssertPathExists=/srv/model`. */
  readonly asserts: readonly string[];
  readonly now: () => number;
  /** Whether to stop, so that somebody goes on with another configuration. */
  readonly isEdited: () => boolean;
  /** Whether a stop job ended a run, or the wait for a restart behind it, as far as anything tells. */
  readonly wasStopped: (run: string) => Promise<boolean>;
  /** Tells of ends that no hook has told; left out where there is none. */
  readonly journal?: Pick<HostJournal, 'restartsOf' | 'endsOf' | 'lastEndsOf'> | undefined;
  /** The end of the log of one run of the service, without secrets; empty when no lines are wanted. */
  readonly log: (run: string) => Promise<readonly string[]>;
}

/**
 * @param untilMs when to stop; the timer goes on from there
 */
export async function follow(unit: string, watch: Watch, desk: Desk, untilMs: number): Promise<void> {
  const seen: Seen = {
    downLooks: 0,
    triggerLooks: 0,
    endedRun: null,
    upSinceMs: undefined,
    wasDown: false,
    wasUnanswered: false,
    restarts: null,
    run: null,
    activating: undefined,
    askedOf: null,
  };
  while (watch.now() < untilMs && !watch.isEdited()) {
    const incident = await settleWithLog(unit, watch, desk);
    if (incident === undefined) return;
    const sign =
      (await lateEnd(unit, incident, watch, seen)) ?? (await nextSign(unit, incident, watch, seen));
    if (sign === 'clear') return;
    if (sign === undefined) await sleep(pauseOf(watch, seen));
    else desk.incidents.append(unit, sign);
  }
  await settleWithLog(unit, watch, desk);
}

async function settleWithLog(unit: string, watch: Watch, desk: Desk): Promise<Incident | undefined> {
  if (!desk.incidents.hasSigns(unit)) return desk.incidents.ongoing(unit);
  const { log, now } = watch;
  const purpose = await presentPurpose(watch);
  const ahead = lookAhead(unit, purpose, desk, now());
  if (ahead === undefined) return desk.incidents.ongoing(unit);
  const logs = await Promise.all(ahead.runs.map(async run => [run, await log(run)] as const));
  return settle(unit, purpose, desk, new Map(logs), now(), ahead.upTo);
}

/** What has failed starts nothing any more. */
async function presentPurpose({ purpose, failedTrigger }: Watch): Promise<Purpose> {
  const failed = await failedTrigger?.();
  if (failed === undefined) return purpose;
  const { isMeantToStay, startedBy } = purpose;
  return { isMeantToStay, startedBy: startedBy.filter(name => name !== failed), failedTrigger: failed };
}

const pauseMs = 300;
/** Each look takes two milliseconds of processor time: what runs and only has to prove that it lasts is looked at seldom. */
const provingPauseMs = 2_500;

function pauseOf({ readiness, now }: Watch, { upSinceMs }: Seen): number {
  if (readiness.probes.length > 0 || upSinceMs === undefined) return pauseMs;
  return Math.max(pauseMs, Math.min(provingPauseMs, upSinceMs + steadyMs - now()));
}

/** Between a fall and the restart a unit is inactive for an instant. This many looks in a row mean that it stays down. */
const looksUntilDown = 3;
/** The hook of the service reports a start. When it has not done so within this time, the follower reports it. */
const hookGraceMs = 6_000;
/** A service without a probe that has run for this long counts as ready. */
const steadyMs = 5_000;
/** Most stops are over long before. */
const stopMs = 60_000;

interface Seen {
  downLooks: number;
  /** Looks at what starts it again. */
  triggerLooks: number;
  /** The run after which a restart was due at the last look that saw it neither failed nor inactive; null where none was. */
  endedRun: string | null;
  /** When it was first seen active, after it was not. */
  upSinceMs: number | undefined;
  /** Whether it was seen not to be active. */
  wasDown: boolean;
  /** Whether it was asked and did not answer. */
  wasUnanswered: boolean;
  /** The run before which the journal was asked for an end. */
  askedOf: string | null;
  /** Automatic restarts at the last look. */
  restarts: number | null;
  /** The run at the last look. */
  run: string | null;
  /** The run that systemd is starting, since when, and whether a sign has told of it. */
  activating: { readonly run: string; readonly sinceMs: number; isTold: boolean } | undefined;
}

/** The end before the present run, where no hook has told of it: once for each run. */
async function lateEnd(
  unit: string,
  incident: Incident,
  { journal, look }: Watch,
  seen: Seen,
): Promise<Sign | undefined> {
  if (incident.state !== 'starting' && incident.state !== 'not-ready') return undefined;
  if (seen.askedOf === incident.lastStarted) return undefined;
  seen.askedOf = incident.lastStarted;
  return unseenEnd(unit, incident, await look(), journal);
}

/** The next sign; undefined while the state is not certain, `clear` when there is nothing to follow. */
async function nextSign(
  unit: string,
  incident: Incident,
  watch: Watch,
  seen: Seen,
): Promise<Sign | undefined | 'clear'> {
  switch (incident.state) {
    case 'up':
    case 'stays-down':
    case 'stopped':
      return 'clear';
    case 'failed':
      return triggerSign(watch, seen);
    case 'not-ready': {
      const wasAsked = seen.wasUnanswered;
      if (await answers(watch.readiness)) {
        const sign = readySign(incident, watch.now(), watch, seen);
        return wasAsked ? sign : { ...sign, isAtMost: true };
      }
      // Who has waited for it goes on; to whoever comes later it is one look.
      return wasAsked ? undefined : 'clear';
    }
    case 'down':
    case 'starting': {
      const live = await watch.look();
      return (
        (await downSign(unit, live, incident, watch, seen)) ??
        activatingSign(live, incident, watch, seen) ??
        upSign(live, incident, watch, seen)
      );
    }
    default:
      return incident satisfies never;
  }
}

/** A socket fails after its service, whose failure was told before. */
async function triggerSign({ failedTrigger, now }: Watch, seen: Seen): Promise<Sign | undefined | 'clear'> {
  const failed = await failedTrigger?.();
  if (failed !== undefined) return { kind: 'stays-down', atMs: now(), invocation: null, cause: unknownCause };
  seen.triggerLooks += 1;
  return failedTrigger === undefined || seen.triggerLooks >= looksUntilDown ? 'clear' : undefined;
}

async function downSign(
  unit: string,
  live: LiveUnit | undefined,
  incident: DownIncident,
  watch: Watch,
  seen: Seen,
): Promise<Sign | undefined> {
  const {
    now,
    purpose: { isMeantToStay },
    wasStopped,
    journal,
  } = watch;
  const isDown = live !== undefined && (live.activeState === 'failed' || live.activeState === 'inactive');
  if (live !== undefined && !isDown) seen.endedRun = isAboutToRestart(live) ? live.invocation : null;
  seen.downLooks = isDown ? seen.downLooks + 1 : 0;
  if (live === undefined || seen.downLooks < looksUntilDown) return undefined;
  const about = { atMs: now(), invocation: null };
  // Somebody who stops it while its restart is due leaves it inactive after a failure, and without another run; so does a condition that
  // does not hold at that restart, and then it stays down.
  const isSkipped = live.result === 'exec-condition' || failedCheck(live) !== undefined;
  const isStopped = !isSkipped && (live.result !== 'success' || live.invocation === seen.endedRun);
  const isInactive = live.activeState === 'inactive';
  if (isInactive && (isStopped || !isMeantToStay || endedWithBoot(live, incident, watch)))
    return { ...about, kind: 'finished' };
  if (failedCheck(live) === 'refused')
    return { ...about, kind: 'stays-down', cause: refusedCause(watch.asserts) };
  // After `reset-failed`, or where the manager has forgotten it, only the journal tells; and where somebody stopped it when it was
  // about to end for another reason, as which it has then failed.
  const run = live.invocation || incident.lastEnded || incident.lastStarted;
  if (run !== null && (await wasStopped(run))) return { ...about, kind: 'finished' };
  if (live.invocation === '' && (await wasStoppedSince(unit, incident, journal)))
    return { ...about, kind: 'finished' };
  // Where the end was seen, the result only says whether the start limit may have given it up.
  const isKnown = incident.cause.result !== null;
  const cause = isKnown ? { ...unknownCause, result: live.result || null } : liveCause(live);
  const written =
    isUnknown(cause) && run !== null ? await causeInJournal(unit, run, live, journal) : undefined;
  const refused = await refusedRestart(unit, live, now(), journal);
  return { ...about, kind: 'stays-down', cause: written ?? cause, ...(refused && { refused }) };
}

/** Of what the manager has forgotten the last start may have failed after the last end that was seen: it is that one that was stopped. */
async function wasStoppedSince(
  unit: string,
  { lastFallMs, lastEndMs }: DownIncident,
  journal: Watch['journal'],
): Promise<boolean> {
  const end = (await journal?.lastEndsOf([unit]))?.get(unit);
  const isLater =
    end?.at !== null && end?.at !== undefined && end.at.seconds * 1_000 >= (lastEndMs ?? lastFallMs ?? 0);
  return isLater && end.wasStopped;
}

/** It ran until the machine went down, and nothing was to start it again. */
function endedWithBoot(
  live: LiveUnit,
  { startedMs, beganMs, lastFallMs, lastEndMs }: DownIncident,
  { bootMs, isStartedAtBoot }: Watch,
): boolean {
  if (bootMs === null || !isUnremembered(live)) return false;
  const latestMs = Math.max(...[startedMs, beganMs, lastFallMs, lastEndMs].map(ms => ms ?? 0));
  return latestMs < bootMs && isOutOfUse(live, isStartedAtBoot);
}

/** Of one that has fallen, and whose next start has gone on for longer than most. */
function activatingSign(
  live: LiveUnit | undefined,
  { state }: DownIncident,
  { now }: Watch,
  seen: Seen,
): Sign | undefined {
  if (live === undefined) return undefined;
  if (live.activeState !== 'activating' || isAboutToRestart(live)) {
    seen.activating = undefined;
    return undefined;
  }
  const nowMs = now();
  if (seen.activating?.run !== live.invocation) {
    const startedMs = live.mainPid === 0 ? null : live.mainStartedSeconds && live.mainStartedSeconds * 1_000;
    seen.activating = { run: live.invocation, sinceMs: startedMs ?? nowMs, isTold: false };
  }
  const { sinceMs, isTold } = seen.activating;
  if (state !== 'down' || isTold || nowMs - sinceMs < steadyMs) return undefined;
  seen.activating.isTold = true;
  return { kind: 'activating', atMs: nowMs, invocation: live.invocation, sinceMs };
}

/** Includes `auto-restart-queued`, which exists since systemd 254. */
function isAboutToRestart({ subState }: LiveUnit): boolean {
  return subState.startsWith('auto-restart');
}

async function upSign(
  live: LiveUnit | undefined,
  incident: DownIncident,
  watch: Watch,
  seen: Seen,
): Promise<Sign | undefined> {
  const nowMs = watch.now();
  const isActive = live?.activeState === 'active' || live?.activeState === 'reloading';
  if (live !== undefined) {
    // It has restarted between two looks, by Restart= or, which does not count, by its socket.
    const isOther =
      seen.restarts !== null && (live.nRestarts !== seen.restarts || live.invocation !== seen.run);
    if (isOther) seen.upSinceMs = undefined;
    seen.restarts = live.nRestarts;
    seen.run = live.invocation;
  }
  // Without an answer nothing is known, also not that it is late.
  if (live === undefined) return undefined;
  if (!isActive) {
    seen.upSinceMs = undefined;
    seen.wasDown = true;
    if (incident.state === 'starting' && live.activeState === 'deactivating')
      return stoppingSign(live, incident, nowMs);
    // What it waits for is known of the run that was seen to start, until that has ended.
    const isSame = live.activeState === 'activating' && live.invocation === incident.lastStarted;
    const late = incident.state === 'starting' && isSame ? lateSign(incident, watch) : undefined;
    return late && { ...late, isActivating: true };
  }
  seen.upSinceMs ??= nowMs;
  if (incident.state === 'down') {
    if (nowMs - seen.upSinceMs < hookGraceMs) return undefined;
    return { kind: 'started', atMs: seen.upSinceMs, invocation: null, restarts: live?.nRestarts ?? null };
  }
  if (watch.readiness.probes.length === 0) {
    // It runs: it is not late, also when its follower has begun long after the start.
    if (nowMs - seen.upSinceMs < steadyMs) return undefined;
    // It was back when it started, and not only when it had proved to last.
    return readySign(incident, incident.startedMs ?? seen.upSinceMs, watch, seen);
  }
  if (await answers(watch.readiness)) {
    // Where systemd holds its socket, this answers also once the run is over.
    const after = await watch.look();
    if (after?.activeState !== live.activeState || after.invocation !== live.invocation) return undefined;
    const sign = readySign(incident, nowMs, watch, seen);
    const isFirst = !seen.wasUnanswered && nowMs - (incident.startedMs ?? nowMs) > promptMs;
    return isFirst ? { ...sign, isAtMost: true } : sign;
  }
  seen.wasUnanswered = true;
  return lateSign(incident, watch);
}

/** A stop that hangs keeps its restart from coming, and the hook that would tell of its end. Whoever asked for it knows of it. */
function stoppingSign(
  { hasJob, stateChangedSeconds }: LiveUnit,
  { lastStarted }: DownIncident,
  nowMs: number,
): Sign | undefined {
  if (hasJob || stateChangedSeconds === null) return undefined;
  const waitedSeconds = Math.floor(nowMs / 1_000 - stateChangedSeconds);
  if (waitedSeconds * 1_000 < stopMs) return undefined;
  return { kind: 'not-ready', atMs: nowMs, invocation: lastStarted, waitedSeconds, isStopping: true };
}

/** Whoever asks first this long after the start does not know since when the service answers. */
const promptMs = 3_000;

function readySign(
  { lastStarted }: DownIncident,
  atMs: number,
  { now, readiness }: Watch,
  { restarts }: Seen,
): Extract<Sign, { readonly kind: 'ready' }> {
  const isAsked = readiness.probes.length > 0;
  return {
    kind: 'ready',
    atMs,
    invocation: lastStarted,
    restarts,
    seenMs: now(),
    ...(isAsked && { isAsked }),
  };
}

function lateSign(
  { startedMs, lastStarted }: DownIncident,
  { now, readiness }: Watch,
): Extract<Sign, { readonly kind: 'not-ready' }> | undefined {
  const atMs = now();
  const waitedSeconds = (atMs - (startedMs ?? atMs)) / 1_000;
  if (waitedSeconds < readiness.seconds) return undefined;
  return { kind: 'not-ready', atMs, invocation: lastStarted, waitedSeconds: Math.round(waitedSeconds) };
}
