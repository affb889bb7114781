/**
 * Stores signs (what a hook saw of a service) and incidents (what daruma concludes from signs). A hook only appends a sign; a
 * later process takes the signs in order and stores the incident in the same transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';
import { JsonColumn } from './json-column.ts';

export class Incidents<Sign, Incident> {
  readonly #database: DatabaseSync;
  readonly #sign = new JsonColumn<Sign>();
  readonly #incident = new JsonColumn<Incident>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  append(unit: string, sign: Sign): void {
    this.#database
      .prepare('INSERT INTO sign (unit, content) VALUES (?, ?)')
      .run(unit, this.#sign.encode(sign));
  }

  /** Units with signs that no process has taken yet, or with an open incident. */
  unsettled(): readonly string[] {
    return this.#database
      .prepare('SELECT unit FROM sign UNION SELECT unit FROM incident WHERE closed_ms IS NULL ORDER BY unit')
      .all()
      .map(row => String(row['unit']));
  }

  hasSigns(unit: string): boolean {
    return this.#database.prepare('SELECT 1 FROM sign WHERE unit = ? LIMIT 1').get(unit) !== undefined;
  }

  /** The signs of a unit that no process has taken yet, in order. */
  waitingSigns(unit: string): readonly { readonly id: number; readonly sign: Sign }[] {
    return this.#database
      .prepare('SELECT id, content FROM sign WHERE unit = ? ORDER BY id')
      .all(unit)
      .map(row => ({ id: Number(row['id']), sign: this.#sign.decode(row['content']) }));
  }

  /** The open incident of a unit. */
  ongoing(unit: string): Incident | undefined {
    const row = this.#openRow(unit);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `take` below
    return row === undefined ? undefined : this.#incident.decode(row['content']);
  }

  /** The latest incident of a unit, whether or not it is over. */
  latest(unit: string): Incident | undefined {
    const row = this.#database
      .prepare('SELECT content FROM incident WHERE unit = ? ORDER BY closed_ms IS NULL DESC, id DESC LIMIT 1')
      .get(unit);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `take` below
    return row === undefined ? undefined : this.#incident.decode(row['content']);
  }

  /**
   * Takes the signs of a unit: deletes them and stores the incident that `reduce` makes of them, in one transaction.
   *
   * @param reduce receives the open incident and a sign and returns the incident afterwards: undefined when there is none, with
   * `closedMs` when it has ended
   * @param upTo the id of the last sign to take; without it all
   */
  take(
    unit: string,
    reduce: (incident: Incident | undefined, sign: Sign) => Closable<Incident> | undefined,
    upTo = Number.MAX_SAFE_INTEGER,
  ): void {
    inTransaction(this.#database, () => {
      for (const { id, sign } of this.waitingSigns(unit)) {
        if (id > upTo) return;
        this.#keep(unit, reduce(this.ongoing(unit), sign));
        this.#database.prepare('DELETE FROM sign WHERE id = ?').run(id);
      }
    });
  }

  /** Deletes the signs of a unit, and ends its open incident without a word. */
  drop(unit: string, nowMs: number): void {
    this.#database.prepare('DELETE FROM sign WHERE unit = ?').run(unit);
    this.#database
      .prepare('UPDATE incident SET closed_ms = ? WHERE unit = ? AND closed_ms IS NULL')
      .run(nowMs, unit);
  }

  /** Deletes incidents that ended before a time. */
  forget(beforeMs: number): void {
    this.#database.prepare('DELETE FROM incident WHERE closed_ms < ?').run(beforeMs);
  }

  #keep(unit: string, change: Closable<Incident> | undefined): void {
    if (change === undefined) return;
    const { incident, closedMs = null } = change;
    const id = this.#openRow(unit)?.['id'];
    const content = this.#incident.encode(incident);
    if (id === undefined) {
      this.#database
        .prepare('INSERT INTO incident (unit, content, closed_ms) VALUES (?, ?, ?)')
        .run(unit, content, closedMs);
    } else {
      this.#database
        .prepare('UPDATE incident SET content = ?, closed_ms = ? WHERE id = ?')
        .run(content, closedMs, Number(id));
    }
  }

  #openRow(unit: string): Record<string, unknown> | undefined {
    return this.#database
      .prepare('SELECT id, content FROM incident WHERE unit = ? AND closed_ms IS NULL')
      .get(unit);
  }
}

interface Closable<Incident> {
  readonly incident: Incident;
  /** When the incident ended. */
  readonly closedMs?: number | undefined;
}
