/** {@link HostFiles} as they would be after some changes that have not been made yet. */
import path from 'node:path';
import { errnoError } from '../../kernel/errno.ts';
import type { DirectoryEntry, FileKind, FileStatus, HostFiles } from './host.ts';

/** What stands at a path. */
export type FileState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'link'; readonly target: string }
  /** `mode`: permission bits, as in `0o644`. */
  | { readonly kind: 'file'; readonly content: Buffer; readonly mode: number }
  /** The file that exists there already, with these permission bits. */
  | { readonly kind: 'mode'; readonly mode: number };

/**
 * Files with other contents at some paths. The folders above a new path exist. A changed link to a folder is not followed
 * for the paths below it.
 *
 * @param changes by absolute path, as the host itself sees it
 */
export function overlayFiles(base: HostFiles, changes: ReadonlyMap<string, FileState>): HostFiles {
  const canonical = canonicalPaths(base);
  const states = new Map([...changes].map(([file, state]) => [canonical(file), state]));
  const stateOf = (file: string) => states.get(canonical(file));
  const below = changesByFolder(states);
  const changesBelow = (folder: string) => below.get(canonical(folder)) ?? [];
  const isNewFolder = (file: string) => changesBelow(file).some(({ state }) => state.kind !== 'absent');

  const overlay: HostFiles = {
    read(file, mostBytes) {
      const state = stateOf(file);
      if (state === undefined || state.kind === 'mode') return base.read(file, mostBytes);
      if (state.kind === 'file') return state.content.subarray(0, mostBytes);
      if (state.kind === 'link') return overlay.read(targetOf(canonical(file), state.target), mostBytes);
      throw notThere('open', file);
    },
    list(directory) {
      const changed = changesBelow(directory);
      const listed = base.list(directory);
      if (listed === undefined && !changed.some(({ state }) => isWritten(state))) return undefined;
      const entries = new Map<string, FileKind>();
      for (const { name, kind } of listed ?? []) entries.set(name, kind);
      for (const change of changed) changeEntries(entries, change);
      return [...entries].map(([name, kind]): DirectoryEntry => ({ name, kind }));
    },
    readLink(link) {
      const state = stateOf(link);
      if (state === undefined || state.kind === 'mode') return base.readLink(link);
      if (state.kind === 'link') return state.target;
      throw state.kind === 'absent' ? notThere('readlink', link) : notALink(link);
    },
    status(file) {
      const state = stateOf(file);
      if (state === undefined) return base.status(file) ?? (isNewFolder(file) ? newFolder : undefined);
      if (state.kind === 'absent') return undefined;
      if (state.kind === 'link') return overlay.status(targetOf(canonical(file), state.target));
      if (state.kind === 'file') return newFile(state);
      const there = base.status(file);
      return there && { ...there, mode: state.mode };
    },
    resolve(file) {
      const state = stateOf(file);
      if (state === undefined || state.kind === 'mode')
        return base.resolve(file) ?? (isNewFolder(file) ? canonical(file) : undefined);
      if (state.kind === 'absent') return undefined;
      if (state.kind === 'file') return canonical(file);
      return overlay.resolve(targetOf(canonical(file), state.target));
    },
    physicalPath: file => base.physicalPath(file),
  };
  return overlay;
}

/** A change somewhere below a folder. */
interface ChangeBelow {
  /** The path from the folder on, such as `NAME` or `NAME.d/FILE.conf`. */
  readonly inside: string;
  readonly state: FileState;
}

/** The changes below each folder, however deep. */
function changesByFolder(
  states: ReadonlyMap<string, FileState>,
): ReadonlyMap<string, readonly ChangeBelow[]> {
  const below = new Map<string, ChangeBelow[]>();
  for (const [changed, state] of states) {
    for (let at = changed.lastIndexOf('/'); at > 0; at = changed.lastIndexOf('/', at - 1)) {
      const folder = changed.slice(0, at);
      const change = { inside: changed.slice(at + 1), state };
      const others = below.get(folder);
      if (others === undefined) below.set(folder, [change]);
      else others.push(change);
    }
  }
  return below;
}

/** Whether a change makes a file or a link. */
function isWritten({ kind }: FileState): boolean {
  return kind === 'file' || kind === 'link';
}

/** Makes the entries of a folder what they are after a change in it or further below. */
function changeEntries(entries: Map<string, FileKind>, { inside, state }: ChangeBelow): void {
  const [name = '', ...deeper] = inside.split('/');
  const isEntry = deeper.length === 0;
  if (state.kind === 'absent') {
    if (isEntry) entries.delete(name);
  } else if (isWritten(state)) {
    if (isEntry) entries.set(name, state.kind === 'link' ? 'symlink' : 'file');
    else if (!entries.has(name)) entries.set(name, 'directory');
  }
}

/** The time of change of a file that is not written yet, in milliseconds: earlier than that of every file. */
const notYetMs = 0;

const newFolder: FileStatus = { kind: 'directory', size: 0, mode: 0o755, modifiedMs: notYetMs };

function newFile({ content, mode }: Extract<FileState, { readonly kind: 'file' }>): FileStatus {
  return { kind: 'file', size: content.length, mode, modifiedMs: notYetMs };
}

function targetOf(link: string, target: string): string {
  return path.posix.resolve(path.posix.dirname(link), target);
}

/** Gives each path one spelling: links among its folders are resolved, as far as the folders exist. */
function canonicalPaths(base: HostFiles): (file: string) => string {
  const folders = new Map<string, string>();
  const canonicalFolder = (folder: string): string => {
    if (folder === '/') return '/';
    let known = folders.get(folder);
    if (known === undefined) {
      known =
        base.resolve(folder) ??
        path.posix.join(canonicalFolder(path.posix.dirname(folder)), path.posix.basename(folder));
      folders.set(folder, known);
    }
    return known;
  };
  return file => {
    const normal = path.posix.resolve('/', file);
    return path.posix.join(canonicalFolder(path.posix.dirname(normal)), path.posix.basename(normal));
  };
}

function notThere(call: 'open' | 'readlink', file: string): NodeJS.ErrnoException {
  return errnoError('ENOENT', 'no such file or directory', call, file);
}

function notALink(file: string): NodeJS.ErrnoException {
  return errnoError('EINVAL', 'invalid argument', 'readlink', file);
}
