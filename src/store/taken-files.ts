/** Remembers the files of the spool whose signs are stored, until they are deleted: a process may be killed in between. */
import type { DatabaseSync } from 'node:sqlite';

export class TakenFiles {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns false when it is known already */
  add(file: string): boolean {
    const { changes } = this.#database
      .prepare('INSERT OR IGNORE INTO taken_file (name) VALUES (?)')
      .run(file);
    return Number(changes) > 0;
  }

  /** Forgets files that are no longer there: who took them may have been killed before it could. */
  forgetMissing(isThere: (file: string) => boolean): void {
    const statement = this.#database.prepare('DELETE FROM taken_file WHERE name = ?');
    for (const { name } of this.#database.prepare('SELECT name FROM taken_file').all()) {
      if (!isThere(String(name))) statement.run(String(name));
    }
  }
}
