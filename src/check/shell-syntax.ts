/**
 * What only a shell understands, in a command that systemd runs without one: systemd cuts a line into words, replaces
 * variables in them, and starts the program.
 *
 * Source: systemd.service(5), "Command Lines"; `replace_env_argv()` in `src/basic/env-util.c`. What each construct
 * becomes ran on 247, 257 and 262 (`test/check/rules/shell-syntax/shell-syntax.lab.test.ts`).
 */
import { scriptOf } from '../services/interpreters.ts';
import { bracedParts } from '../services/program.ts';
import type { WrittenCommand, WrittenWord } from '../systemd/values/command-line.ts';
import { baseName } from '../services/command-words.ts';

/** A construct of the shell. */
export interface ShellConstruct {
  /**
   * `builtin`, `assignment`: the word in the place of the program is none; `list`, `pipe`, `background`, `redirection`,
   * `comment`: an operator; `substitution`: the output of a command; `variable`: `$NAME` with something behind it;
   * `expansion`: `${NAME}` with more in the braces; `pattern`, `home`: what a shell replaces by the names of files.
   */
  readonly kind:
    | 'builtin'
    | 'assignment'
    | 'list'
    | 'pipe'
    | 'background'
    | 'redirection'
    | 'substitution'
    | 'variable'
    | 'expansion'
    | 'pattern'
    | 'home'
    | 'comment';
  /** What stands there, without anything that could be a secret: `>>`, `$(…)`, `PORT=…`. */
  readonly symbol: string;
  /** Whether systemd drops the word, or what is in the braces, because no variable has such a name. */
  readonly isDropped: boolean;
}

/** The constructs in one command, each once, in their order. */
export function shellConstructs(command: WrittenCommand): readonly ShellConstruct[] {
  // With the prefix `|` (258 and newer) a shell reads the command.
  if (command.viaShell) return [];
  const found = new Map<string, ShellConstruct>();
  for (const construct of constructs(command)) {
    const key = `${construct.kind} ${construct.symbol}`;
    if (!found.has(key)) found.set(key, construct);
  }
  return [...found.values()];
}

function* constructs({ words, expandEnvironment }: WrittenCommand): Iterable<ShellConstruct> {
  const [first, ...rest] = words;
  if (first === undefined) return;
  const program = inPlaceOfProgram(first);
  if (program !== undefined) yield program;
  const others = rest.findIndex(({ word }) => readersOfOperators.has(baseName(word)));
  const isOthers = readersOfOperators.has(baseName(first.word));
  const end = isOthers ? 0 : others === -1 ? rest.length : others;
  const names = patternNames(words);
  for (const [index, word] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const construct =
      (index < end ? operatorOf(word, isLast) : undefined) ??
      (expandEnvironment ? replacedOf(word) : undefined) ??
      (isUnquoted(word)
        ? (substitutionOf(word) ?? (names.has(word) ? patternOf(word) : undefined))
        : undefined);
    if (construct !== undefined) yield construct;
  }
}

/**
 * The word in the place of the program, where it belongs to the shell and is no program. Some systems have programs of
 * a few of these names, which change nothing for the command behind them (POSIX, XCU 1.7).
 *
 * @example shellWord('PORT=3000') // { kind: 'assignment', symbol: 'PORT=…' }
 */
export function shellWord(program: string): Pick<ShellConstruct, 'kind' | 'symbol'> | undefined {
  const name = /^(?:\/usr)?\/bin\/(\w+)$/.exec(program)?.[1] ?? program;
  if (builtins.has(name)) return { kind: 'builtin', symbol: name };
  const [, variable] = /^([A-Za-z_]\w*)\+?=/.exec(program) ?? [];
  return variable === undefined
    ? undefined
    : { kind: 'assignment', symbol: `${variable.slice(0, longestName)}=…` };
}

/** A longer name is not shown whole. */
const longestName = 64;

const builtins: ReadonlySet<string> = new Set(
  '( { [[ : alias case cd declare do done eval exec exit export fi for function hash if local readonly return set shift source then trap typeset ulimit umask unalias unset until while'.split(
    ' ',
  ),
);

function inPlaceOfProgram(word: WrittenWord): ShellConstruct | undefined {
  const program = shellWord(word.word);
  if (program !== undefined) return { ...program, isDropped: false };
  return operatorOf(word, false);
}

/** Programs that give their arguments to a shell, or have operators of their own in them. */
const readersOfOperators: ReadonlySet<string> = new Set(
  'ssh autossh mosh rsh adb watch parallel sem tcpdump tshark dumpcap ngrep expr test ['.split(' '),
);

/** Whether nothing of a word was quoted or escaped. */
function isUnquoted({ written, word }: WrittenWord): boolean {
  return written === word;
}

const lists: ReadonlySet<string> = new Set(['&&', '||', ';;']);
const pipes: ReadonlySet<string> = new Set(['|', '|&']);

