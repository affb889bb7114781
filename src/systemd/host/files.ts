/** {@link HostFiles} of this machine's own files, or of an unpacked root that no symlink can leave. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, errnoError } from '../../kernel/errno.ts';
import type { DirectoryEntry, FileKind, FileStatus, HostFiles } from './host.ts';
import { type Guise, guiseBehind, inRealFolder, isIn, withAskedPath } from './tree.ts';

/** Files of the machine that runs daruma. */
export function localFiles(): HostFiles {
  return {
    read: (file, mostBytes) => readWithoutWaiting(file, { mostBytes }),
    list: readDirectory,
    readLink: link => fs.readlinkSync(link),
    status: file => statusOf(file, fs.statSync),
    resolve: file => missingIsUndefined(() => fs.realpathSync.native(file)),
    physicalPath: file => file,
  };
}

/**
 * Files of this machine, seen from a folder. When root looks at files of another user, it reads everything outside that
 * folder as this user: neither a link of that user nor a name in a unit leads to a file that the user may not read.
 *
 * @param folder directory on this machine
 * @param deepest the folder whose owner counts as the owner of the files: `folder` or a folder below it
 */
export function filesFrom(folder: string, deepest = folder): HostFiles {
  const local = localFiles();
  if (process.geteuid?.() !== 0) return local;
  const owner = guiseBehind(deepest) ?? guiseBehind(folder);
  const base = fs.realpathSync.native(folder);
  // A user's link to a folder of others does not make it the user's folder.
  const isTheirs = owner !== undefined && (base === path.resolve(folder) || guiseBehind(base) !== undefined);

  const isInside = (real: string) => isTheirs && isIn(base, real);
  /** A link in a folder of root may still belong to another user. */
  const guiseFor = (file: string, real: string, behind = guiseBehind): Guise =>
    owner ?? (real === path.posix.resolve(file) ? undefined : behind(file)) ?? (work => work());
  /**
   * The folders of a search path are few, and each is asked for all of its links: the way to one is walked again only when it
   * has come to lead elsewhere.
   */
  const ways = new Map<string, { readonly real: string; readonly guise: Guise | undefined }>();
  const guiseForFolder = (directory: string, real: string): Guise =>
    guiseFor(directory, real, () => {
      const known = ways.get(directory);
      if (known?.real === real) return known.guise;
      const guise = guiseBehind(directory);
      ways.set(directory, { real, guise });
      return guise;
    });

  /** Looks at a path inside the folder without following a link that did not exist when the path was resolved. */
  const at = <T>(real: string, guise: Guise, look: (place: string) => T): T => {
    if (!isInside(real)) return guise(() => look(real));
    const [directory, name] =
      real === base ? [real, '.'] : [path.posix.dirname(real), path.posix.basename(real)];
    return inRealFolder(directory, inside => look(inside.at(name)));
  };
  const led = <T>(file: string, look: (place: string) => T): T | undefined => {
    const real = local.resolve(file);
    if (real === undefined) return undefined;
    try {
      return missingIsUndefined(() => at(real, guiseFor(file, real), look));
    } catch (error) {
      // The error names the path that was asked for.
      const isListed = error instanceof Error && error.message.includes(`'${real}/.'`);
      throw withAskedPath(error, isListed ? `${real}/.` : real, file);
    }
  };

  return {
    read(file, mostBytes) {
      const content = led(file, place => readWithoutWaiting(place, { ...atLink, mostBytes }));
      if (content === undefined) throw notThere('open', file);
      return content;
    },
    list: directory => led(directory, place => readDirectory(`${place}/.`)),
    readLink(link) {
      const above = path.posix.dirname(link);
      const parent = local.resolve(above);
      if (parent === undefined) throw notThere('readlink', link);
      const place = path.posix.join(parent, path.posix.basename(link));
      return at(place, guiseForFolder(above, parent), each => fs.readlinkSync(each));
    },
    status: file => led(file, place => statusOf(place, fs.lstatSync)),
    resolve(file) {
      const real = local.resolve(file);
      if (real !== undefined && !isInside(real)) guiseFor(file, real)(() => fs.lstatSync(real));
      return real;
    },
    physicalPath: file => file,
  };
}

/**
 * Files of an unpacked root. An absolute symlink inside it means a path inside it, as after booting it.
 *
 * @param root directory on this machine
 */
