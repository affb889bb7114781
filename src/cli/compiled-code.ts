/** Where Node keeps daruma's code, compiled, from one run to the next. */
import fs from 'node:fs';
import module from 'node:module';
import type { Environment } from './io.ts';

/**
 * Lets Node keep compiled code in `$XDG_CACHE_HOME/daruma`, else `~/.cache/daruma`, which saves a fifth of the time of a short command.
 * Whoever can write there decides what the next run does, so the folders must be the user's own and closed to others; otherwise
 * nothing is kept. Node's own choice is a folder in /tmp, which anybody can make first. `NODE_DISABLE_COMPILE_CACHE=1`
 * turns it off.
 *
 * Source: XDG Base Directory Specification, which ignores relative paths; Node's module.enableCompileCache().
 */
export function keepCompiledCode(environment: Environment): void {
  const folder = cacheFolder(environment);
  if (folder !== undefined) module.enableCompileCache(folder);
}

/**
 * The folder, made where it is missing. Undefined without a home, and where a part of it belongs to another user or can be
 * written by others: root runs with the home of somebody else after `sudo -E`.
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
