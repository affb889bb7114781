/**
 * Ends that no hook has told, as the journal has them: a command of the service that comes before the hook fails or hangs, or what its
 * commands need is missing, so that systemd runs none of them.
 */
import { failedEndOf, statusText } from '../inventory/downfall.ts';
import type { EndInJournal, FallInJournal, HostJournal } from '../systemd/host/host.ts';
import { type DownIncident, isUnknown } from './incident.ts';
import type { Cause } from './notice.ts';
import type { Sign } from './sign.ts';

type EndsJournal = Pick<HostJournal, 'restartsOf' | 'endsOf'>;

/** How a run ended; undefined where the journal does not say. */
export async function causeInJournal(
  unit: string,
  run: string,
  journal: EndsJournal | undefined,
): Promise<Cause | undefined> {
  const end = (await journal?.endsOf(new Map([[unit, run]])))?.get(unit);
  return end === undefined ? undefined : causeOf(end);
}

/**
 * The end before the start that was seen last, where only systemd's count of restarts has told of it. Of a row of starts that led to no
 * process it is the end before them: since then it is down.
 */
export async function unseenEnd(
  unit: string,
  incident: DownIncident,
  journal: EndsJournal | undefined,
): Promise<Sign | undefined> {
  const { state, falls, cause, startedMs, lastStarted, lastEnded, ends = [] } = incident;
  // More starts may have failed since somebody looked.
  const isGrowing = cause.startsFailedSince !== undefined;
  const isUnseen =
    (state === 'starting' || state === 'not-ready') && falls > 0 && (isUnknown(cause) || isGrowing);
  if (!isUnseen || startedMs === null || lastStarted === null) return undefined;
  const known = isGrowing ? ends.filter(end => end !== lastEnded) : [lastEnded, ...ends];
  return endBeforeStart(unit, startedMs, journal, { run: lastStarted, known });
}

/**
 * The end before a start, or before starts that led to no process.
 *
 * @param start the run that it led to, and runs whose ends are known: an end before these is not looked for
 */
export async function endBeforeStart(
  unit: string,
  startedMs: number,
  journal: EndsJournal | undefined,
  { run, known }: { readonly run: string | null; readonly known: readonly (string | null)[] } = {
    run: null,
    known: [],
  },
): Promise<Extract<Sign, { readonly kind: 'ended' }> | undefined> {
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
      ...causeOf(end),
      ...(failedStarts.length > 0 && { startsFailedSince: failedStarts.length }),
    });
  const [first] = failedStarts;
  return first && endedBy(first, { ...failedStart, startsFailedSince: failedStarts.length });
}

function endedBy(
  { invocation, seconds }: FallInJournal,
  cause: Cause,
): Extract<Sign, { readonly kind: 'ended' }> {
  return { kind: 'ended', atMs: seconds * 1_000, invocation, cause, job: 'none' };
}

/** systemd could not even make a process: of such a start no command is run, and so no hook either. */
const failedStart = { result: 'resources', code: null, status: null } as const;

/** How far back it is looked for. */
const sinceMs = 24 * 3_600_000;

/** Of a good end the journal has no status. */
export function causeOf(end: EndInJournal): Cause {
  const main = { result: end.result ?? 'success', code: end.code, status: statusText(end) };
  const failedCommand = failedEndOf(end);
  return {
    ...main,
    ...(end.isAfterStart && { mainEndedWell: true }),
    ...(failedCommand && { failedCommand }),
  };
}
