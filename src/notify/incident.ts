/**
 * What signs of one service mean, and what is to be told of them. Pure: time comes with the signs.
 *
 * One fall makes one incident, whichever hooks fire and however often: each message has a key, of which the outbox takes
 * the first. An incident goes on until the service has been up for a while, so that falls in a row are told together.
 */
import { isFailedStart } from '../inventory/failed-start.ts';
import type { Purpose } from '../inventory/purpose.ts';
import { type Cause, countOf, type CutShort, type Fall, type Falls, type ServiceEvent } from './notice.ts';
import { type RefusedRestart, type Sign, unknownCause } from './sign.ts';

/**
 * Each state has the fields that the next signs are judged by, and no others. Incidents are kept as JSON in the store. Rows of
 * earlier versions have every field in every state, with the same names and meanings: they are read as they are, what their
 * state does not need is ignored, and the next state is written without it.
 */
export type Incident = OpenIncident | StoppedIncident;

export type OpenIncident = DownIncident | UpIncident;

/** It has fallen, or was started, and has not answered since. */
export type DownIncident = FallenIncident | GivenUpIncident | StartedIncident;

/** systemd may start it again. */
interface FallenIncident extends Course, Downtime, LastRun {
  readonly state: 'down';
}

/** systemd itself does not start it again; where it has `failed`, a timer or the like does. */
interface GivenUpIncident extends Course, Downtime, LastRun {
  readonly state: 'stays-down' | 'failed';
}

interface StartedIncident extends Course, Downtime, KnownRun {
  readonly state: 'starting' | 'not-ready';
  /** What was told to be down when somebody stopped it before this start. */
  readonly saidDown?: SaidDown;
}

/** It answers; the incident is over when it has done so for a while. */
interface UpIncident extends Course, KnownRun {
  readonly state: 'up';
  readonly upSinceMs: number;
  /** It is told that somebody, or a boot, has brought it back; `Restart=` has not. */
  readonly isMended?: true;
}

/** As somebody asked; nothing has fallen. */
interface StoppedIncident {
  readonly state: 'stopped';
  readonly lastEnded: string | null;
  /** When; left out by daruma 0.1. */
  readonly atMs?: number;
  /** By whom: its own stop, a restart, or the end of the whole manager; left out by earlier versions. */
  readonly by?: 'stop' | 'restart' | 'shutdown';
  /** The last word was that it is down: it is told when it is up. */
  readonly isSaidDown?: true;
  /** systemd's count of automatic restarts then; left out where it was not read. */
  readonly restarts?: number;
  /** Its falls until then; left out by daruma 0.1, and where it was started and has not fallen. */
  readonly saidDown?: SaidDown;
}

interface SaidDown {
  readonly fall: Fall;
  /** When the last of them was; null where its end was not seen. */
  readonly lastFallMs: number | null;
}

/** What goes on from one fall to the next. */
interface Course {
  /** Begins the keys of its messages. */
  readonly id: string;
  /** Changes with each fall that is seen: with it each has keys of its own. */
  readonly number: number;
  /** Ends of this incident in all, of runs and of starts that failed, also those that only systemd's count of restarts tells of. */
  readonly falls: number;
  /** How many of them were starts that failed; left out where none was, and by earlier versions. */
  readonly failedStarts?: number;
  /** There were more ends, of which nothing tells; left out where all are counted. */
  readonly isAtLeast?: true;
  /** When it began, with a fall or a start. */
  readonly beganMs?: number;
  /** When the first of them was; null where its end was not seen. */
  readonly sinceMs?: number | null;
  /** When the latest run ended that had started, or, where none has, the first start failed; null where its end was not seen. */
  readonly lastFallMs?: number | null;
  /** When the latest end was, also that of a start; left out where that is the same. */
  readonly lastEndMs?: number;
  /** When it was up last before the latest fall; null where its end was not seen. */
  readonly downSinceMs: number | null;
  /** The run whose end is known; null where there is none, or nobody could name it. */
  readonly lastEnded: string | null;
  /** The run that somebody started last: its fall is the first of a row, whatever was before. */
  readonly runByHand?: string;
  /** The same, where it is certain that `Restart=` has not started it. */
  readonly runByJob?: string;
  /** The latest runs whose ends are known: several hooks tell of one end, and the second may be slower than the next fall. */
  readonly ends?: readonly string[];
  readonly counted?: CountedRestarts;
  readonly telling?: Telling;
  /** Of an incident of daruma 0.1: told that it restarted, or about to be. */
  readonly restarted?: { readonly key: string; readonly dueMs: number; readonly sinceMs: number } | null;
}

/** systemd's count of automatic restarts, held against the falls that were seen. */
interface CountedRestarts {
  readonly restarts: number;
  /** `falls` at that time. */
  readonly falls: number;
  /** Falls that only the count told of, whose hooks may still come, and until when they happened. */
  readonly unseen: number;
  readonly atMs: number;
}

/** What was told in an incident. */
interface Telling {
  /** Grows with each message: the more there were, the later the next one comes. */
  readonly stage: number;
  readonly lastToldMs: number | null;
  /** The last message; null where there was none. */
  readonly lastKind: Word | null;
  /** Messages that it is down: they are taken back where they were not delivered before it is up. */
  readonly said: readonly string[];
  /** Told that it did not become ready. */
  readonly isSaidNotReady?: true;
  /** The next message; a sign that comes before it is due replaces it. */
  readonly pending: Pending | null;
}

/** What is told of the course of falls. */
type Word = 'fell' | 'keeps-falling' | 'not-ready' | 'stays-down' | 'restarted';

interface Pending {
  readonly key: string;
  readonly dueMs: number;
  readonly kind: Word;
  /** What is told at once when somebody stops it before that; left out by daruma 0.1. */
  readonly event?: Extract<ServiceEvent, { readonly kind: Word }>;
  /** When that happened. */
  readonly atMs?: number;
  /** When it was put into the outbox; left out by daruma 0.1. */
  readonly putMs?: number;
  /** It waits to become certain; after the next start it is due then. */
  readonly afterStartMs?: number;
}

/** What is of use until it answers. */
interface Downtime {
  /** The last one that is known. */
  readonly cause: Cause;
  /** Falls since it was last ready, or started by hand. */
  readonly fallsInRow: number;
  /** How many of those were starts that failed; left out where none was. */
  readonly failedInRow?: number;
  /** When the first of those was. */
  readonly rowSinceMs?: number;
  /** When it fell first after it was seen ready last; left out where that is `downSinceMs`, or not known. */
  readonly unreadySinceMs?: number;
  /** The latest run that a job ended before it was ready. */
  readonly cutShort?: CutShort;
  readonly reminders: number;
  /** Told that it failed, or about to be: once in an incident, however often the timer starts it. */
  readonly hasFailed?: true;
  /** Its start limit was reached when it was given up last: a start is refused until that is forgotten. */
  readonly isLimited?: true;
}

/** The run that was seen to start last. */
interface LastRun {
  /** Null where there is none, or nobody could name it. */
  readonly lastStarted: string | null;
  readonly startedMs: number | null;
}

interface KnownRun extends LastRun {
  readonly startedMs: number;
}

export interface TellingPolicy {
  /** What is no fall depends on it, and who starts it again. */
  readonly purpose: Purpose;
  /** What was down for less is not told. */
  readonly thresholdSeconds: number;
  /** From one reminder that it is still down to the next; null without. */
  readonly remindSeconds: number | null;
  /** Nothing is told of it before; what is over by then is not told at all. */
  readonly mutedUntilMs: number | null;
  /** Whether each start is told, also one that follows no fall. */
  readonly tellsStarts?: boolean;
  /** Left out where signs are taken at once, and what is due is sent. */
  readonly taking?: Taking;
}

/** How signs are taken, which may be long after they were written. */
export interface Taking {
  /** When: nothing is told earlier. */
  readonly atMs: number;
  /** Nobody took signs for a while: what those that are taken together say may be over. */
  readonly isBehind: boolean;
  /** Whether nobody has tried to send a message that is due. */
  readonly isUntried: (key: string) => boolean;
}

export type Effect =
  | {
      readonly kind: 'tell';
      readonly key: string;
      readonly event: ServiceEvent;
      readonly atMs: number;
      readonly dueMs: number;
      /** The run that it is about, whose log belongs to it; null where there is none, or nobody could name it. */
      readonly run: string | null;
    }
  | { readonly kind: 'withdraw'; readonly key: string };

