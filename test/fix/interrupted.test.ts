import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginMark, markText } from '../../src/fix/begun-mark.ts';
import { type FixRecord, Journal } from '../../src/fix/journal.ts';
import { ownIdentity, type ProcessIdentity } from '../../src/fix/process-identity.ts';
import { daruma } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';
import { exampleRecord, layOut, snapshot } from './example-fix.ts';
import { putState } from '../../src/fix/file-operation.ts';

/** By whom a fix was begun that nobody is at any more. */
const gone: readonly (readonly [string, ProcessIdentity])[] = [
  // The kernel gives out none above its limit (proc(5), pid_max).
  ['ended', { pid: Number(fs.readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1, started: 'a boot 1' }],
  ['ended, its id another one has', { ...ownIdentity(), started: 'the boot before 1' }],
];

describe('a fix that was interrupted', () => {
  it.each(gone)('is told of by the next command, and can be taken back: %s', (_, by) => {
    const { home, env, before, record } = begunBy(by);
    const told = daruma(['rules'], { env });
    expect(told.stderr).toContain(`the fix ${record.id} was interrupted`);
    const undone = daruma(['undo', '--json'], { env });
    expect(JSON.parse(undone.stdout)).toMatchObject({ undone: record.id, untouched: [] });
    expect(snapshot(home)).toEqual(before);
    expect(daruma(['rules'], { env }).stderr).toBe('');
  });

  it('is none while somebody is at it', () => {
    expect(daruma(['rules'], { env: begunBy(ownIdentity()).env }).stderr).toBe('');
  });
});

/** Writes a record down as one that another process has begun. */
function begin(stateFolder: string, record: FixRecord, by: ProcessIdentity): void {
  new Journal(stateFolder).begin(record);
  fs.writeFileSync(beginMark(stateFolder), markText(record.id, by));
}

/** The first of its files is made, and no more. */
function begunBy(process: ProcessIdentity) {
  const home = unpackedRoot({ 'units/': '' });
  layOut(home);
  const before = snapshot(home);
  const record = { ...exampleRecord(home), process };
  begin(path.join(home, 'state/daruma'), record, process);
  const [first] = record.operations;
  if (first === undefined) throw new Error('no operation');
  putState(first.path, first.after);
  return { home, env: { HOME: home, XDG_STATE_HOME: path.join(home, 'state') }, before, record };
}
