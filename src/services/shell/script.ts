/**
 * Reads shell scripts as far as needed to know which commands they run, how often, and with which words. Nothing is
 * expanded; a part that cannot be read is left out.
 * Source: bash(1), "SHELL GRAMMAR"; POSIX.1-2024, "Shell Command Language".
 */
import type { Limit } from '../../systemd/host/limit.ts';
import { type ShellToken, type TokenBudget, tokensOf } from './tokens.ts';
import type { Word } from './words.ts';

export type ShellStatement =
  | CommandStatement
  | ShellLoop
  /** `if` and `case`: the shell runs one of the branches. */
  | { readonly kind: 'branches'; readonly branches: readonly ShellBranch[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: readonly ShellStatement[] }
  /** `{ ...; }` and `( ... )`. */
  | { readonly kind: 'group'; readonly body: readonly ShellStatement[]; readonly isBackground: boolean };

export interface CommandStatement {
  readonly kind: 'command';
  /** The words without their quotes; `$NAME` and `$(...)` as written. */
  readonly words: readonly string[];
  /** The commands in the `$(...)` of its words, which run before it. */
  readonly substitutions: readonly ShellStatement[];
  /** The line in the text; counts from 1. */
  readonly line: number;
  /** Whether it ends with `&`: the script does not wait for it. */
  readonly isBackground: boolean;
}

/** A branch. Its condition is evaluated after those of the branches before it; `else` and the branches of `case` have none. */
export interface ShellBranch {
  readonly condition: readonly ShellStatement[];
  readonly body: readonly ShellStatement[];
}

export interface ShellLoop {
  readonly kind: 'loop';
  readonly keyword: 'for' | 'while' | 'until';
  /** The words after `in` of a `for` loop, or its one word `((...))`. */
  readonly items: readonly string[];
  readonly condition: readonly ShellStatement[];
  readonly body: readonly ShellStatement[];
  readonly line: number;
  readonly isBackground: boolean;
}

/**
 * Reads a script, or the text behind `sh -c`.
 *
 * @param met is called with a limit beyond which the script was not read
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

/** Limit of tokens: a hundred times as many as long scripts have. */
const mostTokens = 200_000;

/** Limit of levels: nobody nests commands deeper, and what is deeper is left out. */
const deepest = 50;

/** The state shared by a script and all its substitutions. */
interface Reading extends TokenBudget {
  isTooDeep: boolean;
}

function parse(text: string, firstLine: number, depth: number, reading: Reading): readonly ShellStatement[] {
  return new Parser(tokensOf(text, firstLine, reading), depth, reading).statements(new Set());
}

/** All commands of a script in the order of its lines, whether they ever run or not. */
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

/** A word or an operator. Redirections do not change the structure of a script. */
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

  /** Reads statements up to one of the keywords, which is not consumed, or up to the end. */
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

  /** Counts a level. Commands below the deepest level are left out up to the end of the text. */
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
      case 'coproc':
        return this.#coprocess();
      default:
        return this.#isFunctionHead() ? this.#function() : this.#command();
    }
  }

  /** `coproc COMMAND` and `coproc NAME { ...; }` of bash: it goes on beside the script. */
  #coprocess(): ShellStatement | undefined {
    this.#position++;
    const behindName = keywordOf(this.#tokens[this.#position + 1]);
    if (behindName === '{' || behindName === '(') this.#position++;
    this.#enter();
    const statement = this.#statement(keywordOf(this.#peek()));
    this.#depth--;
    return statement && 'isBackground' in statement ? { ...statement, isBackground: true } : statement;
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
      // Skips the pattern up to its closing parenthesis; an opening one may precede it.
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

/** The text of a token that is an operator or may be a keyword; empty for other tokens. */
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
