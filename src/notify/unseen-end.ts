/**
 * Ends that no hook has told, as the journal has them: a command of the service that comes before the hook fails or hangs, or what its
 * commands need is missing, so that systemd runs none of them.
 */
import { failedEndOf, hasGivenUp, statusText } from '../inventory/downfall.ts';
import { endsStart, isFailedStart, type StartKind } from '../inventory/failed-start.ts';
import { lastRowOf, ofStart } from '../inventory/row-of-falls.ts';
import type { EndInJournal, FallInJournal, HostJournal, LiveUnit } from '../systemd/host/host.ts';
import { type DownIncident, isUnknown } from './incident.ts';
import type { Cause } from './notice.ts';
import type { RefusedRestart, Sign } from './sign.ts';

type EndedSign = Extract<Sign, { readonly kind: 'ended' }>;
type EndsJournal = Pick<HostJournal, 'restartsOf' | 'endsOf'>;

/** How a run ended; undefined where the journal does not say. */
export async function causeInJournal(
  unit: string,
  run: string,
  kind: StartKind | undefined,
  journal: EndsJournal | undefined,
): Promise<Cause | undefined> {
  const end = (await journal?.endsOf(new Map([[unit, run]])))?.get(unit);
  return end === undefined ? undefined : causeOf(end, kind);
}

/**
 * The end before the start that was seen last, where only systemd's count of restarts has told of it. Of a row of starts that led to no
 * process it is the end before them: since then it is down.
 */
export async function unseenEnd(
  unit: string,
  incident: DownIncident,
  kind: StartKind | undefined,
  journal: EndsJournal | undefined,
): Promise<Sign | undefined> {
  const { state, falls, cause, startedMs, lastStarted, lastEnded, ends = [] } = incident;
  // More starts may have failed since somebody looked.
  const isGrowing = cause.startsFailedSince !== undefined;
  const isUnseen =
    (state === 'starting' || state === 'not-ready') && falls > 0 && (isUnknown(cause) || isGrowing);
  if (!isUnseen || startedMs === null || lastStarted === null) return undefined;
  const known = isGrowing ? ends.filter(end => end !== lastEnded) : [lastEnded, ...ends];
  return endBeforeStart(unit, startedMs, kind, journal, { run: lastStarted, known });
}

/**
 * The end before a start, or before starts that led to no process.
 *
 * @param start the run that it led to, and runs whose ends are known: an end before these is not looked for
 */
async function endBeforeStart(
  unit: string,
  startedMs: number,
  kind: StartKind | undefined,
  journal: EndsJournal | undefined,
  { run, known }: { readonly run: string | null; readonly known: readonly (string | null)[] },
): Promise<EndedSign | undefined> {
  if (journal === undefined) return undefined;
  const row = (await journal.restartsOf([unit], (startedMs - sinceMs) / 1_000)).get(unit);
  const before = (row?.falls ?? []).filter(
    ({ invocation, seconds }) => seconds * 1_000 <= startedMs && invocation !== run,
  );
  const unseen = before.slice(before.findLastIndex(({ invocation }) => known.includes(invocation)) + 1);
  const at = unseen.findLastIndex(({ result }) => result !== failedStart.result);
  const failedStarts = unseen.slice(at + 1);
  const last = unseen[at];
  const end = last && (await journal.endsOf(new Map([[unit, last.invocation]]))).get(unit);
  if (last !== undefined && end?.wasStopped === false)
    return endedBy(last, {
      ...causeOf(end, kind),
      ...(failedStarts.length > 0 && { startsFailedSince: failedStarts.length }),
    });
  const [first] = failedStarts;
  return first && endedBy(first, { ...failedStart, startsFailedSince: failedStarts.length });
}

/** What is known of a service before a look. */
export interface Known {
  /** Runs whose ends are known. */
  readonly runs: readonly (string | null)[];
  /** What was before is known, or over. */
  readonly untilMs: number;
}

/**
 * The ends of a service that waits for its restart: of its latest starts, all of which have failed, and of the run before them. The journal
 * has the restarts since somebody started it; before the first of these the state of the unit tells.
 */
