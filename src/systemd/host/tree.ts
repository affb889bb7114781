/**
 * Enters the folders of a tree so that nothing in the tree leads out of it. The owner of a part of the tree can replace
 * a folder by a link at any moment. So a path is resolved only once, component by component, each by the descriptor of
 * the folder above it, and everything else is done by the last descriptor.
 *
 * Node has neither openat(2) nor openat2(2): `/proc/self/fd/N/name` stands for them (proc_pid_fd(5)).
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, errnoError } from '../../kernel/errno.ts';

/** Where files may be written, and what links mean there. Paths of this machine, without links. */
export interface Tree {
  /** The folder that `/` means in a link inside the tree, as after chroot(2). */
  readonly root: string;
  /** The folders that must contain everything that is written. */
  readonly within: readonly string[];
}

/** This machine, all of it. */
export const wholeMachine: Tree = { root: '/', within: ['/'] };

/** A folder that has been entered: it remains the same folder even if its path changes. */
export interface Folder extends Disposable {
  /** The path of an entry, for a call that follows no link in its last component. */
  at(name: string): string;
  /**
   * Runs work that changes an entry. When root has come through a folder or link of another user, the work runs as that
   * user: it changes nothing that the user could not change, whatever the user replaces meanwhile. In all other cases
   * it runs as the user of this process.
   */
  act<T>(work: () => T): T;
  /** Runs work that changes nothing. */
  look<T>(work: () => T): T;
  /** Writes renames in the folder to the disk (fsync(2): flushing a file does not flush its entry). */
  flush(): void;
}

/**
 * Enters a folder.
 *
 * @param directory absolute path on this machine, in the tree; links in it are followed inside the tree
 * @returns undefined when it does not exist
 * @throws LeadsOut, or the errno error
 */
export function enter(tree: Tree, directory: string): Folder | undefined {
  const end = walked(tree, directory, 'leave');
  return end && folderAt(end, directory);
}

/** Enters a folder. Creates it and the missing folders above it, each with the owner of the folder above it. */
export function enterOrMake(tree: Tree, directory: string): Folder {
  const end = walked(tree, directory, 'make');
  const folder = end && folderAt(end, directory);
  if (folder === undefined) throw errnoError('ENOTDIR', 'not a directory', 'open', directory);
  return folder;
}

/**
 * The folders that {@link enterOrMake} would create, by their real paths: a link to a missing folder has them created
 * elsewhere.
 *
 * @throws as {@link enterOrMake}
 */
export function foldersToMake(tree: Tree, directory: string): readonly string[] {
  using walk = new Walk(tree, directory);
  return walk.missing(namesInside(tree, directory));
}

function folderAt({ descriptor, status, user }: End, directory: string): Folder | undefined {
  const folder = new EnteredFolder(descriptor, directory, user);
  if (status.isDirectory()) return folder;
  folder[Symbol.dispose]();
  return undefined;
}

/** The target of a path, with links followed inside the tree, that in the last component included. */
export interface ResolvedPath extends Pick<Folder, 'act'> {
  readonly status: fs.Stats;
  /** A path that leads to exactly this file for as long as it is examined. */
  readonly handle: string;
  /** The path on this machine, without links. */
  readonly path: string;
  /** The id of the user as whom root changes the file. */
  readonly uid: number;
}

/**
 * Examines the target of a path.
 *
 * @returns undefined when it leads nowhere
 * @throws as {@link enter}
 */
export function lookAt<T>(tree: Tree, file: string, look: (found: ResolvedPath) => T): T | undefined {
  const end = walked(tree, file, 'leave');
  if (end === undefined) return undefined;
  const { descriptor, status, user } = end;
  using place = new EnteredFolder(descriptor, file, user);
  return look({
    status,
    handle: handleOf(descriptor),
    path: fs.readlinkSync(handleOf(descriptor)),
    uid: user.uid,
    act: work => place.act(work),
  });
}

/**
 * Examines a folder by a path that was resolved before, without following links in it.
 *
 * @param directory absolute path on this machine
 * @throws the errno error; ENOENT when the path leads elsewhere now
 */
