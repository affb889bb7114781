/**
 * Draws configurations of LiteLLM, and writes down what the real program would ask with them: which deployments for a name, in which order, by
 * which address and key, what it falls back to, and with which master key it starts:
 *
 *   node lab/litellm-models/main.ts SEED RUNS > test/services/litellm-models.jsonl
 *
 * `test/services/litellm-models.test.ts` holds `src/services/litellm-router.ts` against what came out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { prepareSoftware } from '../software.ts';
import type { Answer, Asked, Recorded, Recording } from './case.ts';
import { questions } from './draw.ts';
import { keptQuestions } from './kept.ts';

const [seed = '1', runs = '300'] = process.argv.slice(2);
const folder = await prepareSoftware('litellm');
const home = mkdtempSync(join(tmpdir(), 'daruma-litellm-models-'));
const litellm = spawn(
  join(folder, 'bin/python3'),
  [fileURLToPath(new URL('in_litellm.py', import.meta.url))],
  {
    cwd: home,
    // Nothing of whoever runs this; its prices come from its own files, and no `.env` is looked for.
    env: {
      PATH: '/usr/bin',
      HOME: home,
      TMPDIR: tmpdir(),
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_MODE: 'PRODUCTION',
      LITELLM_LOG: 'CRITICAL',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  },
);
try {
  const lines = createInterface({ input: litellm.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('LiteLLM has ended');
    const parsed: T = JSON.parse(value);
    return parsed;
  };
  const about = await next<Pick<Recording, 'version' | 'providers'>>();
  process.stdout.write(`${JSON.stringify(about)}\n`);
  const drawn = fc.sample(questions, { seed: Number(seed), numRuns: Number(runs) });
  for (const question of [...keptQuestions, ...drawn]) {
    litellm.stdin.write(`${JSON.stringify(question)}\n`);
    const { start, asked } = await next<Answer>();
    const recorded: Recorded = { ...question, start, ...(asked && { asked: shortened(asked) }) };
    process.stdout.write(`${JSON.stringify(recorded)}\n`);
  }
  litellm.stdin.end();
  await once(litellm, 'exit');
} finally {
  litellm.kill();
  rmSync(home, { recursive: true, force: true });
}

/** Requests that a client repeats stand there once. */
function shortened(asked: NonNullable<Answer['asked']>): NonNullable<Recorded['asked']> {
  const single = ({ requests, error }: Asked): Asked => ({
    error,
    requests: requests.filter((each, index) => !isDeepStrictEqual(each, requests[index - 1])),
  });
  return Object.fromEntries(
    Object.entries(asked).map(([name, answers]) => {
      const [error, context, policy] = [
        single(answers.error),
        single(answers.context),
        single(answers.policy),
      ];
      const isOther = (each: Asked) => !isDeepStrictEqual(each.requests, error.requests);
      return [name, { error, ...(isOther(context) && { context }), ...(isOther(policy) && { policy }) }];
    }),
  );
}
