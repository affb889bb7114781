/**
 * The defaults that user.conf or system.conf set for every service.
 * Source: systemd-system.conf(5); `parse_config_file()` and `manager_find_user_config_paths()` in `src/core/main.c`.
 */
import { Assignments, type IgnoredLine, type ReadFailure } from './assignments.ts';
import type { Host } from './host/host.ts';
import { searchedFiles } from './host/search.ts';
import { userConfigHome } from './search-path.ts';
import type { Setting } from './service-settings.ts';
import { readUnitFile } from './read-unit-file.ts';
import { parseBoolean } from './values/boolean.ts';
import { parseUnsigned } from './values/integer.ts';
import { parseTimeSpan } from './values/time-span.ts';

/**
 * The defaults that decide what happens to a service, by the name of the setting. Time spans are microseconds.
 * Source: systemd-system.conf(5).
 */
export interface ManagerDefaults {
  readonly DefaultRestartSec: Setting<number>;
  readonly DefaultTimeoutStartSec: Setting<number>;
  readonly DefaultTimeoutStopSec: Setting<number>;
  readonly DefaultStartLimitIntervalSec: Setting<number>;
  readonly DefaultStartLimitBurst: Setting<number>;
  readonly DefaultOOMPolicy: Setting<string>;
  readonly DefaultMemoryAccounting: Setting<boolean>;
}

/** What the manager's configuration files say. */
export interface ManagerConfiguration {
  readonly defaults: ManagerDefaults;
  /** The files that were read, in the order in which systemd applies them. */
  readonly files: readonly string[];
  /** The lines that systemd ignores. */
  readonly ignored: readonly IgnoredLine[];
}

/**
 * Reads `user.conf` or `system.conf` and their drop-ins, as the manager does at its next start. A file that cannot be read
 * counts as missing, as it does for the manager.
 *
 * Source: systemd-system.conf(5); `parse_config_file()` and `manager_find_user_config_paths()` in `src/core/main.c`.
 *
 * @throws the errno error of a directory of drop-ins that exists and cannot be listed
 * @example
 * import { openOfflineHost, readManagerConfiguration } from 'daruma/systemd';
 *
 * const { defaults, files } = readManagerConfiguration(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * defaults.DefaultRestartSec; // { value: 100_000, source: null }
 * files; // []
 */
export function readManagerConfiguration(host: Host): ManagerConfiguration {
  const assignments = new Assignments({ sections: new Set(['Manager']), version: host.systemd.version });
  const files = configurationFiles(host);
  for (const file of files) {
    const failure = readFile(host, assignments, file);
    if (failure !== undefined) assignments.noteUnread(failure);
  }
  return { defaults: interpret(assignments), files, ignored: assignments.ignored };
}

function readFile(host: Host, assignments: Assignments, file: string): ReadFailure | undefined {
  try {
    return assignments.read(file, readUnitFile(host, file));
  } catch {
    // The manager logs the failure and starts with its defaults; rules of `check/` report the file.
    return undefined;
  }
}

/** The main file and its drop-ins, in the order in which they are applied. */
function configurationFiles(host: Host): readonly string[] {
  const name = host.scope === 'user' ? 'user.conf' : 'system.conf';
  const home = host.scope === 'user' ? userConfigHome(host.environment) : undefined;
  const own = home === undefined ? [] : [`${home}/systemd`];
  const shared = ['/etc/systemd', '/run/systemd', '/usr/local/lib/systemd', '/usr/lib/systemd'];
  // A system.conf outside /etc counts since 256 (NEWS); a user.conf still does not.
  const anywhere = host.scope === 'system' && host.systemd.version >= 256;
  const mainFolders = [...own, ...(anywhere ? shared : ['/etc/systemd'])];
  const searched = searchedFiles(host.files);
  const main = mainFolders.map(folder => `${folder}/${name}`).find(file => searched.status(file));

  const dropIns = new Map<string, string>();
  for (const folder of [...own, ...shared]) {
    for (const entry of searched.list(`${folder}/${name}.d`)) {
      if (!entry.name.endsWith('.conf') || entry.name.startsWith('.') || dropIns.has(entry.name)) continue;
      dropIns.set(entry.name, `${folder}/${name}.d/${entry.name}`);
    }
  }
  const sorted = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return [...(main === undefined ? [] : [main]), ...sorted];
}

function interpret(assignments: Assignments): ManagerDefaults {
  const read = <T>(name: string, parse: (value: string) => T | undefined, fallback: T): Setting<T> => {
    const assigned = assignments.last('Manager', name);
    const value = assigned && parse(assigned.value);
    return assigned === undefined || value === undefined
      ? { value: fallback, source: null }
      : { value, source: assigned.source };
  };
  const span = (value: string) => parseTimeSpan(value);
  // 0 switches a time-out off, here as in units.
  const timeout = (value: string) => {
    const usec = parseTimeSpan(value);
    return usec === 0 ? Number.POSITIVE_INFINITY : usec;
  };
  return {
    DefaultRestartSec: read('DefaultRestartSec', span, 100_000),
    DefaultTimeoutStartSec: read('DefaultTimeoutStartSec', timeout, 90_000_000),
    DefaultTimeoutStopSec: read('DefaultTimeoutStopSec', timeout, 90_000_000),
    DefaultStartLimitIntervalSec: read('DefaultStartLimitIntervalSec', span, 10_000_000),
    DefaultStartLimitBurst: read('DefaultStartLimitBurst', parseUnsigned, 5),
    DefaultOOMPolicy: read('DefaultOOMPolicy', value => value, 'stop'),
    DefaultMemoryAccounting: read('DefaultMemoryAccounting', parseBoolean, true),
  };
}
