/** Whether a service has fallen lately, or falls again and again, although it may be up at the moment at which it is looked at. */
import type { LiveUnit } from '../systemd/host/host.ts';
import {
  type Downfall,
  endingOf,
  failedEndOf,
  isAtRest,
  isEnabledNow,
  isOfStart,
  isWaiting,
  noOutlook,
  phaseOf,
  statusText,
} from './downfall.ts';
import { type RowOfFalls, settledSeconds } from './row-of-falls.ts';

/** From when on restarts count, so that a bad start of long ago is no loop. */
export function loopsFrom(nowSeconds: number): number {
  return nowSeconds - windowSeconds;
}

/**
 * Whether the restarts of a unit are worth a look into the journal. systemd's own count says nothing of the time: three restarts in a
 * month are no loop, and two may be of the last minutes.
 */
export function mayHaveFallen(live: LiveUnit, nowSeconds: number): boolean {
  if (live.nRestarts === 0 || isAtRest(live) || live.activeState === 'deactivating') return false;
  // It is told to be down as it is, with the fall before a start that failed.
  if (isWaiting(live)) return live.nRestarts >= fewestRestarts || isOfStart(live);
  const { mainStartedSeconds: started } = live;
  return started !== null && started >= loopsFrom(nowSeconds);
}

/**
 * @param found what the journal says of the restarts; undefined where it says nothing
 * @param isMeantToEnd whether an end without a fault may be how such a service works
 * @param isListening whether it is known to listen on its port at the moment
 * @returns undefined where it has not fallen for ten minutes
 */
export function recentFallsOf(
  live: LiveUnit,
  found: RowOfFalls | undefined,
  isMeantToEnd: boolean,
  isListening: boolean,
  enabled: string | undefined,
  nowSeconds: number,
): Downfall | undefined {
  if (!mayHaveFallen(live, nowSeconds)) return undefined;
  const known = {
    isEnabled: isEnabledNow(enabled),
    other: null,
    conditions: [],
    ...noOutlook,
    ...phaseOf(live),
  };
  const isStarting = known.phase === 'starting';
  // Its main process has ended, and so the manager itself knows the last end.
  const waiting = isWaiting(live) ? endingOf(live) : undefined;
  if (found === undefined) return waiting === undefined ? unproved(live, known, nowSeconds) : undefined;
  const { count, seconds, falls, isWhole, end } = found;
  if (waiting !== undefined && live.nRestarts < fewestRestarts) return undefined;
  const lastRestart = seconds.at(-1);
  if (lastRestart === undefined || falls.length === 0) return undefined;
  if (waiting === undefined && isStartedByHand(live, found)) return undefined;
  const upSeconds = waiting === undefined ? nowSeconds - lastRestart : 0;
  const ending = waiting ?? {
    result: end.result,
    code: end.code,
    status: statusText(end),
    // Of a main process that it sees end, the manager writes each end that is no success.
    mainEndedWell:
      end.isAfterStart === true || (end.result === 'success' && end.code === null && live.mainPid !== 0),
  };
  const failedCommand = live.invocation === end.invocation || waiting === undefined ? failedEndOf(end) : null;
  const isMany = count >= fewestRestarts;
  const isNow = isMany && upSeconds <= Math.max(settledSeconds, 2 * longestRoundOf(found));
  const isOver =
    upSeconds > Math.max(shortestRoundSeconds, 2 * longestRoundOf(found)) ||
    (isListening && upSeconds > found.longestStretch);
  const isWell = ending.result === 'success';
  // Who ends without a fault once or twice may do so to be started anew.
  if (isWell && !isMany && isMeantToEnd) return undefined;
  const nowadays = isWell && isMeantToEnd ? 'ends-again' : isOver && !isStarting ? 'restarted' : 'looping';
  const lately = isWell ? 'ended-lately' : 'fell-lately';
  const how = isNow ? nowadays : isStarting ? 'starting' : lately;
  const row = {
    mayHaveBegunEarlier: !isWhole,
    lastRestartSeconds: lastRestart,
    restarts: count,
    earlierRestarts: found.earlier,
    startsFailed: found.startsFailed,
    // The manager was asked before the journal.
    failedStarts:
      waiting !== undefined && waiting.result !== falls.at(-1)?.result ? null : found.failedStarts,
  };
  return { ...known, how, ...row, ...timesOf(live, found), ...ending, failedCommand };
}

/** When it fell first and last: of a run that ended well the journal may have only the restart, and of the last run the manager the end. */
function timesOf(
  live: LiveUnit,
  { falls, seconds }: RowOfFalls,
): Pick<Downfall, 'sinceSeconds' | 'lastFallSeconds' | 'timesOfRestarts'> {
  const [first, last] = [falls[0], falls.at(-1)];
  const lastEnd = isWaiting(live)
    ? Math.max(last?.seconds ?? 0, live.leftActiveSeconds ?? 0, live.mainEndedSeconds ?? 0)
    : last?.isOfRestart === true
      ? leftActiveBetween(live, seconds.at(-2) ?? 0, last.seconds)
      : last?.seconds;
  const times = { since: first?.isOfRestart === true, lastFall: lastEnd === undefined };
  const lastFallSeconds = lastEnd ?? last?.seconds ?? null;
  // One fall has one time.
  const isOne = falls.length === 1 && !isWaiting(live);
  const sinceSeconds = isOne ? lastFallSeconds : (first?.seconds ?? null);
  const timesOfRestarts = (['since', 'lastFall'] as const).filter(name => times[isOne ? 'lastFall' : name]);
  return { sinceSeconds, lastFallSeconds, timesOfRestarts };
}

/** A run that was never up has not left `active`, and the time that the manager has is that of an earlier one. */
function leftActiveBetween(
  { leftActiveSeconds: left }: LiveUnit,
  from: number,
  until: number,
): number | undefined {
  return left !== null && left >= Math.floor(from) && left <= until ? left : undefined;
}

/** Its last fall is followed by no restart of the manager's, and its present run by no fall that was read: somebody has started it. */
function isStartedByHand({ invocation }: LiveUnit, { falls, isLastAnswered }: RowOfFalls): boolean {
  return !isLastAnswered && falls.every(fall => fall.invocation !== invocation);
}

function longestRoundOf({ seconds }: RowOfFalls): number {
  return Math.max(...seconds.slice(1).map((each, index) => each - (seconds[index] ?? each)));
}

const fewestRestarts = 3;
const windowSeconds = 600;
/** So that a loop of a second or less is not called over by the time that it takes to look. */
const shortestRoundSeconds = 10;

/** It was restarted, the last time just now: more is not known without the journal. */
function unproved(
  { mainStartedSeconds, nRestarts: restarts }: LiveUnit,
  known: Omit<Downfall, 'how' | 'sinceSeconds' | 'restarts' | 'result' | 'code' | 'status'>,
  nowSeconds: number,
): Downfall | undefined {
  if (mainStartedSeconds === null || nowSeconds - mainStartedSeconds > settledSeconds) return undefined;
  const ending = { result: 'success', code: null, status: null };
  return {
    ...known,
    how: restarts >= fewestRestarts ? 'restarted' : known.phase === 'starting' ? 'starting' : 'fell-lately',
    sinceSeconds: null,
    restarts,
    lastRestartSeconds: mainStartedSeconds,
    ...ending,
  };
}