export interface Transition {
  /** Undefined while there is none. */
  readonly incident: Incident | undefined;
  readonly effects: readonly Effect[];
  /** When it was over; then the next sign begins another. */
  readonly closedMs?: number;
}

/** What an incident becomes by a sign. */
export function reduceIncident(
  incident: Incident | undefined,
  sign: Sign,
  unit: string,
  policy: TellingPolicy,
): Transition {
  if (incident?.state === 'stopped') return afterStop(incident, sign, unit, policy);
  switch (sign.kind) {
    case 'ended':
      return ended(incident, sign, unit, policy);
    case 'started':
      return started(incident, sign, unit, policy);
    case 'ready':
      return ready(incident, sign, policy);
    case 'not-ready':
      return notReady(incident, sign, policy);
    case 'start-job-timed-out':
      return startJobTimedOut(incident, sign, unit, policy);
    case 'activating':
      return activating(incident, sign, policy);
    case 'stays-down':
      return staysDown(incident, sign, unit, policy);
    case 'finished':
      // It was stopped, or has done what it was for: nobody need be told that it is down.
      return incident === undefined ? unchanged(incident) : finished(incident, sign.atMs, policy);
    case 'look':
      return look(incident, sign, policy);
    default:
      return sign satisfies never;
  }
}

/** A service that is up for this long has got over its falls. */
export const stableMs = 10 * 60_000;
/** Whoever is down for less is told with its restart alone. */
export const patienceMs = 60_000;
/** A restart that is not the first of an incident is told when it has held for this long. */
export const holdMs = 60_000;
/** So many falls of an incident, each before it was up for `stableMs`, are a loop. */
const fallsOfLoop = 3;
/**
 * After this time it is known what has become of a service that was found in some state: whether systemd starts it again, and whether
 * it runs. A word that this could make untrue, or replace, waits for as long.
 */
export const certainMs = 15_000;

/** What is due for longer, and nobody has tried to send, waits for the end of quiet hours, or for a daruma that is missing. */
export const behindMs = 2 * 60_000;

function takenMs(atMs: number, { taking }: TellingPolicy): number {
  return taking?.atMs ?? atMs;
}

function isBehind({ taking }: TellingPolicy): boolean {
  return taking?.isBehind === true;
}

/**
 * From one message about an incident to the next, in minutes; each later pause is twice the one before. A person who reads the
 * first acts within minutes, or has gone to bed: the later ones only keep it from being forgotten.
 */
const pausesMinutes = [0, 1, 5, 15, 60, 6 * 60, 24 * 60] as const;

export function pauseMs(stage: number): number {
  const last = pausesMinutes.length - 1;
  const minutes = pausesMinutes[stage] ?? 24 * 60 * 2 ** Math.min(stage - last, 20);
  return minutes * 60_000;
}

type Of<Kind extends Sign['kind']> = Extract<Sign, { readonly kind: Kind }>;

function ended(
  incident: OpenIncident | undefined,
  sign: Of<'ended'>,
  unit: string,
  policy: TellingPolicy,
): Transition {
  const { atMs, invocation, cause, job } = sign;
  if (incident !== undefined && isKnownEnd(incident, invocation)) {
    return unchanged(withMoreStarts(incident, cause));
  }
  // ExecCondition= did not hold: it was not started, and did not fall.
  if (isSkipped(cause)) return unchanged(incident);
  if (job === 'stop' || job === 'restart' || job === 'shutdown') {
    return endedByJob(incident, atMs, invocation, job, policy);
  }
  const isLate = incident !== undefined && isLateWord(incident, atMs, invocation);
  if (!policy.purpose.isMeantToStay && cause.result === 'success' && !isLate) {
    return endedWell(incident, atMs, policy);
  }
  if (incident === undefined || isClosed(incident, atMs, policy)) {
    const first = {
      ...begunAfter(incident, unit, atMs, policy),
      ...afterUnseen(sign),
      ...(sign.isAfterUnseen && { sinceMs: null }),
      ...firstInRow(cause),
      cause,
      downSinceMs: atMs,
    };
    const next = fallOf({ ...first, failedStarts: first.failedInRow }, atMs, invocation);
    return tellFell(next, atMs, policy);
  }
  // OnFailure= was faster than ExecStopPost=, and could not name the run.
  if (isGivenUp(incident) && incident.lastEnded === null) {
    return unchanged({ ...incident, cause, ...endOf(incident, invocation) });
  }
  if (isLate) return withWord(withLateEnd(incident, atMs, invocation, cause), cause, atMs, policy);
  return incident.state === 'up'
    ? endedWhileUp(incident, atMs, invocation, cause, policy)
    : endedAgain(incident, sign, policy);
}

function withLateEnd(
  incident: OpenIncident,
  atMs: number,
  invocation: string | null,
  cause: Cause,
): OpenIncident {
  const end = {
    downSinceMs: incident.downSinceMs ?? atMs,
    ...seenFall(incident, atMs, isOfStart(cause)),
    ...endOf(incident, invocation),
    ...failedSince(incident, cause),
    ...failedUnseen(incident, cause),
    ...firstFall(incident, cause, atMs),
  };
  return incident.state === 'up' ? { ...incident, ...end } : { ...incident, ...end, cause };
}

/** What only the count of restarts told of was a start that failed, and no fall. */
function failedUnseen(incident: OpenIncident, cause: Cause): Pick<Course, 'failedStarts'> {
  const { falls, failedStarts = 0, lastFallMs, state } = incident;
  const isUnseen = lastFallMs === null || (state !== 'up' && isUnknown(incident.cause));
  const isNew = cause.startsFailedSince === undefined && isOfStart(cause) && falls > failedStarts;
  return isUnseen && isNew ? { failedStarts: failedStarts + 1 } : {};
}

/** All that is known of is this end, and the starts that failed after it. */
function firstFall({ falls, sinceMs }: Course, cause: Cause, atMs: number): Pick<Course, 'sinceMs'> {
  const isFirst =
    sinceMs === null && falls <= 1 + Math.max(0, (cause.startsFailedSince ?? 0) - (isOfStart(cause) ? 1 : 0));
  return isFirst ? { sinceMs: atMs } : {};
}

/** Of the end that is told already, more starts may have failed since somebody looked. */
function withMoreStarts(incident: OpenIncident, cause: Cause): OpenIncident {
  const { startsFailedSince = 0 } = cause;
  const isMore =
    incident.state !== 'up' && startsFailedSince > (incident.cause.startsFailedSince ?? Infinity);
  return isMore ? { ...incident, cause: { ...incident.cause, startsFailedSince } } : incident;
}

/** Of falls that only systemd's count of restarts told of, the journal says which were starts that failed. */
function failedSince({ falls, failedStarts = 0 }: Course, cause: Cause): Pick<Course, 'failedStarts'> {
  const { startsFailedSince: since = 0 } = cause;
  const most = isOfStart(cause) ? falls : falls - 1;
  return since === 0 ? {} : { failedStarts: Math.max(failedStarts, Math.min(since, most)) };
}

/** What is about to be told of an end that was not seen says how it was. */
function withWord(incident: OpenIncident, cause: Cause, atMs: number, policy: TellingPolicy): Transition {
  const { pending } = toldBy(tellingOf(incident), atMs, policy);
  const event = incident.state === 'up' ? undefined : pending?.event;
  if (event === undefined || !('cause' in event) || !isUnknown(event.cause)) return unchanged(incident);
  const next = { ...incident, number: incident.number + 1 };
  const { atMs: placedMs = atMs, dueMs, afterStartMs } = pending ?? { dueMs: atMs };
  return place(next, { ...event, cause }, placedMs, dueMs, policy, afterStartMs);
}

function isGivenUp(incident: OpenIncident): incident is GivenUpIncident {
  const { state } = incident;
  return state === 'stays-down' || state === 'failed';
}

/** One that does a job and ends, or is called when there is something to do: a good end is what it is for. */
function endedWell(incident: OpenIncident | undefined, atMs: number, policy: TellingPolicy): Transition {
  return incident === undefined ? unchanged(incident) : recovered(incident, atMs, policy);
}

/** The incident is over; it is told where the failure was, or would have been. */
function recovered(incident: OpenIncident, atMs: number, policy: TellingPolicy): Transition {
  const effects = [...withdrawDown(incident, atMs, policy), ...toldNow(incident, atMs, policy)];
  if (incident.state === 'up') return { incident, effects, closedMs: atMs };
  const { falls, cause, downSinceMs } = incident;
  const isNews = falls > 0 && !isNoise(downSinceMs, atMs, policy);
  const event: ServiceEvent = { kind: 'recovered', cause, falls };
  const told = isNews ? toTell(incident, event, atMs, policy) : [];
  return { incident, effects: [...effects, ...told], closedMs: atMs };
}

