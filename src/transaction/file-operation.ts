/** Brings one file into a state, atomically, and back into the state before. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, errnoError } from '../kernel/errno.ts';
import { nameMax } from '../kernel/limits.ts';
import { mostFileBytes } from '../systemd/host/files.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { enter, enterOrMake, type Folder, lookAt, type Tree } from '../systemd/host/tree.ts';

/** A path on this machine, its state before, and the state to reach. */
export interface FileOperation {
  readonly path: string;
  readonly before: FileState;
  readonly after: FileState;
  /** Set where it follows the steps: it leads to a service that they start. */
  readonly isLate?: true | undefined;
}

/**
 * The operation that brings a path into a state. When only permission bits change, the content of the file is neither read
 * nor stored.
 *
 * @throws the errno error when the path cannot be read
 */
export function operationFor(file: string, after: FileState, tree: Tree): FileOperation {
  return { path: file, before: stateLike(after, file, tree), after };
}

/** The content of a file; empty for all that is none. */
export function contentOf(state: FileState): Buffer {
  return state.kind === 'file' ? state.content : Buffer.alloc(0);
}

/** `changed`: in neither of the two states; `gone`: the same, because nothing is there any more. */
type Standing = 'before' | 'after' | 'changed' | 'gone';

/** Whether the path is in the state before the operation, in the state after it, or was changed or removed by somebody else. */
export function standingOf({ path: file, before, after }: FileOperation, tree: Tree): Standing {
  const now = presentLike(after, file, tree);
  if (isSameState(now, before)) return 'before';
  if (isSameState(now, after)) return 'after';
  return now.kind === 'absent' ? 'gone' : 'changed';
}

function stateLike(after: FileState, file: string, tree: Tree): FileState {
  return after.kind === 'mode' ? readMode(file, tree) : readState(file, tree);
}

/**
 * What stands at a path. `closed`: a file that may not be read; its content is judged by its size in bytes, so that the file can
 * still be replaced or removed. `other`: a folder, a pipe, a device, or a file that is larger than any record.
 */
type Present =
  | FileState
  | { readonly kind: 'closed'; readonly mode: number; readonly size: number }
  | { readonly kind: 'other' };

/** As {@link stateLike}, but for every path that can be looked up. */
function presentLike(after: FileState, file: string, tree: Tree): Present {
  try {
    return stateLike(after, file, tree);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EACCES') return closedFile(file, tree, error);
    if (notOfAnyFix.has(code ?? '')) return { kind: 'other' };
    throw error;
  }
}

/** The file at a path; undefined where none stands there that may be read. @throws the errno error of a path that cannot be looked up */
export function presentFile(file: string, tree: Tree): PlainState | undefined {
  const now = presentLike({ kind: 'absent' }, file, tree);
  return now.kind === 'file' ? now : undefined;
}

export type PlainState = Extract<FileState, { readonly kind: 'file' }>;

/** The errors of {@link readPlainFile} for what no fix has written. */
const notOfAnyFix: ReadonlySet<string> = new Set(['EISDIR', 'EINVAL', 'EFBIG', 'ENXIO']);

/** @throws the refusal when it is the folder that may not be looked into */
function closedFile(file: string, tree: Tree, refusal: unknown): Present {
  using folder = enter(tree, path.dirname(file));
  const status = folder?.act(() => fs.lstatSync(folder.at(path.basename(file)), { throwIfNoEntry: false }));
  if (status?.isFile() !== true) throw refusal;
  return { kind: 'closed', mode: status.mode & modeBits, size: status.size };
}

/** The state of a path; links are not followed. @throws the errno error when it is neither a file nor a link */
export function readState(file: string, tree: Tree): FileState {
  using folder = enter(tree, path.dirname(file));
  return folder?.act(() => stateOf(folder.at(path.basename(file)))) ?? { kind: 'absent' };
}

function stateOf(place: string): FileState {
  const status = fs.lstatSync(place, { throwIfNoEntry: false });
  if (status === undefined) return { kind: 'absent' };
  if (status.isSymbolicLink()) return { kind: 'link', target: fs.readlinkSync(place) };
  const { content, mode } = readPlainFile(place);
  return { kind: 'file', content, mode };
}

/** A file's content, permission bits and owner. */
export interface PlainFile {
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
}

/**
 * Reads a regular file. It follows no link and does not wait for a pipe.
 *
 * @throws the errno error; EINVAL when it is not a regular file, EFBIG when it is too large for a record
 */
