/** {@link HostFiles} as they would be after some changes, none of which has been made. */
import path from 'node:path';
import { errnoError } from '../../kernel/errno.ts';
import type { DirectoryEntry, FileKind, HostFiles } from './host.ts';

/** What stands at a path. */
export type FileState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'link'; readonly target: string }
  /** `mode`: permission bits, as in `0o644`. */
  | { readonly kind: 'file'; readonly content: Buffer; readonly mode: number }
  /** The file that is there, with these permission bits. */
  | { readonly kind: 'mode'; readonly mode: number };

/**
 * Files with other contents at some paths. Folders above a new path are there; links among the changes are not followed
 * by what lies below them.
 *
 * @param changes by absolute path, as the host itself sees it
 */
export function overlayFiles(base: HostFiles, changes: ReadonlyMap<string, FileState>): HostFiles {
  const canonical = canonicalPaths(base);
  const states = new Map([...changes].map(([file, state]) => [canonical(file), state]));
  const stateOf = (file: string) => states.get(canonical(file));
  const isNewFolder = (file: string) => {
    const prefix = `${canonical(file)}/`;
    return [...states].some(([changed, { kind }]) => kind !== 'absent' && changed.startsWith(prefix));
  };

  const overlay: HostFiles = {
    read(file) {
      const state = stateOf(file);
      if (state === undefined || state.kind === 'mode') return base.read(file);
      if (state.kind === 'file') return state.content;
      if (state.kind === 'link') return overlay.read(targetOf(canonical(file), state.target));
      throw notThere('open', file);
    },
    list(directory) {
      const folder = canonical(directory);
      const entries = new Map<string, FileKind>();
      const listed = base.list(directory);
      for (const { name, kind } of listed ?? []) entries.set(name, kind);
      let isThere = listed !== undefined;
      for (const [changed, state] of states) {
        if (!changed.startsWith(`${folder}/`)) continue;
        const [name = '', ...below] = changed.slice(folder.length + 1).split('/');
        if (state.kind === 'absent') {
          if (below.length === 0) entries.delete(name);
          continue;
        }
        if (state.kind === 'mode') continue;
        isThere = true;
        const kind = state.kind === 'link' ? 'symlink' : 'file';
        if (below.length === 0) entries.set(name, kind);
        else if (!entries.has(name)) entries.set(name, 'directory');
      }
      return isThere ? [...entries].map(([name, kind]): DirectoryEntry => ({ name, kind })) : undefined;
    },
    readLink(link) {
      const state = stateOf(link);
      if (state === undefined || state.kind === 'mode') return base.readLink(link);
      if (state.kind === 'link') return state.target;
      throw state.kind === 'absent' ? notThere('readlink', link) : notALink(link);
    },
    status(file) {
      const state = stateOf(file);
      if (state === undefined) {
        return (
          base.status(file) ??
          (isNewFolder(file) ? { kind: 'directory', size: 0, mode: 0o755, modifiedMs: notYet } : undefined)
        );
      }
      if (state.kind === 'absent') return undefined;
      if (state.kind === 'link') return overlay.status(targetOf(canonical(file), state.target));
      if (state.kind === 'file')
        return { kind: 'file', size: state.content.length, mode: state.mode, modifiedMs: notYet };
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

/** When what has not been written was changed: before anything that has happened. */
const notYet = 0;

function targetOf(link: string, target: string): string {
  return path.posix.resolve(path.posix.dirname(link), target);
}

/** One spelling for each path: links among its folders resolved, as far as the folders are there. */
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
