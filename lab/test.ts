/**
 * Runs the tests of the lab. A busy machine stretches time, and hosts have timers: a file in which a test fails is run once
 * more, alone, when all the others are done. What fails there, too, has failed; what failed once only is named at the end,
 * and more than a few of those have failed as well.
 *
 * node lab/test.ts [FILTER...]     those of vitest
 */
import { type CliOptions, startVitest } from 'vitest/node';
import { judge, type Outcome, outcomesOf, verdictText } from './verdict.ts';

// Tests that draw at random draw the same the second time.
process.env['DARUMA_SEED'] ??= String(Date.now() % 1e9);

const first = await run(process.argv.slice(2), {});
const doubtful = new Set(first.filter(({ state }) => state === 'failed').flatMap(({ file }) => file ?? []));
const again = doubtful.size === 0 ? [] : await run([...doubtful], { fileParallelism: false });
const verdict = judge(first, again);
process.stdout.write(verdictText(verdict));
// A run that found nothing to run proves nothing.
process.exitCode = verdict.failed.length === 0 && first.length > 0 ? 0 : 1;

async function run(filters: string[], options: CliOptions): Promise<readonly Outcome[]> {
  const vitest = await startVitest(filters, { project: ['lab'], watch: false, ...options });
  try {
    return outcomesOf(vitest);
  } finally {
    await vitest.close();
  }
}
