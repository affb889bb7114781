/**
 * Cuts the words of a shell text into literal parts and parts that a shell replaces.
 * Source: POSIX.1-2024, "Shell Command Language", 2.2 (quoting) and 2.6 (expansions); bash(1).
 */

/** A part of a word, without its quotes. */
export type WordPart = Literal | VariableExpansion | Substitution | Unknown;

interface Literal {
  readonly kind: 'literal';
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A part that a shell replaces by something else. */
interface Expansion {
  /** The text as written, with its dollar sign or backquote. */
  readonly text: string;
  /** Whether it is in double quotes: the shell then does not split its value into words. */
  readonly isQuoted: boolean;
}

/** `$NAME`, `${NAME}`, `${NAME:-fallback}`. */
export interface VariableExpansion extends Expansion {
  readonly kind: 'variable';
  readonly name: string;
  readonly fallback: string | undefined;
}

/** `$(...)` or backquotes. */
interface Substitution extends Expansion {
  readonly kind: 'substitution';
  /** The script that the substitution runs. */
  readonly script: string;
  /** The line at which the script begins. */
  readonly line: number;
}

/** Any other expansion: `$1`, `${NAME%.*}`, `$((1 + 2))`. */
interface Unknown extends Expansion {
  readonly kind: 'unknown';
}

export interface Word {
  /** The parts; none when no word begins here. */
  readonly parts: readonly WordPart[];
  /** The text of all parts as written. */
  readonly text: string;
  /** Whether it contains a quote or a backslash: it is then no keyword. */
  readonly isQuoted: boolean;
  /** False when the text ends inside a quote, or after a backslash. */
  readonly isClosed: boolean;
}

/**
 * Reads the word that begins at an offset.
 *
 * @returns the word, and the offset after it
 */
export function readWord(source: string, start: number, lines: LineCounter): readonly [Word, number] {
  return new WordReader(source, start, lines).read();
}

/** Makes a word of a text whose value only a shell knows. */
export function unknownWord(text: string): Word {
  return { parts: [{ kind: 'unknown', text, isQuoted: false }], text, isQuoted: false, isClosed: true };
}

/** Converts offsets to line numbers. The offsets must only increase, so that the text is scanned once. */
export class LineCounter {
  readonly #source: string;
  #line: number;
  #counted = 0;

  constructor(source: string, firstLine: number) {
    this.#source = source;
    this.#line = firstLine;
  }

  lineAt(offset: number): number {
    for (; this.#counted < offset; this.#counted++) {
      if (this.#source.charCodeAt(this.#counted) === newline) this.#line++;
    }
    return this.#line;
  }
}

const newline = 0x0a;

const PLAIN = /[^\s;&|()<>'"\\$`]+/y;
const PLAIN_IN_QUOTES = /[^"\\$`]+/y;
/** A dollar sign that begins no expansion stands for itself. */
const BARE_VARIABLE = /\$(?:[A-Za-z_]\w*)?/y;
const VARIABLE = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^{}$`"]*))?\})$/;

class WordReader {
  readonly #source: string;
  readonly #lines: LineCounter;
  readonly #parts: WordPart[] = [];
  #position: number;
  #isClosed = true;

  constructor(source: string, start: number, lines: LineCounter) {
    this.#source = source;
    this.#position = start;
    this.#lines = lines;
  }

  read(): readonly [Word, number] {
    while (this.#takePart());
    const word = {
      parts: this.#parts,
      text: this.#parts.map(({ text }) => text).join(''),
      isQuoted: this.#parts.some(({ isQuoted }) => isQuoted),
      isClosed: this.#isClosed,
    };
    return [word, Math.min(this.#position, this.#source.length)];
  }

  /** @returns false when the word ends here */
  #takePart(): boolean {
    const plain = this.#take(PLAIN);
    if (plain !== undefined) return this.#addLiteral(plain, false);
    switch (this.#source.charAt(this.#position)) {
      case '\\':
        return this.#takeEscaped();
      case "'":
        return this.#takeSingleQuoted();
      case '"':
        return this.#takeDoubleQuoted();
      case '$':
      case '`':
        return this.#takeExpansion(false);
      default:
        return false;
    }
  }

  /** A backslash quotes the next character; before a line end, it continues the line. */
  #takeEscaped(): boolean {
    const escaped = this.#source.charAt(this.#position + 1);
    this.#position += 2;
    if (escaped === '') this.#isClosed = false;
    return escaped === '\n' || this.#addLiteral(escaped, true);
  }

