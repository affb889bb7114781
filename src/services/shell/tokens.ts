/**
 * Cuts shell text into words, operators and redirections.
 * Source: POSIX.1-2024, "Shell Command Language", 2.3 (token recognition) and 2.7 (redirection); bash(1).
 */
import { endOfNested, LineCounter, readWord, unknownWord, type Word } from './words.ts';

export type ShellToken =
  | { readonly kind: 'word'; readonly word: Word; readonly line: number }
  /** `;`, `&&`, `|`, a parenthesis, the end of a line ... */
  | { readonly kind: 'operator'; readonly text: string; readonly line: number }
  | { readonly kind: 'redirection'; readonly operator: string; readonly target: Word; readonly line: number };

/** How many more tokens may be read from a text and from its substitutions. */
export interface TokenBudget {
  tokensLeft: number;
}

/**
 * Cuts a text into tokens, up to the limit of the budget.
 *
 * @param firstLine the number of the text's first line
 */
export function tokensOf(text: string, firstLine: number, budget: TokenBudget): readonly ShellToken[] {
  return new Tokenizer(text, firstLine, budget).all();
}

const IGNORED = /(?:[ \t\r]|\\\n)+|#[^\n]*/y;
const BLANKS = /[ \t]+/y;
const OPERATOR = /;;&|;;|;&|&&|\|\||\|&|[;&|()\n]/y;
const REDIRECTION = /(?:\d*|&)(?:<<<|<<-?|>>|<>|>\||[<>]&|[<>])/y;
const HERE_DOCUMENT = /^\d*<<-?$/;

class Tokenizer {
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #budget: TokenBudget;
  readonly #tokens: ShellToken[] = [];
  /** The delimiters of the here-documents that begin after this line. */
  #delimiters: string[] = [];
  #position = 0;

  constructor(text: string, firstLine: number, budget: TokenBudget) {
    this.#text = text;
    this.#lines = new LineCounter(text, firstLine);
    this.#budget = budget;
  }

  all(): readonly ShellToken[] {
    while (this.#position < this.#text.length && this.#budget.tokensLeft > 0) this.#readNext();
    return this.#tokens;
  }

  #readNext(): void {
    if (this.#take(IGNORED) !== undefined) return;
    const line = this.#lines.lineAt(this.#position);
    this.#budget.tokensLeft--;
    this.#tokens.push(
      this.#redirection(line) ?? this.#arithmetic(line) ?? this.#operator(line) ?? this.#word(line),
    );
  }

  #redirection(line: number): ShellToken | undefined {
    const operator = this.#take(REDIRECTION);
    if (operator === undefined) return undefined;
    this.#take(BLANKS);
    const target = this.#takeWord();
    if (isHereDocument(operator)) this.#delimiters.push(target.text);
    return { kind: 'redirection', operator, target, line };
  }

  /** `((i < 3))`, which counts as one word here; elsewhere two parentheses open two groups. */
  #arithmetic(line: number): ShellToken | undefined {
    if (!this.#text.startsWith('((', this.#position) || !this.#mayBeginArithmetic()) return undefined;
    const start = this.#position;
    this.#position = endOfNested(this.#text, start + 2, '))');
    return { kind: 'word', word: unknownWord(this.#text.slice(start, this.#position)), line };
  }

  /** Whether `((` may begin an arithmetic command: at the start of a command, and after `for`. */
  #mayBeginArithmetic(): boolean {
    const last = this.#tokens.findLast(({ kind }) => kind !== 'redirection');
    return last?.kind !== 'word' || beforeCommand.has(last.word.text);
  }

  #operator(line: number): ShellToken | undefined {
    const text = this.#take(OPERATOR);
    if (text === undefined) return undefined;
    if (text === '\n') this.#skipHereDocuments();
    return { kind: 'operator', text, line };
  }

  #word(line: number): ShellToken {
    const start = this.#position;
    const word = this.#takeWord();
    // A character that begins no known token is skipped, so that the loop ends.
    if (this.#position === start) this.#position++;
    return { kind: 'word', word, line };
  }

  #takeWord(): Word {
    const [word, end] = readWord(this.#text, this.#position, this.#lines);
    this.#position = end;
    return word;
  }

  #skipHereDocuments(): void {
    for (const delimiter of this.#delimiters) this.#skipHereDocument(delimiter);
    this.#delimiters = [];
  }

  #skipHereDocument(delimiter: string): void {
    while (this.#position < this.#text.length) {
      const newline = this.#text.indexOf('\n', this.#position);
      const end = newline === -1 ? this.#text.length : newline;
      const isLast = this.#text.slice(this.#position, end).trim() === delimiter;
      this.#position = Math.min(end + 1, this.#text.length);
      if (isLast) return;
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const taken = pattern.exec(this.#text)?.[0];
    if (taken !== undefined) this.#position += taken.length;
    return taken;
  }
}

/** Whether a redirection takes its input from the lines after the command. */
export function isHereDocument(operator: string): boolean {
  return HERE_DOCUMENT.test(operator);
}

const beforeCommand: ReadonlySet<string> = new Set([
  'for',
  'if',
  'while',
  'until',
  'do',
  'then',
  'else',
  '!',
]);
