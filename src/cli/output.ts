/** Writes all text to stdout and stderr, each through its gate. */
import { type Addressee, Gate } from '../report/gate.ts';
import type { Io, Output } from './io.ts';
import { isOutputLost } from './lost-output.ts';

type Stdout = Pick<Io, 'stdout'>;

/** Writes a text, and waits if the reader is slow. main.ts handles errors of the stream. */
export async function write({ stdout }: Stdout, text: string, addressee?: Addressee): Promise<void> {
  if (isOutputLost(stdout) || stdout.write(gateOf(stdout).pass(text, addressee))) return;
  await new Promise<void>(resolve => {
    const goOn = () => {
      stdout.off('drain', goOn).off('error', goOn);
      resolve();
    };
    stdout.once('drain', goOn).once('error', goOn);
  });
}

/** Writes a line to stderr. */
export function tell({ stderr }: Pick<Io, 'stderr'>, text: string): void {
  stderr.write(gateOf(stderr).pass(`${text}\n`));
}

/** Writes a question to stderr; the answer follows in the same line. */
export function prompt({ stderr }: Pick<Io, 'stderr'>, question: string): void {
  stderr.write(gateOf(stderr).pass(question));
}

const gates = new WeakMap<Output, Gate>();

function gateOf(stream: Output): Gate {
  const gate = gates.get(stream) ?? new Gate();
  gates.set(stream, gate);
  return gate;
}

/** Writes texts as they arrive, joined to pieces of a size that is efficient for a pipe. */
export async function writeAll(
  io: Stdout,
  texts: AsyncIterable<string>,
  addressee?: Addressee,
): Promise<void> {
  let pending = '';
  for await (const text of texts) {
    pending += text;
    if (pending.length < chunkLength) continue;
    await write(io, pending, addressee);
    pending = '';
  }
  await write(io, pending, addressee);
}

const chunkLength = 64 * 1024;

/**
 * Writes a document whose last key is a list, item by item, so that the whole document never has to be in memory.
 *
 * @param head the document without the list
 */
export async function writeDocument(
  io: Stdout,
  head: object,
  key: string,
  items: AsyncIterable<object>,
): Promise<void> {
  await writeAll(io, documentTexts(head, key, items));
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
