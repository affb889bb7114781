/** Finds out, before anything is written, what prevents a path from being written. Only the unit concerned is left out of the plan. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { enter, type Folder, LeadsOut, lookAt, type ResolvedPath, type Tree } from '../systemd/host/tree.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import { writtenThrough } from './file-operation.ts';

/**
 * - `too-large`: the present file would have to be read and shown
 * - `not-writable`: a link that leads to no writable file, a file where a folder is needed, or a folder that may not be entered
 * - `not-yours`: a link leads into a folder of another user, who alone decides what stands there, whoever else may write it
 * - `not-permitted`: the folder may not be written, or the permissions of the present file not be changed
 * - `not-readable`: the present file may not be read
 * - `not-a-file`: a folder, a pipe or a device stands there
 */
export type Obstacle =
  | 'name-too-long'
  | 'too-large'
  | 'leads-out'
  | 'not-writable'
  | 'not-yours'
  | 'not-permitted'
  | 'not-readable'
  | 'not-a-file';

/** A path that a plan cannot write and therefore leaves out. */
export interface LeftOut {
  /** Undefined when the path belongs to no unit. */
  readonly unit: string | undefined;
  /** The path on the host. */
  readonly path: string;
  readonly why: Obstacle;
}

/**
 * @param file path on the host
 * @param kind the kind of state to be written
 * @returns undefined when nothing prevents the write
 */
export function obstacleTo(file: string, kind: FileState['kind'], host: Host): Obstacle | undefined {
  const why = obstacleAt(path.join(host.tree.root, file), kind, host.tree);
  return why === 'not-permitted' && isNothingPermitted(host) ? undefined : why;
}

/**
 * Whether the folder of all units may not be written. That prevents the whole plan, not one path of it, and the plan can still be
 * shown.
 */
function isNothingPermitted({ scope, environment, tree }: Host): boolean {
  const folder = ownUnitFolder(scope, environment);
  return (
    folder !== undefined && obstacleAt(path.join(tree.root, folder, 'x'), 'absent', tree) === 'not-permitted'
  );
}

/** @param place path on this machine */
function obstacleAt(place: string, kind: FileState['kind'], tree: Tree): Obstacle | undefined {
  try {
    if (kind === 'mode') return lookAt(tree, place, found => obstacleToMode(found));
    const folder = folderFor(path.dirname(place), tree);
    if (folder === 'none') return 'not-writable';
    if (folder === 'foreign') return 'not-yours';
    if (folder === 'closed') return 'not-permitted';
    if (kind === 'absent') return undefined;
    if (kind === 'link') return obstacleInPlace(place, tree);
    const target = writtenThrough(place, tree);
    if (target === undefined) return 'not-writable';
    if (target !== place) {
      const there = folderFor(path.dirname(target), tree, true);
      if (there !== 'open') return there === 'foreign' ? 'not-yours' : 'not-permitted';
    }
    return obstacleInPlace(target, tree);
  } catch (error) {
    if (error instanceof LeadsOut) return 'leads-out';
    const code = errorCode(error);
    if (code === 'ENAMETOOLONG') return 'name-too-long';
    if (code === 'EACCES' || code === 'ELOOP') return 'not-writable';
    throw error;
  }
}

/** A drop-in has only a few lines. */
const mostBytes = 1024 * 1024;

/** chmod(2): only root and the owner change permissions. */
function obstacleToMode({ status, uid }: ResolvedPath): Obstacle | undefined {
  const self = process.geteuid?.();
  const acting = self === 0 ? uid : self;
  return acting === 0 || acting === undefined || acting === status.uid ? undefined : 'not-permitted';
}

/** What prevents the present entry at a path from being read and replaced; a link is not followed. */
function obstacleInPlace(place: string, tree: Tree): Obstacle | undefined {
  using folder = enter(tree, path.dirname(place));
  if (folder === undefined) return undefined;
  const entry = folder.at(path.basename(place));
  const status = fs.lstatSync(entry, { throwIfNoEntry: false });
  if (status === undefined || status.isSymbolicLink()) return undefined;
  if (!status.isFile()) return 'not-a-file';
  if (!isReadable(entry, folder)) return 'not-readable';
  return status.size > mostBytes ? 'too-large' : undefined;
}

/** Whether the regular file can be opened. */
function isReadable(entry: string, folder: Folder): boolean {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  try {
    fs.closeSync(folder.act(() => fs.openSync(entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EACCES') return false;
    throw error;
  }
}

/** Whether it belongs to another user than the one who writes it. To root nobody is another. */
function isForeign({ status, uid }: ResolvedPath): boolean {
  const self = process.geteuid?.();
  const acting = self === 0 ? uid : self;
  return acting !== 0 && acting !== undefined && acting !== status.uid;
}

/**
 * Whether entries can be made in a folder: `closed` when it, or the folder in which it would have to be made, may not be written;
 * `foreign` when a link leads there and it is another user's; `none` when it neither exists nor can be made.
 *
 * @param isLinked whether a link has led to the path
 */
function folderFor(directory: string, tree: Tree, isLinked = false): 'open' | 'closed' | 'foreign' | 'none' {
  const present = lookAt(tree, directory, found => {
    if (!found.status.isDirectory()) return undefined;
    if (!mayWrite(found)) return 'closed';
    return (isLinked || found.path !== directory) && isForeign(found) ? 'foreign' : 'open';
  });
  if (present !== undefined) return present;
  const above = path.dirname(directory);
  const found = above === directory ? 'none' : folderFor(above, tree, isLinked);
  if (found === 'none') return 'none';
  using parent = enter(tree, above);
  const isFree =
    parent === undefined ||
    fs.lstatSync(parent.at(path.basename(directory)), { throwIfNoEntry: false }) === undefined;
  return isFree ? found : 'none';
}

/**
 * Whether entries can be made in a folder. For root that acts as another user the permission bits decide, without access control
 * lists; in all other cases the kernel says so. A file system that is read-only prevents the whole plan, not one path of it.
 */
function mayWrite({ status: { uid, gid, mode }, handle, uid: acting, act }: ResolvedPath): boolean {
  if (process.geteuid?.() === 0 && acting !== 0) {
    const groups = act(() => process.getgroups?.() ?? []);
    const bits = acting === uid ? mode >> 6 : groups.includes(gid) ? mode >> 3 : mode;
    return (bits & 0o3) === 0o3;
  }
  try {
    fs.accessSync(handle, fs.constants.W_OK | fs.constants.X_OK);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EACCES' || code === 'EPERM') return false;
    if (code === 'EROFS') return true;
    throw error;
  }
}
