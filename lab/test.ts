/**
 * Runs the tests of the lab. On a busy machine timers of hosts may be late, so a file with a failed test is run once more,
 * alone, after all others. A test that fails both times has failed. Tests that fail once are listed at the end; more than a few
 * of them count as failed as well.
 *
 * node lab/test.ts [FILTER...]     those of vitest
 */
import { spawnSync } from 'node:child_process';
import {
  BaseSequencer,
  type CliOptions,
  startVitest,
  type TestSpecification,
  type Vitest,
} from 'vitest/node';
import { judge, type Outcome, outcomesOf, verdictText } from './verdict.ts';

/** Those with OpenClaw take the longest, a minute to boot alone: begun last they would run when nothing else does. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.includes('/test/failover/');
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))];
  }
}

/** How many files are named at the end. */
const mostSlow = 15;

// Random tests use the same seed in both runs.
process.env['DARUMA_SEED'] ??= String(Date.now() % 1e9);
// By the commit, so that a run can be repeated.
process.env['DARUMA_LAB_TURN'] ??= spawnSync('git', ['rev-parse', 'HEAD'], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
}).stdout;

const first = await run(process.argv.slice(2), {});
const doubtful = new Set(first.filter(({ state }) => state === 'failed').flatMap(({ file }) => file ?? []));
const again = doubtful.size === 0 ? [] : await run([...doubtful], { fileParallelism: false });
const verdict = judge(first, again);
process.stdout.write(verdictText(verdict));
// A run without any test is a failure.
process.exitCode = verdict.failed.length === 0 && first.length > 0 ? 0 : 1;

/** The files that took the longest, in seconds. */
function slowest({ state }: Vitest): string {
  const files = state
    .getTestModules()
    .map(module => ({
      file: module.relativeModuleId,
      seconds: Math.round(module.diagnostic().duration / 1000),
    }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, mostSlow);
  return files.map(({ file, seconds }) => `${String(seconds).padStart(6)} s  ${file}\n`).join('');
}

async function run(filters: string[], options: CliOptions): Promise<readonly Outcome[]> {
  const vitest = await startVitest(filters, {
    project: ['lab'],
    watch: false,
    sequence: { sequencer: LongestFirst },
    ...options,
  });
  try {
    process.stdout.write(slowest(vitest));
    return outcomesOf(vitest);
  } finally {
    await vitest.close();
  }
}
