/** The working directory without which every command of a service fails with 200/CHDIR. */
import type { Host } from '../systemd/host/host.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { simplifyPath } from '../systemd/values/path.ts';
import { extractWords } from '../systemd/values/words.ts';
import { foundFile, hasOwnFileSystem, isConditionedOn, lookUp } from './named-paths.ts';

export interface BrokenWorkingDirectory {
  readonly path: string;
  /** `unreadable`: it may not be looked up, so that nobody knows whether something is wrong with it. */
  readonly problem: 'missing' | 'no-directory' | 'unreadable';
  readonly source: SourceLine;
}

/** @returns undefined where the directory is there, is not needed, or systemd makes it */
export function brokenWorkingDirectory(unit: Unit, host: Host): BrokenWorkingDirectory | undefined {
  const assigned = unit.assignments.last('Service', 'WorkingDirectory');
  const path = assigned && pathOf(assigned.value, unit, host);
  if (assigned === undefined || path === undefined || hasOwnFileSystem(unit)) return undefined;
  const found = lookUp(host, path);
  if (found === 'unknown' || foundFile(found)?.kind === 'directory') return undefined;
  if (isConditionedOn(unit, path) || isMadeByManager(path, unit)) return undefined;
  return { path, problem: typeof found === 'string' ? found : 'no-directory', source: assigned.source };
}

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