/** An operator that stands by itself, or at the beginning or the end of a word. */
function operatorOf(word: WrittenWord, isLast: boolean): ShellConstruct | undefined {
  const { written } = word;
  const construct = (kind: ShellConstruct['kind'], symbol: string) => ({ kind, symbol, isDropped: false });
  if (lists.has(written)) return construct('list', written);
  if (pipes.has(written)) return construct('pipe', written);
  if (written === '&') return construct('background', '&');
  if (written === '#') return construct('comment', '#');
  const redirection = redirectionOf(written);
  if (redirection !== undefined) return construct('redirection', redirection);
  if (!isUnquoted(word)) return undefined;
  // A separate `;` divides commands for systemd, too; behind a word it belongs to the word.
  if (!isLast && /[^;\\];$/.test(written)) return construct('list', ';');
  // In a URL, `&` may be the last character.
  return isLast && /^[^?=&|]+&$/.test(written) ? construct('background', '&') : undefined;
}

/** `>> FILE`, `2>/dev/null`, `2>&1`, `<<<`; not `>=1.0` and `<name>`, which stand for something else. */
function redirectionOf(written: string): string | undefined {
  const [symbol] = REDIRECTION.exec(written) ?? [];
  if (symbol === undefined) return undefined;
  const rest = written.slice(symbol.length);
  if (rest === '') return symbol;
  const isName = /^[A-Za-z_"'$%(./~{]/.test(rest) && !symbol.includes('&', 1);
  return isName && !(symbol.startsWith('<') && rest.endsWith('>')) ? symbol : undefined;
}

const REDIRECTION = /^(?:\d|&)?(?:>>?\|?|<<-|<{1,3})(?:&[\d-])?/;

/**
 * What systemd takes for a variable that nothing can set, quoted or not: a whole word behind `$`, or what stands in
 * braces without a colon. With a colon it keeps the text.
 */
function replacedOf(word: WrittenWord): ShellConstruct | undefined {
  const text = word.word;
  if (/^\$[^{$]/.test(text) && !VARIABLE.test(text.slice(1))) {
    if (text.startsWith('$(')) return { kind: 'substitution', symbol: '$(…)', isDropped: true };
    const name = /^\$(?:[A-Za-z_]\w{0,63}|.)/u.exec(text)?.[0] ?? '$';
    return { kind: 'variable', symbol: name === text ? name : `${name}…`, isDropped: true };
  }
  for (const { written, name } of bracedParts(text)) {
    if (name === undefined || VARIABLE.test(name)) continue;
    const isKept = name.includes(':');
    // A shell that the program is may understand what systemd keeps, if it is given it in quotes.
    if (isKept && !isUnquoted(word)) continue;
    return { kind: 'expansion', symbol: shortened(written), isDropped: !isKept };
  }
  return undefined;
}

const VARIABLE = /^[A-Za-z_]\w*$/;

/** @example shortened('${PORT:-3000}') // ${PORT:…} */
function shortened(written: string): string {
  const begin = /^\$\{\w{0,64}\W?/.exec(written)?.[0] ?? '';
  return begin.endsWith('}') ? begin : `${begin}…}`;
}

/** A substitution in the middle of a word, and one with backticks: the program gets the text. */
function substitutionOf({ word }: WrittenWord): ShellConstruct | undefined {
  if (/[^$]\$\(/.test(word)) return { kind: 'substitution', symbol: '$(…)', isDropped: false };
  return word.includes('`') ? { kind: 'substitution', symbol: '`…`', isDropped: false } : undefined;
}

/** The words that are taken for names of files as they are: the operands of programs that know no patterns, and a script. */
function patternNames(words: readonly WrittenWord[]): ReadonlySet<WrittenWord> {
  const texts = words.map(({ word }) => word);
  if (takersOfNames.has(baseName(texts[0] ?? ''))) return new Set(words.slice(1));
  const script = scriptOf(texts);
  const at = script?.isFile === true ? texts.indexOf(script.path) : -1;
  return new Set(words.slice(at === -1 ? words.length : at, at + 1));
}

const takersOfNames: ReadonlySet<string> = new Set(
  'rm cp mv ln ls cat chmod chown chgrp mkdir rmdir touch tail head wc install truncate shred'.split(' '),
);

function patternOf({ word }: WrittenWord): ShellConstruct | undefined {
  if (word.startsWith('~/')) return { kind: 'home', symbol: '~/', isDropped: false };
  if (word.startsWith('-')) return undefined;
  const isList = word.match(/\{[^{}]*\}/g)?.some(braces => braces.includes(',')) === true;
  const symbol = isList ? '{…,…}' : /[*?]/.exec(word)?.[0];
  return symbol === undefined ? undefined : { kind: 'pattern', symbol, isDropped: false };
}
