/** Lets one reader read all its texts. It reports each text first, so that a text on which the reader hangs or dies is known. */
import { readers } from './readers.ts';
import { textsOf } from './texts.ts';

const [name, length] = process.argv.slice(2);
const reader = readers.find(each => each.name === name);
if (reader === undefined) throw new Error(`no reader is called ${String(name)}`);
const { pieces, head = '', tail = '', longest = Number(length) } = reader;
for (const { shape, text } of textsOf(pieces, Math.min(Number(length), longest))) {
  process.send?.(shape);
  reader.read(head + text + tail);
}
process.send?.(null);
