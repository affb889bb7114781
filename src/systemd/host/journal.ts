/** What the manager has written into the journal about a run of a unit. */
import { runProgram } from '../../programs/run.ts';
import { jobsCommand } from '../commands.ts';
import type { ManagerScope } from '../search-path.ts';

/**
 * Whether a stop job ended a run: the manager writes the type of each job (`job_emit_done_message()`, and "Stopping ..." with
 * `JOB_TYPE=stop`; seen on 252, 257 and 262).
 *
 * @returns undefined when the journal has nothing of the manager about this run, or cannot be read
 */
export async function stopJobInJournal(
  scope: ManagerScope,
  unit: string,
  invocation: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<boolean | undefined> {
  if (!/^[0-9a-f]{32}$/.test(invocation)) return undefined;
  const { stdout, failure } = await runProgram(jobsCommand(scope, unit, invocation), {
    environment: { ...environment, LC_ALL: 'C' },
    timeoutMs: 3_000,
    outputBytes: 2 ** 20,
    keepsEnd: true,
  });
  if (failure !== undefined || !/"(?:JOB_TYPE|UNIT_RESULT)"/.test(stdout)) return undefined;
  return /"JOB_TYPE"\s*:\s*"stop"/.test(stdout);
}
