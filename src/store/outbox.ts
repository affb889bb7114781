/**
 * Messages that somebody is to be told, kept until each channel has them. Several processes may use one outbox at
 * the same time: a channel belongs to one of them at a time, for as long as its lease lasts.
 */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';

export interface NewMessage<Content> {
  /** Of messages with the same key only the first is taken. */
  readonly key: string | undefined;
  readonly content: Content;
  /** Not told before; until then it can be withdrawn. */
  readonly dueMs: number;
  /** Of no use afterwards: then only the number of such messages is told. */
  readonly expiresMs: number;
}

export interface WaitingMessage<Content> {
  readonly id: number;
  readonly content: Content;
  readonly dueMs: number;
}

/** What stands in the way of a channel. */
export interface ChannelState<Fault> {
  readonly channel: string;
  /** Messages that are still to be delivered. */
  readonly waiting: number;
  /** Messages that the other side will never take. */
  readonly refused: number;
  /** Not tried again before. */
  readonly nextMs: number;
  /** Attempts in a row that failed. */
  readonly failures: number;
  readonly fault: Fault | undefined;
}

export class Outbox<Content, Fault> {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns whether it was taken: false when a message with that key was there before */
  put({ key, content, dueMs, expiresMs }: NewMessage<Content>, channels: readonly string[]): boolean {
    return inTransaction(this.#database, () => {
      const { changes, lastInsertRowid } = this.#database
        .prepare(
          'INSERT INTO message (key, content, due_ms, expires_ms) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
        )
        .run(key ?? null, JSON.stringify(content), dueMs, expiresMs);
      if (changes === 0) return false;
      const deliver = this.#database.prepare('INSERT INTO delivery (message, channel) VALUES (?, ?)');
      for (const channel of channels) deliver.run(lastInsertRowid, channel);
      return true;
    });
  }

  /** Takes back what no channel has been told yet; what is on its way stays so. */
  withdraw(key: string, nowMs: number): void {
    this.#database
      .prepare(
        `UPDATE delivery SET state = 'withdrawn', settled_ms = ? WHERE state = 'waiting'
         AND message IN (SELECT id FROM message WHERE key = ?)`,
      )
      .run(nowMs, key);
  }

  /**
   * Makes a channel this owner's, or keeps it so.
   *
   * @returns false while it belongs to another
   */
  lease(channel: string, owner: string, nowMs: number, untilMs: number): boolean {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO channel (name, lease_owner, lease_until_ms) VALUES (:channel, :owner, :until)
         ON CONFLICT (name) DO UPDATE SET lease_owner = :owner, lease_until_ms = :until
         WHERE lease_owner IS NULL OR lease_owner = :owner OR lease_until_ms <= :now`,
      )
      .run({ channel, owner, until: untilMs, now: nowMs });
    return changes === 1;
  }

  release(channel: string, owner: string): void {
    this.#database
      .prepare('UPDATE channel SET lease_owner = NULL, lease_until_ms = 0 WHERE name = ? AND lease_owner = ?')
      .run(channel, owner);
  }

  /** What a channel is to be told now, in the order in which it became due. */
  due(channel: string, nowMs: number, most: number): readonly WaitingMessage<Content>[] {
    return this.#database
      .prepare(
        `SELECT id, content, due_ms FROM delivery JOIN message ON id = message
         WHERE channel = ? AND state = 'waiting' AND due_ms <= ? AND expires_ms > ? ORDER BY due_ms, id LIMIT ?`,
      )
      .all(channel, nowMs, nowMs, most)
      .map(row => this.#messageOf(row));
  }

  /** What a channel was never told, and is now too late; to be summed up. */
  tooLate(channel: string, nowMs: number): readonly WaitingMessage<Content>[] {
    this.#database
      .prepare(
        `UPDATE delivery SET state = 'expired', settled_ms = :now WHERE channel = :channel AND state = 'waiting'
         AND message IN (SELECT id FROM message WHERE expires_ms <= :now)`,
      )
      .run({ channel, now: nowMs });
    return this.#database
      .prepare(
        `SELECT id, content, due_ms FROM delivery JOIN message ON id = message
         WHERE channel = ? AND state = 'expired' ORDER BY due_ms, id`,
      )
      .all(channel)
      .map(row => this.#messageOf(row));
  }

  /** These have been told, or summed up; the channel works. */
  delivered(channel: string, ids: readonly number[], nowMs: number): void {
    inTransaction(this.#database, () => {
      const settle = this.#database.prepare(
        `UPDATE delivery SET state = CASE state WHEN 'expired' THEN 'told' ELSE 'delivered' END, settled_ms = ?
         WHERE channel = ? AND message = ?`,
      );
      for (const id of ids) settle.run(nowMs, channel, id);
      this.#database
        .prepare('UPDATE channel SET failures = 0, fault = NULL, next_ms = 0 WHERE name = ?')
        .run(channel);
    });
  }

  /** The other side will never take these: they do not hold up the others. */
  refused(channel: string, ids: readonly number[], fault: Fault, nowMs: number): void {
    inTransaction(this.#database, () => {
      const settle = this.#database.prepare(
        `UPDATE delivery SET state = 'refused', settled_ms = ?, fault = ? WHERE channel = ? AND message = ?`,
      );
      for (const id of ids) settle.run(nowMs, JSON.stringify(fault), channel, id);
    });
  }

  /** An attempt failed: nothing is tried on this channel before the given time. */
  postpone(channel: string, nextMs: number, fault: Fault): void {
    this.#database
      .prepare('UPDATE channel SET failures = failures + 1, next_ms = ?, fault = ? WHERE name = ?')
      .run(nextMs, JSON.stringify(fault), channel);
  }

  /** Tries every channel again at the next opportunity: somebody says that the cause is gone. */
  retryNow(): void {
    this.#database.exec('UPDATE channel SET next_ms = 0');
  }

  stateOf(channel: string): ChannelState<Fault> {
    const row = this.#database
      .prepare('SELECT next_ms, failures, fault FROM channel WHERE name = ?')
      .get(channel);
    return {
      channel,
      waiting: this.#count(channel, 'waiting'),
      refused: this.#count(channel, 'refused'),
      nextMs: Number(row?.['next_ms'] ?? 0),
      failures: Number(row?.['failures'] ?? 0),
      fault: typeof row?.['fault'] === 'string' ? (JSON.parse(row['fault']) as Fault) : undefined,
    };
  }

  /** When there will be something to do for a channel; undefined when nothing waits. */
  nextMs(channel: string): number | undefined {
    const row = this.#database
      .prepare(
        `SELECT min(CASE state WHEN 'expired' THEN 0 ELSE min(due_ms, expires_ms) END) AS first
         FROM delivery JOIN message ON id = message WHERE channel = ? AND state IN ('waiting', 'expired')`,
      )
      .get(channel);
    if (row === undefined || row['first'] === null) return undefined;
    return Math.max(Number(row['first']), this.stateOf(channel).nextMs);
  }

  /** Forgets messages that became due before, and that nobody waits for any more. */
  forget(beforeMs: number): void {
    this.#database
      .prepare(
        `DELETE FROM message WHERE due_ms < ? AND NOT EXISTS
         (SELECT 1 FROM delivery WHERE message = id AND state IN ('waiting', 'expired'))`,
      )
      .run(beforeMs);
  }

  #count(channel: string, state: string): number {
    const row = this.#database
      .prepare('SELECT count(*) AS number FROM delivery WHERE channel = ? AND state = ?')
      .get(channel, state);
    return Number(row?.['number'] ?? 0);
  }

  #messageOf(row: Record<string, unknown>): WaitingMessage<Content> {
    return {
      id: Number(row['id']),
      content: JSON.parse(String(row['content'])) as Content,
      dueMs: Number(row['due_ms']),
    };
  }
}
