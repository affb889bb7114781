import { WHITESPACE } from './integer.ts';

/** How a text is cut into words; the names are those of `EXTRACT_*` in systemd's `src/basic/extract-word.h`. */
export type WordOptions = {
  /** The characters that end a word; white space when it is missing. */
  readonly separators?: string;
  /** Quotes hold words together and are removed. Without it they are ordinary characters. */
  readonly unquote?: boolean;
  /** `\n`, `\x41`, `\101`, `\u00e4`, `\s` ... become the characters that they stand for; all other escapes are errors. Without it `\x` becomes `x`. */
  readonly cUnescape?: boolean;
  /** `\` before a separator or a backslash becomes that character. */
  readonly unescapeSeparators?: boolean;
  /** Unknown escapes stay as written, with the backslash. */
  readonly unescapeRelax?: boolean;
  /** An open quote or a backslash at the end of the text is no error. */
  readonly relax?: boolean;
  /** A backslash is an ordinary character. */
  readonly retainEscape?: boolean;
  /** Two separators in a row have an empty word between them. */
  readonly keepEmpty?: boolean;
};

/** Why a text cannot be cut to its end: a quote is not closed, or an escape does not exist. */
export type WordError = 'unbalanced-quote' | 'invalid-escape';

/** The words before the first error, the error, and the text from there on; the last two are absent when there is no error. */
export type Words = { readonly words: readonly string[]; readonly error?: WordError; readonly rest?: string };

/** One word, and the position at which the next one begins; undefined at the end of the text. */
export type FirstWord = { readonly word: string; readonly next: number | undefined };

/**
 * Cuts a text into words as systemd's unit loader does.
 *
 * Bytes from `\x..` and octal escapes are read as UTF-8 when the word is complete; bytes that are not UTF-8 become U+FFFD.
 *
 * Source: systemd.syntax(7), "Quoting"; `extract_first_word()` in `src/basic/extract-word.c`.
 *
 * @example
 * extractWords(`--name "two words" a\\tb`, { unquote: true, cUnescape: true }); // { words: ['--name', 'two words', 'a\tb'] }
 */
export function extractWords(text: string, options: WordOptions = {}): Words {
  const words: string[] = [];
  for (let position: number | undefined = 0; position !== undefined; ) {
    const first = extractFirstWord(text, position, options);
    if (first === undefined) break;
    if (typeof first === 'string') return { words, error: first, rest: text.slice(position) };
    words.push(first.word);
    position = first.next;
  }
  return { words };
}

/** Cuts the first word at or after `start`. Returns undefined when there is no word left, and the error when the word cannot be read. */
export function extractFirstWord(
  text: string,
  start: number,
  options: WordOptions = {},
): FirstWord | WordError | undefined {
  const separators = options.separators ?? WHITESPACE;
  const position = options.keepEmpty ? start : skipSeparators(text, start, separators);
  if (position >= text.length) return options.keepEmpty ? { word: '', next: undefined } : undefined;
  // Only keepEmpty leaves a separator here: the word before it is empty.
  if (includesCode(separators, text.charCodeAt(position))) return { word: '', next: position + 1 };
  return (
    plainWord(text, position, separators, options) ?? wordWithEscapes(text, position, separators, options)
  );
}

/** Nearly every word has no quotes and no escapes: it is copied as a whole. Returns undefined for all other words. */
function plainWord(
  text: string,
  start: number,
  separators: string,
  options: WordOptions,
): FirstWord | undefined {
  const end = plainEnd(text, start, separators);
  if (end === text.length) return { word: text.slice(start), next: undefined };
  if (!includesCode(separators, text.charCodeAt(end))) return undefined;
  return { word: text.slice(start, end), next: nextWord(text, end, separators, options) };
}

/** The main loop of `extract_first_word()`, after the leading separators. */
function wordWithEscapes(
  text: string,
  start: number,
  separators: string,
  options: WordOptions,
): FirstWord | WordError {
  let word = '';
  let rawBytes = false;
  /** The quote that is open; empty when none is. */
  let quote = '';
  for (let position = start; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === '\\' && !options.retainEscape) {
      const escape = readEscape(text, position + 1, quote !== '', separators, options);
      if (typeof escape === 'string') return escape;
      word += escape.text;
      rawBytes ||= escape.rawByte;
      position += escape.length;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (options.unquote && (character === '"' || character === "'")) {
      quote = character;
    } else if (separators.includes(character)) {
      return { word: complete(word, rawBytes), next: nextWord(text, position, separators, options) };
    } else {
      word += character;
    }
  }
  if (quote !== '' && !options.relax) return 'unbalanced-quote';
  return { word: complete(word, rawBytes), next: undefined };
}

