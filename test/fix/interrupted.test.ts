import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/fix/journal.ts';
import { daruma } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';
import { exampleRecord, layOut, snapshot } from './example-fix.ts';
import { putState } from '../../src/fix/file-operation.ts';

/** A pid that no process has: the kernel gives out none above its limit (proc(5), pid_max). */
const nobody = Number(fs.readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;

describe('a fix that was interrupted', () => {
  it('is told of by the next command, and can be taken back', () => {
    const home = unpackedRoot({ 'units/': '' });
    layOut(home);
    const before = snapshot(home);
    const record = { ...exampleRecord(home), pid: nobody };
    new Journal(path.join(home, 'state/daruma')).write(record);
    const [first] = record.operations;
    if (first === undefined) throw new Error('no operation');
    putState(first.path, first.after);

    const env = { HOME: home, XDG_STATE_HOME: path.join(home, 'state') };
    const told = daruma(['rules'], { env });
    expect(told.stderr).toContain(`the fix ${record.id} was interrupted`);
    const undone = daruma(['undo', '--json'], { env });
    expect(JSON.parse(undone.stdout)).toMatchObject({ undone: record.id, untouched: [] });
    expect(snapshot(home)).toEqual(before);
    expect(daruma(['rules'], { env }).stderr).toBe('');
  });
});
