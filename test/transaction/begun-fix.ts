/** A fix that another process has begun. */
import fs from 'node:fs';
import path from 'node:path';
import { beginMark, markText } from '../../src/transaction/begun-mark.ts';
import { putState } from '../../src/transaction/file-operation.ts';
import { type FixRecord, Journal } from '../../src/transaction/journal.ts';
import { ownIdentity, type ProcessIdentity } from '../../src/kernel/process-identity.ts';
import { wholeMachine } from '../../src/systemd/host/tree.ts';
import { unpackedRoot } from '../support/root.ts';
import { exampleAfter, exampleRecord, layOut, snapshot } from './example-fix.ts';

/** By whom a fix was begun that nobody is at any more. */
export const gone = [
  // The kernel gives out none above its limit (proc(5), pid_max).
  ['ended', { pid: Number(fs.readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1, started: 'a boot 1' }],
  ['ended, its id another one has', { ...ownIdentity(), started: 'the boot before 1' }],
] as const satisfies readonly (readonly [string, ProcessIdentity])[];

/** Writes a record down as one that another process has begun. */
export function begin(
  stateFolder: string,
  record: FixRecord,
  by: ProcessIdentity,
  work: 'fix' | 'undo' = 'fix',
): void {
  new Journal(stateFolder).begin(record);
  fs.writeFileSync(beginMark(stateFolder), markText(record.id, by, work));
}

/** The first of its files is made, and no more. */
export function begunBy(process: ProcessIdentity) {
  const home = unpackedRoot({ 'units/': '' });
  layOut(home);
  const before = snapshot(home);
  const after = exampleAfter(home);
  const record = { ...exampleRecord(home), process };
  begin(path.join(home, 'state/daruma'), record, process);
  const [first] = record.operations;
  if (first === undefined) throw new Error('no operation');
  putState(first.path, first.after, wholeMachine);
  return { home, env: { HOME: home, XDG_STATE_HOME: path.join(home, 'state') }, before, after, record };
}