/** Down for less than somebody wants to hear of, or while nothing is told. */
function isNoise(
  downSinceMs: number | null,
  atMs: number,
  { thresholdSeconds, mutedUntilMs }: TellingPolicy,
): boolean {
  const isShort = downSinceMs !== null && secondsBetween(downSinceMs, atMs) < thresholdSeconds;
  return isShort || atMs < (mutedUntilMs ?? 0);
}

/**
 * Somebody who stops a service has seen that it fell. A restart, and the end of the whole machine, say nothing of the kind:
 * the fall goes on until the service is up. What was over before is told in any case.
 */
function endedByJob(
  incident: OpenIncident | undefined,
  atMs: number,
  invocation: string | null,
  job: 'stop' | 'restart' | 'shutdown',
  policy: TellingPolicy,
): Transition {
  const isFallen = incident !== undefined && incident.state !== 'up' && incident.falls > 0;
  if (isFallen && job !== 'stop') {
    const { number, lastEnded } = incident;
    // The end that is told of stays that of the fall: cause and log belong to one run.
    const { ends } = endOf(incident, invocation);
    const cutShort = cutShortBy(job, incident, atMs, invocation);
    const known = { ...(ends && { ends }), ...(cutShort && { cutShort }) };
    return unchanged({ ...incident, state: 'down', number: number + 1, lastEnded, ...known });
  }
  const restarts = incident?.counted?.restarts;
  const stopped = {
    state: 'stopped',
    lastEnded: invocation,
    atMs,
    by: job,
    ...(restarts !== undefined && { restarts }),
  } as const;
  if (incident === undefined) return unchanged(stopped);
  const told = toldNow(incident, atMs, policy, job === 'stop');
  const isSaidDown = told.length === 0 && isDownWord(toldBy(tellingOf(incident), atMs, policy).lastKind);
  return {
    incident: { ...stopped, ...(isSaidDown && { isSaidDown, ...saidDownOf(incident) }) },
    effects: [...withdrawDown(incident, atMs, policy), ...told],
  };
}

/** The run that a restart or a shutdown has ended, where its start was seen. */
function cutShortBy(
  by: CutShort['by'],
  incident: DownIncident,
  endedMs: number,
  invocation: string | null,
): CutShort | undefined {
  const { state, startedMs, lastStarted } = incident;
  const isSeen = (state === 'starting' || state === 'not-ready') && lastStarted !== null;
  return isSeen && lastStarted === invocation ? { startedMs, endedMs, by } : undefined;
}

function saidDownOf(incident: OpenIncident): Pick<StoppedIncident, 'saidDown'> {
  if (incident.state === 'up') return {};
  const { falls, cause, lastFallMs = incident.downSinceMs } = incident;
  if (falls > 0) return { saidDown: { fall: { cause, ...fallsSoFar(incident) }, lastFallMs } };
  return 'saidDown' in incident ? { saidDown: incident.saidDown } : {};
}

/** It rests without a job that anybody saw. */
function finished(incident: OpenIncident, atMs: number, policy: TellingPolicy): Transition {
  const stop = endedByJob(incident, atMs, incident.lastEnded, 'stop', policy);
  const isAwaited = stop.incident?.state === 'stopped' && stop.incident.isSaidDown === true;
  return isAwaited ? stop : { ...stop, closedMs: atMs };
}

/** The word that it is up again is told while that is so, and not once somebody has stopped it. */
function toldNow(
  incident: OpenIncident,
  atMs: number,
  policy: TellingPolicy,
  isStopped = false,
): readonly Effect[] {
  const { mutedUntilMs } = policy;
  const { pending } = toldBy(tellingOf(incident), atMs, policy);
  if (pending?.kind !== 'restarted' || pending.event?.kind !== 'restarted') return [];
  if (atMs < (mutedUntilMs ?? 0)) return [withdraw(pending.key)];
  const { heldSeconds: _, ...event } = pending.event;
  const tell = {
    kind: 'tell',
    key: `${pending.key}/at-last`,
    event: { ...event, ...(isStopped && { stoppedMs: atMs }) },
    atMs: pending.atMs ?? atMs,
    dueMs: takenMs(atMs, policy),
    run: incident.lastEnded,
  } as const;
  return [withdraw(pending.key), tell];
}

/**
 * A stop that was asked for and still failed (a time-out, say) triggers OnFailure= as well: that is no news. Whatever else
 * comes begins anew.
 */
function afterStop(stopped: StoppedIncident, sign: Sign, unit: string, policy: TellingPolicy): Transition {
  const isSoon = sign.atMs - (stopped.atMs ?? sign.atMs) < patienceMs;
  const isSame = sign.invocation === null ? isSoon : sign.invocation === stopped.lastEnded;
  // Up to systemd 250 OnFailure= cannot name the run, and where that was started again its sign is one of an end.
  const isOfStartJob = sign.kind === 'stays-down' && isFailedStartJob(sign.cause);
  if ((sign.kind === 'stays-down' || sign.kind === 'ended') && isSame && !isOfStartJob)
    return unchanged(stopped);
  if (sign.kind === 'finished') return unchanged(stopped);
  const { isSaidDown = false, saidDown } = stopped;
  if (sign.kind === 'look') {
    return { ...unchanged(stopped), ...(!isSaidDown && { closedMs: sign.atMs }) };
  }
  const next = reduceIncident(undefined, asAfterStop(sign, stopped), unit, policy);
  if (!isSaidDown || next.incident?.state !== 'starting') return next;
  const telling = { ...nothingTold, lastKind: 'fell' } as const;
  return { ...next, incident: { ...next.incident, telling, ...(saidDown && { saidDown }) } };
}

/**
 * A stop between two restarts leaves systemd's count as it was, also for the start that somebody asks for later (seen on 252, and
 * the same in `service_stop()` of all versions): no fall is behind it.
 */
function asAfterStop(sign: Sign, { restarts = 0 }: StoppedIncident): Sign {
  const isByJob = sign.kind === 'started' && sign.restarts !== null && sign.restarts <= restarts;
  return isByJob ? { ...sign, restarts: 0 } : sign;
}

function isKnownEnd({ lastEnded, ends = [], state }: OpenIncident, invocation: string | null): boolean {
  return invocation === null ? state === 'down' : invocation === lastEnded || ends.includes(invocation);
}

/** The fields that an end changes. */
function endOf(incident: Course | undefined, invocation: string | null): Pick<Course, 'lastEnded' | 'ends'> {
  const { ends = [], lastEnded = null } = incident ?? {};
  const known = [...ends, lastEnded].filter(end => end !== null && end !== invocation);
  const all = [...new Set([...known, invocation])].filter(end => end !== null);
  return { lastEnded: invocation, ...(all.length > 0 && { ends: all.slice(-endsKept) }) };
}

const endsKept = 8;

/** The end of a run before the one that is known to have started. */
function isLateWord({ lastStarted, startedMs }: LastRun, atMs: number, invocation: string | null): boolean {
  return (
    lastStarted !== null &&
    invocation !== null &&
    invocation !== lastStarted &&
    startedMs !== null &&
    atMs <= startedMs
  );
}

function endedAgain(incident: DownIncident, sign: Of<'ended'>, policy: TellingPolicy): Transition {
  const { atMs, invocation, cause, isByJob } = sign;
  const withoutReminders = isGivenUp(incident) ? remindersOf(incident).map(withdraw) : [];
  const isByHand = isRunByHand(incident);
  // Of a start that failed no hook has told, and what a boot starts is no further one of the row before it.
  const isFirst = isGivenUp(incident) || incident.fallsInRow === 0 || isByHand || isByJob === true;
  const next: FallenIncident = fallOf(
    {
      ...incident,
      ...oneMore(incident, atMs, cause),
      ...afterUnseen(sign),
      state: 'down',
      // What was not started by Restart= is the first of a row, also where somebody restarted it between two falls.
      ...(isFirst ? firstInRow(cause) : nextInRow(incident, cause)),
      rowSinceMs: isFirst ? atMs : (incident.rowSinceMs ?? atMs),
      cause: withEndBefore(cause, incident),
      // Until then it ran, as somebody had asked, however short that was.
      downSinceMs: isByHand ? atMs : (incident.downSinceMs ?? atMs),
      ...unreadySince(incident),
      reminders: 0,
    },
    atMs,
    invocation,
  );
  const { incident: told, effects } = incident.hasFailed ? unchanged(next) : tellFell(next, atMs, policy);
  return { incident: told, effects: [...withoutReminders, ...effects] };
}

