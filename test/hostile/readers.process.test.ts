/**
 * No reader takes the square of a text's length: at this length that would be minutes, and what is linear takes less than a
 * second. The limit is wide, for machines are busy.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { readers } from './readers.ts';

const length = 32_768;
const limitMs = 30_000;

/** The text that took too long, or ended the reader; undefined where all were read. */
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
