import { isAbsolutePath, isFileName, simplifyPath } from './path.ts';
import { remember, rememberSome } from '../remember.ts';
import { type InvalidSpecifier, mayHaveSpecifiers } from './specifier.ts';
import { extractFirstWord, type FirstWord } from './words.ts';

/** One command of an `Exec*=` setting. */
export type CommandLine = {
  /** Absolute path, or the name of a program that systemd looks for in its search path: 245 and 246 when they load the unit, 247 and newer when they start it. */
  readonly path: string;
  /** The arguments, from the zeroth on, which is the path as written or, after the prefix `@`, the second word. */
  readonly argv: readonly string[];
  /** Prefix `-`: a failure of this command counts as a success. */
  readonly ignoreFailure: boolean;
  /** False after the prefix `:`, which switches the expansion of `$VARIABLE` off. */
  readonly expandEnvironment: boolean;
  /** Prefix `+`: `full`; `!`: `no-setuid`; `!!`: `ambient` (without effect since 258). */
  readonly privileges: 'normal' | 'full' | 'no-setuid' | 'ambient';
  /** Prefix `|` (258 and newer): the user's shell runs the command. */
  readonly viaShell: boolean;
};

/** Why systemd does not accept a command. */
export type CommandProblem =
  | { readonly code: 'unbalanced-quote' }
  | { readonly code: 'invalid-specifier'; readonly specifier: string; readonly word: string }
  | { readonly code: 'empty-path' }
  | { readonly code: 'unsafe-characters'; readonly path: string }
  | { readonly code: 'path-is-directory'; readonly path: string }
  | { readonly code: 'path-not-absolute'; readonly path: string }
  | { readonly code: 'empty-argv' };

/** The meaning of one assignment of an `Exec*=` setting. */
export type CommandLines = {
  /** Whether the value is empty: systemd then drops all earlier commands. */
  readonly reset: boolean;
  /** The commands that the assignment adds. Those before a refused command count, unless `fatal` is set. */
  readonly commands: readonly CommandLine[];
  /** Words with an unknown escape such as `\d`: systemd warns and keeps them as written. */
  readonly unknownEscapes: readonly string[];
  /** Why systemd refuses a command and stops reading; absent when it accepts all of them. */
  readonly problem?: CommandProblem;
  /** `bad-setting`: systemd refuses the whole unit (`LoadState=bad-setting`). When it is absent, systemd ignores only the rest of the line. */
  readonly fatal?: 'bad-setting';
};

export type CommandLineOptions = {
  /** systemd's major version, such as 252. */
  readonly version: number;
  /** Expands `%` specifiers in one word; without it words stay as they are. */
  readonly expandSpecifiers?: (word: string) => string | InvalidSpecifier;
};

/**
 * Reads the value of `ExecStart=` and the like: prefixes, quotes, and several commands with `;` between them.
 *
 * Systemd refuses the whole unit for a command that it cannot read. There are two exceptions, in which it ignores only the
 * command and the rest of the line: the command has the prefix `-`, or its first word has an open quote.
 *
 * Source: systemd.service(5), "Command Lines"; `config_parse_exec()` in `src/core/load-fragment.c`.
 *
 * @example
 * import { parseCommandLines } from 'daruma/systemd';
 *
 * parseCommandLines('-/bin/sh -c "exit 3"', { version: 252 }).commands[0]?.argv; // [ '/bin/sh', '-c', 'exit 3' ]
 * const refused = parseCommandLines('./run.sh', { version: 252 });
 * refused.problem; // { code: 'path-not-absolute', path: './run.sh' }
 * refused.fatal; // 'bad-setting'
 */
export function parseCommandLines(value: string, options: CommandLineOptions): CommandLines {
  return mayHaveSpecifiers(value) ? parse(value, options) : parsed(options.version)(value);
}

/** Results are kept, because a line is parsed when its unit is loaded and again when the settings are worked out. */
const parsed = remember((version: number) =>
  rememberSome(linesKept, (value: string) => parse(value, { version })),
);
const linesKept = 128;

