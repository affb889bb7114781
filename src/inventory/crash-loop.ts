/** Whether a service falls again and again, although it may be up at the moment at which it is looked at. */
import { shortSignalName } from '../systemd/values/signal.ts';
import type { LiveUnit, RestartsInJournal } from '../systemd/host/host.ts';
import { type Downfall, endingOf, isAtRest, isEnabledNow, noOutlook } from './downfall.ts';

/** From when on restarts count, so that a bad start of long ago is no loop. */
export function loopsFrom(nowSeconds: number): number {
  return nowSeconds - windowSeconds;
}

/**
 * Whether the restarts of a unit are worth a look into the journal. systemd's own count says nothing of the time: three restarts in a
 * month are no loop.
 */
export function mayLoop(live: LiveUnit, nowSeconds: number): boolean {
  if (live.nRestarts < fewestRestarts || isAtRest(live)) return false;
  if (isWaiting(live)) return true;
  const { mainStartedSeconds: started } = live;
  return started !== null && started >= loopsFrom(nowSeconds);
}

/**
 * @param found what the journal says of the restarts; undefined where it says nothing
 * @param isMeantToEnd whether an end without a fault is how such a service works
 * @returns undefined where it has only fallen some time, or has been up for longer than its falls were apart
 */
export function crashLoopOf(
  live: LiveUnit,
  found: RestartsInJournal | undefined,
  isMeantToEnd: boolean,
  enabled: string | undefined,
  nowSeconds: number,
): Downfall | undefined {
  if (!mayLoop(live, nowSeconds)) return undefined;
  const known = { isEnabled: isEnabledNow(enabled), other: null, conditions: [], ...noOutlook };
  const waiting = isWaiting(live) ? endingOf(live) : undefined;
  if (found === undefined) return waiting === undefined ? unproved(live, known, nowSeconds) : undefined;
  const { count, seconds, end } = found;
  const [first, last] = [seconds[0], seconds.at(-1)];
  if (count < fewestRestarts || first === undefined || last === undefined) return undefined;
  if (waiting === undefined && live.leftInactiveUsec > found.lastUsec + nearUsec) return undefined;
  const longestRound = Math.max(...seconds.slice(1).map((each, index) => each - (seconds[index] ?? each)));
  if (waiting === undefined && nowSeconds - last > Math.max(settledSeconds, 2 * longestRound))
    return undefined;
  const ending = waiting ?? { result: end.result, code: end.code, status: statusOf(end) };
  if (ending.result === 'success' && isMeantToEnd) return undefined;
  const row = { sinceSeconds: first, lastRestartSeconds: last, restarts: count };
  return { ...known, how: 'looping', ...row, ...ending };
}

/**
 * A start that comes later than this after the last restart was made by somebody. systemd goes on counting where that stopped the wait
 * for a restart.
 */
const nearUsec = 2_000_000;
const fewestRestarts = 3;
const windowSeconds = 600;
/** Who has been up for a minute is not said to fall, however quickly it fell before. */
const settledSeconds = 60;

/** It was restarted some times, the last time just now: more is not known without the journal. */
function unproved(
  { mainStartedSeconds, nRestarts: restarts }: LiveUnit,
  known: Omit<Downfall, 'how' | 'sinceSeconds' | 'restarts' | 'result' | 'code' | 'status'>,
  nowSeconds: number,
): Downfall | undefined {
  if (mainStartedSeconds === null || nowSeconds - mainStartedSeconds > settledSeconds) return undefined;
  const ending = { result: 'success', code: null, status: null };
  return {
    ...known,
    how: 'restarted',
    sinceSeconds: null,
    restarts,
    lastRestartSeconds: mainStartedSeconds,
    ...ending,
  };
}

/** Its main process has ended, and so the manager itself knows the last end. */
function isWaiting({ subState }: LiveUnit): boolean {
  return subState.startsWith('auto-restart');
}

function statusOf({ code, status }: RestartsInJournal['end']): string | null {
  if (status === null) return null;
  return code === 'exited' ? String(status) : shortSignalName(status);
}
