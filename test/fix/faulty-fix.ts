/**
 * Carries out or takes back a fix in a process of its own that is killed at the Nth change to the file system. What is
 * printed, unless it was killed, is how many changes there were.
 *
 * node faulty-fix.ts carry-out|take-back FOLDER N
 */
import { carryOutExample, takeBackExample } from './example-fix.ts';
import { underFault } from './faults.ts';

const [task, folder = '', at] = process.argv.slice(2);
const { changes, thrown } = await underFault(Number(at), 'kill', step =>
  task === 'carry-out' ? carryOutExample(folder, step) : takeBackExample(folder),
);
if (thrown !== undefined) throw thrown;
process.stdout.write(String(changes));
