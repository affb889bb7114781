/**
 * Shell scripts as far as it takes to see which commands they run, how often, and with which words. Nothing is expanded;
 * what cannot be read is passed over.
 * Source: bash(1), "SHELL GRAMMAR"; POSIX.1-2024, "Shell Command Language".
 */

export type ShellStatement =
  | ShellCommand
  | ShellLoop
  /** `if` and `case`: one of the branches runs. */
  | { readonly kind: 'branches'; readonly branches: readonly ShellBranch[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly ShellStatement[] }
  /** `{ ...; }` and `( ... )`. */
  | { readonly kind: 'group'; readonly body: readonly ShellStatement[]; readonly isBackground: boolean };

export interface ShellCommand {
  readonly kind: 'command';
  /** Quotes taken off; `$NAME` and `$(...)` as written. */
  readonly words: readonly string[];
  /** What stands in `$(...)` of its words and is run before it. */
  readonly substitutions: readonly ShellStatement[];
  /** 1-based. */
  readonly line: number;
  /** Ends with `&`: nobody waits for it. */
  readonly isBackground: boolean;
}

/** Its condition runs after those of the branches before it; there is none of `else`, nor in `case`. */
export interface ShellBranch {
  readonly condition: readonly ShellStatement[];
  readonly body: readonly ShellStatement[];
}

export interface ShellLoop {
  readonly kind: 'loop';
  readonly keyword: 'for' | 'while' | 'until';
  /** Of `for`: the words behind `in`, or the one word `((...))`. */
  readonly items: readonly string[];
  readonly condition: readonly ShellStatement[];
  readonly body: readonly ShellStatement[];
  readonly line: number;
  readonly isBackground: boolean;
}

/** Reads a script, or the text behind `sh -c`. */
export function parseShellScript(text: string): readonly ShellStatement[] {
  return new Parser(tokensOf(text, 1, 0), 0).statements(new Set());
}

/** Nobody nests deeper; what does is passed over. */
const deepest = 50;

/** Every command of a script in the order of its lines, whether or not it is ever run. */
export function* commandsIn(statements: readonly ShellStatement[]): Iterable<ShellCommand> {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'command':
        yield* commandsIn(statement.substitutions);
        yield statement;
        break;
      case 'loop':
        yield* commandsIn(statement.condition);
        yield* commandsIn(statement.body);
        break;
      case 'branches':
        for (const { condition, body } of statement.branches) {
          yield* commandsIn(condition);
          yield* commandsIn(body);
        }
        break;
      case 'function':
      case 'group':
        yield* commandsIn(statement.body);
        break;
      default:
        statement satisfies never;
    }
  }
}

type Token =
  | {
      readonly kind: 'word';
      readonly text: string;
      /** Whether quotes or a backslash kept it from being a keyword. */
      readonly isQuoted: boolean;
      readonly substitutions: readonly ShellStatement[];
      readonly line: number;
    }
  | { readonly kind: 'operator'; readonly text: string; readonly line: number };

const OPERATOR = /;;&|;;|;&|&&|\|\||\|&|[;&|()\n]/y;
const REDIRECTION = /(?:\d*|&)(?:<<-?|<<<|>>|<>|>\||[<>]&|[<>])/y;
const HERE_DOCUMENT = /^\d*<<-?$/;

