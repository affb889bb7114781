/**
 * The spellings of a text: as it is, without what changes only its display, and with the escapes of URLs, JSON,
 * systemd's strings and others decoded.
 */

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
  for (let depth = 0; depth <= deepest; depth += 1) {
    const visible = after(writing, withoutUnseen(writing.text));
    if (visible !== undefined) yield visible;
    writing = visible ?? writing;
    const decoded = depth === deepest ? undefined : after(writing, withoutEscapes(writing.text));
    if (decoded === undefined) return;
    yield decoded;
    writing = decoded;
  }
}

/** The spelling that was made from another one, with offsets in the original text. */
function after({ offsetOf }: Writing, made: Writing | undefined): Writing | undefined {
  return made && { text: made.text, offsetOf: offset => offsetOf(made.offsetOf(offset)) };
}

/** @returns undefined when the text has no escapes */
function withoutEscapes(text: string): Writing | undefined {
  if (!/[%\\]|&#/.test(text)) return undefined;
  return replaced(text, ESCAPE, readEscape);
}

/** @returns undefined when each character of the text is seen */
function withoutUnseen(text: string): Writing | undefined {
  return hasUnseen(text) ? replaced(text, UNSEEN, () => '') : undefined;
}

/**
 * A text as a terminal shows it: without what changes only its display, and of a line that a progress bar wrote over and over
 * only what was written last.
 */
export function shownText(text: string): string {
  const shown = text.includes('\r') ? text.split('\n').map(lastWritten).join('\n') : text;
  return withoutUnseen(shown)?.text ?? shown;
}

function lastWritten(line: string): string {
  const parts = line.split('\r');
  return parts.findLast(part => part !== '') ?? '';
}

/** Whether a text may contain characters that change only its display, or are not displayed. */
export function hasUnseen(text: string): boolean {
  return CONTROL_CLUE.test(text) && UNSEEN_CLUE.test(text);
}

/** Cheaper than {@link UNSEEN_CLUE}, which is needed only where this one matches: other alphabets, and `[` in colours. */
const CONTROL_CLUE = /[^\t\n\r\x20-\x7e]|[3[ebB]\[|\[\d/;

/** How logs write the escape character: `#033` by rsyslog, `^[` by cat(1), and the escapes of strings and URLs. */
const ESCAPE_CHARACTER = String.raw`#033|\^\[|\u241b|\\{1,8}(?:e|033|x1[bB]|u001[bB])|%1[bB]`;

/** The characters that are not displayed, except those between words and lines. */
const INVISIBLE = String.raw`[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]--[\t\n\r]]`;

/** A change of colour, also where a log has lost the escape character before it. */
const COLOUR = String.raw`\[\d{1,3}(?:;\d{1,3}){0,15}m`;

// unchecked: recheck knows no flag v; each repetition has a bound
const UNSEEN_CLUE = new RegExp(String.raw`${INVISIBLE}|(?:${ESCAPE_CHARACTER})\[|${COLOUR}`, 'v');

/** Control sequences of terminals (ECMA-48): CSI, the strings of OSC, DCS and others, escape sequences of few characters. */
// unchecked: recheck knows no flag v; a repetition ends before the characters with which a match begins, or has a bound
const UNSEEN = new RegExp(
  [
    String.raw`(?:\x1b|${ESCAPE_CHARACTER})\[[0-?]{0,64}[ -\/]{0,4}[@-~]`,
    String.raw`\x9b[0-?]{0,64}[ -\/]{0,4}[@-~]`,
    String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x18\x1a\x1b\n\x90\x98\x9b-\x9f]{0,4096}(?:\x07|\x1b\\|\x9c)`,
    String.raw`\x1b[ -\/]{0,4}[0-~]`,
    COLOUR,
    INVISIBLE,
  ].join('|'),
  'gv',
);

/** @returns undefined when nothing in the text matches */
function replaced(
  text: string,
  pattern: RegExp,
  replacement: (found: RegExpExecArray) => string,
): Writing | undefined {
  const parts: string[] = [];
  /** The end of each replacement in the new text, and by how much the text is shorter from there on. */
  const ends: number[] = [];
  const shorter: number[] = [];
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    const [{ length }] = found;
    const instead = replacement(found);
    parts.push(text.slice(from, found.index), instead);
    from = found.index + length;
    shorter.push((shorter.at(-1) ?? 0) + length - instead.length);
    ends.push(from - (shorter.at(-1) ?? 0));
  }
  if (ends.length === 0) return undefined;
  parts.push(text.slice(from));
  return {
    text: parts.join(''),
    offsetOf: offset => offset + (shorter[lastAtMost(ends, offset)] ?? 0),
  };
}

/** Of URLs, of strings in JSON, C, Rust and Python, and of characters in HTML by their number. */
const ESCAPE =
  /%(?<byte>[\dA-Fa-f]{2})|\\(?:u(?<unit>[\dA-Fa-f]{4})|x(?<code>[\dA-Fa-f]{2})|u\{(?<braced>[\dA-Fa-f]{1,6})\}|U(?<long>[\dA-Fa-f]{8})|["'/\\bfnrt])|&#(?:[xX](?<hex>[\dA-Fa-f]{1,6})|(?<decimal>\d{1,7}));/g;

function readEscape({ 0: all, groups = {} }: RegExpExecArray): string {
  const { byte, unit, code, braced, long, hex, decimal } = groups;
  const bytes = byte ?? code;
  // A byte of a longer character becomes a letter, so that it does not count as a space.
  if (bytes !== undefined) {
    const value = Number.parseInt(bytes, 16);
    return String.fromCharCode(value > 0x7f ? 0xff : value);
  }
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  const digits = braced ?? long ?? hex;
  const point = digits === undefined ? decimal && Number(decimal) : Number.parseInt(digits, 16);
  if (typeof point === 'number') return point > 0x10_ff_ff ? all : String.fromCodePoint(point);
  return simple.get(all) ?? all.slice(1);
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
