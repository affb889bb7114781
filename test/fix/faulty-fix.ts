/**
 * Carries out or takes back a fix in a process of its own, in which the Nth change to the file system goes wrong.
 *
 * node faulty-fix.ts carry-out|take-back FOLDER N kill|fail
 */
import fs from 'node:fs';
import { carryOut, takeBack } from '../../src/fix/carry-out.ts';
import { Journal } from '../../src/fix/journal.ts';
import { exampleRecord } from './example-fix.ts';

const [task, folder = '', number, fault] = process.argv.slice(2);
let changes = 0;

/** What changes something on disk, or makes it last. */
const changing = [
  'mkdirSync',
  'openSync',
  'writeFileSync',
  'fsyncSync',
  'fchmodSync',
  'chmodSync',
  'renameSync',
  'symlinkSync',
  'rmSync',
  'rmdirSync',
] as const;

const journal = new Journal(`${folder}/state`);
const record = task === 'carry-out' ? exampleRecord(folder) : journal.records().at(-1);
if (record === undefined) throw new Error('nothing to take back');
for (const name of changing) {
  const original: unknown = Reflect.get(fs, name);
  if (typeof original !== 'function') throw new TypeError(name);
  Reflect.set(fs, name, (...args: unknown[]) => {
    changes += 1;
    if (changes === Number(number)) {
      if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: name });
    }
    return Reflect.apply(original, fs, args) as unknown;
  });
}

try {
  if (task === 'carry-out') await carryOut(record, journal, { activate: () => Promise.resolve() });
  else takeBack(record);
} catch (error) {
  if (changes < Number(number)) throw error;
}
process.stdout.write(String(changes));