  #takeSingleQuoted(): boolean {
    const start = this.#position + 1;
    const end = this.#closing("'", start);
    this.#position = end + 1;
    return this.#addLiteral(this.#source.slice(start, end), true);
  }

  #takeDoubleQuoted(): boolean {
    this.#position++;
    // "" is a word as well, an empty one.
    this.#addLiteral('', true);
    while (this.#takePartInQuotes());
    if (this.#position >= this.#source.length) this.#isClosed = false;
    this.#position++;
    return true;
  }

  /** @returns false at the closing quote, and at the end of the text */
  #takePartInQuotes(): boolean {
    const plain = this.#take(PLAIN_IN_QUOTES);
    if (plain !== undefined) return this.#addLiteral(plain, true);
    switch (this.#source.charAt(this.#position)) {
      case '\\':
        return this.#takeEscapedInQuotes();
      case '$':
      case '`':
        return this.#takeExpansion(true);
      default:
        return false;
    }
  }

  /** In double quotes, a backslash stands for itself before most characters. */
  #takeEscapedInQuotes(): boolean {
    const escaped = this.#source.charAt(this.#position + 1);
    this.#position += 2;
    if (escaped === '\n') return true;
    return this.#addLiteral('"\\$`'.includes(escaped) ? escaped : `\\${escaped}`, true);
  }

  #takeExpansion(isQuoted: boolean): boolean {
    const start = this.#position;
    const opening = ['$((', '$(', '${', '`'].find(each => this.#source.startsWith(each, start));
    switch (opening) {
      case '$((':
        return this.#addExpansion(endOfNested(this.#source, start + 3, '))'), isQuoted);
      case '$(':
        return this.#addSubstitution(2, endOfNested(this.#source, start + 2, ')'), isQuoted);
      case '${':
        return this.#addExpansion(endOfNested(this.#source, start + 2, '}'), isQuoted);
      case '`':
        return this.#addSubstitution(1, this.#closing('`', start + 1) + 1, isQuoted);
      default:
        return this.#addExpansion(this.#endOf(BARE_VARIABLE), isQuoted);
    }
  }

  #addLiteral(text: string, isQuoted: boolean): true {
    this.#parts.push({ kind: 'literal', text, isQuoted });
    return true;
  }

  /** @param openingLength length of `$(` or of the backquote */
  #addSubstitution(openingLength: number, end: number, isQuoted: boolean): true {
    const start = this.#position;
    this.#position = end;
    this.#parts.push({
      kind: 'substitution',
      text: this.#source.slice(start, end),
      isQuoted,
      script: this.#source.slice(start + openingLength, end - 1),
      line: this.#lines.lineAt(start),
    });
    return true;
  }

  #addExpansion(end: number, isQuoted: boolean): true {
    const text = this.#source.slice(this.#position, end);
    this.#position = end;
    const [, bare, braced, fallback] = VARIABLE.exec(text) ?? [];
    const name = bare ?? braced;
    this.#parts.push(
      name === undefined
        ? { kind: 'unknown', text, isQuoted }
        : { kind: 'variable', text, isQuoted, name, fallback },
    );
    return true;
  }

  /** The offset of the closing quote; the end of the text when there is none. */
  #closing(quote: string, from: number): number {
    const found = this.#source.indexOf(quote, from);
    if (found !== -1) return found;
    this.#isClosed = false;
    return this.#source.length;
  }

  #take(pattern: RegExp): string | undefined {
    const start = this.#position;
    this.#position = this.#endOf(pattern);
    return this.#position === start ? undefined : this.#source.slice(start, this.#position);
  }

  /** The offset after the match of a pattern, or the current offset when it does not match. */
  #endOf(pattern: RegExp): number {
    pattern.lastIndex = this.#position;
    return pattern.test(this.#source) ? pattern.lastIndex : this.#position;
  }
}

/** The offset after the `close` that matches what was opened before `start`; the end of the text when there is none. */
export function endOfNested(source: string, start: number, close: string): number {
  let depth = 0;
  let quote = '';
  for (let position = start; position < source.length; position++) {
    const character = source.charAt(position);
    if (character === '\\') position++;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (depth === 0 && source.startsWith(close, position)) return position + close.length;
    else if (character === '(' || character === '{') depth++;
    else if (character === ')' || character === '}') depth--;
  }
  return source.length;
}
