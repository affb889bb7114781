/** One value of a table with one row, which is written only when it has changed. */
import type { DatabaseSync } from 'node:sqlite';
import { JsonColumn } from './json-column.ts';

export class SingleRecord<Content> {
  readonly #database: DatabaseSync;
  readonly #table: 'life' | 'front';
  readonly #column = new JsonColumn<Content>();

  constructor(database: DatabaseSync, table: 'life' | 'front') {
    this.#database = database;
    this.#table = table;
  }

  read(): Content | undefined {
    const row = this.#database.prepare(`SELECT content FROM ${this.#table}`).get();
    return row === undefined ? undefined : this.#column.decode(row['content']);
  }

  clear(): void {
    this.#database.exec(`DELETE FROM ${this.#table}`);
  }

  write(content: Content): void {
    this.#database
      .prepare(
        `INSERT INTO ${this.#table} (id, content) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET content = excluded.content WHERE content <> excluded.content`,
      )
      .run(this.#column.encode(content));
  }
}
