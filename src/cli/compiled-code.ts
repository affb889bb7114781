/** Where Node keeps daruma's code, compiled, from one run to the next. */
import fs from 'node:fs';
import module from 'node:module';
import type { Environment } from './io.ts';

/**
 * Lets Node keep compiled code in `$XDG_CACHE_HOME/daruma`, else `~/.cache/daruma`, which saves a fifth of the time of a short
 * command. `NODE_DISABLE_COMPILE_CACHE=1` turns it off. Source: Node's module.enableCompileCache().
 */
export function keepCompiledCode(environment: Environment): void {
  const folder = cacheFolder(environment);
  if (folder !== undefined && hasRoom(folder)) module.enableCompileCache(folder);
}

/**
 * The folder, made where it is missing. Whoever can write to it decides what the next run does, so it must be the user's own
 * and closed to others: it is undefined where a part of it is not (root has the home of somebody else after `sudo -E`), and
 * without a home. Node's own choice is a folder in /tmp, which anybody can make first.
 *
 * Source: XDG Base Directory Specification, which ignores relative paths.
 */
export function cacheFolder({ XDG_CACHE_HOME: cache, HOME: home }: Environment): string | undefined {
  const [first, ...below] = cache?.startsWith('/')
    ? [cache, `${cache}/daruma`]
    : home?.startsWith('/')
      ? [home, `${home}/.cache`, `${home}/.cache/daruma`]
      : [];
  if (first === undefined || !isOwn(first)) return undefined;
  return below.every(folder => isOwn(folder, 'made where missing')) ? below.at(-1) : undefined;
}

function isOwn(folder: string, missing?: 'made where missing'): boolean {
  try {
    const status = fs.statSync(folder, { throwIfNoEntry: false });
    if (status !== undefined)
      return (
        status.isDirectory() && status.uid === process.geteuid?.() && (status.mode & writableByOthers) === 0
      );
    if (missing !== undefined) fs.mkdirSync(folder, { mode: 0o700 });
    return missing !== undefined;
  } catch {
    // Without a cache daruma is slower, and nothing else.
    return false;
  }
}

/** Of the group and of everybody. */
const writableByOthers = 0o022;

/**
 * Whether Node may write there. On a full disk it leaves an empty file for each module, at every run. The code of older versions
 * stays until there is too much of it; then all is made anew.
 */
export function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = fs.statfsSync(folder);
    // Some file systems count no files.
    if (bavail * bsize < leastBytes || (files > 0 && ffree < mostEntries)) return false;
    if (entriesIn(folder) > mostEntries) {
      for (const name of fs.readdirSync(folder)) fs.rmSync(`${folder}/${name}`, { recursive: true });
    }
    return true;
  } catch {
    return false;
  }
}

/** Node makes a folder for each of its versions, and none in them: to look for more would take a look at each file. */
function entriesIn(folder: string): number {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  const below = entries.map(entry =>
    entry.isDirectory() ? fs.readdirSync(`${folder}/${entry.name}`).length : 0,
  );
  return below.reduce((sum, count) => sum + count, entries.length);
}

/** The code of one version takes 4 MB in 100 files. */
const leastBytes = 64 * 1024 * 1024;
const mostEntries = 1500;
