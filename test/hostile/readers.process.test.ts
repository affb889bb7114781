/**
 * No reader takes time quadratic in the length of a text: at this length that would be minutes, while linear time is less than a
 * second. The limit is generous, since machines may be busy.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { readers } from './readers.ts';

const length = 32_768;
const limitMs = 30_000;

/** The text that took too long or crashed the reader; undefined when all texts were read. */
function stuckAt(name: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const worker = new Worker(path.join(import.meta.dirname, 'reader-worker.ts'), {
      workerData: { name, length },
    });
    let last = 'the start';
    const end = (stuck: string | undefined) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(stuck);
    };
    const late = () => end(`${last}: more than ${limitMs} ms`);
    let timer = setTimeout(late, limitMs);
    worker.on('message', (shape: string | null) => {
      clearTimeout(timer);
      if (shape === null) end(undefined);
      else {
        last = shape;
        timer = setTimeout(late, limitMs);
      }
    });
    worker.on('error', error => end(`${last}: ${error instanceof Error ? error.message : String(error)}`));
  });
}

describe('each reader of what others have written', () => {
  it.each(readers.map(({ name }) => name))('%s', { timeout: 10 * 60_000 }, async name => {
    expect(await stuckAt(name)).toBeUndefined();
  });
});