export function inRealFolder<T>(directory: string, look: (folder: Pick<Folder, 'at'>) => T): T {
  const descriptor = fs.openSync(directory, oPath | fs.constants.O_DIRECTORY);
  using folder = new EnteredFolder(descriptor, directory, { uid: 0, gid: 0 });
  return folder.look(() => {
    if (fs.readlinkSync(handleOf(descriptor)) !== directory) {
      throw errnoError('ENOENT', 'no such file or directory', 'open', directory);
    }
    return look(folder);
  });
}

/** Runs work as a certain user. */
export type Guise = <T>(work: () => T) => T;

/**
 * The user as whom root reads the target of a folder's path: when the path leads through a folder or link of another
 * user, that user, with all groups of that user. All other users read as themselves.
 *
 * @param directory absolute path on this machine
 * @returns undefined when it makes no difference
 * @throws the errno error
 */
export function guiseBehind(directory: string): Guise | undefined {
  const end = walked(wholeMachine, directory, 'leave');
  if (end === undefined) return undefined;
  fs.closeSync(end.descriptor);
  const { uid, gid } = end.user;
  if (process.geteuid?.() !== 0 || uid === 0 || !isMapped(uid)) return undefined;
  const owner = { uid, gid, groups: groupsOf(uid, gid) };
  return work => as(owner, work);
}

/** A path leads to a place where nothing may be written. It is the errno error of openat2(2) with RESOLVE_BENEATH. */
export class LeadsOut extends Error {
  readonly code = 'EXDEV';
  readonly file: string;

  constructor(file: string) {
    super(`EXDEV: leads out of what is looked at, open '${file}'`);
    this.name = 'LeadsOut';
    this.file = file;
  }
}

class EnteredFolder implements Folder {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #user: Owner;

  constructor(descriptor: number, directory: string, user: Owner) {
    this.#descriptor = descriptor;
    this.#path = directory;
    this.#user = user;
  }

