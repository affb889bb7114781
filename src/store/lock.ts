/** A lock among processes. The kernel releases it when its holder is killed. */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameMax } from '../kernel/limits.ts';
import { monotonicMs } from '../kernel/monotonic.ts';
import { ownName } from '../names/own-name.ts';
import { sqliteCodeOf, sqliteCodes } from './sqlite-error.ts';
import { firstWrite } from './unwritable-state-folder.ts';

/**
 * Runs work that only one process may do at a time. The lock is SQLite's own lock on an empty database beside the store: Node
 * has no flock(2), and a lock that expires by a clock would outlive its holder.
 *
 * @param folder of the store
 * @param name of the lock; any text
 * @param patienceMs how long to wait for another process
 * @returns undefined when another process held the lock for longer
 * @throws UnwritableStateFolder before the work begins
 */
export async function withLock<T>(
  folder: string,
  name: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const file = path.join(folder, lockFile(name));
  using database = firstWrite(folder, () => new DatabaseSync(file, { timeout: 0 }));
  const endMs = monotonicMs() + patienceMs;
  while (!firstWrite(folder, () => isTaken(database))) {
    if (monotonicMs() >= endMs) return undefined;
    await sleep(pollMs);
  }
  return await work();
}

/** The name of the file leaves room for `-journal`, which SQLite may append. */
function lockFile(name: string): string {
  return `${ownName(name, '%', nameMax - '.lock-journal'.length)}.lock`;
}

const pollMs = 50;

function isTaken(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (sqliteCodeOf(error) === sqliteCodes.busy) return false;
    throw error;
  }
}
