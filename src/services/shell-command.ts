/** Reads the text behind `sh -c` where it is one simple command, and nothing where it is more. */

export interface ShellCommand {
  readonly argv: readonly string[];
  /** What is assigned before it. */
  readonly variables: ReadonlyMap<string, string>;
  /** Where `cd` leads before it runs, as written. */
  readonly directory: string | undefined;
  /** False where a file is read in that may set variables, or a variable is not known here. */
  readonly isComplete: boolean;
}

/**
 * Reads one simple command with what may stand before it: `cd`, assignments, `export`, `set`, `source`, `exec`.
 *
 * @param lookUp the environment that the shell is given
 * @returns undefined for pipes, several commands, substitutions and all else that cannot be followed
 * @example
 * readShellCommand('cd /srv && PORT=3000 exec node server.js', () => undefined)?.argv; // ['node', 'server.js']
 *
 * Source: POSIX.1-2024, "Shell Command Language".
 */
export function readShellCommand(text: string, lookUp: LookUp): ShellCommand | undefined {
  const variables = new Map<string, string>();
  const scanner = new Scanner(text, name => variables.get(name) ?? lookUp(name));
  let directory: string | undefined;
  let readsFile = false;
  for (;;) {
    const statement = scanner.statement();
    if (statement === undefined) return undefined;
    const count = statement.findIndex(word => !ASSIGNMENT.test(word));
    const argv = count === -1 ? [] : statement.slice(count);
    for (const word of count === -1 ? statement : statement.slice(0, count)) assign(variables, word);
    const [command, ...args] = argv;
    if (scanner.isAtEnd) {
      const rest = command === 'exec' ? args : argv;
      const isComplete = !readsFile && scanner.isComplete;
      return rest.length === 0 ? undefined : { argv: rest, variables, directory, isComplete };
    }
    if (command === 'cd') directory = args.at(-1);
    else if (command === 'source' || command === '.') readsFile = true;
    else if (command === 'export') for (const word of args) assign(variables, word);
    else if (command !== undefined && !prepares.has(command)) return undefined;
  }
}

type LookUp = (name: string) => string | undefined;

/** What changes nothing about the command behind it that matters here. */
const prepares: ReadonlySet<string> = new Set(['set', 'umask', 'ulimit']);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

function assign(variables: Map<string, string>, word: string): void {
  const equals = word.indexOf('=');
  if (equals > 0) variables.set(word.slice(0, equals), word.slice(equals + 1));
}

const BLANKS = /(?:[ \t]|\\\n)*(?:#[^\n]*)?/y;
const SEPARATOR = /&&|[;\n]/y;
const REDIRECTION = /\d*(?:>>|>\||>|<)&?[ \t]*[^\s;&|<>()'"`$]+|&>>?[ \t]*[^\s;&|<>()'"`$]+/y;
const LITERAL = /[^\s;&|<>()'"`$\\]+/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const ESCAPED = /\\([\s\S])/y;
const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-([^{}$`"]*))?\})/y;
const DOUBLE_QUOTED_LITERAL = /[^"\\$`]+/y;
const DOUBLE_QUOTED_ESCAPE = /\\([$`"\\])|\\\n|\\/y;

/** Cuts statements into words, takes quotes off, fills in variables and drops redirections. */
class Scanner {
  /** False once a variable was met that is not known. */
  isComplete = true;
  #position = 0;
  readonly #text: string;
  readonly #lookUp: LookUp;

  constructor(text: string, lookUp: LookUp) {
    this.#text = text.trim();
    this.#lookUp = lookUp;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** The words up to the next `&&`, `;` or line end; undefined where they cannot be known. */
  statement(): readonly string[] | undefined {
    const words: string[] = [];
    for (;;) {
      this.#take(BLANKS);
      if (this.isAtEnd || this.#take(SEPARATOR)) break;
      if (this.#take(REDIRECTION)) continue;
      const cut = this.#word();
      if (cut === undefined) return undefined;
      words.push(...cut);
    }
    // A separator at the very end has no statement behind it.
    this.#take(BLANKS);
    return words;
  }

  /** One word as written; an unquoted variable may make several of it, or none. */
  #word(): readonly string[] | undefined {
    const start = this.#position;
    const words: string[] = [];
    let word = '';
    let isQuoted = false;
    for (;;) {
      const piece = this.#piece(this.#position === start);
      if (piece === undefined) break;
      if (piece === 'unknowable') return undefined;
      isQuoted ||= piece.isQuoted;
      const [first = '', ...more] = piece.isQuoted ? [piece.text] : piece.text.split(/[ \t\n]+/);
      word += first;
      for (const next of more) {
        if (word !== '') words.push(word);
        word = next;
      }
    }
    // Neither a word nor a separator: an operator that is not followed here.
    if (this.#position === start) return undefined;
    return word !== '' || isQuoted ? [...words, word] : words;
  }

  #piece(isStart: boolean): { readonly text: string; readonly isQuoted: boolean } | 'unknowable' | undefined {
    const literal = this.#take(LITERAL)?.[0];
    if (literal !== undefined) return { text: isStart ? this.#fromHome(literal) : literal, isQuoted: false };
    const quoted = this.#take(SINGLE_QUOTED)?.[1] ?? this.#take(ESCAPED)?.[1];
    if (quoted !== undefined) return { text: quoted === '\n' ? '' : quoted, isQuoted: quoted !== '\n' };
    const next = this.#text.charAt(this.#position);
    if (next === '"') {
      const text = this.#doubleQuoted();
      return text === undefined ? 'unknowable' : { text, isQuoted: true };
    }
    if (next === '$') {
      const text = this.#variable();
      return text === undefined ? 'unknowable' : { text, isQuoted: false };
    }
    return next === '`' || next === "'" ? 'unknowable' : undefined;
  }

  #doubleQuoted(): string | undefined {
    this.#position++;
    let text = '';
    while (!this.isAtEnd) {
      const next = this.#text.charAt(this.#position);
      if (next === '"') {
        this.#position++;
        return text;
      }
      const escape = this.#take(DOUBLE_QUOTED_ESCAPE);
      const piece =
        escape === undefined
          ? next === '$'
            ? this.#variable()
            : this.#take(DOUBLE_QUOTED_LITERAL)?.[0]
          : (escape[1] ?? (escape[0] === '\\' ? '\\' : ''));
      if (piece === undefined) return undefined;
      text += piece;
    }
    return undefined;
  }

  /** Its value, or as written where that is not known; undefined for substitutions and positions. */
  #variable(): string | undefined {
    const match = this.#take(VARIABLE);
    if (match === undefined) return undefined;
    const [written, bare, braced, fallback] = match;
    const value = this.#lookUp(bare ?? braced ?? '') ?? fallback;
    if (value === undefined) this.isComplete = false;
    return value ?? written;
  }

  #fromHome(literal: string): string {
    const home = this.#lookUp('HOME');
    return home === undefined ? literal : literal.replace(/^~(?=\/|$)/, home);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#position = pattern.lastIndex;
    return match;
  }
}
