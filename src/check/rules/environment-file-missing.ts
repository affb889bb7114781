import type { Host } from '../../systemd/host/host.ts';
import { globMatcher } from '../../systemd/values/glob.ts';
import { isConditionedOn, lookUp } from '../named-paths.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface EnvironmentFileMissing {
  /** The path at which systemd looks for the file; may be a pattern. */
  readonly path: string;
  readonly isPattern: boolean;
}

/**
 * A missing environment file makes the start fail before any process is started, hooks included: none of them can
 * create the file in time (`exec_context_load_environment()`).
 */
export const environmentFileMissing: ServiceRule<'environment-file-missing', EnvironmentFileMissing> = {
  id: 'environment-file-missing',
  severity: 'critical',
  needs: 'machine',
  judges: 'service',
  *check({ unit }, { inventory }): Iterable<Fault<EnvironmentFileMissing>> {
    for (const { value, source } of unit.assignments.get('Service', 'EnvironmentFile')) {
      if (value.startsWith('-')) continue;
      const path = unit.expand(value);
      if (typeof path !== 'string' || isConditionedOn(unit, path)) continue;
      const isPattern = /[*?[]/.test(path);
      const isThere = isPattern ? matches(inventory.host, path) : lookUp(inventory.host, path) !== 'missing';
      if (!isThere) yield { source, details: { path, isPattern }, changes: [] };
    }
  },
};

/** Whether a pattern matches any file (glob(7)); true when that cannot be known. */
function matches(host: Host, pattern: string): boolean {
  const [root = '', ...parts] = pattern.split('/');
  let paths: readonly string[] = [root];
  let foldersLeft = mostFolders;
  for (const part of parts.filter(name => name !== '')) {
    if (!/[*?[]/.test(part)) {
      paths = paths.map(path => `${path}/${part}`);
      continue;
    }
    const isMatch = nameMatcher(part);
    const found: string[] = [];
    for (const path of paths) {
      foldersLeft -= 1;
      if (foldersLeft < 0) return true;
      const folder = lookUp(host, path || '/');
      if (folder === 'unknown') return true;
      if (folder === 'missing' || folder.kind !== 'directory') continue;
      const entries = fileNamesIn(host, path || '/');
      if (entries === undefined) return true;
      for (const entry of entries) if (isMatch(entry)) found.push(`${path}/${entry}`);
    }
    paths = found;
  }
  return paths.some(path => lookUp(host, path) !== 'missing');
}

// A pattern with `..` behind each star matches more paths than there are folders: beyond this number of folders the
// answer is not known.
const mostFolders = 1000;

/** The entries of a folder; undefined when the folder may not be read. */
function fileNamesIn(host: Host, folder: string): readonly string[] | undefined {
  try {
    return (host.files.list(folder) ?? []).map(({ name }) => name);
  } catch {
    return undefined;
  }
}

/** Matches names with a pattern; a name that begins with a dot matches only a pattern that begins with a dot. */
function nameMatcher(glob: string): (name: string) => boolean {
  const isMatch = globMatcher(glob);
  return name => isMatch(name) && (glob.startsWith('.') || !name.startsWith('.'));
}
