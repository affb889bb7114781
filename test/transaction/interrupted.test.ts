import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout, daruma } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';
import { stateFolder } from '../../src/store/state-folder.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { Journal } from '../../src/transaction/journal.ts';
import { begin, begunBy, gone } from './begun-fix.ts';
import { exampleRecord, snapshot } from './example-fix.ts';

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

/** An unpacked system to which a fix is done, and where that is written down. */
function unpackedExample() {
  const root = unpackedRoot({});
  fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
  const env = { XDG_STATE_HOME: unpackedRoot({}) };
  return { root, env, state: stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '' };
}

describe('a fix that comes second', { timeout }, () => {
  const args = (root: string) => ['fix', '--root', root, '--yes'];

  it('is refused before its plan is shown', async () => {
    const { root, env, state } = unpackedExample();
    const before = snapshot(root);
    const { code, stdout, stderr } = await new Journal(state).alone(() => daruma(args(root), { env }));
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'daruma: another daruma is at work on the same files; nothing was done; try again when it is done\n',
    });
    expect(snapshot(root)).toEqual(before);
  });

  it.each([
    [false, 'the fix 20261124T040000Z was', 'finishes it', 'takes it back'],
    [true, 'the undo of the fix 20261124T040000Z was', 'makes the fix again', 'finishes the undo'],
  ] as const)('is refused also where there is nothing to do; undo: %s', async (isUndo, what, forth, back) => {
    const { root, env, state } = unpackedExample();
    const record = { ...exampleRecord(root), operations: [], folders: [] };
    fs.rmSync(path.join(root, 'home'), { recursive: true });
    fs.mkdirSync(path.join(root, 'home/azureuser/.config/systemd/user'), { recursive: true });
    begin(state, record, gone[0][1], isUndo ? 'undo' : 'fix');
    const { code, stdout, stderr } = await daruma(args(root), { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    const ways = [
      `"daruma fix --continue --root ${root}" ${forth}`,
      `"daruma undo ${record.id} --root ${root}" ${back}`,
    ];
    for (const told of stderr.split('\n').filter(line => line.startsWith('daruma: '))) {
      expect(told).toContain(`daruma: ${what} interrupted`);
      for (const way of ways) expect(told).toContain(way);
    }
    expect(stderr).toContain('comes first; nothing was done');
    const list = await daruma(['undo', '--list', '--root', root], { env });
    expect(list.stdout).toContain(isUndo ? '  undo interrupted  ' : '  interrupted  ');
  });

  it('is refused before its plan is shown where one was interrupted', async () => {
    const { root, env, state } = unpackedExample();
    begin(state, { ...exampleRecord(root), operations: [], folders: [] }, gone[0][1]);
    const { code, stdout, stderr } = await daruma(args(root), { env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('was interrupted and comes first; nothing was done');
  });
});

describe('a fix that was interrupted', { timeout }, () => {
  it.each(gone)('is told of by the next command, and can be taken back: %s', async (_, by) => {
    const { home, env, before, record } = begunBy(by);
    const told = await daruma(['rules'], { env });
    expect(told.stderr).toContain(`the fix ${record.id} was interrupted`);
    const undone = await daruma(['undo', '--json'], { env });
    expect(JSON.parse(undone.stdout)).toMatchObject({ undone: record.id, untouched: [] });
    expect(snapshot(home)).toEqual(before);
    expect((await daruma(['rules'], { env })).stderr).toBe('');
  });

  it('is not told of by the command that finishes it or takes it back', async () => {
    const commands = [['undo'], ['undo', 'ID'], ['fix', '--continue'], ['--json', 'undo']];
    for (const command of commands) {
      const { env, record } = begunBy(gone[0][1]);
      const words = command.map(word => (word === 'ID' ? record.id : word));
      const { code, stderr } = await daruma(words, { env });
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    }
    // Those are about another.
    const { env } = begunBy(gone[0][1]);
    for (const command of [
      ['undo', '20200101T000000Z'],
      ['undo', '--list'],
      ['fix', '--continue', '--root', '/'],
    ]) {
      expect((await daruma(command, { env })).stderr).toContain('was interrupted');
    }
  });

  it('is finished as it was planned', async () => {
    const { home, env, record, after } = begunBy(gone[0][1]);
    expect((await daruma(['rules'], { env })).stderr).toContain('"daruma fix --continue" finishes it');
    const refused = await daruma(['fix', '--continue', '--only', 'linger-off'], { env });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--continue and --only') });
    expect(JSON.parse((await daruma(['fix', '--continue', '--json'], { env })).stdout)).toMatchObject({
      continued: record.id,
      untouched: [],
      refused: [],
    });
    expect(snapshot(home)).toEqual(after);
    expect((await daruma(['rules'], { env })).stderr).toBe('');
    expect((await daruma(['fix', '--continue'], { env })).stdout).toBe(
      'There is no fix that was interrupted.\n',
    );
  });

  it('is told of where its system is looked at, with the options for that, and comes before any other', async () => {
    const root = unpackedRoot({});
    fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
    const env = { XDG_STATE_HOME: unpackedRoot({}) };
    const state = stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '';
    begin(state, { ...exampleRecord(root), operations: [], folders: [] }, gone[0][1]);
    const told = `"daruma undo 20261124T040000Z --root ${root}" takes it back`;
    for (const command of [['status'], ['check'], ['fix', '--dry-run'], ['undo', '--list']]) {
      expect((await daruma([...command, '--root', root], { env })).stderr).toContain(told);
    }
    for (const command of [['undo'], ['undo', '20261124T040000Z'], ['fix', '--continue']]) {
      begin(state, { ...exampleRecord(root), operations: [], folders: [] }, gone[0][1]);
      const { code, stderr } = await daruma([...command, '--root', root], { env });
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
    }
    begin(state, { ...exampleRecord(root), operations: [], folders: [] }, gone[0][1]);
    const other = await daruma(['fix', '--root', root, '--yes', '--json'], { env });
    expect(other.code).toBe(3);
    expect(JSON.parse(other.stdout)).toMatchObject({ error: { code: 'fix-interrupted' } });
  });

  it('is told in one line where its record is damaged', async () => {
    const { home, env, record } = begunBy(gone[0][1]);
    const file = path.join(home, `state/daruma/fixes/${record.id}.json`);
    fs.writeFileSync(file, '{');
    expect((await daruma(['rules', 'linger-off'], { env })).code).toBe(0);
    const { code, stderr } = await daruma(['undo'], { env });
    expect({ code, lines: stderr.trim().split('\n') }).toEqual({
      code: 3,
      lines: [`daruma: ${file} is no record of a fix, or a damaged one (move it away to go on without it)`],
    });
  });
});