function afterUnseen({ isAfterUnseen }: Of<'ended'>): Pick<Course, 'isAtLeast'> {
  return isAfterUnseen ? { isAtLeast: true } : {};
}

/** Also over a start by somebody: that it ran is not that it was ready. */
function unreadySince({ unreadySinceMs, downSinceMs }: DownIncident): Pick<Downtime, 'unreadySinceMs'> {
  const sinceMs = unreadySinceMs ?? downSinceMs;
  return sinceMs === null ? {} : { unreadySinceMs: sinceMs };
}

function firstInRow(cause: Cause): { readonly fallsInRow: number; readonly failedInRow: number } {
  return nextInRow({ fallsInRow: 0 }, cause);
}

function nextInRow(
  { fallsInRow, failedInRow = 0 }: Pick<Downtime, 'fallsInRow' | 'failedInRow'>,
  cause: Cause,
): { readonly fallsInRow: number; readonly failedInRow: number } {
  return { fallsInRow: fallsInRow + 1, failedInRow: failedInRow + (isOfStart(cause) ? 1 : 0) };
}

/** What a start that failed, or was skipped, is told with: the end of the last run that had started. */
function withEndBefore(cause: Cause, { cause: last, lastFallMs }: DownIncident): Cause {
  if ((!isOfStart(cause) && !isSkipped(cause)) || isUnknown(last)) return cause;
  if (isOfStart(last)) return last.before === undefined ? cause : { ...cause, before: last.before };
  const { startsFailedSince: _, ...own } = last;
  return { ...cause, before: { cause: own, ...(typeof lastFallMs === 'number' && { atMs: lastFallMs }) } };
}

/** With what is known of an end that was seen. */
function fallOf<Open extends DownIncident>(incident: Open, atMs: number, invocation: string | null): Open {
  const seen = seenFall(incident, atMs, isOfStart(incident.cause));
  return { ...incident, ...seen, ...endOf(incident, invocation) };
}

/** It is down since its last run that had started, however many starts have failed since. */
function seenFall(
  { falls, failedStarts = 0, lastFallMs, lastEndMs }: Course,
  atMs: number,
  isStart: boolean,
): Pick<Course, 'lastFallMs' | 'lastEndMs'> {
  const last = { lastEndMs: Math.max(atMs, lastEndMs ?? atMs) };
  if (!isStart) return { ...last, lastFallMs: Math.max(atMs, lastFallMs ?? atMs) };
  const isUnseen = lastFallMs === null && falls > failedStarts;
  return isUnseen ? last : { ...last, lastFallMs: lastFallMs ?? atMs };
}

/** What a fall changes. One that systemd's count of restarts told of before is no further one. */
function oneMore(
  incident: OpenIncident,
  atMs: number,
  cause: Cause,
): Pick<Course, 'number' | 'falls' | 'failedStarts' | 'sinceMs' | 'counted'> {
  const { falls, failedStarts = 0, sinceMs = incident.downSinceMs, counted, number } = incident;
  const isCounted = counted !== undefined && counted.unseen > 0 && atMs <= counted.atMs;
  return {
    number: number + 1,
    falls: isCounted ? falls : falls + 1,
    failedStarts: failedStarts + (isOfStart(cause) ? 1 : 0),
    // What began with a start has not fallen then.
    sinceMs: falls === 0 ? atMs : sinceMs,
    ...(counted && { counted: isCounted ? { ...counted, unseen: counted.unseen - 1 } : counted }),
  };
}

/** Whether the run that is about to end was started by somebody. */
function isRunByHand(incident: OpenIncident): boolean {
  const { runByHand, lastStarted } = incident;
  return runByHand !== undefined && runByHand === lastStarted && !isKnownEnd(incident, runByHand);
}

function endedWhileUp(
  up: UpIncident,
  atMs: number,
  invocation: string | null,
  cause: Cause,
  policy: TellingPolicy,
): Transition {
  return tellFell(fallOf(downFromUp(up, atMs, cause), atMs, invocation), atMs, policy);
}

/** The first fall of a row. */
function downFromUp(up: UpIncident, atMs: number, cause: Cause) {
  return {
    ...fallenFromUp(up, atMs, cause),
    ...firstInRow(cause),
    rowSinceMs: atMs,
    cause,
    downSinceMs: atMs,
  };
}

/** A fall, before its end is known. */
function fallenFromUp(up: UpIncident, atMs: number, cause = unknownCause): FallenIncident {
  const { lastStarted, startedMs } = up;
  return {
    ...courseOf(up),
    ...oneMore(up, atMs, cause),
    lastFallMs: null,
    state: 'down',
    downSinceMs: null,
    lastStarted,
    startedMs,
    cause: unknownCause,
    fallsInRow: 0,
    reminders: 0,
  };
}

function courseOf(incident: Course): Course {
  const { id, number, falls, beganMs, sinceMs, lastFallMs, downSinceMs, lastEnded, ends, counted } = incident;
  const { runByHand, failedStarts, isAtLeast, lastEndMs } = incident;
  const known = { id, number, falls, downSinceMs, lastEnded, telling: tellingOf(incident) };
  const since = sinceMs === undefined ? downSinceMs : sinceMs;
  return {
    ...known,
    ...(beganMs !== undefined && { beganMs }),
    ...((sinceMs !== undefined || since !== null) && { sinceMs: since }),
    ...(failedStarts !== undefined && { failedStarts }),
    ...(isAtLeast && { isAtLeast }),
    ...(lastFallMs !== undefined && { lastFallMs }),
    ...(lastEndMs !== undefined && { lastEndMs }),
    ...(runByHand !== undefined && { runByHand }),
    ...(ends !== undefined && { ends }),
    ...(counted !== undefined && { counted }),
  };
}

/**
 * Holds systemd's count of restarts against the falls that were seen: hooks may have been lost.
 *
 * @param atMs when the count was read
 */
function withCount<Open extends OpenIncident>(incident: Open, restarts: number | null, atMs: number): Open {
  if (restarts === null) return incident;
  const { counted, falls } = incident;
  const before = { restarts, falls, unseen: 0, atMs };
  if (counted === undefined || restarts < counted.restarts) return { ...incident, counted: before };
  const missing = Math.max(0, restarts - counted.restarts - (falls - counted.falls));
  const unseen = counted.unseen + missing;
  return {
    ...incident,
    falls: falls + missing,
    ...(missing > 0 && { lastFallMs: null }),
    counted: { restarts, falls: falls + missing, unseen, atMs },
  };
}

function started(
  incident: OpenIncident | undefined,
  sign: Of<'started'>,
  unit: string,
  policy: TellingPolicy,
): Transition {
  const { atMs, invocation, restarts } = sign;
  const isByHand = restarts === 0 || isUncounted(incident, restarts) || isStartedByBoot(incident, sign);
  const byHand = isByHand && invocation !== null ? { runByHand: invocation } : {};
  const byJob = isByHand && invocation !== null && isOfJob(incident, sign) ? { runByJob: invocation } : {};
  const run = { lastStarted: invocation, startedMs: atMs, state: 'starting', ...byHand, ...byJob } as const;
  if (incident !== undefined && isKnownRun(incident, invocation)) return unchanged(incident);
  // A start by hand counts anew (`service_start()`, NRestarts): with 0 it is the first, and nothing has fallen.
  if (
    incident === undefined ||
    (incident.state === 'up' && restarts === 0) ||
    isClosed(incident, atMs, policy)
  ) {
    // Of one that may end, a bad end would have begun an incident.
    const falls = policy.purpose.isMeantToStay && restarts !== null && restarts > 0 ? 1 : 0;
    const unseen = { falls, sinceMs: null, fallsInRow: falls };
    const next = withCount(
      { ...begunAfter(incident, unit, atMs, policy), ...unseen, ...run },
      restarts,
      atMs,
    );
    return { incident: next, effects: incident === undefined ? [] : toldNow(incident, atMs, policy) };
  }
  if (incident.state !== 'up') {
    const next = withCount({ ...incident, ...run }, restarts, atMs);
    return startedAgain(incident, next, isByHand, policy);
  }
  return withoutPending(withCount({ ...fallenFromUp(incident, atMs), ...run }, restarts, atMs), atMs, policy);
}

/** Whether systemd has not counted the start after a fall: each by Restart= counts, and one by a job in the wait for it does not. */
function isUncounted(incident: OpenIncident | undefined, restarts: number | null): boolean {
  const { counted, falls = 0 } = incident ?? {};
  const isSame = counted !== undefined && counted.restarts > 0 && restarts === counted.restarts;
  return isSame && counted.unseen === 0 && falls > counted.falls;
}

