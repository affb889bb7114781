/**
 * Folders of a tree, entered so that nothing in it leads out of it. Who owns a part of a tree may put a link in the place
 * of a folder at any moment, so a path is looked up but once: component by component, each by the descriptor of the folder
 * above it, and what is done then is done by the last descriptor.
 *
 * Node has neither openat(2) nor openat2(2): `/proc/self/fd/N/name` stands for them (proc_pid_fd(5)).
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, errnoError } from '../../kernel/errno.ts';

/** Where files may be written, and what a link means there. Paths of this machine, without links. */
export interface Tree {
  /** What `/` is to a link inside, as after chroot(2). */
  readonly root: string;
  /** Folders below which everything has to lie that is written. */
  readonly within: readonly string[];
}

/** This machine, all of it. */
export const wholeMachine: Tree = { root: '/', within: ['/'] };

/** A folder that has been entered; whatever becomes of its path, it stays the same one. */
export interface Folder extends Disposable {
  /** The path of an entry, for a call that follows no link in its last component. */
  at(name: string): string;
  /**
   * Does what changes an entry. Where root has come through something of another user's, it is done as that user: nothing is
   * changed that they could not change themselves, whatever they put in its place meanwhile. Everybody else is who they are.
   */
  act<T>(work: () => T): T;
  /** Does what changes nothing. */
  look<T>(work: () => T): T;
  /** Makes what was renamed in it durable (fsync(2): flushing a file does not flush its entry). */
  flush(): void;
}

/**
 * Enters a folder.
 *
 * @param directory absolute, of this machine, in the tree; links on the way are followed inside the tree
 * @returns undefined when it is not there
 * @throws LeadsOut, or the errno error
 */
export function enter(tree: Tree, directory: string): Folder | undefined {
  const end = walked(tree, directory, 'leave');
  return end && folderAt(end, directory);
}

/** Enters a folder, and makes it and those above it where they are not there, each its owner's of the one above. */
export function enterOrMake(tree: Tree, directory: string): Folder {
  const end = walked(tree, directory, 'make');
  const folder = end && folderAt(end, directory);
  if (folder === undefined) throw errnoError('ENOTDIR', 'not a directory', 'open', directory);
  return folder;
}

/**
 * The folders that {@link enterOrMake} would make, where they would really lie: a link that leads to nothing has them made elsewhere.
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

/** What a path leads to, links followed inside the tree, the last component's too. */
export interface ResolvedPath extends Pick<Folder, 'act'> {
  readonly status: fs.Stats;
  /** Leads to that very file, for as long as it is looked at. */
  readonly handle: string;
  /** Where it lies on this machine, without links. */
  readonly path: string;
  /** As whom root changes it. */
  readonly uid: number;
}

/**
 * Looks at what a path leads to.
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
 * Looks into a folder without links on the way to it, by a path that was found out before.
 *
 * @param directory absolute, of this machine
 * @throws the errno error; ENOENT when the path leads elsewhere by now
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

/** Does something as somebody. */
export type Guise = <T>(work: () => T) => T;

/**
 * As whom root looks at what a folder leads to: where it has come to the folder through something of another user's, as that
 * user, with all groups of theirs. Everybody else is who they are.
 *
 * @param directory absolute, of this machine
 * @returns undefined where it makes no difference
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

/** A path leads to where nothing may be written. An errno error as openat2(2) has it with RESOLVE_BENEATH. */
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
      throw named(error, handleOf(this.#descriptor), this.#path);
    }
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; the one alone where they are not known. */
  readonly groups?: readonly number[];
}

/** Where a walk has ended. The descriptor is its caller's to close. */
interface End {
  readonly descriptor: number;
  readonly status: fs.Stats;
  /** As whom something is changed there. */
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

/** Source: path_resolution(7), with what `..` and `/` are to a process in a chroot(2). */
class Walk implements Disposable {
  readonly #tree: Tree;
  readonly #file: string;
  /** From the root to where it is; all but the last are folders. */
  readonly #components: PathComponent[];
  /** The first user other than root through whose folders or links it has come, below the root. */
  #stranger: Owner | undefined;
  #hops = 0;
  /** What was still to be gone when it stopped at what is not there. */
  #left: readonly string[] = [];

  constructor(tree: Tree, file: string) {
    this.#tree = tree;
    this.#file = file;
    const descriptor = fs.openSync(tree.root, oPath | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
    this.#components = [{ descriptor, status: fs.fstatSync(descriptor) }];
    // A folder above the root may have been made a link since.
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

  /** @returns whether it is there */
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

  /** The folders that would have to be made on the way, by their real paths, the outermost first. */
  missing(names: readonly string[]): readonly string[] {
    const made: string[] = [];
    let left = names;
    while (!this.to(left, 'leave') && this.#last.status.isDirectory()) {
      const here = this.#realPath();
      this.#expectInside(here);
      // Below what is to be made nothing is a link; `..` may lead back to what is there.
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

  /** What it has come to; the walk itself is over then. */
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
      throw named(error, file, this.#file);
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
      // Somebody else has made it; whatever it is, it is looked at as all others are.
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    folder.flush();
    return fs.openSync(entryOf(above.descriptor, name), oPath | fs.constants.O_NOFOLLOW);
  }

  #readLink({ descriptor }: PathComponent, name: string): string | undefined {
    try {
      return fs.readlinkSync(entryOf(descriptor, name));
    } catch (error) {
      // It was a link a moment ago: nothing that one could rely on is there.
      if (errorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** What a stranger's link leads to is done as that stranger, whosever it is. */
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

/** As the kernel's own limit (path_resolution(7)). */
const mostHops = 40;

/** Each component holds a descriptor, of which a process may have 1,024 and more. */
const mostComponents = 256;

/**
 * O_PATH of open(2), which Node does not name: the same on all machines that Node is made for (asm-generic/fcntl.h). It
 * neither waits for the writer of a pipe nor wakes a device.
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

/** An error with the path that was asked for: the number of a descriptor says nothing to anybody. */
export function named(error: unknown, handle: string, file: string): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replaceAll(handle, file);
  if ('path' in error && typeof error.path === 'string') error.path = error.path.replaceAll(handle, file);
  return error;
}

/** Whether a path is a folder's own or lies below it; both without links and `..`. */
export function isIn(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** Whether a process may be that user at all: in a user namespace most are not there (user_namespaces(7), uid_map). */
function isMapped(uid: number): boolean {
  return fs
    .readFileSync('/proc/self/uid_map', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => uid >= first && uid < first + count);
}

/**
 * Does something as another user. The ids are those of the whole process (seteuid(2) as glibc and musl make it): the work
 * must neither wait nor be waited for.
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

/** As a login would have them (initgroups(3)). An owner from elsewhere has no account here, and no more than the one. */
function groupsOf(uid: number, gid: number): readonly number[] {
  // Node's types do not have it.
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
