/**
 * Parses JSON5, the format of OpenClaw's configuration, and records where each value begins and ends. So a fault can be
 * shown, and one value can be changed while all other bytes stay the same. Existing parsers do not offer both, or
 * refuse reserved words as keys (@croct/json5-parser 0.2).
 *
 * Source: spec.json5.org.
 */

export type Json5Value =
  | string
  | number
  | boolean
  | null
  | readonly Json5Value[]
  | { readonly [key: string]: Json5Value };

/** Offsets in UTF-16 units; `end` is the offset after the last one. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export type Json5Node = Json5Object | Json5Array | Json5Scalar;

export interface Json5Object extends Span {
  readonly kind: 'object';
  readonly members: readonly Json5Member[];
  /** The offsets of the commas behind the members. */
  readonly commas: readonly number[];
  readonly tail: Tail;
}

export interface Json5Array extends Span {
  readonly kind: 'array';
  readonly items: readonly Json5Node[];
  /** The offsets of the commas behind the items. */
  readonly commas: readonly number[];
  readonly tail: Tail;
}

interface Json5Scalar extends Span {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
}

export interface Json5Member {
  readonly key: string;
  /** The key as it is written. */
  readonly written: string;
  readonly start: number;
  readonly value: Json5Node;
}

/** What precedes the closing bracket. */
interface Tail {
  /** Whether a comma follows the last entry. */
  readonly hasComma: boolean;
  /** The offset after the last entry, its comma and its comment. */
  readonly end: number;
}

/** A place in a text; line and column count from 1. */
export interface Json5Place {
  readonly line: number;
  readonly column: number;
}

/** Returns a function that converts an offset in a text to a place. */
export function json5Places(text: string): (offset: number) => Json5Place {
  const starts = [0, ...Array.from(text.matchAll(lineEndPattern), ({ 0: end, index }) => index + end.length)];
  return offset => {
    let line = 0;
    for (let above = starts.length; above - line > 1; ) {
      const middle = (line + above) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else above = middle;
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

/** A text that is not JSON5, and the place of the first error. */
export class Json5SyntaxError extends Error {
  /** After the last character that is no white space where the text ends before it is complete. */
  readonly place: Json5Place;
  /** Whether the text ends before it is complete. */
  readonly isAtEnd: boolean;

  constructor(text: string, offset: number) {
    const end = text.trimEnd().length;
    const place = json5Places(text)(Math.min(offset, end));
    super(`line ${place.line} is no JSON5`);
    this.name = 'Json5SyntaxError';
    this.place = place;
    this.isAtEnd = offset >= end;
  }
}

/** A text whose values are nested deeper than {@link deepestJson5}, and the place where that happens. */
export class Json5DepthError extends Error {
  readonly place: Json5Place;

  constructor(text: string, offset: number) {
    const place = json5Places(text)(offset);
    super(`line ${place.line} is nested too deep`);
    this.name = 'Json5DepthError';
    this.place = place;
  }
}

/** Limit of nesting: functions that walk through the values call themselves for each level. */
export const deepestJson5 = 200;

/** @throws Json5SyntaxError, Json5DepthError */
export function parseJson5(text: string): Json5Node {
  const parser = new Parser(text);
  const root = parser.value();
  parser.end();
  return root;
}

export function valueOf(node: Json5Node): Json5Value {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]));
    case 'array':
      return node.items.map(valueOf);
    case 'scalar':
      return node.value;
    default:
      return node satisfies never;
  }
}