/** In a ring of units that stop each other Restart= may not count at all (seen on 257 and 262): none says nothing alone. */
function isOfJob(incident: OpenIncident | undefined, sign: Of<'started'>): boolean {
  if (incident === undefined) return false;
  if (isGivenUp(incident) || isStartedByBoot(incident, sign)) return true;
  return isUncounted(incident, sign.restarts) || (incident.counted?.restarts ?? 0) > 0;
}

/** Whether it is the first start since a boot, and its last end was before that: no Restart= goes on over a boot. */
function isStartedByBoot(
  incident: OpenIncident | undefined,
  { atMs, restarts, bootMs = Infinity }: Of<'started'>,
): boolean {
  if (incident === undefined || (restarts !== null && restarts > 0)) return false;
  const { lastEndMs, lastFallMs, downSinceMs } = incident;
  const endedMs = lastEndMs ?? lastFallMs ?? downSinceMs;
  return endedMs !== null && endedMs < bootMs && bootMs <= atMs;
}

function startedAgain(
  before: DownIncident,
  starting: StartedIncident,
  isByHand: boolean,
  policy: TellingPolicy,
): Transition {
  const atMs = starting.startedMs;
  if (isGivenUp(before)) {
    const { incident, effects } = withoutPending(
      { ...starting, ...(isByHand && { fallsInRow: 0, failedInRow: 0 }), reminders: 0 },
      atMs,
      policy,
    );
    return { incident, effects: [...remindersOf(before).map(withdraw), ...effects] };
  }
  const unseen = starting.falls - before.falls;
  const { number, fallsInRow } = starting;
  const next = { ...starting, number: number + Math.min(unseen, 1), fallsInRow: fallsInRow + unseen };
  if (unseen > 0 && !next.hasFailed) return tellFell(next, atMs, policy);
  // What did not come up at its last start is told of whether or not it is about to start once more.
  if (!isLoop(next) && next.fallsInRow <= 1) return withoutPending(next, atMs, policy);
  const { pending } = toldBy(tellingOf(next), atMs, policy);
  if (pending?.event === undefined || pending.afterStartMs === undefined || isBehind(policy)) {
    return unchanged(next);
  }
  const dueMs = Math.max(atMs, pending.afterStartMs);
  return place({ ...next, number: number + 1 }, pending.event, pending.atMs ?? atMs, dueMs, policy);
}

/** Whoever has mended it, and was told that it is up again, takes the next fall for another story once that has held. */
function isClosed(incident: OpenIncident, atMs: number, policy: TellingPolicy): boolean {
  if (incident.state !== 'up') return false;
  if (isOver(incident, atMs)) return true;
  const { lastKind, pending } = toldBy(tellingOf(incident), atMs, policy);
  const hasHeld = atMs - incident.upSinceMs >= holdMs;
  return incident.isMended === true && hasHeld && lastKind === 'restarted' && pending === null;
}

/** A new one. Soon after another its messages wait for their turn as those of that one would. */
function begunAfter(
  before: OpenIncident | undefined,
  unit: string,
  atMs: number,
  policy: TellingPolicy,
): FallenIncident {
  const fresh = begun(unit, atMs);
  if (before?.state !== 'up' || isOver(before, atMs)) return fresh;
  const { ends, lastEnded } = before;
  const telling = { ...toldBy(tellingOf(before), atMs, policy), said: [], pending: null };
  return { ...fresh, lastEnded, ...(ends && { ends }), telling };
}

/** Up for as long as it takes to get over its falls. */
function isOver({ upSinceMs }: UpIncident, atMs: number): boolean {
  return atMs - upSinceMs >= stableMs;
}

function isLoop({ falls }: Course): boolean {
  return falls >= fallsOfLoop;
}

function isKnownRun({ lastEnded, lastStarted, ends = [] }: OpenIncident, invocation: string | null): boolean {
  return invocation !== null && [...ends, lastEnded, lastStarted].includes(invocation);
}

function ready(
  before: OpenIncident | undefined,
  { atMs, invocation, restarts = null, seenMs = atMs, isAsked, isAtMost }: Of<'ready'>,
  policy: TellingPolicy,
): Transition {
  if (before === undefined || before.state === 'up') return unchanged(before);
  if (invocation !== null && isKnownEnd(before, invocation)) return unchanged(before);
  if (before.hasFailed) return recovered(before, atMs, policy);
  const incident = withCount(before, restarts, seenMs);
  const telling = toldBy(tellingOf(incident), atMs, policy);
  const isSaidDown = isDownWord(telling.lastKind);
  if (incident.falls === 0) {
    const isTold = policy.tellsStarts === true || incident.state === 'not-ready' || isSaidDown;
    const event: ServiceEvent = backAfterStop(incident, atMs) ?? {
      kind: 'started',
      ...(isAsked && { isAsked }),
    };
    const told = isTold ? toTell(incident, event, atMs, policy) : [];
    return { incident, effects: [...withdrawDown(incident, atMs, policy), ...told], closedMs: atMs };
  }
  const withdrawn = withdrawDown(incident, atMs, policy, isOfLoop);
  const up: UpIncident = {
    ...courseOf(incident),
    telling: { ...telling, pending: null, said: telling.said.filter(isOfLoop) },
    state: 'up',
    upSinceMs: atMs,
    lastStarted: invocation ?? incident.lastStarted,
    startedMs: incident.startedMs ?? atMs,
  };
  // Whoever was told that it is down is told that it is up, however short that was.
  if (!isSaidDown && isNoise(incident.downSinceMs, atMs, policy)) return { incident: up, effects: withdrawn };
  const { cause, falls } = incident;
  const { lastFallMs = incident.downSinceMs } = up;
  const { sinceMs, ...counts } = fallsSoFar(up);
  const dueMs = dueOfUp(telling, incident, atMs);
  const event: Extract<ServiceEvent, { readonly kind: 'restarted' }> = {
    kind: 'restarted',
    cause,
    downSeconds: lastFallMs === null ? null : secondsBetween(lastFallMs, atMs),
    ...unreadyFor(incident, lastFallMs, atMs),
    ...(isOfStartsAlone(cause) || counts.falls === 0
      ? { isAtLeast: true }
      : isAtMost === true && { isAtMost }),
    ...(up.lastStarted !== null &&
      incident.runByJob === up.lastStarted && { isByJob: true, ...startedBefore(incident, lastFallMs) }),
    ...counts,
    ...(falls > 1 && sinceMs !== undefined && { sinceMs }),
    ...(dueMs > atMs && { heldSeconds: secondsBetween(atMs, dueMs) }),
  };
  const mended: UpIncident = event.isByJob ? { ...up, isMended: true } : up;
  const placed = place(mended, event, atMs, dueMs, policy);
  return { incident: placed.incident, effects: [...withdrawn, ...placed.effects] };
}

/** Whoever started it after the fall first: that was undone. */
function startedBefore(
  { cutShort }: DownIncident,
  lastFallMs: number | null,
): Pick<Extract<ServiceEvent, { readonly kind: 'restarted' }>, 'cutShort'> {
  const isSince = cutShort !== undefined && lastFallMs !== null && cutShort.startedMs >= lastFallMs;
  return isSince ? { cutShort } : {};
}

/** Where it fell in that time once more. */
function unreadyFor(
  incident: DownIncident,
  lastFallMs: number | null,
  atMs: number,
): Pick<Extract<ServiceEvent, { readonly kind: 'restarted' }>, 'unready'> {
  const { unreadySinceMs: sinceMs } = unreadySince(incident);
  if (sinceMs === undefined || sinceMs >= (lastFallMs ?? atMs)) return {};
  return { unready: { sinceMs, seconds: secondsBetween(sinceMs, atMs) } };
}

/** What was told to be down, stopped by somebody, and started again, has fallen all the same. */
function backAfterStop(incident: DownIncident, atMs: number): ServiceEvent | undefined {
  if (!('saidDown' in incident) || incident.saidDown === undefined) return undefined;
  const { fall, lastFallMs } = incident.saidDown;
  return {
    kind: 'restarted',
    ...fall,
    downSeconds: lastFallMs === null ? null : secondsBetween(lastFallMs, atMs),
    isByJob: true,
  };
}

/**
 * Before it is a loop each restart is told at once. Others have to hold, and wait for their turn. Of what was told to fall again and
 * again it is told when it has got over that.
 */
