/** Reads the text after `sh -c` if it is a single simple command, and nothing otherwise. */
import { isHereDocument, type ShellToken, tokensOf } from './tokens.ts';
import type { VariableExpansion, Word, WordPart } from './words.ts';

export interface SimpleCommand {
  readonly argv: readonly string[];
  /** The variables that are set before it. */
  readonly variables: ReadonlyMap<string, string>;
  /** The directory that `cd` changes to before it runs, as written. */
  readonly directory: string | undefined;
  /** False when a file is sourced that may set variables, or when a variable is not known here. */
  readonly isComplete: boolean;
}

/**
 * Reads one simple command and the commands that may precede it: `cd`, assignments, `export`, `set`, `source`, `exec`.
 *
 * @param lookUp returns the variables that the shell is started with
 * @returns undefined for pipes, several commands, substitutions and anything else that cannot be followed
 * @example
 * readSimpleCommand('cd /srv && PORT=3000 exec node server.js', () => undefined)?.argv; // ['node', 'server.js']
 *
 * Source: POSIX.1-2024, "Shell Command Language".
 */
export function readSimpleCommand(text: string, lookUp: LookUp): SimpleCommand | undefined {
  const statements = simpleStatements(text);
  const last = statements?.at(-1);
  if (statements === undefined || last === undefined) return undefined;
  const shell = new Preparations(lookUp);
  for (const statement of statements.slice(0, -1)) {
    if (!shell.prepare(statement)) return undefined;
  }
  return shell.command(last);
}

type LookUp = (name: string) => string | undefined;
type Statement = readonly Word[];

/** Limit of tokens: far more than one command has. */
const mostTokens = 10_000;

/** @returns undefined for pipes, groups, substitutions, and anything else that is not a plain sequence of commands */
function simpleStatements(text: string): readonly Statement[] | undefined {
  const budget = { tokensLeft: mostTokens };
  const statements: Word[][] = [[]];
  for (const token of tokensOf(text, 1, budget)) {
    if (token.kind === 'operator') {
      if (!separators.has(token.text)) return undefined;
      statements.push([]);
    } else if (!isReadable(token)) {
      return undefined;
    } else if (token.kind === 'word') {
      statements.at(-1)?.push(token.word);
    }
  }
  return budget.tokensLeft > 0 ? statements.filter(words => words.length > 0) : undefined;
}

const separators: ReadonlySet<string> = new Set(['&&', ';', '\n']);

/** Whether a word contains no expansion except variables. */
function isReadable(token: Exclude<ShellToken, { readonly kind: 'operator' }>): boolean {
  const { parts, isClosed } = token.kind === 'word' ? token.word : token.target;
  const hasKnownParts = parts.every(({ kind }) => kind === 'literal' || kind === 'variable');
  const isOfOtherLines = token.kind === 'redirection' && isHereDocument(token.operator);
  return parts.length > 0 && isClosed && hasKnownParts && !isOfOtherLines;
}

/** The effects of the statements before a command. */
class Preparations {
  readonly #lookUp: LookUp;
  readonly #variables = new Map<string, string>();
  #directory: string | undefined;
  #isComplete = true;

  constructor(lookUp: LookUp) {
    this.#lookUp = lookUp;
  }

  /** @returns false for a command with another effect */
  prepare(statement: Statement): boolean {
    const [command, ...args] = this.#withoutAssignments(statement);
    switch (command) {
      case undefined:
      case 'set':
      case 'umask':
      case 'ulimit':
        return true;
      case 'cd':
        this.#directory = args.at(-1);
        return true;
      case 'source':
      case '.':
        this.#isComplete = false;
        return true;
      case 'export':
        for (const word of args) this.#assign(word);
        return true;
      default:
        return false;
    }
  }

  /** @returns undefined when the statement runs no command */
  command(statement: Statement): SimpleCommand | undefined {
    const words = this.#withoutAssignments(statement);
    const argv = words[0] === 'exec' ? words.slice(1) : words;
    if (argv.length === 0) return undefined;
    return {
      argv,
      variables: this.#variables,
      directory: this.#directory,
      isComplete: this.#isComplete,
    };
  }

  /** The words of a statement after its leading assignments. */
  #withoutAssignments(statement: Statement): readonly string[] {
    const words = statement.flatMap(word => this.#filledIn(word));
    const count = words.findIndex(word => !ASSIGNMENT.test(word));
    const assignments = count === -1 ? words : words.slice(0, count);
    for (const word of assignments) this.#assign(word);
    return words.slice(assignments.length);
  }

  #assign(word: string): void {
    const equals = word.indexOf('=');
    if (equals > 0) this.#variables.set(word.slice(0, equals), word.slice(equals + 1));
  }

  /** Replaces the variables of a word. An unquoted variable may become several words, or none. */
  #filledIn({ parts, isQuoted }: Word): readonly string[] {
    const words: string[] = [];
    let word = '';
    for (const [index, part] of parts.entries()) {
      const value = this.#valueOf(part, index === 0);
      const [first = '', ...more] = part.isQuoted ? [value] : value.split(/[ \t\n]+/);
      word += first;
      for (const next of more) {
        if (word !== '') words.push(word);
        word = next;
      }
    }
    return word !== '' || isQuoted ? [...words, word] : words;
  }

  #valueOf(part: WordPart, isFirst: boolean): string {
    if (part.kind === 'variable') return this.#valueOfVariable(part);
    return isFirst && !part.isQuoted ? this.#fromHome(part.text) : part.text;
  }

  /** The value of a variable; its text as written when the value is not known. */
  #valueOfVariable({ name, fallback, text }: VariableExpansion): string {
    const value = this.#look(name) ?? fallback;
    if (value === undefined) this.#isComplete = false;
    return value ?? text;
  }

  #fromHome(text: string): string {
    const home = this.#look('HOME');
    return home === undefined ? text : text.replace(/^~(?=\/|$)/, home);
  }

  #look(name: string): string | undefined {
    return this.#variables.get(name) ?? this.#lookUp(name);
  }
}

const ASSIGNMENT = /^[A-Za-z_]\w*=/;
