/** What came after each sign of the spool: with it, the counters of a manager tell of runs that are over. */
import { hasGivenUp, isAtRest } from '../inventory/downfall.ts';
import type { LiveUnit } from '../systemd/host/host.ts';
import type { SpooledSign } from './spool.ts';

export interface FollowedSign {
  readonly sign: SpooledSign;
  readonly later: Later;
}

/** What came after a sign, of the same unit. */
export interface Later {
  readonly signs: number;
  /** Runs that began after the one of the sign. */
  readonly runs: number;
  /** When the next of them began, in ms since 1970; null when no sign tells. */
  readonly startedMs: number | null;
}

/**
 * @param signs in order; all that there are
 * @param live the present states of their units, read after the signs: the hook of the present run may still be to come
 */
export function withLater(
  signs: readonly SpooledSign[],
  live: ReadonlyMap<string, LiveUnit>,
): readonly FollowedSign[] {
  const units = new Map<string, { signs: number; readonly runs: Set<string>; startedMs: number | null }>();
  const backwards = signs.toReversed().map((sign): FollowedSign => {
    const { unit, invocation, kind, atMs } = sign;
    const present = live.get(unit)?.invocation || [];
    const seen = units.get(unit) ?? { signs: 0, runs: new Set([present].flat()), startedMs: null };
    const isOwn = invocation !== null && seen.runs.has(invocation);
    const later = { signs: seen.signs, runs: seen.runs.size - (isOwn ? 1 : 0), startedMs: seen.startedMs };
    seen.signs += 1;
    if (invocation !== null) seen.runs.add(invocation);
    if (kind === 'started') seen.startedMs = atMs;
    units.set(unit, seen);
    return { sign, later };
  });
  return backwards.toReversed();
}

/**
 * How many of the runs of a unit were started by `Restart=`, in a row up to the present one; at least, unless the unit runs. The manager
 * also counts the start that is about to come, and the one that the start limit has refused (`service_enter_restart()`).
 */
export function automaticStarts(live: LiveUnit): number {
  return isRunning(live) ? live.nRestarts : live.nRestarts - 1;
}

/**
 * Whether systemd has counted no restart up to a run: it is the first since a start by somebody, another unit or a boot. The manager counts
 * a restart when the wait for it is over, and also the one that the start limit then refuses.
 */
export function isFirstRun(live: LiveUnit, later: Pick<Later, 'runs'>): boolean {
  const withoutRun = live.subState === 'auto-restart-queued' || hasGivenUp(live) ? 1 : 0;
  return live.nRestarts - withoutRun - later.runs === 0;
}

/** Whether a unit is in a run: not at rest, and not between two. */
export function isRunning(live: LiveUnit): boolean {
  return !isAtRest(live) && !live.subState.startsWith('auto-restart');
}
