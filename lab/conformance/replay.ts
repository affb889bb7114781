/**
 * Compares this checkout's model with a recording.
 *
 *   node lab/conformance/replay.ts FILE      the disagreements, and the number of units with one
 *   node lab/conformance/replay.ts --first FILE    only until the first
 */
import { parseArgs } from 'node:util';
import { readRecording, replay } from './recording.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { first: { type: 'boolean', default: false } },
});
let units = 0;
let disagreeing = 0;
for (const recorded of readRecording(positionals[0] ?? '')) {
  const { disagreements } = await replay(recorded);
  units += 1;
  if (disagreements.length > 0) disagreeing += 1;
  for (const { what, predicted, observed } of disagreements) {
    const where = `systemd ${recorded.systemd}, ${recorded.place.unit}`;
    process.stdout.write(`${where}: ${what}: predicted ${predicted}, observed ${observed}\n`);
  }
  if (values.first && disagreeing > 0) break;
}
process.stdout.write(`${disagreeing} of ${units} units disagree\n`);
process.exitCode = disagreeing > 0 ? 1 : 0;
