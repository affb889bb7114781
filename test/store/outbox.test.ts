import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore, StoreTooNew } from '../../src/store/database.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { unpackedRoot } from '../support/root.ts';

const day = 86_400_000;

function newOutbox() {
  const folder = unpackedRoot({});
  return { folder, outbox: new Outbox<string, string>(openStore(folder)) };
}

const message = (content: string, dueMs = 0, key?: string) => ({
  key,
  content,
  dueMs,
  expiresMs: dueMs + day,
});

describe('the store', () => {
  it('belongs to its owner alone', () => {
    const { folder } = newOutbox();
    const modes = fs.readdirSync(folder).map(name => fs.statSync(path.join(folder, name)).mode & 0o077);
    expect(new Set(modes)).toEqual(new Set([0]));
  });

  it('is there again when it is opened again', () => {
    const { folder, outbox } = newOutbox();
    outbox.put(message('up'), ['a']);
    const again = new Outbox<string, string>(openStore(folder));
    expect(again.due('a', 1, 9).map(({ content }) => content)).toEqual(['up']);
  });

  it('leaves alone what a newer daruma has written', () => {
    const { folder } = newOutbox();
    const database = new DatabaseSync(path.join(folder, 'daruma.db'));
    database.exec('PRAGMA user_version = 1000');
    database.close();
    expect(() => openStore(folder)).toThrow(StoreTooNew);
  });
});

describe('the outbox', () => {
  it('takes a key once', () => {
    const { outbox } = newOutbox();
    expect(outbox.put(message('first', 0, 'k'), ['a'])).toBe(true);
    expect(outbox.put(message('second', 0, 'k'), ['a'])).toBe(false);
    expect(outbox.due('a', 1, 9).map(({ content }) => content)).toEqual(['first']);
  });

  it('hands over what waits for a channel that is no more, and nothing twice', () => {
    const { outbox } = newOutbox();
    outbox.put(message('of both'), ['old', 'kept']);
    outbox.put(message('of the old one', 10), ['old']);
    outbox.put(message('told', 20), ['old']);
    const told = outbox.due('old', 30, 9).filter(({ content }) => content === 'told');
    outbox.delivered(
      'old',
      told.map(({ id }) => id),
      30,
    );
    for (const round of [1, 2]) {
      outbox.handOver(['kept', 'new'], 30 + round);
      expect(outbox.due('kept', 50, 9).map(({ content }) => content)).toEqual(['of both', 'of the old one']);
      expect(outbox.due('new', 50, 9).map(({ content }) => content)).toEqual(['of both', 'of the old one']);
      expect(outbox.due('old', 50, 9)).toEqual([]);
    }
  });

  it('keeps what waits while there is no channel at all', () => {
    const { outbox } = newOutbox();
    outbox.put(message('waits'), ['old']);
    outbox.handOver([], 1);
    expect(outbox.due('old', 2, 9)).toHaveLength(1);
  });

  it('gives what is due, in the order in which it became due', () => {
    const { outbox } = newOutbox();
    outbox.put(message('later', 50), ['a']);
    outbox.put(message('soon', 10), ['a', 'b']);
    outbox.put(message('not yet', 500), ['a']);
    expect(outbox.due('a', 100, 9).map(({ content }) => content)).toEqual(['soon', 'later']);
    expect(outbox.due('b', 100, 9).map(({ content }) => content)).toEqual(['soon']);
    expect(outbox.nextMs('a')).toBe(10);
  });

  it('withdraws what has not been told, and only that', () => {
    const { outbox } = newOutbox();
    outbox.put(message('fell', 10, 'k'), ['a', 'b']);
    const [first] = outbox.due('a', 10, 1);
    outbox.delivered('a', [first?.id ?? 0], 11);
    outbox.withdraw('k', 12);
    expect(outbox.due('b', 20, 9)).toEqual([]);
    expect(outbox.nextMs('b')).toBeUndefined();
    expect(outbox.put(message('again', 20, 'k'), ['a'])).toBe(false);
  });

  it('keeps what came too late until it has been summed up', () => {
    const { outbox } = newOutbox();
    outbox.put({ key: undefined, content: 'old', dueMs: 0, expiresMs: 100 }, ['a']);
    expect(outbox.due('a', 100, 9)).toEqual([]);
    const late = outbox.tooLate('a', 100);
    expect(late.map(({ content }) => content)).toEqual(['old']);
    expect(outbox.tooLate('a', 101)).toEqual(late);
    outbox.delivered('a', [late[0]?.id ?? 0], 102);
    expect(outbox.tooLate('a', 103)).toEqual([]);
  });

  it('forgets only what nobody waits for', () => {
    const { outbox } = newOutbox();
    outbox.put(message('told', 0, 'told'), ['a']);
    outbox.put({ ...message('waits', 0, 'waits'), expiresMs: 99 * day }, ['a']);
    outbox.delivered('a', [1], 1);
    outbox.forget(day);
    expect(outbox.due('a', 1, 9).map(({ content }) => content)).toEqual(['waits']);
    expect(outbox.put(message('told', 0, 'told'), ['a'])).toBe(true);
    expect(outbox.put(message('waits', 0, 'waits'), ['a'])).toBe(false);
  });

  it('says what stands in the way of a channel', () => {
    const { outbox } = newOutbox();
    outbox.put(message('up'), ['a']);
    outbox.postpone('a', 5_000, 'no route');
    expect(outbox.stateOf('a')).toEqual({
      channel: 'a',
      waiting: 1,
      refused: 0,
      nextMs: 5_000,
      failures: 1,
      fault: 'no route',
    });
    expect(outbox.nextMs('a')).toBe(5_000);
    outbox.retryNow();
    expect(outbox.nextMs('a')).toBe(0);
  });
});
