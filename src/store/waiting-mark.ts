/**
 * A file that lies there while something waits. The timer looks for it (`ConditionPathExists=`): where nothing waits, no
 * process is started.
 *
 * It must be there whenever the store holds something, also after kill -9 or a power cut at any moment: then nothing else
 * says that somebody is to be told. So it is set before the transaction that writes ends, and taken away within one that
 * nobody else can write beside.
 */
import type { DatabaseSync } from 'node:sqlite';
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import { inTransaction } from './database.ts';

export function waitingMark(folder: string): string {
  return path.join(folder, 'waiting');
}

/** To be set in the transaction that writes what waits. */
export function setWaitingMark(folder: string): void {
  try {
    fs.closeSync(fs.openSync(waitingMark(folder), 'ax', 0o600));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw error;
  }
  syncFolder(folder);
}

/** A new file outlives a power cut once its folder is on the disk (fsync(2)). Where that cannot be asked for, it is as it is. */
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

/** Takes the mark away, unless something waits. */
export function updateWaitingMark(folder: string, database: DatabaseSync, isWaiting: () => boolean): void {
  inTransaction(database, () => {
    if (isWaiting()) setWaitingMark(folder);
    else fs.rmSync(waitingMark(folder), { force: true });
  });
}
