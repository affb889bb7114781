/**
 * Draws configurations of OpenClaw, and writes down what the real program would ask with them, before and after
 * `daruma failover apply`. What an earlier recording has already is not asked again:
 *
 *   node lab/openclaw-models/main.ts SEED RUNS [RECORDING] > NEW-RECORDING
 *
 * `test/services/openclaw-models.test.ts` holds daruma's reading of the same files against what came out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { prepareSoftware } from '../software.ts';
import type { Configuration, Recorded } from './case.ts';
import { configurations } from './draw.ts';
import { openResolver } from './in-openclaw.ts';
import { appliedFiles, digestOf, machineWith, openclawHome } from './machine.ts';

const [seed = '1', runs = '500', earlier] = process.argv.slice(2);
const folder = await prepareSoftware('openclaw');
using openclaw = await openResolver(join(folder, 'node_modules/openclaw'));
const known = new Map(
  (earlier === undefined ? '' : readFileSync(earlier, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line): Recorded => JSON.parse(line))
    .filter(({ version }) => version === openclaw.version)
    .map(each => [keyOf(each), each] as const),
);
for (const configuration of fc.sample(configurations, { seed: Number(seed), numRuns: Number(runs) })) {
  process.stdout.write(`${JSON.stringify(await recorded(configuration))}\n`);
}
// OpenClaw leaves timers and files open.
process.exitCode = 0;
setTimeout(() => process.exit(), 1000).unref();

function keyOf({ files, variables }: Configuration): string {
  return JSON.stringify([files, variables]);
}

async function recorded(configuration: Configuration): Promise<Recorded> {
  const { version } = openclaw;
  const earlierOne = known.get(keyOf(configuration));
  const before = earlierOne?.before ?? (await openclaw.resolve(configuration, openclawHome));
  using machine = await machineWith(configuration);
  const files = before.refused === null ? await appliedFiles(machine, configuration) : null;
  if (files === null) return { ...configuration, version, before, after: null };
  const digest = digestOf(files);
  const after =
    earlierOne?.after?.digest === digest
      ? earlierOne.after
      : { digest, ...(await openclaw.resolve({ ...configuration, files }, openclawHome)) };
  return { ...configuration, version, before, after };
}