function dueOfUp(telling: Telling, incident: Course, atMs: number): number {
  const { lastKind } = telling;
  const isSaidDown = isDownWord(lastKind);
  if (!isLoop(incident)) return atMs;
  if (lastKind === 'keeps-falling') return atMs + stableMs;
  // What is mended after a word that it is down is news sooner, unless that happens time and again.
  const turnMs = isSaidDown ? newsTurnOf(telling, atMs) : turnOf(telling, atMs);
  return Math.min(Math.max(atMs + holdMs, turnMs), atMs + stableMs);
}

function notReady(
  incident: OpenIncident | undefined,
  { atMs, invocation, waitedSeconds, isActivating, isStopping }: Of<'not-ready'>,
  policy: TellingPolicy,
): Transition {
  if (incident?.state !== 'starting') return unchanged(incident);
  if (invocation !== null && isKnownEnd(incident, invocation)) return unchanged(incident);
  const telling = toldBy(tellingOf(incident), atMs, policy);
  const isNews = !isDownWord(telling.lastKind) || telling.isSaidNotReady !== true;
  const dueMs = isNews ? atMs : Math.max(atMs, turnOf(telling, atMs));
  const { cause, falls } = incident;
  const event = {
    kind: 'not-ready',
    waitedSeconds,
    ...(isActivating && { isActivating, startingSinceMs: incident.startedMs }),
    ...(isStopping && { isStopping }),
    // The word of the fall had patience, and this one takes its place.
    ...(falls > 0 && { fall: { cause, ...fallsSoFar(incident) } }),
  } as const;
  return place({ ...incident, state: 'not-ready' }, event, atMs, dueMs, policy);
}

/** It goes on starting, which the hook of its start has not told yet. */
function startJobTimedOut(
  incident: OpenIncident | undefined,
  { atMs, invocation, sinceMs, limits }: Of<'start-job-timed-out'>,
  unit: string,
  policy: TellingPolicy,
): Transition {
  if (incident !== undefined && invocation !== null && isKnownEnd(incident, invocation)) {
    return unchanged(incident);
  }
  // What has been up for less runs, or is being restarted by somebody.
  if (incident?.state === 'up' && !isOver(incident, atMs)) return unchanged(incident);
  const isOngoing = incident !== undefined && incident.state !== 'up';
  const before = isOngoing ? incident : { ...begun(unit, atMs), falls: 0, sinceMs: null, fallsInRow: 0 };
  const isSame = before.startedMs !== null && before.lastStarted === invocation;
  const startedMs = isSame ? before.startedMs : atMs;
  const starting: StartedIncident = {
    ...before,
    reminders: 0,
    state: 'starting',
    lastStarted: invocation,
    startedMs,
  };
  const { cause, falls } = starting;
  const event = {
    kind: 'not-ready',
    waitedSeconds: Math.round(secondsBetween(sinceMs ?? startedMs, atMs)),
    isJobOver: true,
    ...(limits !== undefined && { limits }),
    ...(falls > 0 && { fall: { cause, ...fallsSoFar(starting) } }),
  } as const;
  const placed = place(starting, event, atMs, atMs, policy);
  const reminders = isOngoing ? remindersOf(incident).map(withdraw) : [];
  return { incident: placed.incident, effects: [...reminders, ...placed.effects] };
}

/** The word of a fall that is about to be told also says that the next start does not come to its end. */
function activating(
  incident: OpenIncident | undefined,
  { atMs, sinceMs }: Of<'activating'>,
  policy: TellingPolicy,
): Transition {
  if (incident?.state !== 'down') return unchanged(incident);
  const { pending } = toldBy(tellingOf(incident), atMs, policy);
  if (pending?.event?.kind !== 'fell' || pending.event.startingSinceMs === sinceMs)
    return unchanged(incident);
  const event = { ...pending.event, startingSinceMs: sinceMs };
  const { atMs: fellMs = atMs, dueMs, afterStartMs } = pending;
  return place({ ...incident, number: incident.number + 1 }, event, fellMs, dueMs, policy, afterStartMs);
}

function staysDown(
  incident: OpenIncident | undefined,
  sign: Of<'stays-down'>,
  unit: string,
  policy: TellingPolicy,
): Transition {
  const { atMs, invocation, cause, endedMs = atMs } = sign;
  if (incident?.state === 'stays-down') return unchanged(incident);
  const { startedBy, failedTrigger } = policy.purpose;
  const isStartedAgain = startedBy.length > 0 && cause.result !== 'start-limit-hit';
  if (isStartedAgain && incident?.state === 'failed') return unchanged(incident);
  // Somebody has started it since.
  if (incident !== undefined && isOfEarlierRun(incident, atMs, invocation)) return unchanged(incident);
  // What the start limit refuses has failed: on 257 with the result of the end before, on 262 with one of its own.
  const isRefused = (sign.refused !== undefined || cause.result === 'start-limit-hit') && !isHeldBack(cause);
  const { isLimited: _, ...before } = withRow(fallenBefore(incident, unit, sign, policy), sign.refused?.row);
  const down: GivenUpIncident = {
    ...before,
    ...(isRefused && { isLimited: true }),
    state: 'stays-down',
    // What saw the process end knows more than what only saw the service fail, or the start limit refuse the next start. An end that is
    // told of for the first time is that of its own run.
    cause:
      isOfNoEnd(cause) && !isHeldBack(cause) && !isUnknown(before.cause)
        ? before.cause
        : withEndBefore(cause, before),
    downSinceMs: before.downSinceMs ?? endedMs,
    falls: Math.max(1, before.falls),
    ...(invocation !== null && endOf(before, invocation)),
    reminders: 0,
  };
  const thresholdMs = (down.downSinceMs ?? atMs) + policy.thresholdSeconds * 1_000;
  if (isStartedAgain) {
    const { incident: next, effects } = withoutPending(down, atMs, policy);
    const event: ServiceEvent = { kind: 'failed', cause: down.cause, startedBy };
    const told = before.hasFailed ? [] : toTell(down, event, Math.max(atMs, thresholdMs), policy, atMs);
    return {
      incident: { ...next, state: 'failed', hasFailed: true },
      effects: [...effects, ...told],
    };
  }
  const lastMs = down.lastEndMs ?? down.lastFallMs ?? endedMs;
  // Of a start that was refused, and of which no end is known, its own words say enough.
  const isGivingUp = isRefused && down.cause.result !== 'start-limit-hit';
  const gaveUp = isGivingUp ? rowUntil(lastMs, down, sign.refused) : null;
  const hasMore = down.falls > (gaveUp === null ? 1 : countOf(gaveUp));
  const event = {
    kind: 'stays-down',
    cause: down.cause,
    gaveUp,
    ...(hasMore && fallsSoFar(down)),
    ...(failedTrigger !== undefined && { failedTrigger }),
  } as const;
  // It is told at once. Where that was the last word, it was started since, and has fallen for good once more.
  const telling = toldBy(tellingOf(down), atMs, policy);
  const turnMs = telling.lastKind === 'stays-down' ? newsTurnOf(telling, atMs) : atMs;
  const dueMs = Math.max(atMs, thresholdMs, Math.min(turnMs, atMs + stableMs));
  // What systemd runs after the end of the process (ExecStopPost=) may take long: it went down before that.
  const fellMs = incident?.state === 'down' ? Math.min(lastMs, atMs) : endedMs;
  const placed = place(down, event, isGivingUp || isHeldBack(cause) ? atMs : fellMs, dueMs, policy);
  const reminded = remind(placed.incident, atMs, policy);
  // Who has not heard yet that it is started again need not.
  const failed = before.hasFailed ? [withdraw(failedKey(down))] : [];
  return { incident: reminded.incident, effects: [...failed, ...placed.effects, ...reminded.effects] };
}

/** The falls in a row before systemd gave up. What the manager has counted and no sign told of was more. */
function rowUntil(
  lastMs: number,
  { fallsInRow, failedInRow, rowSinceMs = lastMs, isAtLeast: isMore }: GivenUpIncident,
  refused: RefusedRestart | undefined,
): NonNullable<Extract<ServiceEvent, { readonly kind: 'stays-down' }>['gaveUp']> {
  const { row, restarts = 0 } = refused ?? {};
  if (row !== undefined) {
    const { falls, failedStarts, isAtLeast } = row;
    return {
      ...apart(falls + failedStarts, failedStarts),
      ...(isAtLeast && { isAtLeast }),
      seconds: secondsBetween(row.sinceMs, row.lastMs),
    };
  }
  const isAtLeast = isMore === true || restarts > fallsInRow;
  return {
    ...apart(fallsInRow, failedInRow),
    ...(isAtLeast && { isAtLeast }),
    seconds: secondsBetween(rowSinceMs, lastMs),
  };
}