function parse(value: string, options: CommandLineOptions): CommandLines {
  const commands: CommandLine[] = [];
  const unknownEscapes: string[] = [];
  const read = { reset: value === '', commands, unknownEscapes };

  for (let position: number | undefined = 0; position !== undefined; ) {
    const first = nextWord(value, position, unknownEscapes);
    if (first === undefined) break;
    if (first === 'unbalanced-quote') return { ...read, problem: { code: 'unbalanced-quote' } };
    if (first.word === ';' && options.version >= 247) {
      position = first.next;
      continue;
    }
    const prefixes = readPrefixes(first.word, options.version);
    const next = readCommand(value, first, prefixes, options, unknownEscapes);
    if ('problem' in next) {
      return { ...read, problem: next.problem, ...(!prefixes.ignoreFailure && { fatal: 'bad-setting' }) };
    }
    commands.push(next.command);
    position = next.next;
  }
  return read;
}

type Prefixes = Pick<CommandLine, 'ignoreFailure' | 'expandEnvironment' | 'privileges' | 'viaShell'> & {
  readonly separateArgv0: boolean;
  readonly rest: string;
};

/** Each prefix counts once, and the order does not matter; a second prefix of the same kind belongs to the path. */
function readPrefixes(word: string, version: number): Prefixes {
  let ignoreFailure = false;
  let expandEnvironment = true;
  let separateArgv0 = false;
  let viaShell = false;
  let privileges: CommandLine['privileges'] = 'normal';
  let start = 0;
  for (; start < word.length; start++) {
    const character = word.charAt(start);
    if (character === '-' && !ignoreFailure) ignoreFailure = true;
    else if (character === '@' && !separateArgv0) separateArgv0 = true;
    else if (character === ':' && expandEnvironment) expandEnvironment = false;
    else if (character === '|' && !viaShell && version >= 258) viaShell = true;
    else if (character === '+' && privileges === 'normal') privileges = 'full';
    else if (character === '!' && privileges === 'normal') privileges = 'no-setuid';
    else if (character === '!' && privileges === 'no-setuid') privileges = 'ambient';
    else break;
  }
  return { ignoreFailure, expandEnvironment, privileges, viaShell, separateArgv0, rest: word.slice(start) };
}

type ReadCommand =
  | { readonly command: CommandLine; readonly next: number | undefined }
  | { readonly problem: CommandProblem };

function readCommand(
  value: string,
  first: FirstWord,
  prefixes: Prefixes,
  options: CommandLineOptions,
  unknownEscapes: string[],
): ReadCommand {
  const { rest, separateArgv0, ignoreFailure, expandEnvironment, privileges, viaShell } = prefixes;
  const argv: string[] = [];
  let path = '/bin/sh';
  if (viaShell) {
    argv.push(separateArgv0 ? '-sh' : 'sh');
    if (rest !== '') argv.push(rest);
  } else {
    const expanded = expand(rest, options);
    if (typeof expanded !== 'string') return { problem: expanded };
    const problem = problemOfPath(expanded, options.version);
    if (problem) return { problem };
    path = simplifyPath(expanded);
    if (!separateArgv0) argv.push(expanded);
  }

  let position = first.next;
  while (position !== undefined) {
    const semicolon = readSemicolon(value, position);
    if (semicolon !== undefined) {
      position = semicolon.next;
      if (!semicolon.escaped) break;
      argv.push(';');
      continue;
    }
    const word = nextWord(value, position, unknownEscapes);
    if (word === undefined) {
      position = undefined;
      break;
    }
    if (word === 'unbalanced-quote') return { problem: { code: 'unbalanced-quote' } };
    const expanded = expand(word.word, options);
    if (typeof expanded !== 'string') return { problem: expanded };
    argv.push(expanded);
    position = word.next;
  }
  if (argv.length === 0) return { problem: { code: 'empty-argv' } };
  const command = { path, argv, ignoreFailure, expandEnvironment, privileges, viaShell };
  return { command, next: position };
}

/** A command as its unit contains it, with what says how systemd reads it. */
export type WrittenCommand = Pick<CommandLine, 'ignoreFailure' | 'expandEnvironment' | 'viaShell'> & {
  /** The program without prefixes, and its arguments; without the name that the prefix `@` gives it. */
  readonly words: readonly WrittenWord[];
};

/** One word of a command: the text with its quotes and escapes, and what systemd makes of it. */
export type WrittenWord = { readonly written: string; readonly word: string };

