import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { withLock } from '../../src/store/lock.ts';
import { unpackedRoot } from '../support/root.ts';

const lockModule = new URL('../../src/store/lock.ts', import.meta.url).href;
const answer = (text: string) => () => Promise.resolve(text);

it('is held by one at a time, and taken back from a process that is killed', async () => {
  const folder = unpackedRoot({});
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { withLock } = await import(${JSON.stringify(lockModule)});
       await withLock(${JSON.stringify(folder)}, 'a/b', 0, () => {
         console.log('held');
         return new Promise(resolve => setTimeout(resolve, 60_000));
       });`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout, 'data');
  expect(await withLock(folder, 'a/b', 100, answer('got it'))).toBeUndefined();
  expect(await withLock(folder, 'another', 0, answer('got it'))).toBe('got it');
  const waiting = withLock(folder, 'a/b', 10_000, answer('got it at last'));
  holder.kill('SIGKILL');
  expect(await waiting).toBe('got it at last');
});

it('is free again when the work has failed', async () => {
  const folder = unpackedRoot({});
  await expect(withLock(folder, 'a', 0, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await withLock(folder, 'a', 0, answer('got it'))).toBe('got it');
});
