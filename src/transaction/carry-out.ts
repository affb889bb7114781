/** Carries out a record, all or nothing, and undoes one. */
import { isUtf8 } from 'node:buffer';
import path from 'node:path';
import { shellText } from '../programs/command.ts';
import { UnwritableStateFolder } from '../store/unwritable-state-folder.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { foldersToMake, type Tree } from '../systemd/host/tree.ts';
import { CommandFailed } from './run-command.ts';
import { withoutFix, wordsFor } from './edited-since.ts';
import {
  contentOf,
  type FileOperation,
  isSameState,
  type PlainState,
  presentFile,
  putState,
  removeFolder,
  removeStaged,
  standingOf,
  withPlainMode,
  writtenThrough,
} from './file-operation.ts';
import { UnitRefused } from './load-states.ts';
import { FixInTheWay, type FixRecord, hasLastingChange, type Journal } from './journal.ts';

/** A fix or an undo failed. */
export class FixFailed extends Error {
  /** The file, command or unit at which it stopped. */
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
  let known = await begin(record, journal, tree);
  let at = journal.fileOf(record.id);
  try {
    const put = (operation: FileOperation) => {
      at = operation.path;
      // An attempt that was killed may have left a staged file.
      removeStaged(operation.path, tree);
      const standing = standingOf(operation, tree);
      if (standing === 'before') putState(operation.path, operation.after, tree);
      if (standing === 'changed' || standing === 'gone') untouched.push(operation.path);
      if (standing === 'gone') gone.push(operation.path);
    };
    await prepare();
    for (const operation of record.operations) if (!operation.isLate) put(operation);
    removeEmptied(record, journal, tree);
    at = journal.fileOf(record.id);
    known = await activate(known);
    for (const operation of record.operations) if (operation.isLate) put(operation);
    at = journal.fileOf(record.id);
    const isRecorded = hasLastingChange(known);
    if (isRecorded) journal.end(known, 'done');
    else journal.forget(known);
    return { untouched, gone, isRecorded };
  } catch (error) {
    const stoppedAt = placeOf(error) ?? at;
    const isTakenBack = await takeBackAll(known, journal, tree, deactivate);
    await settle(known);
    throw new FixFailed(stoppedAt, isTakenBack, { cause: error });
  }
}

/** What an error names itself. */
function placeOf(error: unknown): string | undefined {
  if (error instanceof CommandFailed) return shellText(error.command);
  return error instanceof UnitRefused ? error.unit : undefined;
}

async function begin(record: FixRecord, journal: Journal, tree: Tree): Promise<FixRecord> {
  try {
    return journal.begin(record);
  } catch (error) {
    if (error instanceof FixInTheWay) throw error;
    const isNothingDone = record.operations.every(operation => standingOf(operation, tree) !== 'after');
    const isTakenBack = await takeBackAll(record, journal, tree, () => Promise.resolve());
    if (error instanceof UnwritableStateFolder && isNothingDone && isTakenBack) throw error;
    throw new FixFailed(journal.fileOf(record.id), isTakenBack, { cause: error });
  }
}