/**
 * The commands of an accepted value as they are written: {@link parseCommandLines} says what systemd makes of them, and
 * no longer which characters were quoted.
 */
export function writtenCommands(value: string, version: number): readonly WrittenCommand[] {
  const commands: WrittenCommand[] = [];
  let words: WrittenWord[] = [];
  let prefixes: Prefixes | undefined;
  const end = () => {
    if (prefixes === undefined) return;
    const { ignoreFailure, expandEnvironment, viaShell, separateArgv0 } = prefixes;
    commands.push({
      ignoreFailure,
      expandEnvironment,
      viaShell,
      words: separateArgv0 ? words.toSpliced(1, 1) : words,
    });
    words = [];
    prefixes = undefined;
  };
  for (let position: number | undefined = 0; position !== undefined; ) {
    const semicolon = readSemicolon(value, position);
    if (semicolon !== undefined && (prefixes !== undefined || !semicolon.escaped)) {
      if (semicolon.escaped) words.push({ written: '\\;', word: ';' });
      else end();
      position = semicolon.next;
      continue;
    }
    const next = nextWord(value, position, []);
    if (next === undefined || next === 'unbalanced-quote') break;
    const written = value.slice(position, next.next).trim();
    if (prefixes === undefined) {
      prefixes = readPrefixes(next.word, version);
      const rest = prefixes.rest;
      words.push({ written: written.endsWith(rest) ? rest : written, word: rest });
    } else words.push({ written, word: next.word });
    position = next.next;
  }
  end();
  return commands;
}

/** A separate `;` ends the command, a separate `\;` is an argument. With quotes they mean neither, so this looks at the text before words are cut. */
function readSemicolon(
  value: string,
  position: number,
): { readonly escaped: boolean; readonly next: number | undefined } | undefined {
  const first = value.charAt(position);
  if (first !== ';' && first !== '\\') return undefined;
  SEMICOLON.lastIndex = position;
  const match = SEMICOLON.exec(value);
  if (!match) return undefined;
  return {
    escaped: match[0].startsWith('\\'),
    next: SEMICOLON.lastIndex < value.length ? SEMICOLON.lastIndex : undefined,
  };
}
const SEMICOLON = /\\?;(?:[ \t\n\r]+|$)/y;

/** Cuts the next word; where an escape is unknown, the word keeps it as written. Source: `extract_first_word_and_warn()`. */
function nextWord(
  value: string,
  position: number,
  unknownEscapes: string[],
): FirstWord | 'unbalanced-quote' | undefined {
  const strict = extractFirstWord(value, position, { unquote: true, cUnescape: true });
  if (typeof strict !== 'string') return strict;
  const relaxed = extractFirstWord(value, position, { unquote: true, cUnescape: true, unescapeRelax: true });
  if (typeof relaxed === 'string') return 'unbalanced-quote';
  if (relaxed) unknownEscapes.push(relaxed.word);
  return relaxed;
}

function expand(word: string, options: CommandLineOptions): string | CommandProblem {
  const expanded = options.expandSpecifiers?.(word) ?? word;
  return typeof expanded === 'string'
    ? expanded
    : { code: 'invalid-specifier', specifier: expanded.invalid, word };
}

function problemOfPath(path: string, version: number): CommandProblem | undefined {
  if (path === '') return { code: 'empty-path' };
  // Before 247 systemd took a second separator in a row for the name of a program, which does not exist.
  if (path === ';' && version < 247) return { code: 'path-not-absolute', path };
  // 262 also refuses the characters of a shell's patterns; which version began to is not known.
  if ((version >= 262 ? UNSAFE_OR_GLOB : UNSAFE).test(path)) return { code: 'unsafe-characters', path };
  // Since 256 `path_implies_directory()` decides, which knows more than a slash at the end.
  if (version >= 256 ? /(?:^|\/)\.{0,2}$/.test(path) : path.endsWith('/'))
    return { code: 'path-is-directory', path };
  if (!(path.startsWith('/') ? isAbsolutePath(path) : isFileName(path)))
    return { code: 'path-not-absolute', path };
  return undefined;
}

/** Control characters, quotes and the backslash. Source: `string_is_safe()` in `src/basic/string-util.c`. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0001-\u001f\u007f"'\\]/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE_OR_GLOB = /[\u0001-\u001f\u007f"'\\*?[]/;
