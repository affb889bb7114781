/**
 * Carries out or takes back a fix in a process of its own that is killed at the Nth change to the file system. What is
 * printed, unless it was killed, is how many changes there were.
 *
 * node faulty-fix.ts carry-out|take-back|hold FOLDER N
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { carryOutExample, journalOf, takeBackExample } from './example-fix.ts';
import { underFault } from './faults.ts';

const [task, folder = '', at] = process.argv.slice(2);
if (task === 'hold') {
  // Says that nobody else may begin, and stays at it.
  await journalOf(folder).alone(async () => {
    process.stdout.write('alone');
    await sleep(600_000);
  });
}
const { changes, thrown } = await underFault(Number(at), 'kill', checkpoint =>
  task === 'carry-out' ? carryOutExample(folder, checkpoint) : takeBackExample(folder),
);
if (thrown !== undefined) throw thrown;
process.stdout.write(String(changes));
