/**
 * A file that exists while messages or incidents wait. The timer unit looks for it (`ConditionPathExists=`): when nothing waits,
 * systemd starts no process.
 *
 * It must exist whenever something waits in the store, also after kill -9 or a power cut at any moment, since nothing else
 * starts the delivery then. So it is set before the writing transaction ends, and removed inside a transaction that keeps out
 * all other writers.
 */
import type { DatabaseSync } from 'node:sqlite';
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import { inTransaction } from './database.ts';

export function waitingMark(folder: string): string {
  return path.join(folder, 'waiting');
}

/** Sets the mark. Call it inside the transaction that writes what waits. */
export function setWaitingMark(folder: string): void {
  try {
    fs.closeSync(fs.openSync(waitingMark(folder), 'ax', 0o600));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw error;
  }
  syncFolder(folder);
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

/** Removes the mark, unless something waits. */
export function updateWaitingMark(folder: string, database: DatabaseSync, isWaiting: () => boolean): void {
  inTransaction(database, () => {
    if (isWaiting()) setWaitingMark(folder);
    else fs.rmSync(waitingMark(folder), { force: true });
  });
}
