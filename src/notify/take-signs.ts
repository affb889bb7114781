/** Takes signs from the spool into the store. A file is deleted only after its sign is stored, and no sign is stored twice. */
import type { DatabaseSync } from 'node:sqlite';
import { deathOf, failedEndOf, isOfOtherCommand, phaseOf } from '../inventory/downfall.ts';
import { inTransaction } from '../store/database.ts';
import type { Incidents } from '../store/incidents.ts';
import { TakenFiles } from '../store/taken-files.ts';
import { firstWrite } from '../store/unwritable-state-folder.ts';
import { setWaitingMark } from '../store/waiting-mark.ts';
import type { LiveUnit } from '../systemd/host/host.ts';
import { endingJobs, type Evidence } from './ending-job.ts';
import { failedStartJobs, startsThatFailed } from './failed-start.ts';
import { liveCause, timeoutAfterEnd } from './live-cause.ts';
import type { Cause } from './notice.ts';
import type { EndingJob, RefusedRestart, Sign } from './sign.ts';
import { noteMoves } from './watch-front.ts';
import {
  automaticStarts,
  type FollowedSign,
  isFirstRun,
  isRunning,
  type Later,
  withLater,
} from './sign-order.ts';
import { refusedRestart } from './unseen-end.ts';
import { clearSpool, isInSpool, makeSpool, readSpool, spoolFolder, type SpooledSign } from './spool.ts';

export interface Taking {
  /** The state folder. */
  readonly folder: string;
  readonly database: DatabaseSync;
  readonly incidents: Pick<Incidents<Sign, never>, 'append'>;
  /** What the manager and the journal know of units; the signs are read before. */
  readonly look: (units: readonly string[]) => Promise<Evidence>;
  /** Reports files that never became signs. */
  readonly discarded: (count: number) => void;
}

/**
 * Stores all signs that are in the spool.
 *
 * @returns the units that they are about
 * @throws UnwritableStateFolder, and other errors of the store; then all files are still there
 */
export async function takeSigns(taking: Taking): Promise<ReadonlySet<string>> {
  const { folder, database, incidents, look, discarded } = taking;
  const units = new Set<string>();
  const taken = new TakenFiles(database);
  for (let more = true; more; ) {
    const spool = firstWrite(folder, () => makeSpool(folder));
    const read = readSpool(spool, Date.now());
    const files = [...read.signs, ...read.moves].map(({ file }) => file);
    more = read.hasMore && files.length > 0;
    if (read.discarded > 0) discarded(read.discarded);
    if (files.length === 0) break;
    const evidence = await look([...new Set(read.signs.map(({ unit }) => unit))]);
    // What is not read yet came later: then the manager's counters say nothing of what is.
    const known = read.hasMore ? { ...evidence, live: new Map<string, LiveUnit>() } : evidence;
    const signs = withLater(read.signs, known.live);
    const jobs = await endingJobs(signs, known);
    const starts = await failedStartJobs(signs, known);
    const told = await toldByJournal(signs, known);
    const beforeUp = await startsThatFailed(signs, known);
    const refused = await refusedRestarts(signs, known);
    firstWrite(folder, () =>
      inTransaction(database, () => {
        setWaitingMark(folder);
        const moves = read.moves.filter(({ file }) => taken.add(file));
        if (moves.length > 0) noteMoves(moves, database);
        for (const { sign, later } of signs) {
          if (!taken.add(sign.file)) continue;
          const job = jobs.get(sign.file) ?? 'unknown';
          incidents.append(
            sign.unit,
            signOf(
              {
                ...sign,
                cause: {
                  ...sign.cause,
                  ...told.get(sign.file)?.cause,
                  ...(beforeUp.has(sign.file) && { isBeforeUp: true }),
                  ...ofSameRun(sign, known.live.get(sign.unit), timeoutAfterEnd),
                },
              },
              told.get(sign.file)?.endedMs,
              later,
              job,
              starts.get(sign.file),
              refused.get(sign.file),
              known,
            ),
          );
        }
      }),
    );
    clearSpool(spool, files);
    for (const { unit } of read.signs) units.add(unit);
  }
  // A file that could not be deleted is remembered, and its sign is not taken again.
  taken.forgetMissing(file => isInSpool(spoolFolder(folder), file));
  return units;
}

/** What the journal adds to a sign. */
interface ToldByJournal {
  readonly cause: Pick<Cause, 'failedCommand'>;
  /** When the run ended, in ms since 1970; left out where it is not written. */
  readonly endedMs?: number;
}

/**
 * Which other command failed, and when a run ended of which only its failure was told, by the files of signs: of each unit the last one that
 * leaves it open.
 */
async function toldByJournal(
  signs: readonly FollowedSign[],
  { live, journal }: Evidence,
): Promise<ReadonlyMap<string, ToldByJournal>> {
  const ended = new Set(signs.flatMap(({ sign }) => (sign.kind === 'ended' ? (sign.invocation ?? []) : [])));
  const isOpen = ({ kind, cause }: SpooledSign, run: string) =>
    isOfOtherCommand(cause) || (kind === 'failed' && !ended.has(run));
  const last = new Map(
    signs.flatMap(({ sign }) => {
      const run = runOf(sign, live.get(sign.unit));
      const isAsked = run !== undefined && isOpen(sign, run);
      return isAsked ? [[sign.unit, { file: sign.file, run, cause: sign.cause }] as const] : [];
    }),
  );
  if (last.size === 0) return new Map();
  const ends = await journal?.endsOf?.(new Map([...last].map(([unit, { run }]) => [unit, run])));
  return new Map(
    [...last].flatMap(([unit, { file, cause }]) => {
      const end = ends?.get(unit);
      if (end === undefined) return [];
      const told = {
        cause: isOfOtherCommand(cause) ? { failedCommand: failedEndOf(end) } : {},
        ...(end.at !== null && !end.wasStopped && { endedMs: end.at.seconds * 1_000 }),
      };
      return [[file, told] as const];
    }),
  );
}

