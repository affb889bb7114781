/** The spellings of a text: as it is, and with the escapes of URLs, JSON, systemd's strings and others decoded. */

interface Writing {
  readonly text: string;
  /** Converts an offset in this spelling to an offset in the original text. */
  readonly offsetOf: (offset: number) => number;
}

/** Limit of decodings in a row: JSON in a JSON string, in the parameter of a URL. */
const deepest = 3;

export function* writings(text: string): Iterable<Writing> {
  let writing: Writing = { text, offsetOf: offset => offset };
  yield writing;
  for (let depth = 0; depth < deepest; depth += 1) {
    const read = withoutEscapes(writing.text);
    if (read === undefined) return;
    const { offsetOf } = writing;
    writing = { text: read.text, offsetOf: offset => offsetOf(read.offsetOf(offset)) };
    yield writing;
  }
}

/** @returns undefined when the text has no escapes */
function withoutEscapes(text: string): Writing | undefined {
  if (!/[%\\]/.test(text)) return undefined;
  const parts: string[] = [];
  /** The end of each escape in the decoded text, and by how much the text is shorter from there on. */
  const ends: number[] = [];
  const shorter: number[] = [];
  let from = 0;
  for (const { 0: all, 1: percent, 2: code, index } of text.matchAll(ESCAPE)) {
    parts.push(text.slice(from, index), readEscape(all, percent, code));
    from = index + all.length;
    shorter.push((shorter.at(-1) ?? 0) + all.length - 1);
    ends.push(from - (shorter.at(-1) ?? 0));
  }
  if (ends.length === 0) return undefined;
  parts.push(text.slice(from));
  return {
    text: parts.join(''),
    offsetOf: offset => offset + (shorter[lastAtMost(ends, offset)] ?? 0),
  };
}

const ESCAPE = /%([\dA-Fa-f]{2})|\\(?:u([\dA-Fa-f]{4})|x([\dA-Fa-f]{2})|["'/\\bfnrt])/g;

function readEscape(all: string, percent: string | undefined, code: string | undefined): string {
  const number = percent ?? code ?? (all.startsWith('\\x') ? all.slice(2) : undefined);
  if (number === undefined) return simple.get(all) ?? all.slice(1);
  const unit = Number.parseInt(number, 16);
  // A byte of a longer character becomes a letter, so that it does not count as a space.
  return String.fromCharCode(code === undefined && unit > 0x7f ? 0xff : unit);
}

const simple: ReadonlyMap<string, string> = new Map([
  [String.raw`\b`, '\b'],
  [String.raw`\f`, '\f'],
  [String.raw`\n`, '\n'],
  [String.raw`\r`, '\r'],
  [String.raw`\t`, '\t'],
]);

/** @returns the index of the last number that is not greater than the limit; -1 when all are greater */
function lastAtMost(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
