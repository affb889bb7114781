/**
 * Runs the tests of the lab. On a busy machine timers of hosts may be late, so a file with a failed test is run once more,
 * alone, after all others. A test that fails both times has failed. Tests that fail once are listed at the end; more than a few
 * of them count as failed as well.
 *
 * node lab/test.ts [FILTER...]     those of vitest
 */
import { type CliOptions, startVitest } from 'vitest/node';
import { judge, type Outcome, outcomesOf, verdictText } from './verdict.ts';

// Random tests use the same seed in both runs.
process.env['DARUMA_SEED'] ??= String(Date.now() % 1e9);

const first = await run(process.argv.slice(2), {});
const doubtful = new Set(first.filter(({ state }) => state === 'failed').flatMap(({ file }) => file ?? []));
const again = doubtful.size === 0 ? [] : await run([...doubtful], { fileParallelism: false });
const verdict = judge(first, again);
process.stdout.write(verdictText(verdict));
// A run without any test is a failure.
process.exitCode = verdict.failed.length === 0 && first.length > 0 ? 0 : 1;

async function run(filters: string[], options: CliOptions): Promise<readonly Outcome[]> {
  const vitest = await startVitest(filters, { project: ['lab'], watch: false, ...options });
  try {
    return outcomesOf(vitest);
  } finally {
    await vitest.close();
  }
}