/** With the falls of its last row of which no sign told: systemd runs no hook where it cannot run anything. */
function withRow(incident: DownIncident, row: RefusedRestart['row']): DownIncident {
  if (row === undefined) return incident;
  const all = row.falls + row.failedStarts;
  const { falls, failedStarts = 0, isAtLeast: _, sinceMs, ...rest } = incident;
  // What a row began after had its own falls. Times of the manager are whole seconds.
  const hadOthers = typeof sinceMs === 'number' && sinceMs < row.sinceMs - 1_000;
  if (falls > all || (hadOthers && falls === all)) return incident;
  const known = { failedStarts: Math.max(failedStarts, row.failedStarts) };
  return hadOthers
    ? { ...rest, ...known, falls: all + 1, isAtLeast: true, sinceMs }
    : {
        ...rest,
        ...known,
        falls: all,
        ...(row.isAtLeast ? { isAtLeast: true, sinceMs: null } : { sinceMs: row.sinceMs }),
      };
}

function isOfEarlierRun(incident: OpenIncident, atMs: number, invocation: string | null): boolean {
  if (isLateWord(incident, atMs, invocation)) return true;
  if (incident.state === 'down' || isGivenUp(incident)) return false;
  const sinceMs = incident.state === 'up' ? incident.upSinceMs : incident.startedMs;
  return atMs <= sinceMs || (invocation !== null && isKnownEnd(incident, invocation));
}

/** A fall for good may be told of before the end of the run, or without it. */
function fallenBefore(
  incident: OpenIncident | undefined,
  unit: string,
  { atMs: seenMs, endedMs: atMs = seenMs, invocation, cause }: Of<'stays-down'>,
  policy: TellingPolicy,
): DownIncident {
  if (incident === undefined || isClosed(incident, atMs, policy)) {
    const row = firstInRow(cause);
    const begins = { ...begunAfter(incident, unit, atMs, policy), ...row, failedStarts: row.failedInRow };
    const first = { ...begins, downSinceMs: atMs, lastFallMs: atMs };
    return invocation === null ? { ...first, lastEnded: null } : { ...first, ...endOf(begins, invocation) };
  }
  const isOfOther = invocation !== null && incident.lastEnded !== null && !isKnownEnd(incident, invocation);
  if (isGivenUp(incident) || (incident.state === 'down' && !isOfOther)) return incident;
  const end = invocation ?? incident.lastStarted;
  if (incident.state === 'up') return fallOf(downFromUp(incident, atMs, cause), atMs, end);
  const isFirst = incident.fallsInRow === 0 || isRunByHand(incident);
  return fallOf(
    {
      ...incident,
      ...oneMore(incident, atMs, cause),
      ...(isFirst ? firstInRow(cause) : nextInRow(incident, cause)),
      ...(isFirst && { rowSinceMs: atMs }),
      cause: withEndBefore(cause, incident),
      downSinceMs: incident.downSinceMs ?? atMs,
    },
    atMs,
    end,
  );
}

/** What a message says of all falls. */
function fallsSoFar({ falls, failedStarts, isAtLeast, sinceMs }: Course): Falls {
  return {
    ...apart(falls, failedStarts),
    ...(isAtLeast && { isAtLeast }),
    ...(typeof sinceMs === 'number' && { sinceMs }),
  };
}

/** A start that failed is no fall: nothing had started. */
function apart(all: number, failedStarts = 0): Pick<Falls, 'falls' | 'failedStarts'> {
  const failed = Math.min(all, failedStarts);
  return { falls: all - failed, ...(failed > 0 && { failedStarts: failed }) };
}

function look(incident: OpenIncident | undefined, { atMs }: Of<'look'>, policy: TellingPolicy): Transition {
  if (incident?.state === 'stays-down') return remind(incident, atMs, policy);
  if (incident?.state !== 'up') return unchanged(incident);
  const { pending } = toldBy(tellingOf(incident), atMs, policy);
  return isOver(incident, atMs) && pending === null
    ? { incident, effects: [], closedMs: atMs }
    : { incident, effects: [] };
}

/**
 * When a look can change something next, in ms since 1970; infinite when only another sign can. Until it answers or is given up, a
 * service is looked at all the time.
 */
export function nextLookMs(incident: Incident, remindSeconds: number | null): number {
  switch (incident.state) {
    case 'up':
      return Math.max(incident.upSinceMs + stableMs, tellingOf(incident).pending?.dueMs ?? 0);
    case 'stays-down':
      return remindSeconds === null || incident.downSinceMs === null
        ? Infinity
        : incident.downSinceMs + incident.reminders * remindSeconds * 1_000;
    case 'failed':
      return Infinity;
    case 'stopped':
      return incident.isSaidDown === true ? Infinity : 0;
    case 'down':
    case 'starting':
    case 'not-ready':
      return 0;
    default:
      return incident satisfies never;
  }
}

/** The next reminder is there before it is due, so that it comes on time whoever looks. */
function remind(
  incident: GivenUpIncident,
  atMs: number,
  policy: TellingPolicy,
): Transition & { readonly incident: GivenUpIncident } {
  const { remindSeconds } = policy;
  const sinceMs = incident.downSinceMs;
  if (remindSeconds === null || sinceMs === null) return { incident, effects: [] };
  const number = Math.floor(Math.max(0, takenMs(atMs, policy) - sinceMs) / (remindSeconds * 1_000)) + 1;
  if (number <= incident.reminders) return { incident, effects: [] };
  const dueMs = sinceMs + number * remindSeconds * 1_000;
  const { isLimited, cause } = incident;
  const refused = cause.result === 'job-assert' ? { asserts: cause.asserts ?? [] } : {};
  return {
    incident: { ...incident, reminders: number },
    effects: [
      {
        kind: 'tell',
        key: reminderKey(incident, number),
        event: { kind: 'still-down', sinceMs, ...(isLimited && { isLimited: true }), ...refused },
        atMs: dueMs,
        dueMs: Math.max(dueMs, policy.mutedUntilMs ?? 0),
        run: incident.lastEnded,
      },
    ],
  };
}

function begun(unit: string, atMs: number): FallenIncident {
  return {
    id: `${unit}/${atMs}`,
    state: 'down',
    number: 1,
    falls: 1,
    beganMs: atMs,
    sinceMs: atMs,
    fallsInRow: 1,
    rowSinceMs: atMs,
    cause: unknownCause,
    downSinceMs: null,
    lastEnded: null,
    lastStarted: null,
    startedMs: null,
    reminders: 0,
  };
}

function unchanged(incident: Incident | undefined): Transition {
  return { incident, effects: [] };
}

/** Puts the word of a fall in the place of what was about to be told. */
function tellFell(
  incident: FallenIncident | StartedIncident,
  atMs: number,
  policy: TellingPolicy,
): Transition {
  const { cause, falls, sinceMs } = incident;
  const telling = toldBy(tellingOf(incident), atMs, policy);
  const isSaidDown = isDownWord(telling.lastKind);
  const withdrawn = withoutPending(incident, atMs, policy);
  // Somebody who wants no reminders has been told once.
  if (policy.remindSeconds === null && isSaidDown && isLoop(incident)) return withdrawn;
  // The first of a row has patience of its own, however long ago the service was up.
  const fellMs = incident.fallsInRow > 1 ? (incident.downSinceMs ?? atMs) : atMs;
  const thresholdMs = fellMs + policy.thresholdSeconds * 1_000;
  const patientMs = (isLoop(incident) ? (incident.beganMs ?? sinceMs ?? fellMs) : fellMs) + patienceMs;
  // Whoever was told last that it is up hears of it at once.
  const turnMs = isSaidDown ? turnOf(telling, atMs) : atMs;
  // That it is down for as long as it takes to get over a fall is news whenever it comes.
  const latestMs = isLoop(incident) ? Infinity : fellMs + stableMs;
  const dueMs = Math.max(atMs, patientMs, thresholdMs, Math.min(turnMs, latestMs));
  const counted = fallsSoFar(incident);
  const event = isLoop(incident)
    ? ({ kind: 'keeps-falling', cause, ...counted } as const)
    : ({ kind: 'fell', cause, ...(falls > 1 && counted) } as const);
  const heldMs = heldUntil(incident, telling, atMs, policy);
  return place(incident, event, atMs, Math.max(dueMs, heldMs), policy, dueMs < heldMs ? dueMs : undefined);
}

