/**
 * A file that exists while messages or incidents wait. The unit looks for it (`ExecCondition=`): when nothing waits, daruma is not
 * started. Its time of modification is when there is something to do next, so that nothing is loaded before.
 *
 * It must exist whenever something waits in the store, also after kill -9 or a power cut at any moment, since nothing else
 * starts the delivery then. So it is set before the writing transaction ends, and removed or put off inside a transaction that
 * keeps out all other writers.
 */
import type { DatabaseSync } from 'node:sqlite';
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import { inTransaction } from './database.ts';

export function waitingMark(folder: string): string {
  return path.join(folder, 'waiting');
}

/**
 * When somebody has looked at what waits, in ms since 1970; infinite where nothing waits. What was put right since then is to be
 * tried at once.
 */
export function lastLookMs(folder: string): number {
  return fs.statSync(waitingMark(folder), { throwIfNoEntry: false })?.ctimeMs ?? Infinity;
}

/** Sets the mark: there is something to do at once. Call it inside the transaction that writes what waits. */
export function setWaitingMark(folder: string): void {
  setMark(folder, Date.now());
}

function setMark(folder: string, nextMs: number): void {
  const mark = waitingMark(folder);
  const isNew = !fs.existsSync(mark);
  const handle = fs.openSync(mark, 'a', 0o600);
  fs.futimesSync(handle, nextMs / 1_000, nextMs / 1_000);
  fs.closeSync(handle);
  if (isNew) syncFolder(folder);
}

/** A new file survives a power cut once its folder is flushed (fsync(2)). File systems that cannot do so answer EINVAL, which is ignored. */
function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error;
  } finally {
    fs.closeSync(handle);
  }
}

/** Whoever changes the configuration, or sets the clock, waits no longer than this. */
const longestMs = 10 * 60_000;

/**
 * Removes the mark, or puts it off.
 *
 * @param readNext returns when there is something to do next, in ms since 1970; undefined when nothing waits
 */
export function updateWaitingMark(
  folder: string,
  database: DatabaseSync,
  readNext: () => number | undefined,
): void {
  inTransaction(database, () => {
    const nextMs = readNext();
    if (nextMs === undefined) fs.rmSync(waitingMark(folder), { force: true });
    else setMark(folder, Math.min(nextMs, Date.now() + longestMs));
  });
}