  at(name: string): string {
    return entryOf(this.#descriptor, name);
  }

  act<T>(work: () => T): T {
    return this.look(() => as(this.#user, work));
  }

  flush(): void {
    this.look(() => {
      const descriptor = fs.openSync(handleOf(this.#descriptor), 'r');
      try {
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
    });
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#descriptor);
  }

  look<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw withAskedPath(error, handleOf(this.#descriptor), this.#path);
    }
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; only `gid` when they are not known. */
  readonly groups?: readonly number[];
}

/** The end of a walk. The caller must close the descriptor. */
interface End {
  readonly descriptor: number;
  readonly status: fs.Stats;
  /** The user as whom something is changed there. */
  readonly user: Owner;
}

/** @returns undefined when it leads nowhere */
function walked(tree: Tree, file: string, missing: 'leave' | 'make'): End | undefined {
  const names = namesInside(tree, file);
  using walk = new Walk(tree, file);
  return walk.to(names, missing) ? walk.end() : undefined;
}

function namesInside({ root }: Tree, file: string): readonly string[] {
  const inside = path.relative(root, path.resolve(file));
  if (inside === '..' || inside.startsWith('../')) throw new LeadsOut(file);
  return inside.split('/');
}

/** Resolves a path. Source: path_resolution(7), where `..` and `/` mean the same as for a process in a chroot(2). */
class Walk implements Disposable {
  readonly #tree: Tree;
  readonly #file: string;
  /** The components from the root to the current place; all but the last are folders. */
  readonly #components: PathComponent[];
  /** The first user other than root whose folder or link the walk has passed below the root. */
  #stranger: Owner | undefined;
  #hops = 0;
  /** The components that were left when the walk stopped at a missing one. */
  #left: readonly string[] = [];

  constructor(tree: Tree, file: string) {
    this.#tree = tree;
    this.#file = file;
    const descriptor = fs.openSync(tree.root, oPath | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
    this.#components = [{ descriptor, status: fs.fstatSync(descriptor) }];
    // A folder above the root may have been replaced by a link.
    if (fs.readlinkSync(handleOf(descriptor)) !== tree.root) {
      this[Symbol.dispose]();
      throw new LeadsOut(file);
    }
  }

  [Symbol.dispose](): void {
    for (const { descriptor } of this.#components.splice(0)) fs.closeSync(descriptor);
  }

  get #last(): PathComponent {
    const last = this.#components.at(-1);
    if (last === undefined) throw new Error('a walk that has ended');
    return last;
  }

  /** @returns whether the path exists */
  to(names: readonly string[], missing: 'leave' | 'make'): boolean {
    const ahead = names.toReversed();
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      if (name === '' || name === '.') continue;
      const here = this.#last;
      if (!here.status.isDirectory()) {
        if (missing === 'leave') return false;
        throw errnoError('ENOTDIR', 'not a directory', 'open', this.#file);
      }
      if (name === '..') {
        if (this.#components.length > 1) fs.closeSync(this.#components.pop()?.descriptor ?? -1);
        continue;
      }
      if (this.#components.length > mostComponents)
        throw errnoError('ENAMETOOLONG', 'too deep', 'open', this.#file);
      const next = this.#open(here, name, missing);
      if (next === undefined) {
        this.#left = [name, ...ahead.toReversed()];
        return false;
      }
      this.#pass(next.status);
      if (!next.status.isSymbolicLink()) {
        this.#components.push(next);
        continue;
      }
      fs.closeSync(next.descriptor);
      this.#hops += 1;
      if (this.#hops > mostHops) throw errnoError('ELOOP', 'too many symbolic links', 'open', this.#file);
      const target = this.#readLink(here, name);
      if (target === undefined) return false;
      if (target.startsWith('/')) {
        for (const { descriptor } of this.#components.splice(1)) fs.closeSync(descriptor);
      }
      ahead.push(...target.split('/').toReversed());
    }
    return true;
  }

  /** The real paths of the folders that would have to be created, the outermost first. */
  missing(names: readonly string[]): readonly string[] {
    const made: string[] = [];
    let left = names;
    while (!this.to(left, 'leave') && this.#last.status.isDirectory()) {
      const here = this.#realPath();
      this.#expectInside(here);
      // There are no links below a folder that does not exist yet; `..` may lead back to one that exists.
      let below: readonly string[] = [];
      left = this.#left;
      do {
        const [name = '', ...rest] = left;
        left = rest;
        if (name === '..') below = below.slice(0, -1);
        else if (name !== '' && name !== '.') {
          below = [...below, name];
          made.push(path.posix.join(here, ...below));
        }
      } while (left.length > 0 && below.length > 0);
      if (left.length === 0) return made;
    }
    return made;
  }

  #realPath(): string {
    return fs.readlinkSync(handleOf(this.#last.descriptor));
  }

  #expectInside(real: string): void {
    if (!this.#tree.within.some(folder => isIn(folder, real))) throw new LeadsOut(this.#file);
  }

  /** The current place; it ends the walk. */
  end(): End {
    const { descriptor, status } = this.#last;
    this.#expectInside(this.#realPath());
    this.#components.pop();
    const { uid, gid } = status;
    const own = status.isDirectory() ? { uid, gid } : { uid: 0, gid: process.getegid?.() ?? 0 };
    return { descriptor, status, user: this.#stranger ?? own };
  }

  #open(above: PathComponent, name: string, missing: 'leave' | 'make'): PathComponent | undefined {
    const file = entryOf(above.descriptor, name);
    try {
      const descriptor = openedIfThere(file) ?? (missing === 'make' ? this.#make(above, name) : undefined);
      return descriptor === undefined ? undefined : { descriptor, status: fs.fstatSync(descriptor) };
    } catch (error) {
      throw withAskedPath(error, file, this.#file);
    }
  }

  #make(above: PathComponent, name: string): number {
    const { uid, gid } = above.status;
    const real = fs.readlinkSync(handleOf(above.descriptor));
    this.#expectInside(real);
    using folder = new EnteredFolder(
      fs.openSync(handleOf(above.descriptor), oPath | fs.constants.O_DIRECTORY),
      real,
      this.#stranger ?? { uid, gid },
    );
    try {
      folder.act(() => fs.mkdirSync(folder.at(name), 0o755));
    } catch (error) {
      // Another process has created it; whatever it is, it is examined like any other component.
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    folder.flush();
    return fs.openSync(entryOf(above.descriptor, name), oPath | fs.constants.O_NOFOLLOW);
  }

  #readLink({ descriptor }: PathComponent, name: string): string | undefined {
    try {
      return fs.readlinkSync(entryOf(descriptor, name));
    } catch (error) {
      // It was a link a moment ago: what is there now cannot be trusted.
      if (errorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** From a stranger's folder or link on, changes are made as that stranger, whoever owns the target. */
  #pass({ uid, gid }: fs.Stats): void {
    const isStranger = uid !== 0 && process.geteuid?.() === 0 && isMapped(uid);
    if (isStranger && (this.#stranger === undefined || this.#stranger.uid === uid))
      this.#stranger = { uid, gid };
  }
}

interface PathComponent {
  readonly descriptor: number;
  readonly status: fs.Stats;
}

/** The kernel's own limit (path_resolution(7)). */
const mostHops = 40;

/** Limit of components, each of which has a descriptor open; a process may have at least 1,024 of them. */
const mostComponents = 256;

/**
 * O_PATH of open(2), which Node does not define: it is the same on all platforms that Node supports
 * (asm-generic/fcntl.h). Opening with it neither waits for the writer of a pipe nor activates a device.
 */
const oPath = 0o10000000;

function openedIfThere(file: string): number | undefined {
  try {
    return fs.openSync(file, oPath | fs.constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function handleOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

function entryOf(descriptor: number, name: string): string {
  return `${handleOf(descriptor)}/${name}`;
}

/** An error with the path that was asked for, since the number of a descriptor explains nothing. */
export function withAskedPath(error: unknown, handle: string, file: string): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replaceAll(handle, file);
  if ('path' in error && typeof error.path === 'string') error.path = error.path.replaceAll(handle, file);
  return error;
}

/** Whether a path is that of a folder or below it; both without links and `..`. */
export function isIn(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** Whether a process can have this user id at all: most do not exist in a user namespace (user_namespaces(7), uid_map). */
function isMapped(uid: number): boolean {
  return fs
    .readFileSync('/proc/self/uid_map', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => uid >= first && uid < first + count);
}

/**
 * Runs work as another user. The ids apply to the whole process (seteuid(2) in glibc and musl): the work must be
 * synchronous.
 */
function as<T>({ uid, gid, groups = [gid] }: Owner, work: () => T): T {
  const { geteuid, getegid, getgroups, setgroups, setegid, seteuid } = process;
  if (geteuid?.() !== 0 || !getegid || !getgroups || !setgroups || !setegid || !seteuid) return work();
  const before = { gid: getegid(), groups: getgroups() };
  if (uid === 0 && gid === before.gid) return work();
  try {
    setgroups([...groups]);
    setegid(gid);
    seteuid(uid);
    return work();
  } finally {
    seteuid(0);
    setegid(before.gid);
    setgroups(before.groups);
  }
}

interface InitGroups {
  initgroups(user: number, extraGroup: number): void;
}

/** The groups that a login would get (initgroups(3)). A user id without an account on this machine has only the one group. */
function groupsOf(uid: number, gid: number): readonly number[] {
  // Node's types do not contain initgroups().
  const { getgroups, setgroups, getegid, setegid, initgroups }: NodeJS.Process & Partial<InitGroups> =
    process;
  if (!getgroups || !setgroups || !getegid || !setegid || !initgroups) return [gid];
  const before = { gid: getegid(), groups: getgroups() };
  try {
    // Node adds the effective group to all lists.
    setegid(gid);
    initgroups(uid, gid);
    return getgroups();
  } catch {
    return [gid];
  } finally {
    setegid(before.gid);
    setgroups(before.groups);
  }
}
