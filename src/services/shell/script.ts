/**
 * Shell scripts as far as it takes to see which commands they run, how often, and with which words. Nothing is expanded;
 * what cannot be read is passed over.
 * Source: bash(1), "SHELL GRAMMAR"; POSIX.1-2024, "Shell Command Language".
 */
import type { Limit } from '../../systemd/host/limit.ts';
import { type ShellToken, type TokenBudget, tokensOf } from './tokens.ts';
import type { Word } from './words.ts';

export type ShellStatement =
  | CommandStatement
  | ShellLoop
  /** `if` and `case`: one of the branches runs. */
  | { readonly kind: 'branches'; readonly branches: readonly ShellBranch[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly ShellStatement[] }
  /** `{ ...; }` and `( ... )`. */
  | { readonly kind: 'group'; readonly body: readonly ShellStatement[]; readonly isBackground: boolean };

export interface CommandStatement {
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

/**
 * Reads a script, or the text behind `sh -c`.
 *
 * @param met is told of a limit beyond which it was not read
 */
export function parseShellScript(
  text: string,
  met: (limit: Limit) => void = () => {},
): readonly ShellStatement[] {
  const reading: Reading = { tokensLeft: mostTokens, isTooDeep: false };
  const statements = parse(text, 1, 0, reading);
  if (reading.tokensLeft <= 0) met({ of: 'words', most: mostTokens });
  if (reading.isTooDeep) met({ of: 'levels', most: deepest });
  return statements;
}

/** A hundred times as many as long scripts have. */
const mostTokens = 200_000;

/** Nobody nests deeper; what does is passed over. */
const deepest = 50;

/** One script with all its substitutions. */
interface Reading extends TokenBudget {
  isTooDeep: boolean;
}

function parse(text: string, firstLine: number, depth: number, reading: Reading): readonly ShellStatement[] {
  return new Parser(tokensOf(text, firstLine, reading), depth, reading).statements(new Set());
}

/** Every command of a script in the order of its lines, whether or not it is ever run. */
export function* commandsIn(statements: readonly ShellStatement[]): Iterable<CommandStatement> {
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

/** A word or an operator: what is read from and written to is nothing to a script's structure. */
type Token = Exclude<ShellToken, { readonly kind: 'redirection' }>;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #reading: Reading;
  #position = 0;
  #depth: number;

  constructor(tokens: readonly ShellToken[], depth: number, reading: Reading) {
    this.#tokens = tokens.filter(token => token.kind !== 'redirection');
    this.#depth = depth;
    this.#reading = reading;
  }

  /** Statements up to one of the keywords, which is left where it is, or to the end. */
  statements(ends: ReadonlySet<string>): readonly ShellStatement[] {
    const found: ShellStatement[] = [];
    this.#enter();
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

  /** What is nested too deep is left out to the end of the text. */
  #enter(): void {
    if (this.#depth >= deepest && this.#position < this.#tokens.length) {
      this.#reading.isTooDeep = true;
      this.#position = this.#tokens.length;
    }
    this.#depth++;
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
      if (token.kind === 'word') items.push(token.word.text);
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
    this.#enter();
    const body = this.#peek() === undefined ? undefined : this.#statement(keyword);
    this.#depth--;
    if (name?.kind !== 'word' || body === undefined) return undefined;
    return { kind: 'function', name: name.word.text, body: [body] };
  }

  #command(): CommandStatement | undefined {
    const words: string[] = [];
    const substitutions: ShellStatement[] = [];
    const line = this.#peek()?.line ?? 1;
    for (let token = this.#peek(); token?.kind === 'word'; token = this.#peek()) {
      words.push(token.word.text);
      for (const each of this.#substitutionsIn(token.word)) substitutions.push(each);
      this.#position++;
    }
    const isBackground = this.#isBackground();
    return words.length === 0 ? undefined : { kind: 'command', words, substitutions, line, isBackground };
  }

  #substitutionsIn({ parts }: Word): readonly ShellStatement[] {
    return parts.flatMap(part =>
      part.kind === 'substitution' ? parse(part.script, part.line, this.#depth, this.#reading) : [],
    );
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
  if (token?.kind === 'word') return token.word.isQuoted ? '' : token.word.text;
  return token?.text ?? '';
}

const closing = { '{': new Set(['}']), '(': new Set([')']) } as const;
const doWord: ReadonlySet<string> = new Set(['do']);
const doneWord: ReadonlySet<string> = new Set(['done']);
const thenWord: ReadonlySet<string> = new Set(['then']);
const fiWord: ReadonlySet<string> = new Set(['fi']);
const endsOfThen: ReadonlySet<string> = new Set(['elif', 'else', 'fi']);
const endsOfCase: ReadonlySet<string> = new Set([';;', ';&', ';;&', 'esac']);