export function rootedFiles(root: string): HostFiles {
  const base = fs.realpathSync(root);
  const resolvedDirectories = new Map<string, string | undefined>();

  const above = base === '/' ? '' : base;
  const outside = (inside: string) => (inside === '/' ? base : above + inside);

  // The directories of a unit tree are few and are asked for thousands of times: their paths are kept.
  const resolveDirectory = (directory: string): string | undefined => {
    if (directory === '/') return '/';
    if (!resolvedDirectories.has(directory)) {
      // A link that leads through itself finds this value, and leads nowhere.
      resolvedDirectories.set(directory, undefined);
      resolvedDirectories.set(directory, chase(directory, 0));
    }
    return resolvedDirectories.get(directory);
  };

  const chase = (file: string, hops: number): string | undefined => {
    const normal = path.posix.resolve('/', file);
    if (normal === '/') return '/';
    const parent = resolveDirectory(path.posix.dirname(normal));
    if (parent === undefined) return undefined;
    const here = path.posix.join(parent, path.posix.basename(normal));
    const found = fs.lstatSync(outside(here), { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isSymbolicLink()) return here;
    if (hops >= symlinkHops) return undefined;
    return chase(path.posix.resolve(parent, fs.readlinkSync(outside(here))), hops + 1);
  };

  // The last component stays as it is, since the symlink itself may be asked for; its parents are resolved.
  const withoutFollowing = (file: string): string => {
    const normal = path.posix.resolve('/', file);
    const parent = resolveDirectory(path.posix.dirname(normal)) ?? path.posix.dirname(normal);
    return outside(path.posix.join(parent, path.posix.basename(normal)));
  };

  const resolve = (file: string) => missingIsUndefined(() => chase(file, 0));

  /** Looks at the target of a path without following a link that did not exist when the path was resolved. */
  const inside = <T>(file: string, look: (place: string) => T): T | undefined => {
    const target = resolve(file);
    if (target === undefined) return undefined;
    const physical = outside(target);
    // The root itself has no folder above it.
    const [directory, name] =
      target === '/' ? [physical, '.'] : [path.dirname(physical), path.basename(physical)];
    return missingIsUndefined(() => inRealFolder(directory, folder => look(folder.at(name))));
  };

  return {
    read(file, mostBytes) {
      const content = inside(file, place => readWithoutWaiting(place, { ...atLink, mostBytes }));
      if (content === undefined) throw notThere('open', file);
      return content;
    },
    list: directory => inside(directory, place => readDirectory(`${place}/.`)),
    readLink(link) {
      const physical = withoutFollowing(link);
      return inRealFolder(path.dirname(physical), folder =>
        fs.readlinkSync(folder.at(path.basename(physical))),
      );
    },
    status: file => inside(file, place => statusOf(place, fs.lstatSync)),
    resolve,
    physicalPath: file => withoutFollowing(file),
  };
}

/** Reads the path itself: a link that has taken its place is refused. */
const atLink = { look: fs.lstatSync, flags: fs.constants.O_NOFOLLOW } as const;

/** The kernel's own limit (path_resolution(7)). */
const symlinkHops = 40;

/** Finds out what a file is before it is opened: opening a device may already have an effect (watchdog(8)). */
type Look = (file: string, options: { readonly throwIfNoEntry: false }) => fs.Stats | undefined;

interface Reading {
  readonly look?: Look;
  /** More flags for open(2). */
  readonly flags?: number;
  /** How many bytes of the beginning are read; undefined for all. */
  readonly mostBytes: number | undefined;
}

/**
 * Reads a file that may turn out to be something else: nothing may ever be written to a pipe, and /dev/zero has no end.
 * Devices are empty, since systemd treats each of them like /dev/null (`null_or_empty()`).
 *
 * @throws the errno error; EFBIG for a file larger than {@link mostFileBytes}, unless only its beginning is read
 */
function readWithoutWaiting(file: string, { look = fs.statSync, flags = 0, mostBytes }: Reading): Buffer {
  if (isDevice(look(file, { throwIfNoEntry: false }))) return Buffer.alloc(0);
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | flags);
  try {
    const status = fs.fstatSync(descriptor);
    if (isDevice(status)) return Buffer.alloc(0);
    // Node's own error does not contain the path.
    if (status.isDirectory()) throw errnoError('EISDIR', 'illegal operation on a directory', 'read', file);
    if (status.isFIFO()) throw errnoError('ENXIO', 'not a regular file', 'read', file);
    if (mostBytes !== undefined) {
      const beginning = Buffer.alloc(mostBytes);
      let length = 0;
      // Of a file in /proc the kernel gives a page at a time.
      for (let read = -1; read !== 0 && length < mostBytes; length += read)
        read = fs.readSync(descriptor, beginning, length, mostBytes - length, null);
      return beginning.subarray(0, length);
    }
    if (status.size > mostFileBytes) throw errnoError('EFBIG', 'file too large', 'read', file);
    return fs.readFileSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Limit in bytes of a file that is read into memory: no unit, configuration or record is larger. */
export const mostFileBytes = 64 * 1024 * 1024;

function isDevice(status: fs.Stats | undefined): boolean {
  return status !== undefined && (status.isCharacterDevice() || status.isBlockDevice());
}

function readDirectory(directory: string): readonly DirectoryEntry[] | undefined {
  return missingIsUndefined(() =>
    fs.readdirSync(directory, { withFileTypes: true }).map(entry => ({
      name: entry.name,
      kind: kindOf(entry),
    })),
  );
}

function statusOf(file: string, look: Look): FileStatus | undefined {
  const status = missingIsUndefined(() => look(file, { throwIfNoEntry: false }));
  if (status === undefined) return undefined;
  const { size, mode, uid: owner, mtimeMs: modifiedMs } = status;
  return { kind: kindOf(status), size, mode: mode & 0o7777, owner, modifiedMs };
}

function kindOf(entry: Pick<fs.Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}

function missingIsUndefined<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (leadsNowhere.has(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

const leadsNowhere: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function notThere(call: 'open' | 'readlink', file: string): NodeJS.ErrnoException {
  return errnoError('ENOENT', 'no such file or directory', call, file);
}
