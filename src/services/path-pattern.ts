/** Patterns of paths such as `/etc/app/*.env` (glob(7)). */
import type { Host } from '../systemd/host/host.ts';
import { globMatcher } from '../systemd/values/glob.ts';
import { foundFile, lookUp } from './named-paths.ts';

/** Whether a path contains a wildcard of glob(7). */
export function isPathPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/** Whether a pattern of paths matches any file; true when that cannot be known. */
export function matchesAnyFile(host: Host, pattern: string): boolean {
  const [root = '', ...parts] = pattern.split('/');
  let paths: readonly string[] = [root];
  let foldersLeft = mostFolders;
  for (const part of parts.filter(name => name !== '')) {
    if (!isPathPattern(part)) {
      paths = paths.map(path => `${path}/${part}`);
      continue;
    }
    const isMatch = nameMatcher(part);
    const found: string[] = [];
    for (const path of paths) {
      foldersLeft -= 1;
      if (foldersLeft < 0) return true;
      const folder = lookUp(host, path || '/');
      if (folder === 'unknown' || folder === 'unreadable') return true;
      if (foundFile(folder)?.kind !== 'directory') continue;
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
