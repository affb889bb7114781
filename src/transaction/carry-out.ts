/** Carries out a record, all or nothing, and undoes one. */
import path from 'node:path';
import { shellText } from '../programs/command.ts';
import { UnwritableStateFolder } from '../store/unwritable-state-folder.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { foldersToMake, type Tree } from '../systemd/host/tree.ts';
import { CommandFailed } from './run-command.ts';
import {
  type FileOperation,
  putState,
  removeFolder,
  removeStaged,
  standingOf,
  withPlainMode,
} from './file-operation.ts';
import { FixInTheWay, type FixRecord, hasLastingChange, type Journal } from './journal.ts';

/** A fix or an undo failed. */
export class FixFailed extends Error {
  /** The file or command at which it stopped. */
  readonly at: string;
  /** Whether everything was restored to the state before the fix. */
  readonly isTakenBack: boolean;

  constructor(at: string, isTakenBack: boolean, options: ErrorOptions) {
    super(`failed at ${at}`, options);
    this.name = 'FixFailed';
    this.at = at;
    this.isTakenBack = isTakenBack;
  }
}

/**
 * The steps around the changes to files. When `prepare` or `activate` fails, everything is undone; `deactivate` and `settle`
 * go on after a command that fails.
 */
export interface SideEffects {
  /** Stops the units that must not run while their files are removed. */
  readonly prepare: () => Promise<void>;
  /**
   * Reloads the manager and does the other steps that need the new files.
   *
   * @returns the record to store
   */
  readonly activate: (record: FixRecord) => Promise<FixRecord>;
  /** Undoes the part of `activate` that needs the new files. */
  readonly deactivate: (record: FixRecord) => Promise<void>;
  /** Undoes the rest, after the files are restored. */
  readonly settle: (record: FixRecord) => Promise<void>;
}

/**
 * Makes the changes of a record. It stores the record as `begun` first and as `done` at the end, or removes it when there is
 * nothing that an undo could take back. Changes that an interrupted attempt has already made stay. When something fails,
 * everything is undone.
 *
 * @param tree that contains the files
 * @throws FixFailed, or FixInTheWay and UnwritableStateFolder before anything is done
 */
export async function carryOut(
  record: FixRecord,
  journal: Journal,
  tree: Tree,
  { prepare, activate, deactivate, settle }: SideEffects,
): Promise<CarriedOut> {
  const untouched: string[] = [];
  const gone: string[] = [];
  let known = begin(record, journal, tree);
  let at = journal.fileOf(record.id);
  try {
    await prepare();
    for (const operation of record.operations) {
      at = operation.path;
      // An attempt that was killed may have left a staged file.
      removeStaged(operation.path, tree);
      const standing = standingOf(operation, tree);
      if (standing === 'before') putState(operation.path, operation.after, tree);
      if (standing === 'changed' || standing === 'gone') untouched.push(operation.path);
      if (standing === 'gone') gone.push(operation.path);
    }
    removeEmptied(record, journal, tree);
    at = journal.fileOf(record.id);
    known = await activate(known);
    const isRecorded = hasLastingChange(known);
    if (isRecorded) journal.end(known, 'done');
    else journal.forget(known);
    return { untouched, gone, isRecorded };
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
    if (error instanceof UnwritableStateFolder && isNothingDone && isTakenBack) throw error;
    throw new FixFailed(journal.fileOf(record.id), isTakenBack, { cause: error });
  }
}

/** @returns whether everything was restored to the state before the fix */
function takeBackAll(record: FixRecord, journal: Journal, tree: Tree): boolean {
  try {
    const { untouched, masked } = takeBack(record, tree);
    if (untouched.length > 0 || masked.length > 0) return false;
    journal.forget(record);
    return true;
  } catch {
    // The record keeps the phase `begun`, so the next command reports it.
    return false;
  }
}

/** Files that a fix or an undo did not touch. */
export interface LeftAlone {
  /** Files that somebody else changed or removed after the fix was planned. */
  readonly untouched: readonly string[];
  /** Those among them that somebody else removed. */
  readonly gone: readonly string[];
}

export interface CarriedOut extends LeftAlone {
  /** Whether a record is kept: without one there is nothing to undo. */
  readonly isRecorded: boolean;
}

export interface TakenBack extends LeftAlone {
  /** Files that were restored. */
  readonly restored: readonly string[];
  /** Files that were as before already: never changed, restored earlier, or restored by somebody else. */
  readonly unchanged: readonly string[];
  /** Files that were restored without their special permission bits (set-user-ID, set-group-ID, sticky), which are never set. */
  readonly masked: readonly string[];
}

/**
 * Restores the files of a record, except those that somebody else has changed since. It makes no file set-user-ID,
 * set-group-ID or sticky: the owner of the folder may have put another file in its place.
 *
 * @throws FixFailed at the first file that cannot be restored
 */
export function takeBack(record: FixRecord, tree: Tree): TakenBack {
  const restored: string[] = [];
  const unchanged: string[] = [];
  const untouched: string[] = [];
  const gone: string[] = [];
  const masked: string[] = [];
  for (const operation of record.operations.toReversed()) {
    const { path: file } = operation;
    try {
      removeStaged(file, tree);
      const standing = standingOf(operation, tree);
      if (standing === 'before') {
        unchanged.push(file);
        continue;
      }
      const before = withPlainMode(operation.before);
      // An undo that was interrupted may have restored it already.
      const isBackAlready = standing === 'changed' && standingOf({ ...operation, before }, tree) === 'before';
      if (standing !== 'after' && !isBackAlready) {
        untouched.push(file);
        if (standing === 'gone') gone.push(file);
        continue;
      }
      if (!isBackAlready) putState(file, before, tree);
      (hasSpecialBits(operation.before) ? masked : restored).push(file);
    } catch (error) {
      throw new FixFailed(file, false, { cause: error });
    }
  }
  for (const folder of record.folders) removeIfEmpty(folder, tree);
  return { restored, unchanged, untouched, gone, masked };
}

function hasSpecialBits(state: FileState): boolean {
  return 'mode' in state && state.mode > 0o777;
}

/** Removes empty folders that daruma made, in this fix or an earlier one, for files that this fix removes. */
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
    // The folder holds files of others, or is already gone.
  }
}

/** The folders that the operations have to make, by their real paths (links resolved), innermost first. */
export function missingFolders(operations: readonly FileOperation[], tree: Tree): readonly string[] {
  const missing = operations
    .filter(({ after }) => after.kind === 'file' || after.kind === 'link')
    .flatMap(({ path: file }) => foldersToMake(tree, path.dirname(file)));
  return [...new Set(missing)].sort((a, b) => b.length - a.length);
}
