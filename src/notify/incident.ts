/**
 * What signs of one service mean, and what is to be told of them. Pure: time comes with the signs.
 *
 * One fall makes one incident, whichever hooks fire and however often: each message has a key, of which the outbox takes
 * the first. An incident goes on until the service has been up for a while, so that falls in a row are told together.
 */
import type { Purpose } from '../inventory/purpose.ts';
import type { Cause, ServiceEvent } from './notice.ts';
import { type Sign, unknownCause } from './sign.ts';

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
}

/** It answers; the incident is over when it has done so for a while. */
interface UpIncident extends Course, KnownRun {
  readonly state: 'up';
  readonly upSinceMs: number;
}

/** As somebody asked; nothing has fallen. */
interface StoppedIncident {
  readonly state: 'stopped';
  readonly lastEnded: string | null;
}

/** What goes on from one fall to the next. */
interface Course {
  /** Begins the keys of its messages. */
  readonly id: string;
  /** Falls in all: with it each fall has keys of its own. */
  readonly number: number;
  /** Falls since somebody was last told that it is up. */
  readonly falls: number;
  /** When it was up last before the latest fall; null where its end was not seen. */
  readonly downSinceMs: number | null;
  /** The run whose end is known; null where there is none, or nobody could name it. */
  readonly lastEnded: string | null;
  /** Told that it restarted, or about to be. */
  readonly restarted: { readonly key: string; readonly dueMs: number; readonly sinceMs: number } | null;
}

/** What is of use until it answers. */
interface Downtime {
  /** The last one that is known. */
  readonly cause: Cause;
  /** Falls since it was last ready. */
  readonly fallsInRow: number;
  readonly reminders: number;
  /** Told that it failed, or about to be: once in an incident, however often the timer starts it. */
  readonly hasFailed?: true;
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
}

export type Effect =
  | {
      readonly kind: 'tell';
      readonly key: string;
      readonly event: ServiceEvent;
      readonly atMs: number;
      readonly dueMs: number;
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
    case 'stays-down':
      return staysDown(incident, sign, unit, policy);
    case 'finished':
      // It was stopped, or has done what it was for: nobody need be told that it is down.
      return incident === undefined
        ? unchanged(incident)
        : { incident, effects: withdrawDown(incident), closedMs: sign.atMs };
    case 'look':
      return look(incident, sign, policy);
    default:
      return sign satisfies never;
  }
}

/** A service that is up for this long has got over its falls. */
const stableMs = 10 * 60_000;
/** Whoever is down for less is told with its restart alone. */
const patienceMs = 60_000;
/** A restart that is not the first of an incident is told when it has held for this long ... */
const holdMs = 60_000;
/** ... or when the first one that nobody was told of is this old. */
const longestHoldMs = 10 * 60_000;

type Of<Kind extends Sign['kind']> = Extract<Sign, { readonly kind: Kind }>;

function ended(
  incident: OpenIncident | undefined,
  { atMs, invocation, cause, job }: Of<'ended'>,
  unit: string,
  policy: TellingPolicy,
): Transition {
  if (incident !== undefined && isKnownEnd(incident, invocation)) return unchanged(incident);
  // ExecCondition= did not hold: it was not started, and did not fall.
  if (cause.result === 'exec-condition') return unchanged(incident);
  if (job === 'stop' || job === 'restart' || job === 'shutdown') {
    return endedByJob(incident, invocation, job);
  }
  const isLate = incident !== undefined && isLateWord(incident, atMs, invocation);
  if (!policy.purpose.isMeantToStay && cause.result === 'success' && !isLate) {
    return endedWell(incident, atMs, policy);
  }
  if (incident === undefined) {
    const first = { ...begun(unit, atMs), cause, downSinceMs: atMs, lastEnded: invocation };
    return { incident: first, effects: [tellFell(first, atMs, policy)] };
  }
  // OnFailure= was faster than ExecStopPost=, and could not name the run.
  if (isGivenUp(incident) && incident.lastEnded === null) {
    return unchanged({ ...incident, cause, lastEnded: invocation });
  }
  if (isLate) return unchanged(withLateEnd(incident, atMs, invocation, cause));
  return incident.state === 'up'
    ? endedWhileUp(incident, atMs, invocation, cause, policy)
    : endedAgain(incident, atMs, invocation, cause, policy);
}

