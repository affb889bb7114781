/**
 * No reader takes time quadratic in the length of a text: at this length that would be minutes, while linear time is less than a
 * second. The limit is generous, since machines may be busy.
 *
 * Each reader reads in a process of its own, as it does in daruma: with the stack of a process, and ended from outside. Threads
 * that end while others start can take the whole run with them (nodejs/node#56312).
 */
import { fork } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readers } from './readers.ts';

const length = 32_768;
const limitMs = 30_000;

/** The text that took too long or crashed the reader; undefined when all texts were read. */
function stuckAt(name: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = fork(path.join(import.meta.dirname, 'reader-process.ts'), [name, String(length)], {
      execArgv: [],
    });
    let last = 'the start';
    let hasReadAll = false;
    let isLate = false;
    const late = () => {
      isLate = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(late, limitMs);
    child.on('message', (shape: string | null) => {
      clearTimeout(timer);
      if (shape === null) hasReadAll = true;
      else {
        last = shape;
        timer = setTimeout(late, limitMs);
      }
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const end = isLate ? `more than ${limitMs} ms` : `ended with ${signal ?? code ?? 'nothing'}`;
      resolve(hasReadAll ? undefined : `${last}: ${end}`);
    });
  });
}

describe('each reader of what others have written', () => {
  it.each(readers.map(({ name }) => name))('%s', { timeout: 10 * 60_000 }, async name => {
    expect(await stuckAt(name)).toBeUndefined();
  });
});
