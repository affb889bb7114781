/** Writing to stdout, however much it is. */
import { once } from 'node:events';

/** Writes a text and waits while the reader is slower than we are. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Writes texts as they come in, in pieces of a size that a pipe likes. */
export async function writeAll(texts: AsyncIterable<string>): Promise<void> {
  let pending = '';
  for await (const text of texts) {
    pending += text;
    if (pending.length < chunkLength) continue;
    await write(pending);
    pending = '';
  }
  await write(pending);
}

const chunkLength = 64 * 1024;

/**
 * Writes a document whose last key holds a list, item by item: no document is too large for memory.
 *
 * @param head the document without the list
 */
export async function writeDocument(head: object, key: string, items: AsyncIterable<object>): Promise<void> {
  await writeAll(documentTexts(head, key, items));
}

async function* documentTexts(
  head: object,
  key: string,
  items: AsyncIterable<object>,
): AsyncIterable<string> {
  yield `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(key)}:[`;
  let separator = '';
  for await (const item of items) {
    yield separator + JSON.stringify(item);
    separator = ',\n';
  }
  yield ']}\n';
}
