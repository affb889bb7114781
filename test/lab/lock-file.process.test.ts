import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../../lab/lock-file.ts';
import { unpackedRoot } from '../support/root.ts';

test('a lock is held by one at a time', async () => {
  const file = path.join(unpackedRoot({}), 'lock');
  const order: string[] = [];
  const second = Promise.withResolvers<void>();
  await withLock(file, async () => {
    const waiting = withLock(file, async () => void order.push('second'));
    second.resolve(waiting);
    // flock(2): the other has asked for it once /proc/locks names somebody who waits for it.
    const inode = fs.statSync(file).ino;
    await expect
      .poll(() => fs.readFileSync('/proc/locks', 'utf8'), { timeout: 20_000 })
      .toMatch(new RegExp(`-> FLOCK .*:${inode} `));
    order.push('first');
  });
  await second.promise;
  expect(order).toEqual(['first', 'second']);
});

test('a file that cannot be locked is an error, and nothing but that', async () => {
  const stray: unknown[] = [];
  const note = (error: unknown) => stray.push(error);
  process.on('uncaughtException', note);
  try {
    for (let time = 0; time < 10; time += 1) {
      await expect(withLock('/nonexistent/lock', () => Promise.resolve())).rejects.toThrow('cannot lock');
    }
  } finally {
    process.off('uncaughtException', note);
  }
  expect(stray).toEqual([]);
});
