/**
 * What this checkout's model says of a recording.
 *
 *   node lab/conformance/replay.ts FILE      the disagreements, and how many units have one
 */
import { readRecording, replay } from './recording.ts';

const [file = ''] = process.argv.slice(2);
const recording = readRecording(file);
let disagreeing = 0;
for (const [index, { disagreements }] of replay(recording).entries()) {
  if (disagreements.length === 0) continue;
  disagreeing += 1;
  const { systemd, place } = recording[index] ?? {};
  for (const { what, predicted, observed } of disagreements) {
    process.stdout.write(
      `systemd ${systemd}, ${place?.unit}: ${what}: predicted ${predicted}, observed ${observed}\n`,
    );
  }
}
process.stdout.write(`${disagreeing} of ${recording.length} units disagree\n`);
process.exitCode = disagreeing > 0 ? 1 : 0;