export function readPlainFile(file: string): PlainFile {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  if (fs.lstatSync(file).isDirectory()) throw errnoError('EISDIR', 'is a directory', 'read', file);
  const descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = fs.fstatSync(descriptor);
    if (!status.isFile()) throw errnoError('EINVAL', 'not a regular file', 'read', file);
    if (status.size > mostFileBytes) throw errnoError('EFBIG', 'file too large', 'read', file);
    const content = fs.readFileSync(descriptor);
    return { content, mode: status.mode & modeBits, uid: status.uid };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Permission bits of the path; for a link, those of the file that it leads to. */
function readMode(file: string, tree: Tree): FileState {
  const mode = lookAt(tree, file, ({ status }) => status.mode & modeBits);
  return mode === undefined ? { kind: 'absent' } : { kind: 'mode', mode };
}

const modeBits = 0o7777;

/** The state without the set-user-ID, set-group-ID and sticky bits. */
export function withPlainMode<T extends FileState>(state: T): T {
  return 'mode' in state ? { ...state, mode: state.mode & 0o777 } : state;
}

/** Whether a path is in a state. */
export function isSameState(a: Present, b: FileState): boolean {
  if (a.kind === 'closed' && b.kind === 'file') return a.mode === b.mode && a.size === b.content.length;
  if (a.kind === 'file' && b.kind === 'file') return a.mode === b.mode && a.content.equals(b.content);
  if (a.kind === 'link' && b.kind === 'link') return a.target === b.target;
  if (a.kind === 'mode' && b.kind === 'mode') return a.mode === b.mode;
  return a.kind === 'absent' && b.kind === 'absent';
}

/**
 * The path where a file is really written. A user who keeps the file elsewhere and links to it goes on keeping it there.
 *
 * @returns undefined for a link that leads to no file inside the tree, or to a file that the link's owner may not write
 */
export function writtenThrough(file: string, tree: Tree): string | undefined {
  if (readKind(file, tree) !== 'link') return file;
  try {
    const found = lookAt(tree, file, ({ status, path: place, uid }) => ({
      isFile: status.isFile(),
      place,
      uid,
    }));
    // Looks the target up a second time, by its own path and so without the link.
    const uid = found?.isFile ? lookAt(tree, found.place, straight => straight.uid) : undefined;
    return uid === found?.uid ? found?.place : undefined;
  } catch (error) {
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
}

function readKind(file: string, tree: Tree): 'link' | 'other' {
  using folder = enter(tree, path.dirname(file));
  const status = folder && fs.lstatSync(folder.at(path.basename(file)), { throwIfNoEntry: false });
  return status?.isSymbolicLink() ? 'link' : 'other';
}

/**
 * Brings a path into a state. A new file or link is staged beside the path, flushed, and renamed over it, so that at any
 * moment either the complete old one or the complete new one is there. Missing folders are made. A new file or folder gets
 * the owner of the folder that contains it.
 *
 * @throws the errno error; the path is then unchanged
 */
export function putState(file: string, state: FileState, tree: Tree): void {
  const directory = path.dirname(file);
  const name = path.basename(file);
  switch (state.kind) {
    case 'mode':
      putMode(file, state.mode, tree);
      return;
    case 'absent': {
      using folder = enter(tree, directory);
      folder?.act(() => removeFrom(folder, name));
      folder?.flush();
      return;
    }
    case 'file':
    case 'link': {
      using folder = enterOrMake(tree, directory);
      folder.act(() => replace(folder, name, state));
      folder.flush();
      return;
    }
    default:
      state satisfies never;
  }
}

function putMode(file: string, mode: number, tree: Tree): void {
  const isThere = lookAt(tree, file, found => {
    found.act(() => fs.chmodSync(found.handle, mode));
    return true;
  });
  if (isThere === undefined) throw errnoError('ENOENT', 'no such file or directory', 'read', file);
}

function replace(
  folder: Folder,
  name: string,
  state: Extract<FileState, { readonly kind: 'file' | 'link' }>,
): void {
  const staged = stagedName(name);
  removeFrom(folder, staged);
  try {
    if (state.kind === 'link') fs.symlinkSync(state.target, folder.at(staged));
    else stageFile(folder.at(staged), state.content, state.mode);
    fs.renameSync(folder.at(staged), folder.at(name));
  } catch (error) {
    removeFrom(folder, staged);
    throw error;
  }
}

/** Removes the staged file that a killed attempt left beside a path. */
export function removeStaged(file: string, tree: Tree): void {
  using folder = enter(tree, path.dirname(file));
  folder?.act(() => removeFrom(folder, stagedName(path.basename(file))));
}

function removeFrom(folder: Folder, name: string): void {
  try {
    fs.unlinkSync(folder.at(name));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    // A read-only file system refuses before it looks whether there is anything to remove.
    if (fs.lstatSync(folder.at(name), { throwIfNoEntry: false }) !== undefined) throw error;
  }
}

/** A hidden name without the suffix `.conf`: systemd ignores such a file in a drop-in folder. */
function stagedName(name: string): string {
  const staged = `.${name}.daruma`;
  if (Buffer.byteLength(staged) <= nameMax) return staged;
  return `.${crypto.createHash('sha256').update(name).digest('hex')}.daruma`;
}

function stageFile(staged: string, content: Buffer, mode: number): void {
  // Only the owner may read the file until its final mode is set.
  const descriptor = fs.openSync(staged, 'wx', 0o600);
  try {
    fs.writeFileSync(descriptor, content);
    fs.fchmodSync(descriptor, mode);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Removes an empty folder. @throws the errno error, for example ENOTEMPTY */
export function removeFolder(directory: string, tree: Tree): void {
  using above = enter(tree, path.dirname(directory));
  above?.act(() => fs.rmdirSync(above.at(path.basename(directory))));
}
