/** Renames a damaged store and begins a new one, so that later incidents can still be reported. */
import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { emptyStore, openStore, openStoreToRead } from './database.ts';
import { withLock } from './lock.ts';
import { sqliteCodeOf, sqliteCodes } from './sqlite-error.ts';
import { unwritableStateFolder } from './unwritable-state-folder.ts';

export interface SoundStore {
  readonly database: DatabaseSync;
  /** Path to which this call renamed a damaged store. */
  readonly putAside: string | undefined;
}

/**
 * Opens the store; a damaged one is renamed first, by one process alone.
 *
 * @throws StoreTooNew, UnwritableStateFolder, and other errors of SQLite and of the file system
 */
export async function openSoundStore(folder: string, nowMs: number): Promise<SoundStore> {
  try {
    return await openedOrRenewed(folder, nowMs);
  } catch (error) {
    throw unwritableStateFolder(error, folder) ?? error;
  }
}

async function openedOrRenewed(folder: string, nowMs: number): Promise<SoundStore> {
  try {
    return { database: openChecked(folder), putAside: undefined };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const opened = await withLock(folder, 'damage', patienceMs, () =>
      Promise.resolve(renewed(folder, nowMs)),
    );
    if (opened === undefined) throw error;
    return opened;
  }
}

const patienceMs = 2_000;

export interface StoreToRead {
  readonly database: DatabaseSync;
  /** Whether the store is damaged, so that nothing of it is known; the next process that writes renames it. */
  readonly isDamaged: boolean;
}

/** Opens the store to look at it; a damaged one counts as empty. @throws StoreTooNew, and other errors of SQLite */
export function openSoundStoreToRead(folder: string): StoreToRead {
  try {
    return { database: checked(openStoreToRead(folder)), isDamaged: false };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { database: emptyStore(), isDamaged: true };
  }
}

function openChecked(folder: string): DatabaseSync {
  return checked(openStore(folder));
}

function checked(database: DatabaseSync): DatabaseSync {
  const answer = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (answer === 'ok') return database;
  database.close();
  throw new DamagedStore(String(answer));
}

class DamagedStore extends Error {}

/** Replaces the store, unless another process has done so while this one waited for the lock. */
function renewed(folder: string, nowMs: number): SoundStore {
  try {
    return { database: openChecked(folder), putAside: undefined };
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const putAside = path.join(folder, `daruma.db.damaged-${new Date(nowMs).toISOString().slice(0, 19)}Z`);
  for (const suffix of ['', '-wal', '-shm']) {
    const file = path.join(folder, `daruma.db${suffix}`);
    if (fs.existsSync(file)) fs.renameSync(file, putAside + suffix);
  }
  return { database: openStore(folder), putAside };
}

function isDamage(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return error instanceof DamagedStore || code === sqliteCodes.corrupt || code === sqliteCodes.notADatabase;
}
