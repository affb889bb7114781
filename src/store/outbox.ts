/**
 * Messages, stored until each channel has delivered them. Several processes may add messages at the same time; a process that
 * takes messages out for a channel holds the lock of that channel (`lock.ts`).
 */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';
import { JsonColumn } from './json-column.ts';

export interface NewMessage<Content> {
  /** Of several messages with the same key only the first is accepted. */
  readonly key: string | undefined;
  readonly content: Content;
  /** Not sent before this time; until then it can be withdrawn. */
  readonly dueMs: number;
  /** Not sent after this time: then only the number of such messages is reported. */
  readonly expiresMs: number;
}

export interface WaitingMessage<Content> {
  readonly id: number;
  readonly content: Content;
  readonly dueMs: number;
}

/** A message that the receiving service refused for good. */
export interface Refusal<Content, Fault> extends WaitingMessage<Content> {
  readonly refusedMs: number;
  readonly fault: Fault;
}

/** What a channel still has to deliver, and why it waits. */
export interface ChannelState<Fault> {
  readonly channel: string;
  /** Messages that are still to be delivered. */
  readonly waiting: number;
  /** Messages that the receiving service refused for good. */
  readonly refused: number;
  /** The channel is not tried again before this time. */
  readonly nextMs: number;
  /** Number of failed attempts in a row. */
  readonly failures: number;
  /** What prevented the last attempt, or was to be remarked although it succeeded. */
  readonly fault: Fault | undefined;
}

export class Outbox<Content, Fault> {
  readonly #database: DatabaseSync;
  readonly #content = new JsonColumn<Content>();
  readonly #fault = new JsonColumn<Fault>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns whether the message was accepted: false when one with that key already exists */
  put({ key, content, dueMs, expiresMs }: NewMessage<Content>, channels: readonly string[]): boolean {
    return inTransaction(this.#database, () => {
      const { changes, lastInsertRowid } = this.#database
        .prepare(
          'INSERT INTO message (key, content, due_ms, expires_ms) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
        )
        .run(key ?? null, this.#content.encode(content), dueMs, expiresMs);
      if (changes === 0) return false;
      const deliver = this.#database.prepare('INSERT INTO delivery (message, channel) VALUES (?, ?)');
      for (const channel of channels) deliver.run(lastInsertRowid, channel);
      return true;
    });
  }

  /** Withdraws a message from the channels that have not delivered it yet. */
  withdraw(key: string, nowMs: number): void {
    this.#database
      .prepare(
        `UPDATE delivery SET state = 'withdrawn', settled_ms = ? WHERE state = 'waiting'
         AND message IN (SELECT id FROM message WHERE key = ?)`,
      )
      .run(nowMs, key);
  }

  /** Whether a message waits for all its channels, and none of them has a failure behind it. */
  isUntried(key: string): boolean {
    const row = this.#database
      .prepare(
        `SELECT count(*) AS number, sum(state = 'waiting' AND channel NOT IN (SELECT channel FROM pause)) AS untried
         FROM delivery JOIN message ON id = message WHERE key = ?`,
      )
      .get(key);
    return Number(row?.['number'] ?? 0) > 0 && row?.['untried'] === row?.['number'];
  }

  /** Whether a message became due before a time, and nobody has tried to send it. */
  hasUntried(beforeMs: number): boolean {
    const row = this.#database
      .prepare(
        `SELECT 1 FROM delivery JOIN message ON id = message WHERE state = 'waiting' AND due_ms < ?
         AND channel NOT IN (SELECT channel FROM pause) LIMIT 1`,
      )
      .get(beforeMs);
    return row !== undefined;
  }

  /** Withdraws messages that are not due yet, by what they say. @returns what they said */
  withdrawLater(nowMs: number, isMeant: (content: Content) => boolean): readonly Content[] {
    const later = this.#database
      .prepare(
        `SELECT DISTINCT id, content FROM delivery JOIN message ON id = message
         WHERE state = 'waiting' AND due_ms > ?`,
      )
      .all(nowMs)
      .map(({ id, content }) => ({ id: Number(id), content: this.#content.decode(content) }))
      .filter(({ content }) => isMeant(content));
    const withdraw = this.#database.prepare(
      `UPDATE delivery SET state = 'withdrawn', settled_ms = ? WHERE state = 'waiting' AND message = ?`,
    );
    for (const { id } of later) withdraw.run(nowMs, id);
    return later.map(({ content }) => content);
  }

  /** How many messages each channel still has to deliver; channels without one are left out. */
  waitingByChannel(): ReadonlyMap<string, number> {
    const rows = this.#database
      .prepare(
        `SELECT channel, count(*) AS number FROM delivery WHERE state IN ('waiting', 'expired')
         GROUP BY channel ORDER BY channel`,
      )
      .all();
    return new Map(rows.map(({ channel, number }) => [String(channel), Number(number)]));
  }

  /** Gives messages of channels that no longer exist to the present channels, unless they already have them. */
  handOver(channels: readonly string[], nowMs: number): void {
    if (channels.length === 0) return;
    inTransaction(this.#database, () => {
      const others = channels.map(() => '?').join(', ');
      const stranded = `channel NOT IN (${others}) AND state IN ('waiting', 'expired')`;
      const adopt = this.#database.prepare(
        `INSERT INTO delivery (message, channel, state) SELECT message, ?, state FROM delivery WHERE ${stranded}
         ON CONFLICT DO NOTHING`,
      );
      for (const channel of channels) adopt.run(channel, ...channels);
      this.#database
        .prepare(`UPDATE delivery SET state = 'withdrawn', settled_ms = ? WHERE ${stranded}`)
        .run(nowMs, ...channels);
    });
  }

