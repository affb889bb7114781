import type { Host } from '../../systemd/host/host.ts';
import { globMatcher } from '../../systemd/values/glob.ts';
import { isConditionedOn, lookUp } from '../named-paths.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface EnvironmentFileMissing {
  /** As systemd looks for it; may be a pattern. */
  readonly path: string;
  readonly isPattern: boolean;
}

/**
 * An environment file that is not there fails the start before any process is made, hooks included: none of them can
 * write it in time (`exec_context_load_environment()`).
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

/** Whether a pattern leads to anything (glob(7)), also where that cannot be known. */
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
      const entries = entriesOf(host, path || '/');
      if (entries === undefined) return true;
      for (const entry of entries) if (isMatch(entry)) found.push(`${path}/${entry}`);
    }
    paths = found;
  }
  return paths.some(path => lookUp(host, path) !== 'missing');
}

// A pattern with `..` behind each star leads to more than there is: what is beyond this many folders is not known.
const mostFolders = 1000;

/** Undefined where the folder may not be read. */
function entriesOf(host: Host, folder: string): readonly string[] | undefined {
  try {
    return (host.files.list(folder) ?? []).map(({ name }) => name);
  } catch {
    return undefined;
  }
}

/** A name that begins with a dot is only meant by a pattern that does. */
function nameMatcher(glob: string): (name: string) => boolean {
  const isMatch = globMatcher(glob);
  return name => isMatch(name) && (glob.startsWith('.') || !name.startsWith('.'));
}
