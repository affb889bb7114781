/** Files that a unit names, looked up on its host: there, missing, or not to be known. */
import type { Host } from '../systemd/host/host.ts';
import type { FileStatus } from '../systemd/host/host.ts';
import type { Unit } from '../systemd/unit.ts';
import { isAbsolutePath, simplifyPath } from '../systemd/values/path.ts';

/** `unknown`: it may not be asked for, or only a running machine has it. */
export type NamedPath = FileStatus | 'missing' | 'unknown';

/** Looks up an absolute path. A specifier that is left in it stands for what is not known. */
export function lookUp(host: Host, path: string): NamedPath {
  if (!isAbsolutePath(path) || path.includes('%') || (host.kind === 'offline' && isVolatile(path)))
    return 'unknown';
  try {
    return host.files.status(path) ?? 'missing';
  } catch {
    return 'unknown';
  }
}

/** What a boot makes anew, or another unit mounts: an unpacked root has none of it. */
function isVolatile(path: string): boolean {
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
 * Whether the unit is started only where a path is there: without it the start is skipped, which is no failure.
 * Source: systemd.unit(5), "Conditions and Asserts".
 */
export function isConditionedOn(unit: Unit, path: string): boolean {
  return conditions.some(name =>
    unit.assignments.get('Unit', name).some(({ value }) => {
      // `|` makes it one of several, `!` the opposite: neither says that the path is needed.
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
