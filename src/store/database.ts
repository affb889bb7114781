/** The database of incidents and of messages that are still to be delivered. */
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { errorCode } from '../kernel/errno.ts';
import { migrations } from './migrations.ts';
import { UnwritableStateFolder } from './unwritable-state-folder.ts';

/** A newer version of daruma wrote the file. */
export class StoreTooNew extends Error {
  readonly file: string;

  constructor(file: string) {
    super(`${file} was written by a newer daruma`);
    this.name = 'StoreTooNew';
    this.file = file;
  }
}

/**
 * Opens the store, and creates it when there is none. Each transaction is on the disk when it returns: a message must survive
 * the power cut that it reports.
 *
 * @param folder see `stateFolder`; created with access for its owner only
 * @throws StoreTooNew, UnwritableStateFolder
 */
export function openStore(folder: string): DatabaseSync {
  makeFolder(folder);
  const file = storeFile(folder);
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    // WAL with FULL syncs at every commit (sqlite.org/pragma.html#pragma_synchronous); NORMAL would not.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    fs.chmodSync(file, 0o600);
    inTransaction(database, () => migrate(database, file));
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/**
 * Opens the store to look at it, and writes nothing, also in a folder that may not be written. Where there is none, it is an empty
 * one in memory.
 *
 * @throws StoreTooNew, and the errors of SQLite
 */
export function openStoreToRead(folder: string): DatabaseSync {
  const file = storeFile(folder);
  if (fs.statSync(file, { throwIfNoEntry: false }) === undefined) return emptyStore();
  const database = new DatabaseSync(addressToRead(file), { readOnly: true, timeout: busyTimeoutMs });
  try {
    const version = versionOf(database);
    if (version > migrations.length) throw new StoreTooNew(file);
    if (version > 0) return database;
  } catch (error) {
    database.close();
    throw error;
  }
  // Whoever made the file was killed before anything was in it.
  database.close();
  return emptyStore();
}

/**
 * Without a log of others SQLite would make one beside the file, also to read; as an immutable file it does not. A log that is there
 * holds what is not in the file yet, and others have it open, or were killed.
 */
function addressToRead(file: string): URL {
  const address = pathToFileURL(file);
  const log = fs.statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) address.searchParams.set('immutable', '1');
  return address;
}

/** A store in memory, of which nothing remains. */
export function emptyStore(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  return database;
}

/** Whether a store was ever made in the folder. */
export function hasStore(folder: string): boolean {
  return fs.existsSync(storeFile(folder));
}

function storeFile(folder: string): string {
  return path.join(folder, 'daruma.db');
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // Node looks for a missing parent where the file system is read-only, and finds none.
    if (errorCode(error) === 'ENOENT')
      throw new UnwritableStateFolder(folder, 'not-writable', { cause: error });
    throw error;
  }
}

/**
 * Runs work in a transaction. The write lock is taken at once, since a transaction that reads first and writes later fails
 * instead of waiting (sqlite.org/lang_transaction.html). Inside another transaction it becomes a part of that one.
 */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Hooks of several services may write at the same moment; each holds the lock for some milliseconds. */
const busyTimeoutMs = 5_000;

function migrate(database: DatabaseSync, file: string): void {
  const version = versionOf(database);
  if (version > migrations.length) throw new StoreTooNew(file);
  for (const migration of migrations.slice(version)) database.exec(migration);
  if (version < migrations.length) database.exec(`PRAGMA user_version = ${migrations.length}`);
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}