function withLateEnd(
  incident: OpenIncident,
  atMs: number,
  invocation: string | null,
  cause: Cause,
): OpenIncident {
  const end = { downSinceMs: incident.downSinceMs ?? atMs, lastEnded: invocation };
  return incident.state === 'up' ? { ...incident, ...end } : { ...incident, ...end, cause };
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
  const effects = withdrawDown(incident);
  if (incident.state === 'up') return { incident, effects, closedMs: atMs };
  const { falls, cause, downSinceMs } = incident;
  const isNews = falls > 0 && !isNoise(downSinceMs, atMs, policy);
  const event: ServiceEvent = { kind: 'recovered', cause, falls };
  const told = isNews ? toTell(incident, event, atMs, atMs, policy) : [];
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
  invocation: string | null,
  job: 'stop' | 'restart' | 'shutdown',
): Transition {
  const isFallen = incident !== undefined && incident.state !== 'up' && incident.falls > 0;
  if (isFallen && job !== 'stop') return unchanged({ ...incident, state: 'down', lastEnded: invocation });
  const stopped: StoppedIncident = { state: 'stopped', lastEnded: invocation };
  return { incident: stopped, effects: incident === undefined ? [] : withdrawDown(incident) };
}

/**
 * A stop that was asked for and still failed (a time-out, say) triggers OnFailure= as well: that is no news. Whatever else
 * comes begins anew.
 */
function afterStop(stopped: StoppedIncident, sign: Sign, unit: string, policy: TellingPolicy): Transition {
  const isSame = sign.invocation === null || sign.invocation === stopped.lastEnded;
  if (sign.kind === 'stays-down' && isSame) return unchanged(stopped);
  if (sign.kind === 'ended' && sign.invocation === stopped.lastEnded) return unchanged(stopped);
  if (sign.kind === 'look') return { incident: stopped, effects: [], closedMs: sign.atMs };
  return reduceIncident(undefined, sign, unit, policy);
}

function isKnownEnd({ lastEnded, state }: OpenIncident, invocation: string | null): boolean {
  return invocation === null ? state === 'down' : invocation === lastEnded;
}

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

function endedAgain(
  incident: DownIncident,
  atMs: number,
  invocation: string | null,
  cause: Cause,
  policy: TellingPolicy,
): Transition {
  const next: FallenIncident = {
    ...incident,
    state: 'down',
    number: incident.number + 1,
    falls: incident.falls + 1,
    // What was not started by Restart= is the first of a row.
    fallsInRow: isGivenUp(incident) ? 1 : incident.fallsInRow + 1,
    cause,
    downSinceMs: incident.downSinceMs ?? atMs,
    lastEnded: invocation,
  };
  if (incident.hasFailed) return unchanged(next);
  return { incident: next, effects: [...withdrawDown(incident), tellFell(next, atMs, policy)] };
}

function endedWhileUp(
  up: UpIncident,
  atMs: number,
  invocation: string | null,
  cause: Cause,
  policy: TellingPolicy,
): Transition {
  const { incident: fallen, effects } = fallenFromUp(up, atMs);
  const next = { ...fallen, fallsInRow: 1, cause, downSinceMs: atMs, lastEnded: invocation };
  return { incident: next, effects: [...effects, ...withdrawDown(up), tellFell(next, atMs, policy)] };
}

/** A fall, before its end is known. A word of an earlier restart that was held back is not told: it did not hold. */
function fallenFromUp(up: UpIncident, atMs: number): Transition & { readonly incident: FallenIncident } {
  const { lastStarted, startedMs, restarted } = up;
  const fallen: FallenIncident = {
    ...courseOf(up),
    state: 'down',
    number: up.number + 1,
    falls: up.falls + 1,
    downSinceMs: null,
    lastStarted,
    startedMs,
    cause: unknownCause,
    fallsInRow: 0,
    reminders: 0,
  };
  if (restarted === null) return { incident: fallen, effects: [] };
  const isTold = restarted.dueMs <= atMs;
  return isTold
    ? { incident: { ...fallen, falls: 1, restarted: { ...restarted, sinceMs: atMs } }, effects: [] }
    : { incident: fallen, effects: [withdraw(restarted.key)] };
}

function courseOf({ id, number, falls, downSinceMs, lastEnded, restarted }: Course): Course {
  return { id, number, falls, downSinceMs, lastEnded, restarted };
}