  /** Messages to send to a channel now, in the order in which they became due. */
  due(channel: string, nowMs: number, most: number): readonly WaitingMessage<Content>[] {
    return this.#waiting(channel, nowMs, nowMs, most);
  }

  /** The messages that wait for a channel, whether due, expired or neither; the one that waits longest first. */
  waiting(channel: string, most: number): readonly WaitingMessage<Content>[] {
    return this.#waiting(channel, Number.MAX_SAFE_INTEGER, 0, most);
  }

  /** Messages that expired before the channel delivered them. The channel reports them in a summary. */
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

  /**
   * Marks messages as delivered, or as reported in a summary, and ends the pause of the channel.
   *
   * @param remark what is to be changed in the configuration of the channel, although it works
   */
  delivered(channel: string, ids: readonly number[], nowMs: number, remark?: Fault): void {
    inTransaction(this.#database, () => {
      const settle = this.#database.prepare(
        `UPDATE delivery SET state = CASE state WHEN 'expired' THEN 'told' ELSE 'delivered' END, settled_ms = ?
         WHERE channel = ? AND message = ?`,
      );
      for (const id of ids) settle.run(nowMs, channel, id);
      this.#database.prepare('DELETE FROM pause WHERE channel = ?').run(channel);
      if (remark !== undefined) {
        this.#database
          .prepare('INSERT INTO pause (channel, until_ms, failures, fault) VALUES (?, 0, 0, ?)')
          .run(channel, this.#fault.encode(remark));
      }
    });
  }

  /** Marks messages that the receiving service refused for good, so that they do not hold up the others. */
  refused(channel: string, ids: readonly number[], fault: Fault, nowMs: number): void {
    inTransaction(this.#database, () => {
      const settle = this.#database.prepare(
        `UPDATE delivery SET state = 'refused', settled_ms = ?, fault = ? WHERE channel = ? AND message = ?`,
      );
      for (const id of ids) settle.run(nowMs, this.#fault.encode(fault), channel, id);
    });
  }

  /** The messages that the receiving service refused for good, the latest first. */
  refusals(channel: string, most: number): readonly Refusal<Content, Fault>[] {
    return this.#database
      .prepare(
        `SELECT id, content, due_ms, settled_ms, fault FROM delivery JOIN message ON id = message
         WHERE channel = ? AND state = 'refused' ORDER BY settled_ms DESC, id DESC LIMIT ?`,
      )
      .all(channel, most)
      .map(row => ({
        ...this.#messageOf(row),
        refusedMs: Number(row['settled_ms']),
        fault: this.#fault.decode(row['fault']),
      }));
  }

  /**
   * Lets all refused messages wait again, since the user says that the cause is gone.
   *
   * @param expiresMs until when they are of use
   */
  sendRefusedAgain(expiresMs: number): void {
    inTransaction(this.#database, () => {
      this.#database
        .prepare(
          `UPDATE message SET expires_ms = max(expires_ms, ?)
           WHERE id IN (SELECT message FROM delivery WHERE state = 'refused')`,
        )
        .run(expiresMs);
      this.#database.exec(
        `UPDATE delivery SET state = 'waiting', settled_ms = NULL, fault = NULL WHERE state = 'refused'`,
      );
    });
  }

  /** Records a failed attempt: this channel is not tried before the given time. */
  postpone(channel: string, nextMs: number, fault: Fault): void {
    this.#database
      .prepare(
        `INSERT INTO pause (channel, until_ms, failures, fault) VALUES (:channel, :next, 1, :fault)
         ON CONFLICT (channel) DO UPDATE SET until_ms = :next, failures = failures + 1, fault = :fault`,
      )
      .run({ channel, next: nextMs, fault: this.#fault.encode(fault) });
  }

  /** Ends the pause of every channel, because the user says that the cause is gone. */
  retryNow(): void {
    this.#database.exec('UPDATE pause SET until_ms = 0');
  }

  stateOf(channel: string): ChannelState<Fault> {
    const row = this.#database
      .prepare('SELECT until_ms, failures, fault FROM pause WHERE channel = ?')
      .get(channel);
    return {
      channel,
      waiting: this.#count(channel, 'waiting'),
      refused: this.#count(channel, 'refused'),
      nextMs: Number(row?.['until_ms'] ?? 0),
      failures: Number(row?.['failures'] ?? 0),
      fault: typeof row?.['fault'] === 'string' ? this.#fault.decode(row['fault']) : undefined,
    };
  }

  /** When the channel next has something to do; undefined when nothing waits. */
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

  /** Deletes messages that became due before a time and wait for no channel. */
  forget(beforeMs: number): void {
    this.#database
      .prepare(
        `DELETE FROM message WHERE due_ms < ? AND NOT EXISTS
         (SELECT 1 FROM delivery WHERE message = id AND state IN ('waiting', 'expired'))`,
      )
      .run(beforeMs);
  }

  #waiting(
    channel: string,
    dueMs: number,
    usefulAtMs: number,
    most: number,
  ): readonly WaitingMessage<Content>[] {
    return this.#database
      .prepare(
        `SELECT id, content, due_ms FROM delivery JOIN message ON id = message
         WHERE channel = ? AND state = 'waiting' AND due_ms <= ? AND expires_ms > ? ORDER BY due_ms, id LIMIT ?`,
      )
      .all(channel, dueMs, usefulAtMs, most)
      .map(row => this.#messageOf(row));
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
      content: this.#content.decode(row['content']),
      dueMs: Number(row['due_ms']),
    };
  }
}
