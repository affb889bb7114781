/** The folder for what daruma can make again: it is only slower without it. */
import fs from 'node:fs';
import path from 'node:path';
import type { Environment } from './io.ts';

/**
 * The folder, made where it is missing. Whoever can write to it decides what the next run does, so it must be the user's own
 * and closed to others: it is undefined where a part of it is not (root has the home of somebody else after `sudo -E`), and
 * without a home.
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
 * The file gets its name when its content is on the disk, so that a power cut leaves all of it or nothing.
 *
 * @throws the errno error
 */
export function writeWhole(file: string, bytes: string | Buffer): void {
  const begun = `${file}.${process.pid}`;
  if (!hasRoom(path.dirname(file))) return;
  try {
    fs.writeFileSync(begun, bytes, { flag: 'wx', mode: 0o600, flush: true });
    fs.renameSync(begun, file);
  } catch (error) {
    fs.rmSync(begun, { force: true });
    throw error;
  }
}

function hasRoom(folder: string): boolean {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize >= leastBytes;
}

const leastBytes = 64 * 1024 * 1024;