/** Finds a member by its name; of several members with one name, the last counts. */
export function memberOf(node: Json5Node, key: string): Json5Member | undefined {
  return node.kind === 'object' ? node.members.findLast(member => member.key === key) : undefined;
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** The offset after the last token that is neither white space nor the end. */
  #lastEnd = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skip();
  }

  value(): Json5Node {
    const start = this.#at;
    if (this.#takes('{')) return this.#inside(start, () => this.#object(start));
    if (this.#takes('[')) return this.#inside(start, () => this.#array(start));
    const string = this.#match(stringPattern);
    if (string !== undefined) return this.#scalar(start, unescaped(string.slice(1, -1)));
    const word = this.#match(wordPattern) ?? '';
    const literal = literals.get(word);
    if (literal !== undefined) return this.#scalar(start, literal);
    if (!numberPattern.test(word)) throw new Json5SyntaxError(this.#text, start);
    return this.#scalar(start, numberOf(word));
  }

  end(): void {
    if (this.#at < this.#text.length) throw new Json5SyntaxError(this.#text, this.#at);
  }

  #inside<T>(start: number, read: () => T): T {
    this.#depth += 1;
    if (this.#depth > deepestJson5) throw new Json5DepthError(this.#text, start);
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #object(start: number): Json5Object {
    const members: Json5Member[] = [];
    const commas: number[] = [];
    let hasComma = false;
    for (;;) {
      const tail = { hasComma, end: this.#lastEnd };
      if (this.#takes('}')) return { kind: 'object', start, end: this.#lastBracket, members, commas, tail };
      if (members.length > 0 && !hasComma) throw new Json5SyntaxError(this.#text, this.#at);
      const at = this.#at;
      const { key, written } = this.#key();
      if (!this.#takes(':')) throw new Json5SyntaxError(this.#text, this.#at);
      members.push({ key, written, start: at, value: this.value() });
      commas.push(this.#at);
      hasComma = this.#takes(',');
    }
  }

  #array(start: number): Json5Array {
    const items: Json5Node[] = [];
    const commas: number[] = [];
    let hasComma = false;
    for (;;) {
      const tail = { hasComma, end: this.#lastEnd };
      if (this.#takes(']')) return { kind: 'array', start, end: this.#lastBracket, items, commas, tail };
      if (items.length > 0 && !hasComma) throw new Json5SyntaxError(this.#text, this.#at);
      items.push(this.value());
      commas.push(this.#at);
      hasComma = this.#takes(',');
    }
  }

  #key(): Pick<Json5Member, 'key' | 'written'> {
    const string = this.#match(stringPattern);
    if (string !== undefined) return { key: unescaped(string.slice(1, -1)), written: string };
    const name = this.#match(namePattern);
    if (name === undefined) throw new Json5SyntaxError(this.#text, this.#at);
    return { key: unescaped(name), written: name };
  }

  #scalar(start: number, value: Json5Scalar['value']): Json5Scalar {
    return { kind: 'scalar', start, end: this.#lastToken, value };
  }

  #lastToken = 0;
  #lastBracket = 0;

  /** Takes a character if it is next, and the white space and comments after it. */
  #takes(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    this.#lastBracket = this.#at;
    this.#lastEnd = this.#at;
    this.#skip();
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [token] = pattern.exec(this.#text) ?? [];
    if (token === undefined) return undefined;
    this.#at += token.length;
    this.#lastToken = this.#at;
    this.#lastEnd = this.#at;
    this.#skip();
    return token;
  }

  /** Skips white space and comments. */
  #skip(): void {
    for (;;) {
      if (this.#advance(spacePattern)) continue;
      if (!this.#advance(commentPattern)) return;
      this.#lastEnd = this.#at;
    }
  }

  #advance(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const [token = ''] = pattern.exec(this.#text) ?? [];
    this.#at += token.length;
    return token !== '';
  }
}

const lineEndPattern = /\r\n|[\n\r\u2028\u2029]/g;
// The white space and line ends of JSON5 are those of ECMAScript; `\s` includes U+FEFF as well.
const spacePattern = /\s+/y;
const commentPattern = /\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\//y;
const stringPattern =
  /"(?:[^"\\\n\r]|\\(?:\r\n|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|0(?!\d)|[^\dux]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|0(?!\d)|[^\dux]))*'/y;
const wordPattern = /[\w.+-]+/y;
const namePattern =
  /(?:[$_\p{ID_Start}]|\\u[\dA-Fa-f]{4})(?:[$\u200c\u200d\p{ID_Continue}]|\\u[\dA-Fa-f]{4})*/uy;
const numberPattern =
  /^[+-]?(?:Infinity|NaN|0[xX][\dA-Fa-f]+|(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/;

const literals: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function numberOf(word: string): number {
  const magnitude = Number(word.replace(/^[+-]/, ''));
  return word.startsWith('-') ? -magnitude : magnitude;
}

function unescaped(text: string): string {
  return text.replaceAll(escapePattern, (_, hex: string | undefined, one: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex.slice(1), 16));
    return one === undefined ? '' : (escapes.get(one) ?? one);
  });
}

/** An escaped line end is not part of the string. */
const escapePattern = /\\(?:(u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2})|\r\n|[\n\r\u2028\u2029]|([\s\S]))/g;

const escapes: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['0', '\0'],
]);
