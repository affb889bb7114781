import type { Host } from '../../systemd/host/host.ts';
import type { Unit } from '../../systemd/unit.ts';
import { simplifyPath } from '../../systemd/values/path.ts';
import { extractWords } from '../../systemd/values/words.ts';
import { hasOwnFileSystem, isConditionedOn, lookUp } from '../named-paths.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface WorkingDirectoryMissing {
  readonly path: string;
  /** Whether the path exists but is no directory. */
  readonly isFile: boolean;
}

/** A missing working directory makes every command of the service fail with 200/CHDIR. */
export const workingDirectoryMissing: ServiceRule<'working-directory-missing', WorkingDirectoryMissing> = {
  id: 'working-directory-missing',
  severity: 'critical',
  needs: 'machine',
  judges: 'service',
  *check({ unit }, { inventory }): Iterable<Fault<WorkingDirectoryMissing>> {
    const { host } = inventory;
    const assigned = unit.assignments.last('Service', 'WorkingDirectory');
    const path = assigned && pathOf(assigned.value, unit, host);
    if (assigned === undefined || path === undefined || hasOwnFileSystem(unit)) return;
    const found = lookUp(host, path);
    if (found === 'unknown' || (found !== 'missing' && found.kind === 'directory')) return;
    if (isConditionedOn(unit, path) || isMadeByManager(path, unit)) return;
    yield { source: assigned.source, details: { path, isFile: found !== 'missing' }, changes: [] };
  },
};

/** The directory that must exist; undefined behind `-`, or when it is not known which directory is meant. */
function pathOf(value: string, unit: Unit, { user }: Host): string | undefined {
  if (value.startsWith('-')) return undefined;
  // The home of the user that User= names is not known here.
  if (value === '~') {
    return unit.assignments.last('Service', 'User') === undefined ? user?.home : undefined;
  }
  const expanded = unit.expand(value);
  return typeof expanded === 'string' ? simplifyPath(expanded) : undefined;
}

/**
 * Whether systemd creates the directory, or one below it, before it starts the service (systemd.exec(5),
 * "RuntimeDirectory=").
 */
function isMadeByManager(path: string, unit: Unit): boolean {
  return Object.entries(madeDirectories).some(([name, specifier]) => {
    const base = unit.expand(specifier);
    return unit.assignments.get('Service', name).some(({ value }) => {
      const expanded = unit.expand(value);
      if (typeof base !== 'string' || typeof expanded !== 'string') return false;
      const made = extractWords(expanded, { unquote: true }).words.map(word => {
        const [directory = ''] = word.split(':');
        return simplifyPath(`${base}/${directory}`);
      });
      return made.some(directory => directory === path || directory.startsWith(`${path}/`));
    });
  });
}

const madeDirectories = {
  RuntimeDirectory: '%t',
  StateDirectory: '%S',
  CacheDirectory: '%C',
  LogsDirectory: '%L',
  ConfigurationDirectory: '%E',
} as const;
