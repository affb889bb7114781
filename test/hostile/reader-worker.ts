/* oxlint-disable unicorn/require-post-message-target-origin, typescript/no-unsafe-type-assertion -- a thread of our own */
/** Lets one reader read all its texts. It reports each text first, so that a text on which the reader hangs is known. */
import { parentPort, workerData } from 'node:worker_threads';
import { readers } from './readers.ts';
import { textsOf } from './texts.ts';

const { name, length } = workerData as { readonly name: string; readonly length: number };
const reader = readers.find(each => each.name === name);
if (reader === undefined) throw new Error(`no reader is called ${name}`);
const { pieces, head = '', tail = '', longest = length } = reader;
for (const { shape, text } of textsOf(pieces, Math.min(length, longest))) {
  parentPort?.postMessage(shape);
  reader.read(head + text + tail);
}
parentPort?.postMessage(null);
