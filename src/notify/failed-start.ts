/**
 * Starts that led to no run: their jobs failed, by a time limit (`JobTimeoutSec=`) or with a unit that they require, and not the service.
 * systemd triggers `OnFailure=` for them as well (`job_finish_and_invalidate()`), and the unit's state says nothing of them.
 */
import { hasBeenUp } from '../inventory/downfall.ts';
import { endsStart } from '../inventory/failed-start.ts';
import type { Evidence } from './ending-job.ts';
import type { Cause } from './notice.ts';
import { unknownCause } from './sign.ts';
import type { FollowedSign } from './sign-order.ts';
import type { SpooledSign } from './spool.ts';

/**
 * The signs of ends with which a start failed, by their files: nothing was up that could have fallen. The times of the unit tell as long as
 * the manager knows of that run, and then the journal.
 */
export async function startsThatFailed(
  signs: readonly FollowedSign[],
  { live, journal }: Evidence,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const asked: SpooledSign[] = [];
  for (const { sign } of signs) {
    const unit = live.get(sign.unit);
    const { kind, file, invocation, cause } = sign;
    if (kind === 'started' || unit === undefined || invocation === null) continue;
    if (!endsStart(unit, cause)) continue;
    if (unit.invocation !== invocation) asked.push(sign);
    else if (!hasBeenUp(unit)) found.add(file);
  }
  const runs = await journal?.jobsOfRuns(asked.flatMap(({ invocation }) => invocation ?? []));
  for (const { file, invocation } of asked)
    if (invocation !== null && runs?.get(invocation)?.startFailed) found.add(file);
  return found;
}

/** How the start jobs failed behind signs of a failure, by their files; those of a service that itself failed are missing. */
export async function failedStartJobs(
  signs: readonly FollowedSign[],
  { live, journal, missingFor, jobLimitsOf }: Evidence,
): Promise<ReadonlyMap<string, Cause>> {
  const asked = signs.flatMap(({ sign, later }) => {
    const unit = live.get(sign.unit);
    const isWell = sign.cause.result === null || sign.cause.result === 'success';
    const isOfJob = sign.kind === 'failed' && later.signs === 0 && isWell;
    return isOfJob && unit?.activeState === 'inactive' && unit.result === 'success' ? [sign] : [];
  });
  if (asked.length === 0 || journal === undefined) return new Map();
  const failed = await journal.failedStartsOf([...new Set(asked.map(({ unit }) => unit))]);
  const causes = new Map<string, Cause>();
  for (const { file, unit, atMs } of asked) {
    const start = failed.get(unit);
    if (start === undefined || Math.abs(atMs / 1_000 - start.seconds) > nearSeconds) continue;
    if (start.result === 'dependency') {
      const required = await missingFor?.(unit);
      causes.set(file, { ...unknownCause, result: 'job-dependency', ...(required && { required }) });
    } else if (start.result === 'timeout') {
      const limits = jobLimitsOf?.(unit);
      causes.set(file, { ...unknownCause, result: 'job-timeout', ...(limits && { limits }) });
    }
  }
  return causes;
}

/** The unit of OnFailure= is started at once, and may have to wait for its turn. */
const nearSeconds = 10;