function tokensOf(text: string, firstLine: number, depth: number): readonly Token[] {
  const tokens: Token[] = [];
  const hereDocuments: string[] = [];
  let line = firstLine;
  let position = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) position += match.length;
    return match;
  };
  const word = () => {
    const read = readWord(text, position, line, depth);
    position = read.end;
    const token: Token = { kind: 'word', line, ...read };
    line += read.newlines;
    return token;
  };
  while (position < text.length) {
    if (take(/[ \t\r]+/y) !== undefined) continue;
    if (take(/\\\n/y) !== undefined) {
      line++;
      continue;
    }
    if (take(/#[^\n]*/y) !== undefined) continue;
    const redirection = take(REDIRECTION);
    if (redirection !== undefined) {
      take(/[ \t]+/y);
      const target = word();
      if (HERE_DOCUMENT.test(redirection) && target.kind === 'word') hereDocuments.push(target.text);
      continue;
    }
    if (isArithmetic(text, position, tokens)) {
      const end = endOfNested(text, position + 2, '))');
      tokens.push({
        kind: 'word',
        text: text.slice(position, end),
        isQuoted: false,
        substitutions: [],
        line,
      });
      position = end;
      continue;
    }
    const operator = take(OPERATOR);
    if (operator === undefined) {
      const before = position;
      tokens.push(word());
      // A character that begins nothing known must not hold everything up.
      if (position === before) position++;
      continue;
    }
    tokens.push({ kind: 'operator', text: operator, line });
    if (operator !== '\n') continue;
    line++;
    for (const delimiter of hereDocuments.splice(0)) {
      const end = endOfHereDocument(text, position, delimiter);
      line += text.slice(position, end).split('\n').length - 1;
      position = end;
    }
  }
  return tokens;
}

/** `((` where a command may begin, or behind `for`. */
function isArithmetic(text: string, position: number, tokens: readonly Token[]): boolean {
  if (!text.startsWith('((', position)) return false;
  const last = tokens.at(-1);
  return last === undefined || last.kind === 'operator' || beforeCommand.has(last.text);
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

function endOfHereDocument(text: string, start: number, delimiter: string): number {
  let position = start;
  while (position < text.length) {
    const newline = text.indexOf('\n', position);
    const end = newline === -1 ? text.length : newline;
    const isLast = text.slice(position, end).trim() === delimiter;
    position = end + 1;
    if (isLast) break;
  }
  return Math.min(position, text.length);
}

interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly substitutions: readonly ShellStatement[];
  readonly end: number;
  readonly newlines: number;
}

const PLAIN = /[^\s;&|()<>'"\\$`]+/y;

function readWord(source: string, start: number, line: number, depth: number): Word {
  let text = '';
  let isQuoted = false;
  let position = start;
  const substitutions: ShellStatement[] = [];
  let counted = { index: start, line };
  const lineAt = (index: number) => {
    const newlines = source.slice(counted.index, index).split('\n').length - 1;
    counted = { index, line: counted.line + newlines };
    return counted.line;
  };

  /** `$(...)`, `${...}`, `$((...))` or backquotes: kept as written, what they run is read as well. */
  const expansion = (): boolean => {
    if (source.startsWith('$((', position)) return keep(endOfNested(source, position + 3, '))'));
    if (source.startsWith('$(', position)) {
      const end = endOfNested(source, position + 2, ')');
      run(source.slice(position + 2, end - 1));
      return keep(end);
    }
    if (source.startsWith('${', position)) return keep(endOfNested(source, position + 2, '}'));
    if (source.charAt(position) !== '`') return false;
    const close = source.indexOf('`', position + 1);
    const end = close === -1 ? source.length : close + 1;
    run(source.slice(position + 1, end - 1));
    return keep(end);
  };
  const keep = (end: number) => {
    text += source.slice(position, end);
    position = end;
    return true;
  };
  const run = (inner: string) => {
    if (depth >= deepest) return;
    const tokens = tokensOf(inner, lineAt(position), depth + 1);
    for (const each of new Parser(tokens, depth + 1).statements(new Set())) substitutions.push(each);
  };

  for (; position < source.length; ) {
    const character = source.charAt(position);
    PLAIN.lastIndex = position;
    const plain = PLAIN.exec(source)?.[0];
    if (plain !== undefined) {
      text += plain;
      position += plain.length;
    } else if (character === '\\') {
      isQuoted = true;
      if (source.charAt(position + 1) !== '\n') text += source.charAt(position + 1);
      position += 2;
    } else if (character === "'") {
      isQuoted = true;
      const close = source.indexOf("'", position + 1);
      const end = close === -1 ? source.length : close;
      text += source.slice(position + 1, end);
      position = end + 1;
    } else if (character === '"') {
      isQuoted = true;
      position++;
      while (position < source.length && source.charAt(position) !== '"') {
        if (source.charAt(position) === '\\') {
          const escaped = source.charAt(position + 1);
          text += '"\\$`'.includes(escaped) ? escaped : escaped === '\n' ? '' : `\\${escaped}`;
          position += 2;
        } else if (!expansion()) text += source.charAt(position++);
      }
      position++;
    } else if (character === '$' || character === '`') {
      if (!expansion()) text += source.charAt(position++);
    } else break;
  }
  const end = Math.min(position, source.length);
  return {
    text,
    isQuoted,
    substitutions,
    end,
    newlines: source.slice(start, end).split('\n').length - 1,
  };
}

/** Behind the `close` that belongs to what was opened before `start`. */
function endOfNested(source: string, start: number, close: string): number {
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

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth: number;

  constructor(tokens: readonly Token[], depth: number) {
    this.#tokens = tokens;
    this.#depth = depth;
  }

  /** Statements up to one of the keywords, which is left where it is, or to the end. */
  statements(ends: ReadonlySet<string>): readonly ShellStatement[] {
    const found: ShellStatement[] = [];
    if (this.#depth >= deepest) this.#position = this.#tokens.length;
    this.#depth++;
    for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
      const keyword = keywordOf(token);
      if (ends.has(keyword)) break;
      if (token.kind === 'operator' && keyword !== '(') {
        this.#position++;
        continue;
      }
      const before = this.#position;
      const statement = this.#statement(keyword);
      if (statement !== undefined) found.push(statement);
      if (this.#position === before) this.#position++;
    }
    this.#depth--;
    return found;
  }

  #statement(keyword: string): ShellStatement | undefined {
    switch (keyword) {
      case 'for':
      case 'select':
        return this.#for();
      case 'while':
      case 'until':
        return this.#while(keyword);
      case 'if':
        return this.#if();
      case 'case':
        return this.#case();
      case '{':
      case '(': {
        this.#position++;
        const body = this.statements(closing[keyword]);
        this.#position++;
        return { kind: 'group', body, isBackground: this.#isBackground() };
      }
      case 'function':
        this.#position++;
        return this.#function();
      case '!':
      case 'time':
        this.#position++;
        return undefined;
      default:
        return this.#isFunctionHead() ? this.#function() : this.#command();
    }
  }

  #for(): ShellLoop {
    const line = this.#peek()?.line ?? 1;
    this.#position++;
    const items: string[] = [];
    for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
      if (keywordOf(token) === 'do' || keywordOf(token) === 'done') break;
      if (token.kind === 'word') items.push(token.text);
      this.#position++;
    }
    const isArithmeticLoop = items[0]?.startsWith('((') === true;
    const body = this.#body();
    return {
      kind: 'loop',
      keyword: 'for',
      items: isArithmeticLoop ? items.slice(0, 1) : items.slice(2),
      condition: [],
      body,
      line,
      isBackground: this.#isBackground(),
    };
  }

  #while(keyword: 'while' | 'until'): ShellLoop {
    const line = this.#peek()?.line ?? 1;
    this.#position++;
    const condition = this.statements(doWord);
    const body = this.#body();
    return {
      kind: 'loop',
      keyword,
      items: [],
      condition,
      body,
      line,
      isBackground: this.#isBackground(),
    };
  }

  #body(): readonly ShellStatement[] {
    this.#position++;
    const body = this.statements(doneWord);
    this.#position++;
    return body;
  }

  #if(): ShellStatement {
    const branches: ShellBranch[] = [];
    for (let keyword = 'if'; keyword === 'if' || keyword === 'elif'; ) {
      this.#position++;
      const condition = this.statements(thenWord);
      this.#position++;
      branches.push({ condition, body: this.statements(endsOfThen) });
      const next = this.#peek();
      keyword = next === undefined ? 'fi' : keywordOf(next);
      if (keyword === 'else') {
        this.#position++;
        branches.push({ condition: [], body: this.statements(fiWord) });
      }
    }
    this.#position++;
    return { kind: 'branches', branches };
  }

  #case(): ShellStatement {
    while (this.#peek() !== undefined && keywordOf(this.#peek()) !== 'in') this.#position++;
    this.#position++;
    const branches: ShellBranch[] = [];
    for (let token = this.#peek(); token !== undefined && keywordOf(token) !== 'esac'; token = this.#peek()) {
      // The pattern up to its parenthesis; one before it may stand as well.
      if (keywordOf(token) === '(') this.#position++;
      while (this.#peek() !== undefined && keywordOf(this.#peek()) !== ')') this.#position++;
      this.#position++;
      branches.push({ condition: [], body: this.statements(endsOfCase) });
      while (endsOfCase.has(keywordOf(this.#peek())) && keywordOf(this.#peek()) !== 'esac') this.#position++;
      while (keywordOf(this.#peek()) === '\n') this.#position++;
    }
    this.#position++;
    return { kind: 'branches', branches };
  }

  #isFunctionHead(): boolean {
    const [name, open, close] = [0, 1, 2].map(ahead => this.#tokens[this.#position + ahead]);
    return name?.kind === 'word' && keywordOf(open) === '(' && keywordOf(close) === ')';
  }

  #function(): ShellStatement | undefined {
    const name = this.#peek();
    this.#position++;
    while (['(', ')', '\n'].includes(keywordOf(this.#peek()))) this.#position++;
    const keyword = keywordOf(this.#peek());
    if (this.#depth >= deepest) this.#position = this.#tokens.length;
    this.#depth++;
    const body = this.#peek() === undefined ? undefined : this.#statement(keyword);
    this.#depth--;
    if (name?.kind !== 'word' || body === undefined) return undefined;
    return { kind: 'function', name: name.text, body: [body] };
  }

  #command(): ShellCommand | undefined {
    const words: string[] = [];
    const substitutions: ShellStatement[] = [];
    const line = this.#peek()?.line ?? 1;
    for (let token = this.#peek(); token?.kind === 'word'; token = this.#peek()) {
      words.push(token.text);
      for (const each of token.substitutions) substitutions.push(each);
      this.#position++;
    }
    const isBackground = this.#isBackground();
    return words.length === 0 ? undefined : { kind: 'command', words, substitutions, line, isBackground };
  }

  #isBackground(): boolean {
    return keywordOf(this.#peek()) === '&';
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#position];
  }
}

/** The text of a token where it may be a keyword or is an operator; else nothing. */
function keywordOf(token: Token | undefined): string {
  if (token === undefined || (token.kind === 'word' && token.isQuoted)) return '';
  return token.text;
}

const closing = { '{': new Set(['}']), '(': new Set([')']) } as const;
const doWord: ReadonlySet<string> = new Set(['do']);
const doneWord: ReadonlySet<string> = new Set(['done']);
const thenWord: ReadonlySet<string> = new Set(['then']);
const fiWord: ReadonlySet<string> = new Set(['fi']);
const endsOfThen: ReadonlySet<string> = new Set(['elif', 'else', 'fi']);
const endsOfCase: ReadonlySet<string> = new Set([';;', ';&', ';;&', 'esac']);
