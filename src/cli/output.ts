/** Writing to stdout, however much it is. */
import { once } from 'node:events';

/** Writes a text and waits while the reader is slower than we are. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/**
 * Writes a document whose last key holds a list, item by item: no document is too large for memory.
 *
 * @param head the document without the list
 * @param tail keys behind the list, known once all items are
 */
export async function writeDocument(
  head: object,
  key: string,
  items: AsyncIterable<object>,
  tail: () => object = () => ({}),
): Promise<void> {
  let pending = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(key)}:[`;
  let separator = '';
  for await (const item of items) {
    pending += separator + JSON.stringify(item);
    separator = ',\n';
    if (pending.length < chunkLength) continue;
    await write(pending);
    pending = '';
  }
  const last = JSON.stringify(tail()).slice(1, -1);
  await write(`${pending}]${last === '' ? '' : `,${last}`}}\n`);
}

const chunkLength = 64 * 1024;