function started(
  incident: OpenIncident | undefined,
  { atMs, invocation, restarts }: Of<'started'>,
  unit: string,
  { purpose }: TellingPolicy,
): Transition {
  const run = { lastStarted: invocation, startedMs: atMs, state: 'starting' } as const;
  if (incident !== undefined && isKnownRun(incident, invocation)) return unchanged(incident);
  // A start by hand counts anew (`service_start()`, NRestarts): with 0 it is the first, and nothing has fallen.
  if (incident === undefined || (incident.state === 'up' && restarts === 0)) {
    // Of one that may end, a bad end would have begun an incident.
    const falls = purpose.isMeantToStay && restarts !== null && restarts > 0 ? 1 : 0;
    return unchanged({ ...begun(unit, atMs), falls, fallsInRow: falls, ...run });
  }
  if (incident.state !== 'up') {
    const fallsInRow = isGivenUp(incident) && restarts === 0 ? 0 : incident.fallsInRow;
    return { incident: { ...incident, ...run, fallsInRow }, effects: [withdraw(keyOf(incident, 'fell'))] };
  }
  const { incident: fallen, effects } = fallenFromUp(incident, atMs);
  return { incident: { ...fallen, ...run }, effects };
}

function isKnownRun({ lastEnded, lastStarted }: OpenIncident, invocation: string | null): boolean {
  return invocation !== null && [lastEnded, lastStarted].includes(invocation);
}

function ready(
  incident: OpenIncident | undefined,
  { atMs, invocation }: Of<'ready'>,
  policy: TellingPolicy,
): Transition {
  if (incident === undefined || incident.state === 'up') return unchanged(incident);
  if (invocation !== null && invocation === incident.lastEnded) return unchanged(incident);
  if (incident.hasFailed) return recovered(incident, atMs, policy);
  const withdrawn = withdrawDown(incident);
  if (incident.falls === 0) {
    const wasTold = incident.state === 'not-ready';
    const event: ServiceEvent = { kind: 'started' };
    const told = wasTold ? toTell(incident, event, atMs, atMs, policy) : [];
    return { incident, effects: [...withdrawn, ...told], closedMs: atMs };
  }
  const downSeconds = incident.downSinceMs === null ? null : secondsBetween(incident.downSinceMs, atMs);
  const up: UpIncident = {
    ...courseOf(incident),
    state: 'up',
    upSinceMs: atMs,
    lastStarted: invocation ?? incident.lastStarted,
    startedMs: incident.startedMs ?? atMs,
  };
  if (isNoise(incident.downSinceMs, atMs, policy)) return { incident: up, effects: withdrawn };
  const sinceMs = incident.restarted?.sinceMs ?? atMs;
  const dueMs =
    incident.restarted === null ? atMs : Math.max(atMs, Math.min(atMs + holdMs, sinceMs + longestHoldMs));
  const event: ServiceEvent = {
    kind: 'restarted',
    cause: incident.cause,
    downSeconds,
    falls: incident.falls,
  };
  return {
    incident: { ...up, restarted: { key: keyOf(up, 'restarted'), dueMs, sinceMs } },
    effects: [...withdrawn, ...toTell(up, event, atMs, dueMs, policy)],
  };
}

function notReady(
  incident: OpenIncident | undefined,
  { atMs, invocation, waitedSeconds }: Of<'not-ready'>,
  policy: TellingPolicy,
): Transition {
  if (incident?.state !== 'starting') return unchanged(incident);
  if (invocation !== null && invocation === incident.lastEnded) return unchanged(incident);
  const event: ServiceEvent = { kind: 'not-ready', waitedSeconds };
  return {
    incident: { ...incident, state: 'not-ready' },
    effects: toTell(incident, event, atMs, atMs, policy),
  };
}

