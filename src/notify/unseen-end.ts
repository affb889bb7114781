/**
 * Ends that no hook has told, as the journal has them: a command of the service that comes before the hook fails or hangs, or what its
 * commands need is missing, so that systemd runs none of them.
 */
import { statusText } from '../inventory/downfall.ts';
import type { EndInJournal, HostJournal } from '../systemd/host/host.ts';
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
  const isUnseen = (state === 'starting' || state === 'not-ready') && falls > 0 && isUnknown(cause);
  if (!isUnseen || startedMs === null || lastStarted === null || journal === undefined) return undefined;
  const row = (await journal.restartsOf([unit], (startedMs - sinceMs) / 1_000)).get(unit);
  const unseen = (row?.falls ?? []).filter(
    ({ invocation, seconds }) =>
      seconds * 1_000 <= startedMs && ![lastStarted, lastEnded, ...ends].includes(invocation),
  );
  let found: Sign | undefined;
  for (const { invocation, seconds } of unseen.slice(-mostRuns).toReversed()) {
    const end = (await journal.endsOf(new Map([[unit, invocation]]))).get(unit);
    if (end === undefined || end.wasStopped) break;
    found = { kind: 'ended', atMs: seconds * 1_000, invocation, cause: causeOf(end), job: 'none' };
    if (end.result !== 'resources') break;
  }
  return found;
}

/** How far back it is looked for. */
const sinceMs = 24 * 3_600_000;
/** Each takes a look into the journal. More starts than these the start limit does not allow, by default. */
const mostRuns = 6;

/** Of a good end the journal has no status. */
export function causeOf(end: EndInJournal): Cause {
  const main = { result: end.result ?? 'success', code: end.code, status: statusText(end) };
  return { ...main, ...(end.isAfterStart && { mainEndedWell: true }) };
}