/** This fall may be the last, or over. One after the other does not put its word off for ever. */
function heldUntil(
  { state }: FallenIncident | StartedIncident,
  { pending }: Telling,
  atMs: number,
  policy: TellingPolicy,
): number {
  const knownMs = takenMs(atMs, policy) + certainMs;
  if (isBehind(policy)) return knownMs;
  if (state !== 'down') return atMs;
  return pending?.afterStartMs === undefined ? knownMs : Math.min(pending.dueMs, knownMs);
}

const nothingTold: Telling = {
  stage: 0,
  lastToldMs: null,
  lastKind: null,
  said: [],
  pending: null,
};

function tellingOf({ telling, restarted }: Course): Telling {
  if (telling !== undefined) return telling;
  if (!restarted) return nothingTold;
  const { key, dueMs } = restarted;
  return { ...nothingTold, pending: { key, dueMs, kind: 'restarted' } };
}

/** Whether a message says that it is not up, or not for long. */
function isDownWord(kind: Word | null): boolean {
  return kind !== null && kind !== 'restarted';
}

/**
 * What is due by then counts as told: it is in the outbox. What is put there with the signs that follow, or was due while daruma was
 * missing, has reached nobody: they may replace it.
 */
function toldBy(telling: Telling, atMs: number, policy: TellingPolicy): Telling {
  const nowMs = takenMs(atMs, policy);
  const { pending, stage, said, lastToldMs } = telling;
  const isOpen =
    pending === null ||
    pending.dueMs > nowMs ||
    (pending.putMs ?? -Infinity) >= nowMs ||
    ((isBehind(policy) || nowMs - pending.dueMs > behindMs) &&
      policy.taking?.isUntried(pending.key) === true);
  if (isOpen) {
    // A clock that was set back does not keep the next message from being told.
    return { ...telling, lastToldMs: lastToldMs === null ? null : Math.min(lastToldMs, nowMs) };
  }
  const { kind, key, dueMs, event } = pending;
  const isDown = isDownWord(kind);
  const isEarly = event?.kind === 'restarted' && countOf(event) < fallsOfLoop;
  return {
    ...telling,
    ...(kind === 'not-ready' && { isSaidNotReady: true }),
    // The words of the first restarts may be followed soon; a word that it is down may not.
    stage: isDown ? Math.max(2, stage + 1) : isEarly ? Math.max(1, stage) : stage + 1,
    lastToldMs: dueMs,
    lastKind: kind,
    said: isDown ? [...said, key] : said,
    pending: null,
  };
}

/** When the next message may come. */
function turnOf({ stage, lastToldMs }: Telling, atMs: number): number {
  return lastToldMs === null ? atMs : lastToldMs + pauseMs(stage);
}

/** The same for what is news after a word that it is down: at once, unless that happens time and again. */
function newsTurnOf(telling: Telling, atMs: number): number {
  return turnOf({ ...telling, stage: Math.max(0, telling.stage - 2) }, atMs);
}

/** Puts a message in the place of the one that was about to be told. */
function place<Open extends OpenIncident>(
  incident: Open,
  event: Extract<ServiceEvent, { readonly kind: Word }>,
  atMs: number,
  atEarliestMs: number,
  policy: TellingPolicy,
  afterStartMs?: number,
): Transition & { readonly incident: Open } {
  const { mutedUntilMs } = policy;
  const putMs = takenMs(atMs, policy);
  const { incident: next, effects } = withoutPending(incident, atMs, policy);
  const key = keyOf(incident, event.kind);
  const dueMs = Math.max(atEarliestMs, mutedUntilMs ?? 0, putMs);
  const pending = {
    key,
    dueMs,
    kind: event.kind,
    event,
    atMs,
    putMs,
    ...(afterStartMs !== undefined && { afterStartMs }),
  };
  // Why it fell stands in the lines of the run that ended.
  const hasFallen = event.kind !== 'not-ready' || event.fall !== undefined;
  const run = hasFallen ? incident.lastEnded : incident.lastStarted;
  return {
    incident: {
      ...next,
      telling: { ...tellingOf(next), pending },
    },
    effects: [...effects, { kind: 'tell', key, event, atMs, dueMs, run }],
  };
}

/** Takes back what is not due yet. */
function withoutPending<Open extends OpenIncident>(
  incident: Open,
  atMs: number,
  policy: TellingPolicy,
): Transition & { readonly incident: Open } {
  const telling = toldBy(tellingOf(incident), atMs, policy);
  return {
    incident: { ...incident, telling: { ...telling, pending: null } },
    effects: telling.pending === null ? [] : [withdraw(telling.pending.key)],
  };
}

/** Tells what does not belong to the course of a loop. */
function toTell(
  incident: OpenIncident,
  event: ServiceEvent,
  atEarliestMs: number,
  { mutedUntilMs, taking }: TellingPolicy,
  atMs = atEarliestMs,
): readonly Effect[] {
  const key = event.kind === 'failed' ? failedKey(incident) : keyOf(incident, event.kind);
  const dueMs = Math.max(atEarliestMs, mutedUntilMs ?? 0, taking?.atMs ?? 0);
  return [
    { kind: 'tell', key, event, atMs, dueMs, run: event.kind === 'started' ? null : incident.lastEnded },
  ];
}

/**
 * Takes back all that says it is down: each channel that has not said so yet need not.
 *
 * @param isKept tells which of the messages that are due stay
 */
function withdrawDown(
  incident: OpenIncident,
  atMs: number,
  policy: TellingPolicy,
  isKept: (key: string) => boolean = () => false,
): readonly Effect[] {
  const { said, pending } = toldBy(tellingOf(incident), atMs, policy);
  const reminders = incident.state === 'up' ? [] : remindersOf(incident);
  const keys = (['fell', 'not-ready', 'stays-down'] as const).map(kind => keyOf(incident, kind));
  const due = said.filter(key => !isKept(key));
  const own = pending !== null && isDownWord(pending.kind) ? [pending.key] : [];
  return [...new Set([...keys, ...due, ...own, ...reminders, failedKey(incident)])].map(withdraw);
}

/** Of a loop it is told whether or not it is up at the moment. */
function isOfLoop(key: string): boolean {
  return key.endsWith('/keeps-falling' satisfies `/${Word}`);
}

function remindersOf(incident: DownIncident): readonly string[] {
  return Array.from({ length: incident.reminders }, (_, index) => reminderKey(incident, index + 1));
}

function withdraw(key: string): Effect {
  return { kind: 'withdraw', key };
}

function keyOf({ id, number }: Course, kind: ServiceEvent['kind']): string {
  return `${id}/${number}/${kind}`;
}

/** One for all failures of an incident. */
function failedKey({ id }: Course): string {
  return `${id}/failed`;
}

function reminderKey(incident: Course, number: number): string {
  return `${keyOf(incident, 'still-down')}/${number}`;
}

/** The job of a start that led to no run. */
function isFailedStartJob({ result }: Cause): boolean {
  return result === 'job-timeout' || result === 'job-dependency' || result === 'job-assert';
}

/** `ExecCondition=` did not hold: systemd has started it again, and that start ended before its program. */
function isSkipped({ result }: Cause): boolean {
  return result === 'exec-condition';
}

/** What keeps it down is no end, and no limit of starts. */
function isHeldBack(cause: Cause): boolean {
  return isSkipped(cause) || isFailedStartJob(cause);
}

/** A start that the limit refused is told with the exit status of the run before (`$MONITOR_EXIT_STATUS`, seen on 262). */
function isOfNoEnd({ result, code }: Cause): boolean {
  return code === null || result === 'start-limit-hit';
}

/** The end of a start: no run had begun, or none that was ready. */
export function isOfStart(cause: Cause): boolean {
  return isFailedStart(cause) || isOfCommandBefore(cause) || isFailedStartJob(cause);
}

/** A command before the main one failed: no main process had ended, or was there. */
function isOfCommandBefore({ result, code, mainEndedWell = false }: Cause): boolean {
  return code === null && result !== null && ownResults.has(result) && !mainEndedWell;
}

const ownResults: ReadonlySet<string> = new Set(['exit-code', 'signal', 'core-dump', 'timeout']);

/** Nothing is known of the end before starts that failed. */
function isOfStartsAlone({ result, startsFailedSince }: Cause): boolean {
  return result === 'resources' && startsFailedSince !== undefined;
}

/** Nothing has told how it ended. */
export function isUnknown({ result, code }: Cause): boolean {
  return result === null && code === null;
}

/** A clock that was set back makes no time negative. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