function complete(word: string, rawBytes: boolean): string {
  return rawBytes ? joinBytes(word) : word;
}

/** The position of the next character that ends a word, or that may have a special meaning. */
function plainEnd(text: string, start: number, separators: string): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (!isLowerCase(code) && (includesCode(SPECIAL, code) || includesCode(separators, code))) break;
    end++;
  }
  return end;
}

function nextWord(
  text: string,
  separator: number,
  separators: string,
  options: WordOptions,
): number | undefined {
  if (options.keepEmpty) return separator + 1;
  const next = skipSeparators(text, separator + 1, separators);
  return next < text.length ? next : undefined;
}

function skipSeparators(text: string, start: number, separators: string): number {
  let position = start;
  while (position < text.length && includesCode(separators, text.charCodeAt(position))) position++;
  return position;
}

/** The characters that may have a special meaning. */
const SPECIAL = '\\"\'';

/** Whether a character is a lower-case letter, as most are. Such a letter never has a special meaning. */
function isLowerCase(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** Whether one of a few characters has this code. It runs for every character of every word, and therefore allocates nothing. */
function includesCode(characters: string, code: number): boolean {
  for (let index = 0; index < characters.length; index++) {
    if (characters.charCodeAt(index) === code) return true;
  }
  return false;
}

type Escape = { readonly text: string; readonly length: number; readonly rawByte: boolean };

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['s', ' '],
]);
const NUMBER_ESCAPE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})/y;

/** Reads the characters after a backslash. Source: `cunescape_one()` in `src/basic/escape.c`. */
function readEscape(
  text: string,
  start: number,
  isQuoted: boolean,
  separators: string,
  options: WordOptions,
): Escape | WordError {
  if (start === text.length) return escapeAtEnd(isQuoted, options);
  const character = text.charAt(start);
  const itself = { text: character, length: 1, rawByte: false };
  if (!(options.cUnescape || options.unescapeSeparators || options.unescapeRelax)) return itself;
  const meant = options.cUnescape ? unescapeC(text, start) : undefined;
  if (meant) return meant;
  if (options.unescapeSeparators && (separators.includes(character) || character === '\\')) return itself;
  return options.unescapeRelax ? { ...itself, text: `\\${character}` } : 'invalid-escape';
}

/** A backslash at the very end of the text is kept, removed, or an error. */
function escapeAtEnd(isQuoted: boolean, { relax, unescapeRelax }: WordOptions): Escape | WordError {
  if (unescapeRelax && (!isQuoted || relax)) return { text: '\\', length: 0, rawByte: false };
  if (relax) return { text: '', length: 0, rawByte: false };
  return isQuoted ? 'unbalanced-quote' : 'invalid-escape';
}

function unescapeC(text: string, start: number): Escape | undefined {
  const simple = SIMPLE_ESCAPES.get(text.charAt(start));
  if (simple !== undefined) return { text: simple, length: 1, rawByte: false };
  NUMBER_ESCAPE.lastIndex = start;
  const match = NUMBER_ESCAPE.exec(text);
  if (!match) return undefined;
  const [whole, hexByte, short, long, octal] = match;
  const code =
    octal === undefined ? Number.parseInt(hexByte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
  if (hexByte !== undefined || octal !== undefined) {
    if (code === 0 || code > 255) return undefined;
    return {
      text: code < 128 ? String.fromCharCode(code) : String.fromCharCode(RAW_BYTE + code),
      length: whole.length,
      rawByte: code >= 128,
    };
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code === 0 || code > 0x10ffff || surrogate) return undefined;
  return { text: String.fromCodePoint(code), length: whole.length, rawByte: false };
}

/** Until the word is complete, a byte above 127 is kept as a lone low surrogate, which a unit file cannot contain otherwise. */
const RAW_BYTE = 0xdc00;

function joinBytes(word: string): string {
  return word.replace(/(?<![\ud800-\udbff])[\udc80-\udcff]+/g, bytes =>
    new TextDecoder().decode(Uint8Array.from(bytes, byte => byte.charCodeAt(0) - RAW_BYTE)),
  );
}
