/** Carries a plan out, all or nothing, and takes it back. */
import path from 'node:path';
import { shellText } from '../programs/command.ts';
import { StateFault } from '../store/state-fault.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { foldersToMake, type Tree } from '../systemd/host/tree.ts';
import { CommandFailed } from './commands.ts';
import {
  type FileOperation,
  putState,
  removeFolder,
  removeStaged,
  standingOf,
  withPlainMode,
} from './file-operation.ts';
import { FixInTheWay, type FixRecord, type Journal } from './journal.ts';

/** What a fix was not able to do, and why nothing is left of it. */
export class FixFailed extends Error {
  /** The file or command at which it stopped. */
  readonly at: string;
  /** Whether everything is as it was before. */
  readonly isTakenBack: boolean;

  constructor(at: string, isTakenBack: boolean, options: ErrorOptions) {
    super(`failed at ${at}`, options);
    this.name = 'FixFailed';
    this.at = at;
    this.isTakenBack = isTakenBack;
  }
}

/** What goes with the files. A failure of the first two takes everything back; the other two do what they can. */
export interface SideEffects {
  /** Stops what would stumble over the change. */
  readonly prepare: () => Promise<void>;
  /**
   * Reloads the manager, and whatever else follows the files.
   *
   * @returns the record as it is to be kept
   */
  readonly activate: (record: FixRecord) => Promise<FixRecord>;
  /** Takes `activate` back as far as the files are needed for it. */
  readonly deactivate: (record: FixRecord) => Promise<void>;
  /** Takes back the rest, once the files are what they were. */
  readonly settle: (record: FixRecord) => Promise<void>;
}

/**
 * Makes the changes of a record that is written down as `begun` first, and as `done` at the end; what is made already, by an
 * attempt that was interrupted, stays. What fails on the way is taken back.
 *
 * @param tree in which the files are
 * @returns files that somebody has changed since the record was made: they are left alone
 * @throws FixFailed, or FixInTheWay and StateFault before anything is done
 */
export async function carryOut(
  record: FixRecord,
  journal: Journal,
  tree: Tree,
  { prepare, activate, deactivate, settle }: SideEffects,
): Promise<readonly string[]> {
  const untouched: string[] = [];
  let known = begin(record, journal, tree);
  let at = journal.fileOf(record.id);
  try {
    await prepare();
    for (const operation of record.operations) {
      at = operation.path;
      // Of an attempt that was killed.
      removeStaged(operation.path, tree);
      const standing = standingOf(operation, tree);
      if (standing === 'before') putState(operation.path, operation.after, tree);
      if (standing === 'changed') untouched.push(operation.path);
    }
    removeEmptied(record, journal, tree);
    at = journal.fileOf(record.id);
    known = await activate(known);
    journal.end(known, 'done');
    return untouched;
  } catch (error) {
    const stoppedAt = error instanceof CommandFailed ? shellText(error.command) : at;
    await deactivate(known);
    const isTakenBack = takeBackAll(known, journal, tree);
    await settle(known);
    throw new FixFailed(stoppedAt, isTakenBack, { cause: error });
  }
}

function begin(record: FixRecord, journal: Journal, tree: Tree): FixRecord {
  try {
    return journal.begin(record);
  } catch (error) {
    if (error instanceof FixInTheWay) throw error;
    const isNothingDone = record.operations.every(operation => standingOf(operation, tree) !== 'after');
    const isTakenBack = takeBackAll(record, journal, tree);
    if (error instanceof StateFault && isNothingDone && isTakenBack) throw error;
    throw new FixFailed(journal.fileOf(record.id), isTakenBack, { cause: error });
  }
}

/** @returns whether everything is as it was before */
function takeBackAll(record: FixRecord, journal: Journal, tree: Tree): boolean {
  try {
    const { untouched, masked } = takeBack(record, tree);
    if (untouched.length > 0 || masked.length > 0) return false;
    journal.forget(record);
    return true;
  } catch {
    // The record stays as begun: the next command tells of it.
    return false;
  }
}

export interface TakenBack {
  /** Files that are what they were before the fix. */
  readonly restored: readonly string[];
  /** Files that somebody has changed since: they are left alone. */
  readonly untouched: readonly string[];
  /** Files that are what they were but for special permission bits, which are given to no file. */
  readonly masked: readonly string[];
}

/**
 * Brings back what stood there before, except where somebody has changed it since. No file is made set-user-ID, set-group-ID or
 * sticky: whoever owns the folder may have put another in its place.
 *
 * @throws FixFailed at the first file that cannot be brought back
 */
export function takeBack(record: FixRecord, tree: Tree): TakenBack {
  const restored: string[] = [];
  const untouched: string[] = [];
  const masked: string[] = [];
  for (const operation of record.operations.toReversed()) {
    const { path: file } = operation;
    try {
      removeStaged(file, tree);
      const standing = standingOf(operation, tree);
      if (standing === 'before') continue;
      const before = withPlainMode(operation.before);
      // By an attempt that was interrupted.
      const isBackAlready = standing === 'changed' && standingOf({ ...operation, before }, tree) === 'before';
      if (standing === 'changed' && !isBackAlready) {
        untouched.push(file);
        continue;
      }
      if (!isBackAlready) putState(file, before, tree);
      (hasSpecialBits(operation.before) ? masked : restored).push(file);
    } catch (error) {
      throw new FixFailed(file, false, { cause: error });
    }
  }
  for (const folder of record.folders) removeIfEmpty(folder, tree);
  return { restored, untouched, masked };
}

function hasSpecialBits(state: FileState): boolean {
  return 'mode' in state && state.mode > 0o777;
}

/** Folders that were made for the files that are gone now, by this record or one before it. */
function removeEmptied({ operations }: FixRecord, journal: Journal, tree: Tree): void {
  const gone = operations.filter(({ after }) => after.kind === 'absent');
  if (gone.length === 0) return;
  const made = journal.madeFolders();
  for (const { path: file } of gone) {
    for (let folder = path.dirname(file); made.has(folder); folder = path.dirname(folder))
      removeIfEmpty(folder, tree);
  }
}

function removeIfEmpty(folder: string, tree: Tree): void {
  try {
    removeFolder(folder, tree);
  } catch {
    // Somebody else keeps something in it, or it is gone already: both are theirs.
  }
}

/** The folders that the operations have made, where they really lie, the innermost first. */
export function missingFolders(operations: readonly FileOperation[], tree: Tree): readonly string[] {
  const missing = operations
    .filter(({ after }) => after.kind === 'file' || after.kind === 'link')
    .flatMap(({ path: file }) => foldersToMake(tree, path.dirname(file)));
  return [...new Set(missing)].sort((a, b) => b.length - a.length);
}
