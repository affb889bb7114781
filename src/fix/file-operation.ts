/** One file made what it should be, whole or not at all, and made what it was again. */
import fs from 'node:fs';
import path from 'node:path';
import type { FileState } from '../systemd/host/overlay-files.ts';

/** A path of this machine, what stood there, and what is to stand there. */
export interface FileOperation {
  readonly path: string;
  readonly before: FileState;
  readonly after: FileState;
}

/**
 * The operation that brings a path into a state. Where only permission bits change, what the file holds is nobody's
 * business and not kept.
 *
 * @throws the errno error of what cannot be read
 */
export function operationFor(file: string, after: FileState): FileOperation {
  return { path: file, before: after.kind === 'mode' ? readMode(file) : readState(file), after };
}

/** Where an operation stands: still before it, behind it, or somebody has made something else of the path. */
export function standingOf({ path: file, before, after }: FileOperation): 'before' | 'after' | 'changed' {
  const now = after.kind === 'mode' ? readMode(file) : readState(file);
  if (isSameState(now, before)) return 'before';
  return isSameState(now, after) ? 'after' : 'changed';
}

/** What stands at a path; links are not followed. */
export function readState(file: string): FileState {
  const status = fs.lstatSync(file, { throwIfNoEntry: false });
  if (status === undefined) return { kind: 'absent' };
  if (status.isSymbolicLink()) return { kind: 'link', target: fs.readlinkSync(file) };
  return { kind: 'file', content: fs.readFileSync(file), mode: status.mode & modeBits };
}

function readMode(file: string): FileState {
  const status = fs.statSync(file, { throwIfNoEntry: false });
  return status === undefined ? { kind: 'absent' } : { kind: 'mode', mode: status.mode & modeBits };
}

const modeBits = 0o7777;

function isSameState(a: FileState, b: FileState): boolean {
  if (a.kind === 'file' && b.kind === 'file') return a.mode === b.mode && a.content.equals(b.content);
  if (a.kind === 'link' && b.kind === 'link') return a.target === b.target;
  if (a.kind === 'mode' && b.kind === 'mode') return a.mode === b.mode;
  return a.kind === 'absent' && b.kind === 'absent';
}

/**
 * Brings a path into a state: staged beside it, flushed, and renamed over it, so that at any moment either the old or
 * the new one is there, whole. Folders that are missing are made; a file gets the owner of the folder it stands in.
 *
 * @throws the errno error; the path is then what it was
 */
export function putState(file: string, state: FileState): void {
  const folder = path.dirname(file);
  switch (state.kind) {
    case 'mode':
      fs.chmodSync(file, state.mode);
      return;
    case 'absent':
      fs.rmSync(file, { force: true });
      break;
    case 'file':
    case 'link':
      makeFolder(folder);
      replace(file, state);
      break;
    default:
      state satisfies never;
  }
  flush(folder);
}

function replace(file: string, state: Extract<FileState, { readonly kind: 'file' | 'link' }>): void {
  const staged = stagedBeside(file);
  removeStaged(file);
  try {
    if (state.kind === 'link') stageLink(staged, state.target);
    else stageFile(staged, state.content, state.mode);
    fs.renameSync(staged, file);
  } catch (error) {
    fs.rmSync(staged, { force: true });
    throw error;
  }
}

/** Removes what an attempt that was killed has left beside a path. */
export function removeStaged(file: string): void {
  fs.rmSync(stagedBeside(file), { force: true });
}

/** Hidden, and without the suffix of a drop-in: systemd passes over it. */
function stagedBeside(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.daruma`);
}

function stageLink(staged: string, target: string): void {
  fs.symlinkSync(target, staged);
  const { uid, gid } = fs.statSync(path.dirname(staged));
  adopt(() => fs.lchownSync(staged, uid, gid));
}

function stageFile(staged: string, content: Buffer, mode: number): void {
  const { uid, gid } = fs.statSync(path.dirname(staged));
  // Nobody else may read it before it has its mode.
  const descriptor = fs.openSync(staged, 'wx', 0o600);
  try {
    fs.writeFileSync(descriptor, content);
    adopt(() => fs.fchownSync(descriptor, uid, gid));
    fs.fchmodSync(descriptor, mode);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes a folder and those above it, each with the owner of the one above. */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  const above = path.dirname(folder);
  makeFolder(above);
  const { uid, gid } = fs.statSync(above);
  fs.mkdirSync(folder, 0o755);
  adopt(() => fs.chownSync(folder, uid, gid));
  flush(above);
}

/** Only root has to give files away, and only root may. */
function adopt(giveAway: () => void): void {
  if (process.getuid?.() === 0) giveAway();
}

/** Makes what was renamed in a folder durable (fsync(2): flushing the file does not flush the entry). */
function flush(folder: string): void {
  if (!fs.existsSync(folder)) return;
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
