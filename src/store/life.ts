/** Keeps what is needed to notice that the machine was down: one value, which is written only when it has changed. */
import type { DatabaseSync } from 'node:sqlite';
import { JsonColumn } from './json-column.ts';

export class LifeRecord<Life> {
  readonly #database: DatabaseSync;
  readonly #column = new JsonColumn<Life>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  read(): Life | undefined {
    const row = this.#database.prepare('SELECT content FROM life').get();
    return row === undefined ? undefined : this.#column.decode(row['content']);
  }

  clear(): void {
    this.#database.exec('DELETE FROM life');
  }

  write(life: Life): void {
    this.#database
      .prepare(
        `INSERT INTO life (id, content) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET content = excluded.content WHERE content <> excluded.content`,
      )
      .run(this.#column.encode(life));
  }
}
