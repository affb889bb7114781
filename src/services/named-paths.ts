/** Looks up files that a unit names on its host: they exist, are missing, or cannot be known. */
import { errorCode } from '../kernel/errno.ts';
import type { FileStatus, Host } from '../systemd/host/host.ts';
import { noteLimit } from '../systemd/host/limit.ts';
import type { Unit } from '../systemd/unit.ts';
import { isAbsolutePath, simplifyPath } from '../systemd/values/path.ts';

/** `unreadable`: the file may not be looked up; `unknown`: it exists only on a running machine, or its path is not known. */
export type NamedPath = FileStatus | 'missing' | 'unreadable' | 'unknown';

/** The file, where a look-up found one. */
export function foundFile(found: NamedPath): FileStatus | undefined {
  return typeof found === 'string' ? undefined : found;
}

/** Looks up an absolute path. A path that still contains a specifier is unknown. */
export function lookUp(host: Host, path: string): NamedPath {
  if (!isAbsolutePath(path) || path.includes('%') || (host.kind === 'offline' && isVolatile(path)))
    return 'unknown';
  try {
    return host.files.status(path) ?? 'missing';
  } catch (error) {
    const errno = errorCode(error);
    if (errno !== undefined)
      noteLimit(host, { source: { file: path, line: null }, limit: { of: 'errno', errno } });
    return 'unreadable';
  }
}

/**
 * Whether a path exists only on a running machine: a boot creates it, or another unit mounts it. An unpacked root does
 * not have it.
 */
export function isVolatile(path: string): boolean {
  return /^\/(?:run|tmp|dev|proc|sys|mnt|media|var\/(?:run|tmp|lock))\//.test(`${path}/`);
}

/** Whether a service sees other files than its host under the same paths. */
export function hasOwnFileSystem(unit: Unit): boolean {
  return ownFileSystem.some(name => unit.assignments.get('Service', name).length > 0);
}

const ownFileSystem = [
  'RootDirectory',
  'RootImage',
  'MountImages',
  'ExtensionImages',
  'ExtensionDirectories',
  'BindPaths',
  'BindReadOnlyPaths',
] as const;

/**
 * Whether systemd starts the unit only if a path exists. If it does not, systemd skips the start, which is no failure.
 * Source: systemd.unit(5), "Conditions and Asserts".
 */
export function isConditionedOn(unit: Unit, path: string): boolean {
  return conditions.some(name =>
    unit.assignments.get('Unit', name).some(({ value }) => {
      // `|` makes the condition one of several, and `!` inverts it: neither means that the path is needed.
      const condition = unit.expand(value);
      if (typeof condition !== 'string' || !condition.startsWith('/')) return false;
      const needed = simplifyPath(condition);
      return path === needed || path.startsWith(`${needed}/`);
    }),
  );
}

const conditions = [
  'ConditionPathExists',
  'ConditionPathIsDirectory',
  'ConditionPathIsReadWrite',
  'ConditionFileNotEmpty',
  'ConditionFileIsExecutable',
  'ConditionDirectoryNotEmpty',
] as const;