export async function unseenEnds(
  unit: string,
  live: LiveUnit,
  nowMs: number,
  { runs, untilMs }: Known,
  journal: EndsJournal | undefined,
): Promise<readonly EndedSign[]> {
  const row = (await journal?.restartsOf([unit], (nowMs - sinceMs) / 1_000))?.get(unit);
  const falls = (row?.falls ?? []).map(fall => ofStart(fall, live));
  const after = falls.findLastIndex(({ invocation }) => runs.includes(invocation));
  const unseen = falls.slice(after + 1).filter(({ seconds }) => seconds * 1_000 > untilMs);
  const at = unseen.findLastIndex(fall => !isFailedStart(fall));
  const [last, starts] = [unseen[at], unseen.slice(at + 1)];
  const endOf = async (fall: FallInJournal) =>
    (await journal?.endsOf(new Map([[unit, fall.invocation]])))?.get(unit);
  const end = last && (await endOf(last));
  const latest = starts.at(-1);
  // All that was read are starts that failed, and there were more.
  const isCut = row?.isWhole === false && starts.length === falls.length;
  const latestEnd = latest && (await endOf(latest));
  return [
    ...(last !== undefined && end?.wasStopped === false ? [endedBy(last, causeOf(end, live))] : []),
    ...starts.map(fall =>
      endedBy(fall, fall === latest && latestEnd ? causeOf(latestEnd, live) : causeOfFall(fall)),
    ),
  ].map(sign => ({
    ...sign,
    seenMs: nowMs,
    ...(isCut && sign.invocation === falls[0]?.invocation && { isAfterUnseen: true }),
    ...(row?.isWhole === true && sign.invocation === falls[0]?.invocation && { isByJob: true }),
  }));
}

/**
 * The restart that systemd refused to a service that has failed, and the falls up to it. That it scheduled one after the last run tells it from an
 * end after which it restarts nothing; where the journal does not have that run, the times of the unit tell.
 *
 * @returns undefined where none was refused
 */
export async function refusedRestart(
  unit: string,
  live: LiveUnit | undefined,
  nowMs: number,
  journal: Partial<Pick<HostJournal, 'restartsOf'>> | undefined,
): Promise<RefusedRestart | undefined> {
  if (live?.activeState !== 'failed' || live.nRestarts === 0) return undefined;
  const restarts = live.nRestarts;
  const read = (await journal?.restartsOf?.([unit], (nowMs - sinceMs) / 1_000))?.get(unit);
  const known = read?.falls.at(-1)?.invocation === live.invocation ? read : undefined;
  if (known === undefined) return hasGivenUp(live) ? { restarts } : undefined;
  if (!known.isLastAnswered) return undefined;
  const { falls, startsFailed, isWhole } = lastRowOf(known, live);
  const [first, last] = [falls[0], falls.at(-1)];
  if (first === undefined || last === undefined) return { restarts };
  return {
    restarts,
    row: {
      falls: falls.length - startsFailed,
      failedStarts: startsFailed,
      ...(!isWhole && { isAtLeast: true }),
      sinceMs: Math.round(first.seconds * 1_000),
      lastMs: Math.round(last.seconds * 1_000),
    },
  };
}

function causeOfFall(fall: FallInJournal & Pick<Cause, 'isBeforeUp'>): Cause {
  const { result, code, isBeforeUp } = fall;
  return { result, code, status: statusText(fall), ...(isBeforeUp && { isBeforeUp }) };
}

function endedBy({ invocation, seconds }: FallInJournal, cause: Cause): EndedSign {
  return { kind: 'ended', atMs: seconds * 1_000, invocation, cause, job: 'none' };
}

/** systemd could not even make a process: of such a start no command is run, and so no hook either. */
const failedStart = { result: 'resources', code: null, status: null } as const;

/** How far back it is looked for. */
const sinceMs = 24 * 3_600_000;

/** Of a good end the journal has no status. */
export function causeOf(end: EndInJournal, kind?: StartKind): Cause {
  const main = { result: end.result ?? 'success', code: end.code, status: statusText(end) };
  const failedCommand = failedEndOf(end);
  return {
    ...main,
    ...(end.isAfterStart && { mainEndedWell: true }),
    ...(end.startFailed && kind !== undefined && endsStart(kind, main) && { isBeforeUp: true }),
    ...(failedCommand && { failedCommand }),
  };
}