/** The restarts that systemd refused, by the files of the signs that tell of the failure. */
async function refusedRestarts(
  signs: readonly FollowedSign[],
  { live, journal }: Evidence,
): Promise<ReadonlyMap<string, RefusedRestart>> {
  const found = new Map<string, RefusedRestart>();
  for (const { sign, later } of signs) {
    if (sign.kind !== 'failed' || later.signs > 0) continue;
    const refused = await refusedRestart(sign.unit, live.get(sign.unit), Date.now(), journal);
    if (refused !== undefined) found.set(sign.file, refused);
  }
  return found;
}

/** It fell when `daruma status` says that it did: by the manager, as long as that still knows of the run, or else by the journal. */
function endOf(
  sign: SpooledSign,
  job: EndingJob,
  live: LiveUnit | undefined,
  writtenMs: number | undefined,
): number {
  // What is written of an end is written of one without a stop job.
  const hasFallen = job === 'none' || writtenMs !== undefined || undefined;
  const seconds = ofSameRun(sign, live, unit => deathOf(unit, hasFallen));
  const endedMs = typeof seconds === 'number' ? Math.round(seconds * 1_000) : (writtenMs ?? Infinity);
  return Math.min(endedMs, sign.atMs);
}

function ofSameRun<Told>(
  sign: SpooledSign,
  live: LiveUnit | undefined,
  told: (live: LiveUnit) => Told,
): Told | undefined {
  return live !== undefined && runOf(sign, live) === live.invocation ? told(live) : undefined;
}

/** Before version 251 systemd does not say which run has failed: what has not been started since shows it. */
function runOf({ kind, invocation }: SpooledSign, live: LiveUnit | undefined): string | undefined {
  return invocation ?? (kind === 'failed' && live?.activeState === 'failed' ? live.invocation : undefined);
}

function startOf(live: LiveUnit | undefined, later: Later): { readonly isByJob?: true } {
  return live !== undefined && isFirstRun(live, later) ? { isByJob: true } : {};
}

/**
 * Before version 251 systemd does not say of which run it is. Without a limit of its job what has failed and starts again was started by
 * somebody.
 */
function isOfRun(
  { invocation, unit }: SpooledSign,
  later: Later,
  live: LiveUnit,
  evidence: Evidence,
): boolean {
  if (invocation !== null) return live.invocation === invocation;
  return later.signs === 0 && live.activeState === 'activating' && evidence.jobLimitsOf?.(unit).length !== 0;
}

function signOf(
  sign: SpooledSign,
  writtenMs: number | undefined,
  later: Later,
  job: EndingJob,
  startJob: Cause | undefined,
  refused: RefusedRestart | undefined,
  evidence: Evidence,
): Sign {
  const { kind, atMs, invocation, cause, unit } = sign;
  const { bootMs, jobLimitsOf } = evidence;
  const live = evidence.live.get(unit);
  const endedMs = endOf(sign, job, live, writtenMs);
  const times = endedMs < atMs ? { atMs: endedMs, seenMs: atMs } : { atMs };
  if (kind === 'ended') return { kind, invocation, cause, job, ...times, ...startOf(live, later) };
  if (kind === 'started') {
    // A run with less than none before it was before a start by hand.
    const restarts = live !== undefined && isRunning(live) ? automaticStarts(live) - later.runs : -1;
    const since = bootMs === null ? {} : { bootMs };
    return { kind, atMs, invocation, restarts: restarts < 0 ? null : restarts, ...since };
  }
  // What triggers OnFailure= while the run goes on is the time limit of its start job (`job_finish_and_invalidate()`).
  if (live !== undefined && isRunning(live) && isOfRun(sign, later, live, evidence)) {
    const isStarting = live.activeState === 'activating';
    const { phaseSinceSeconds: since } = phaseOf(live);
    const limits = isStarting ? jobLimitsOf?.(unit) : undefined;
    return isStarting
      ? {
          kind: 'start-job-timed-out',
          atMs,
          invocation: live.invocation,
          ...(since !== null && { sinceMs: since * 1_000 }),
          ...(limits && { limits }),
        }
      : { kind: 'look', atMs, invocation };
  }
  if (startJob !== undefined) return { kind: 'stays-down', atMs, invocation: null, cause: startJob };
  // It failed in a stop: that was asked for.
  if (job === 'stop') return { kind: 'finished', atMs, invocation };
  const isLast = later.signs === 0;
  // systemd sets $MONITOR_* since version 251.
  const known = cause.result === null && live !== undefined && isLast ? liveCause(live) : cause;
  // Since systemd 254 every fall can trigger OnFailure=, not only the last one (RestartMode= in systemd.service(5)).
  const staysDown = isLast && (live === undefined || live.activeState === 'failed');
  return staysDown
    ? {
        kind: 'stays-down',
        atMs,
        invocation,
        cause: known,
        ...(endedMs < atMs && { endedMs }),
        ...(refused && { refused }),
      }
    : { kind: 'ended', invocation, cause: known, job: 'unknown', ...times };
}
