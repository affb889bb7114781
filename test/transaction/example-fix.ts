/** A fix with one of each: a new file in a new folder, a changed file, a link, permission bits, a removal, a file that follows the steps. */
import fs from 'node:fs';
import path from 'node:path';
import { undoFix, type Undone } from '../../src/transaction/apply.ts';
import { carryOut, missingFolders } from '../../src/transaction/carry-out.ts';
import { CommandFailed } from '../../src/transaction/run-command.ts';
import { operationFor, putState } from '../../src/transaction/file-operation.ts';
import { type FixRecord, Journal } from '../../src/transaction/journal.ts';
import { ownIdentity } from '../../src/kernel/process-identity.ts';
import { reloadCommand } from '../../src/systemd/commands.ts';
import { openUnitFolder } from '../../src/systemd/host/offline-host.ts';
import type { FileState } from '../../src/systemd/host/overlay-files.ts';
import { wholeMachine } from '../../src/systemd/host/tree.ts';
import type { Checkpoint } from './faults.ts';

/** What is there before, by path below the folder. */
const filesBefore = {
  'units/a.service.d/old.conf': ['[Service]\nRestart=no\n', 0o640],
  'units/stale.conf': ['stale', 0o644],
  'agent/settings.json': ['{"asks":"old"}\n', 0o600],
  'secret.env': ['KEY=value', 0o644],
} as const;

const after: Readonly<Record<string, FileState>> = {
  'units/b.service.d/zz-daruma.conf': file('[Service]\nRestart=always\n', 0o644),
  'units/a.service.d/old.conf': file('[Service]\nRestart=always\n', 0o644),
  'units/default.target.wants/a.service': { kind: 'link', target: '/units/a.service' },
  'secret.env': { kind: 'mode', mode: 0o600 },
  'units/stale.conf': { kind: 'absent' },
  'agent/settings.json': file('{"asks":"new"}\n', 0o600),
};

const late = 'agent/settings.json';

function file(text: string, mode: number): FileState {
  return { kind: 'file', content: Buffer.from(text), mode };
}

/** Lays out what is there before. */
export function layOut(folder: string): void {
  for (const [name, [text, mode]] of Object.entries(filesBefore)) {
    const target = path.join(folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
    fs.chmodSync(target, mode);
  }
}

/** The fix of a folder that has been laid out. */
export function exampleRecord(folder: string): FixRecord {
  const operations = Object.entries(after).map(([name, state]): FixRecord['operations'][number] => ({
    ...operationFor(path.join(folder, name), state, wholeMachine),
    ...(name === late && { isLate: true }),
  }));
  return {
    version: 1,
    id: '20261124T040000Z',
    phase: 'begun',
    process: ownIdentity(),
    scope: 'user',
    root: '/',
    units: ['a.service', 'b.service'],
    operations,
    folders: [...missingFolders(operations, wholeMachine)],
    lingering: null,
    isReloaded: true,
    started: [],
    stopped: [],
    restarted: [],
  };
}

/** What is there after the fix of a folder that has been laid out, which stays as it is. */
export function exampleAfter(folder: string): Readonly<Record<string, string>> {
  const copy = `${folder}-after`;
  fs.cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  for (const { path: changed, after: state } of exampleRecord(copy).operations)
    putState(changed, state, wholeMachine);
  const seen = snapshot(copy);
  fs.rmSync(copy, { recursive: true });
  return seen;
}

export function journalOf(folder: string): Journal {
  return new Journal(path.join(folder, 'state'));
}

/**
 * Carries the fix of a folder out, or goes on with it.
 *
 * @param checkpoint told of each command that would be run
 */
export async function carryOutExample(
  folder: string,
  checkpoint: Checkpoint = () => {},
): Promise<readonly string[]> {
  const journal = journalOf(folder);
  const [id] = journal.ids();
  const record = (id === undefined ? undefined : journal.record(id)) ?? exampleRecord(folder);
  const { untouched } = await carryOut(record, journal, wholeMachine, {
    prepare: () => run(() => checkpoint('prepare')),
    activate: async begun => {
      await run(() => checkpoint('activate'));
      return begun;
    },
    deactivate: () => Promise.resolve(),
    settle: () => Promise.resolve(),
  });
  return untouched;
}

/** As a command that fails does. */
async function run(task: () => void): Promise<void> {
  try {
    await Promise.resolve(task());
  } catch {
    throw new CommandFailed(reloadCommand('user'), 'it did not');
  }
}

/** Takes the fix of a folder back, where one was begun. */
export async function takeBackExample(folder: string): Promise<Undone | undefined> {
  const journal = journalOf(folder);
  const [id] = journal.ids();
  const record = id === undefined ? undefined : journal.record(id);
  return record && undoFix(record, openUnitFolder(folder, { scope: 'user' }), journal);
}

/** Everything below a folder but the journal: names, contents, modes, targets. */
export function snapshot(folder: string): Readonly<Record<string, string>> {
  const entries = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    entries
      .filter(name => !name.startsWith('state'))
      .map(name => {
        const target = path.join(folder, name);
        const status = fs.lstatSync(target);
        if (status.isSymbolicLink()) return [name, `-> ${fs.readlinkSync(target)}`];
        if (status.isDirectory()) return [name, 'folder'];
        return [name, `${(status.mode & 0o777).toString(8)} ${fs.readFileSync(target, 'utf8')}`];
      }),
  );
}