/** @returns whether everything was restored to the state before the fix */
async function takeBackAll(
  record: FixRecord,
  journal: Journal,
  tree: Tree,
  deactivate: SideEffects['deactivate'],
): Promise<boolean> {
  try {
    const { untouched, masked } = await takeBack(record, tree, deactivate);
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

/** A file that a fix made and that stays, since a file that others have edited refers to it. */
interface NeededFile {
  readonly file: string;
  /** The file that refers to it. */
  readonly by: string;
}

export interface TakenBack extends LeftAlone {
  /** Files that were restored. */
  readonly restored: readonly string[];
  /** Files that others had edited, and out of which the change of the fix was taken. */
  readonly edited: readonly string[];
  /** Files that were as before already: never changed, restored earlier, or restored by somebody else. */
  readonly unchanged: readonly string[];
  readonly needed: readonly NeededFile[];
  /** Files that were restored without their special permission bits (set-user-ID, set-group-ID, sticky), which are never set. */
  readonly masked: readonly string[];
}

/**
 * Restores the files of a record. Out of a file that somebody else has edited since, only the change of the fix is taken; where
 * that cannot be told from the edit, the file stays as it is, with what it refers to. It makes no file set-user-ID, set-group-ID
 * or sticky: the owner of the folder may have put another file in its place.
 *
 * @param deactivate is called when nothing leads any more to what the fix has started
 * @throws FixFailed at the first file that cannot be restored
 */
export async function takeBack(
  record: FixRecord,
  tree: Tree,
  deactivate: SideEffects['deactivate'],
): Promise<TakenBack> {
  const back = nothingTakenBack();
  const kept = keptIn(record, tree);
  const operations = record.operations.toReversed();
  for (const operation of operations) if (operation.isLate) restore(operation, kept, tree, back);
  await deactivate(record);
  for (const operation of operations) if (!operation.isLate) restore(operation, kept, tree, back);
  for (const folder of record.folders) removeIfEmpty(folder, tree);
  return back;
}

/** What has been taken back before anything is. */
export function nothingTakenBack(): Lists<TakenBack> {
  return { restored: [], edited: [], unchanged: [], untouched: [], gone: [], needed: [], masked: [] };
}

type Lists<T> = { readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : never };

function restore(
  operation: FileOperation,
  kept: readonly KeptFile[],
  tree: Tree,
  { restored, edited, unchanged, untouched, gone, needed, masked }: Lists<TakenBack>,
): void {
  const { path: file } = operation;
  whileAt(operation, () => {
    removeStaged(file, tree);
    const back = wayBack(operation, kept, tree);
    switch (back.kind) {
      case 'before':
        unchanged.push(file);
        break;
      case 'gone':
        gone.push(file);
        untouched.push(file);
        break;
      case 'changed':
        untouched.push(file);
        break;
      case 'needed':
        needed.push({ file, by: back.by });
        break;
      case 'restored':
      case 'edited':
        if (back.state !== undefined) putState(file, back.state, tree);
        if (back.kind === 'edited') edited.push(file);
        else (hasSpecialBits(operation.before) ? masked : restored).push(file);
        break;
      default:
        back satisfies never;
    }
  });
}

/** Whether an undo would change any file of a record. @throws FixFailed at a file that cannot be looked up */
export function isAnyToTakeBack(record: FixRecord, tree: Tree): boolean {
  const kept = keptIn(record, tree);
  return record.operations.some(operation => {
    const back = whileAt(operation, () => wayBack(operation, kept, tree));
    return (back.kind === 'restored' || back.kind === 'edited') && back.state !== undefined;
  });
}

/** A file, and what an undo would make of it. */
export type ForeseenFile =
  | {
      readonly file: string;
      /** As {@link Return}; `removed`: restored to what it was, which is nothing. */
      readonly becomes: 'before' | 'restored' | 'removed' | 'edited' | 'changed' | 'gone';
    }
  | { readonly file: string; readonly becomes: 'needed'; readonly by: string };

/** What an undo would make of the files of a record, in its order. @throws FixFailed at a file that cannot be looked up */
export function foreseenFiles(record: FixRecord, tree: Tree): readonly ForeseenFile[] {
  const kept = keptIn(record, tree);
  const operations = record.operations.toReversed();
  return [...operations.filter(({ isLate }) => isLate), ...operations.filter(({ isLate }) => !isLate)].map(
    operation => {
      const { path: file } = operation;
      const back = whileAt(operation, () => wayBack(operation, kept, tree));
      if (back.kind === 'needed') return { file, becomes: 'needed', by: back.by };
      if (back.kind !== 'restored') return { file, becomes: back.kind };
      if (back.state === undefined) return { file, becomes: 'before' };
      return { file, becomes: back.state.kind === 'absent' ? 'removed' : 'restored' };
    },
  );
}

/** A file that stays as others have left it. */
interface KeptFile {
  readonly file: string;
  readonly text: string;
}

function keptIn({ operations }: FixRecord, tree: Tree): readonly KeptFile[] {
  return operations.flatMap(operation =>
    whileAt(operation, () => returnOf(operation, tree)).kind === 'changed'
      ? [{ file: operation.path, text: textThrough(operation.path, tree) }]
      : [],
  );
}

/** @throws FixFailed in place of any error */
function whileAt<T>({ path: file }: FileOperation, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FixFailed(file, false, { cause: error });
  }
}

/** How a file is restored, unless a kept one refers to it. */
function wayBack(
  operation: FileOperation,
  kept: readonly KeptFile[],
  tree: Tree,
): Return | { readonly kind: 'needed'; readonly by: string } {
  const back = returnOf(operation, tree);
  if (kept.length === 0 || (back.kind !== 'restored' && back.kind !== 'edited')) return back;
  // The system itself knows no root above it.
  const file = path.posix.join('/', path.posix.relative(tree.root, operation.path));
  const words = wordsFor(file, textOf(operation.before), textOf(operation.after));
  const by = kept.find(({ text }) => words.some(word => text.includes(word)));
  return by === undefined ? back : { kind: 'needed', by: by.file };
}

/** How a file is restored. `changed`: not at all, since the change of the fix cannot be told from an edit of others. */
type Return =
  | { readonly kind: 'before' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'changed' }
  /** `edited`: the edits of others stay in it. `state`: undefined when it is there already. */
  | { readonly kind: 'restored' | 'edited'; readonly state: FileState | undefined };

function returnOf(operation: FileOperation, tree: Tree): Return {
  const standing = standingOf(operation, tree);
  if (standing === 'before' || standing === 'gone') return { kind: standing };
  const before = withPlainMode(operation.before);
  if (standing === 'after') return { kind: 'restored', state: before };
  // An undo that was interrupted may have restored it already.
  if (standingOf({ ...operation, before }, tree) === 'before') return { kind: 'restored', state: undefined };
  const now = presentFile(operation.path, tree);
  const state = now && withoutFixIn({ ...operation, before }, now);
  if (now === undefined || state === undefined) return { kind: 'changed' };
  if (state.kind === 'absent') return { kind: 'restored', state };
  return { kind: 'edited', state: isSameState(now, state) ? undefined : state };
}

/** A file that others have edited, without the change of the fix. */
function withoutFixIn({ path: file, before, after }: FileOperation, now: PlainState): FileState | undefined {
  if (after.kind !== 'file' || (before.kind !== 'file' && before.kind !== 'absent')) return undefined;
  const content = now.content.equals(after.content)
    ? contentOf(before)
    : contentWithoutFix(file, contentOf(before), after.content, now.content);
  if (content === undefined) return undefined;
  if (before.kind === 'absent' && content.length === 0) return before;
  const mode = before.kind === 'absent' || now.mode !== after.mode ? now.mode : before.mode;
  return withPlainMode({ kind: 'file', content, mode });
}

function contentWithoutFix(file: string, before: Buffer, after: Buffer, now: Buffer): Buffer | undefined {
  if (![before, after, now].every(isText)) return undefined;
  const text = withoutFix(file, { before: String(before), after: String(after), now: String(now) });
  return text === undefined ? undefined : Buffer.from(text);
}

function isText(content: Buffer): boolean {
  return content.length <= mostTextBytes && isUtf8(content);
}

/** No configuration is longer. */
const mostTextBytes = 1024 * 1024;

function textOf(state: FileState): string {
  const content = contentOf(state);
  return isText(content) ? String(content) : '';
}

/** The text of a file, also where the path has become a link to it; empty where there is none. */
function textThrough(file: string, tree: Tree): string {
  const place = writtenThrough(file, tree);
  const now = place === undefined ? undefined : presentFile(place, tree);
  return now === undefined ? '' : textOf(now);
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
