/** Which falls of a service belong together: those that follow each other without a stretch in which it was up for long. */
import { endsStart, type EndOfStart, isFailedStart, type StartKind } from './failed-start.ts';
import type { FallInJournal, RestartsInJournal } from '../systemd/host/host.ts';

/** The latest falls that belong together. */
export interface RowOfFalls extends RestartsInJournal {
  /** The restarts before them; null where there are none. */
  readonly earlier: EarlierRestarts | null;
  /** How long it was at most between a restart and the next fall, in seconds; 0 where there are no two falls. */
  readonly longestStretch: number;
  /** The last of its falls, where these are starts that led to no program; null where the last one is not. */
  readonly failedStarts: FailedStarts | null;
  /** How many of all its falls were such starts. */
  readonly startsFailed: number;
}

/** Starts in a row of which none led to a program. */
export interface FailedStarts {
  readonly count: number;
  /** When the first of them failed, in seconds since 1970. */
  readonly sinceSeconds: number;
  /** The fall before them; null where it is not known. */
  readonly before: FallInJournal | null;
}

/** Restarts that are over, since a long stretch without a fall came after them; times in seconds since 1970. */
export interface EarlierRestarts {
  readonly count: number;
  readonly firstSeconds: number;
  readonly lastSeconds: number;
}

/**
 * @param read falls and restarts, of which the manager has counted all without a start by somebody in between: for it a service that has
 * been up for a month goes on to fall
 */
export function lastRowOf(read: RestartsInJournal, kind: StartKind): RowOfFalls {
  const found = { ...read, falls: read.falls.map(fall => ofStart(fall, kind)) };
  const stretches = stretchesOf(found);
  const begin = Math.max(0, stretches.findLastIndex(isLongAmong(stretches)));
  const since = found.falls[begin]?.seconds ?? 0;
  const [before, seconds] = [
    found.seconds.filter(each => each < since),
    found.seconds.filter(each => each >= since),
  ];
  const longestStretch = Math.max(0, ...stretches.slice(begin + 1));
  const [firstSeconds, lastSeconds] = [before[0], before.at(-1)];
  if (begin === 0 || firstSeconds === undefined || lastSeconds === undefined)
    return { ...found, earlier: null, longestStretch, ...startsIn(found.falls) };
  const falls = found.falls.slice(begin);
  return {
    ...found,
    count: seconds.length,
    seconds,
    falls,
    isWhole: true,
    earlier: { count: found.count - seconds.length, firstSeconds, lastSeconds },
    longestStretch,
    ...startsIn(falls),
  };
}

export function ofStart(
  fall: FallInJournal,
  kind: StartKind,
): FallInJournal & Pick<EndOfStart, 'isBeforeUp'> {
  return fall.startFailed && endsStart(kind, fall) ? { ...fall, isBeforeUp: true } : fall;
}

function startsIn(falls: readonly FallInJournal[]): Pick<RowOfFalls, 'failedStarts' | 'startsFailed'> {
  return { failedStarts: failedStartsIn(falls), startsFailed: falls.filter(isFailedStart).length };
}

function failedStartsIn(falls: readonly FallInJournal[]): FailedStarts | null {
  const at = falls.findLastIndex(fall => !isFailedStart(fall));
  const first = falls[at + 1];
  return first === undefined
    ? null
    : { count: falls.length - at - 1, sinceSeconds: first.seconds, before: falls[at] ?? null };
}

/** Who has been up for a minute, and for longer than its falls were apart, is not said to fall, however quickly it fell before. */
export const settledSeconds = 60;

/** From the restart before each fall to the fall, in seconds; 0 for the first one. */
function stretchesOf({ falls, seconds }: RestartsInJournal): readonly number[] {
  return falls.map((fall, index) => {
    const restart = seconds.findLast(each => each < fall.seconds);
    return index === 0 || restart === undefined ? 0 : fall.seconds - restart;
  });
}

/** A server that falls every three minutes goes on to fall. One that fell every few seconds, and then ran for three minutes, does not. */
function isLongAmong(stretches: readonly number[]): (stretch: number) => boolean {
  const sorted = stretches.slice(1).toSorted((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return stretch => stretch > Math.max(settledSeconds, 2 * usual);
}
