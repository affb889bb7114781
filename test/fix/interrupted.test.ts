import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginMark, markText } from '../../src/fix/begun-mark.ts';
import { type FixRecord, Journal } from '../../src/fix/journal.ts';
import { ownIdentity, type ProcessIdentity } from '../../src/fix/process-identity.ts';
import { checkout, daruma } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';
import { exampleAfter, exampleRecord, layOut, snapshot } from './example-fix.ts';
import { putState } from '../../src/fix/file-operation.ts';

/** By whom a fix was begun that nobody is at any more. */
const gone = [
  // The kernel gives out none above its limit (proc(5), pid_max).
  ['ended', { pid: Number(fs.readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1, started: 'a boot 1' }],
  ['ended, its id another one has', { ...ownIdentity(), started: 'the boot before 1' }],
] as const satisfies readonly (readonly [string, ProcessIdentity])[];

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

describe('a fix that was interrupted', { timeout }, () => {
  it.each(gone)('is told of by the next command, and can be taken back: %s', (_, by) => {
    const { home, env, before, record } = begunBy(by);
    const told = daruma(['rules'], { env });
    expect(told.stderr).toContain(`the fix ${record.id} was interrupted`);
    const undone = daruma(['undo', '--json'], { env });
    expect(JSON.parse(undone.stdout)).toMatchObject({ undone: record.id, untouched: [] });
    expect(snapshot(home)).toEqual(before);
    expect(daruma(['rules'], { env }).stderr).toBe('');
  });

  it('is finished as it was planned', () => {
    const { home, env, record, after } = begunBy(gone[0][1]);
    expect(daruma(['rules'], { env }).stderr).toContain('"daruma fix --continue" finishes it');
    const refused = daruma(['fix', '--continue', '--only', 'linger-off'], { env });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--continue and --only') });
    expect(JSON.parse(daruma(['fix', '--continue', '--json'], { env }).stdout)).toMatchObject({
      continued: record.id,
      untouched: [],
      refused: [],
    });
    expect(snapshot(home)).toEqual(after);
    expect(daruma(['rules'], { env }).stderr).toBe('');
    expect(daruma(['fix', '--continue'], { env }).stdout).toBe('There is no fix that was interrupted.\n');
  });

  it('is told of where its system is looked at, with the options for that, and comes before any other', () => {
    const root = unpackedRoot({});
    fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
    const state = path.join(root, 'home/azureuser/.local/state/daruma');
    begin(state, { ...exampleRecord(root), operations: [], folders: [] }, gone[0][1]);
    const told = `"daruma undo 20261124T040000Z --root ${root}" takes it back`;
    for (const command of [['status'], ['check'], ['fix', '--dry-run'], ['undo', '--list']]) {
      expect(daruma([...command, '--root', root]).stderr).toContain(told);
    }
    const other = daruma(['fix', '--root', root, '--yes', '--json']);
    expect(other.code).toBe(3);
    expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: 'fix-interrupted' } });
    fs.writeFileSync(beginMark(state), markText('20261124T040000Z', ownIdentity()));
    const busy = daruma(['fix', '--root', root, '--yes', '--json']);
    expect(JSON.parse(busy.stdout)).toMatchObject({ error: { code: 'fix-under-way' } });
  });

  it.skipIf(process.getuid?.() !== 0)(
    'of the system is told to every user, and keeps none from anything',
    () => {
      const state = path.join(unpackedRoot({}), 'state/daruma');
      fs.chmodSync(path.dirname(path.dirname(state)), 0o755);
      begin(state, exampleRecord(state), gone[0][1]);
      const env = { XDG_STATE_HOME: path.dirname(state), NODE_COMPILE_CACHE: undefined };
      // The record is another's, as root's are in /var/lib/daruma.
      const { code, stderr } = daruma(['rules', 'linger-off'], { env, uid: 65_534 });
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining('20261124T040000Z was interrupted'),
      });
    },
  );

  it('is told in one line where its record is damaged', () => {
    const { home, env, record } = begunBy(gone[0][1]);
    const file = path.join(home, `state/daruma/fixes/${record.id}.json`);
    fs.writeFileSync(file, '{');
    expect(daruma(['rules', 'linger-off'], { env }).code).toBe(0);
    const { code, stderr } = daruma(['undo'], { env });
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 3,
      lines: [
        expect.stringContaining('was interrupted'),
        `daruma: ${file} is no record of a fix, or a damaged one (move it away to go on without it)`,
      ],
    });
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
  const after = exampleAfter(home);
  const record = { ...exampleRecord(home), process };
  begin(path.join(home, 'state/daruma'), record, process);
  const [first] = record.operations;
  if (first === undefined) throw new Error('no operation');
  putState(first.path, first.after);
  return { home, env: { HOME: home, XDG_STATE_HOME: path.join(home, 'state') }, before, after, record };
}
