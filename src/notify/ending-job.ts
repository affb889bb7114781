/**
 * Finds out afterwards whether a job ended a run. At the end itself only the manager knows, and asking it would keep the service
 * waiting; later its counters, the times of the unit and the journal tell the same.
 */
import { endedBy, isAtRest, wasUp } from '../inventory/downfall.ts';
import { type HostJournal, type LiveUnit, type Manager, ManagerError } from '../systemd/host/host.ts';
import type { TimeLimit } from '../systemd/service-settings.ts';
import type { EndingJob } from './sign.ts';
import { automaticStarts, type FollowedSign, type Later } from './sign-order.ts';
import type { SpooledSign } from './spool.ts';

export interface Evidence {
  /** The present states of units, read after the signs; empty when the manager does not answer. */
  readonly live: ReadonlyMap<string, LiveUnit>;
  readonly manager: Pick<Manager, 'jobType'> | undefined;
  readonly journal:
    | (Pick<HostJournal, 'jobsOfRuns' | 'shutdowns' | 'failedStartsOf'> &
        Partial<Pick<HostJournal, 'endsOf' | 'restartsOf'>>)
    | undefined;
  /** The unit that a service requires and that is down; undefined where there is none, or it is not known. */
  readonly missingFor?: (unit: string) => Promise<string | undefined>;
  /** The lines of a unit that limit the job of its start. */
  readonly jobLimitsOf?: (unit: string) => readonly TimeLimit[];
  /** When the machine was started, in ms since 1970; null when it is not known. */
  readonly bootMs: number | null;
}

/**
 * The jobs that ended runs, by the files of their signs.
 *
 * @param signs in order
 */
export async function endingJobs(
  signs: readonly FollowedSign[],
  evidence: Evidence,
): Promise<ReadonlyMap<string, EndingJob>> {
  const { live, manager, journal } = evidence;
  const jobs = new Map<string, EndingJob>();
  const asked: (FollowedSign & { readonly otherwise: EndingJob | undefined })[] = [];
  for (const { sign, later } of signs) {
    if (sign.kind === 'started') continue;
    const job = await toldByManager(sign, later, live.get(sign.unit), manager);
    if (job === 'ask' || job === 'itself') {
      asked.push({ sign, later, otherwise: job === 'itself' ? 'none' : undefined });
    } else jobs.set(sign.file, job);
  }
  const written = await writtenJobs(
    asked.map(({ sign }) => sign),
    journal,
  );
  for (const { sign, later, otherwise } of asked) {
    jobs.set(sign.file, written.get(sign) ?? otherwise ?? likelyJob(sign, later, evidence.bootMs));
  }
  return jobs;
}

/**
 * `ask`: only the journal may know; `itself`: it ended by itself, and only the journal may know whether somebody stopped it before
 * its last hook was done.
 */
async function toldByManager(
  { invocation, unit }: SpooledSign,
  { runs }: Later,
  live: LiveUnit | undefined,
  manager: Evidence['manager'],
): Promise<EndingJob | 'ask' | 'itself'> {
  if (live === undefined || invocation === null) return 'ask';
  // Each automatic start counts, and one by somebody begins anew: with as many as there were runs, no job was between.
  if (live.invocation !== invocation) return runs > 0 && automaticStarts(live) >= runs ? 'none' : 'ask';
  if (live.subState.startsWith('auto-restart')) return 'none';
  if (!isAtRest(live) && live.activeState !== 'deactivating') return 'ask';
  const by = wasUp(live) ? endedBy(live) : 'ask';
  const untold = by === 'itself' ? 'itself' : 'ask';
  try {
    const job = isAtRest(live) ? by === 'job' && 'stop' : await manager?.jobType(unit);
    // Whatever began the end: with a stop job that comes before it is over, systemd does not restart the unit.
    if (job !== 'stop' && (job !== 'restart' || by === 'itself')) return untold;
    return (await manager?.jobType(shutdownTarget)) === 'start' ? 'shutdown' : job;
  } catch (error) {
    // The manager is reloading or ending.
    if (error instanceof ManagerError) return untold;
    throw error;
  }
}

/** While its start job waits, all services are being stopped: by a reboot or by the end of a user manager (systemd.special(7)). */
const shutdownTarget = 'shutdown.target';
/** A shutdown is written down when the last service has stopped. */
const shutdownMs = 5 * 60_000;

async function writtenJobs(
  signs: readonly SpooledSign[],
  journal: Evidence['journal'],
): Promise<ReadonlyMap<SpooledSign, EndingJob>> {
  const invocations = signs.flatMap(({ invocation }) => invocation ?? []);
  if (invocations.length === 0 || journal === undefined) return new Map();
  const runs = await journal.jobsOfRuns(invocations);
  const jobs = new Map<SpooledSign, EndingJob>();
  for (const sign of signs) {
    const run = sign.invocation === null ? undefined : runs.get(sign.invocation);
    if (run !== undefined) jobs.set(sign, run.endedBy);
  }
  const stopsMs = [...jobs].flatMap(([{ atMs }, job]) => (job === 'stop' ? [atMs] : []));
  if (stopsMs.length === 0) return jobs;
  const times = await journal.shutdowns(Math.min(...stopsMs), Math.max(...stopsMs) + shutdownMs);
  for (const [sign, job] of jobs) {
    const isShutdown = times.some(ms => ms >= sign.atMs && ms - sign.atMs <= shutdownMs);
    if (job === 'stop' && isShutdown) jobs.set(sign, 'shutdown');
  }
  return jobs;
}

/** How soon a service is started after a stop when both are one restart: a person is slower. */
const restartMs = 3_000;

/**
 * What ended a run where nothing tells: the journal cannot be read, or was lost with a boot. A fault is told rather than
 * overlooked.
 */
function likelyJob({ cause, atMs }: SpooledSign, { startedMs }: Later, bootMs: number | null): EndingJob {
  if (cause.result !== 'success') return 'unknown';
  if (bootMs !== null && atMs < bootMs && (startedMs === null || startedMs > bootMs)) return 'shutdown';
  return startedMs !== null && startedMs - atMs < restartMs ? 'restart' : 'unknown';
}
