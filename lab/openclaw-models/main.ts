/**
 * Draws configurations of OpenClaw, and writes down which models the real program would ask with them, in which order and where:
 *
 *   node lab/openclaw-models/main.ts SEED RUNS > test/services/openclaw-models.jsonl
 *
 * `test/services/openclaw-models.test.ts` holds `src/services/openclaw-models.ts` against what came out.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { prepareSoftware } from '../software.ts';
import { configurations } from './draw.ts';
import { openResolver } from './in-openclaw.ts';

const [seed = '1', runs = '500'] = process.argv.slice(2);
const folder = await prepareSoftware('openclaw');
using openclaw = await openResolver(join(folder, 'node_modules/openclaw'));
for (const configuration of fc.sample(configurations, { seed: Number(seed), numRuns: Number(runs) })) {
  process.stdout.write(`${JSON.stringify(await openclaw.resolve(configuration))}\n`);
}
// OpenClaw leaves timers and files open.
process.exitCode = 0;
setTimeout(() => process.exit(), 1000).unref();