function staysDown(
  incident: OpenIncident | undefined,
  { atMs, invocation, cause }: Of<'stays-down'>,
  unit: string,
  policy: TellingPolicy,
): Transition {
  if (incident?.state === 'stays-down') return unchanged(incident);
  const { startedBy } = policy.purpose;
  const isStartedAgain = startedBy.length > 0 && cause.result !== 'start-limit-hit';
  if (isStartedAgain && incident?.state === 'failed') return unchanged(incident);
  // Somebody has started it since.
  if (incident?.state === 'up' || (incident !== undefined && isLateWord(incident, atMs, invocation))) {
    return unchanged(incident);
  }
  const before: DownIncident = incident ?? { ...begun(unit, atMs), downSinceMs: atMs };
  const down: GivenUpIncident = {
    ...before,
    state: 'stays-down',
    // What saw the process end knows more than what only saw the service fail.
    cause: cause.code === null && !isUnknown(before.cause) ? before.cause : cause,
    downSinceMs: before.downSinceMs ?? atMs,
    falls: Math.max(1, before.falls),
    lastEnded: invocation ?? before.lastEnded,
    reminders: 0,
  };
  const dueMs = Math.max(atMs, (down.downSinceMs ?? atMs) + policy.thresholdSeconds * 1_000);
  if (isStartedAgain) {
    const event: ServiceEvent = { kind: 'failed', cause: down.cause, startedBy };
    const told = before.hasFailed ? [] : toTell(down, event, atMs, dueMs, policy);
    return {
      incident: { ...down, state: 'failed', hasFailed: true },
      effects: [withdraw(keyOf(before, 'fell')), ...told],
    };
  }
  const gaveUp =
    down.fallsInRow < 2
      ? null
      : { falls: down.fallsInRow, seconds: secondsBetween(down.downSinceMs ?? atMs, atMs) };
  const event: ServiceEvent = { kind: 'stays-down', cause: down.cause, gaveUp };
  const told = toTell(down, event, atMs, dueMs, policy);
  const reminded = remind(down, atMs, policy);
  return {
    incident: reminded.incident,
    effects: [withdraw(keyOf(before, 'fell')), ...told, ...reminded.effects],
  };
}

function look(incident: OpenIncident | undefined, { atMs }: Of<'look'>, policy: TellingPolicy): Transition {
  if (incident?.state === 'stays-down') return remind(incident, atMs, policy);
  if (incident?.state !== 'up') return unchanged(incident);
  const upForMs = atMs - incident.upSinceMs;
  const isTold = (incident.restarted?.dueMs ?? 0) <= atMs;
  return upForMs >= stableMs && isTold
    ? { incident, effects: [], closedMs: atMs }
    : { incident, effects: [] };
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
  const number = Math.floor(Math.max(0, atMs - sinceMs) / (remindSeconds * 1_000)) + 1;
  if (number <= incident.reminders) return { incident, effects: [] };
  const dueMs = sinceMs + number * remindSeconds * 1_000;
  return {
    incident: { ...incident, reminders: number },
    effects: [
      {
        kind: 'tell',
        key: reminderKey(incident, number),
        event: { kind: 'still-down', sinceMs },
        atMs: dueMs,
        dueMs: Math.max(dueMs, policy.mutedUntilMs ?? 0),
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
    fallsInRow: 1,
    cause: unknownCause,
    downSinceMs: null,
    lastEnded: null,
    lastStarted: null,
    startedMs: null,
    restarted: null,
    reminders: 0,
  };
}

function unchanged(incident: Incident | undefined): Transition {
  return { incident, effects: [] };
}

function tellFell(incident: DownIncident, atMs: number, policy: TellingPolicy): Effect {
  const waitMs = Math.max(patienceMs, policy.thresholdSeconds * 1_000);
  // The first of a row has patience of its own, however long ago the service was up.
  const sinceMs = incident.fallsInRow > 1 ? (incident.downSinceMs ?? atMs) : atMs;
  const dueMs = Math.max(atMs, sinceMs + waitMs, policy.mutedUntilMs ?? 0);
  const event: ServiceEvent = { kind: 'fell', cause: incident.cause };
  return { kind: 'tell', key: keyOf(incident, 'fell'), event, atMs, dueMs };
}

function toTell(
  incident: OpenIncident,
  event: ServiceEvent,
  atMs: number,
  dueMs: number,
  { mutedUntilMs }: TellingPolicy,
): readonly Effect[] {
  const key = event.kind === 'failed' ? failedKey(incident) : keyOf(incident, event.kind);
  return [{ kind: 'tell', key, event, atMs, dueMs: Math.max(dueMs, mutedUntilMs ?? 0) }];
}

/** Takes back all that says it is down: each channel that has not said so yet need not. */
function withdrawDown(incident: OpenIncident): readonly Effect[] {
  const length = incident.state === 'up' ? 0 : incident.reminders;
  const reminders = Array.from({ length }, (_, index) => reminderKey(incident, index + 1));
  const keys = (['fell', 'not-ready', 'stays-down'] as const).map(kind => keyOf(incident, kind));
  return [...keys, ...reminders, failedKey(incident)].map(withdraw);
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

function isUnknown({ result, code }: Cause): boolean {
  return result === null && code === null;
}

/** A clock that was set back makes no time negative. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
