/** Whether a command ends as soon as it has started what goes on in the background. */
import path from 'node:path';
import { longestFirstLine } from '../kernel/limits.ts';
import {
  type Departure,
  departureOfProgram,
  nameOfProgram,
  type OwnFile,
  ownFileOf,
} from './background-programs.ts';
import type { OwnFiles } from './own-files.ts';
import { optionOf } from './program.ts';
import { parseShellScript, type ShellStatement } from './shell/script.ts';
import { shellProgram } from './shell/shell-program.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { partWrapper, unwrap } from './wrappers.ts';

/** What a command may read to be understood, and whose manager starts it. */
interface Reader {
  readonly scope: ManagerScope;
  readonly files: Pick<OwnFiles, 'readScript'>;
  resolve(file: string): string | undefined;
}

/**
 * Finds out whether a command puts into the background what it is for. A script counts when its last command does: what
 * comes behind it may only say something.
 *
 * @param argv the command with its wrappers
 * @example departureOf(['/usr/bin/screen', '-dmS', 'bot', 'bot.py'], reader)?.foreground // screen -DmS
 */
export function departureOf(argv: readonly string[], reader: Reader): Departure | undefined {
  return ofWords(argv, reader, 0);
}

/** Limit of wrappers and scripts inside each other. */
const deepest = 8;

function ofWords(words: readonly string[], reader: Reader, depth: number): Departure | undefined {
  if (depth >= deepest || words.length === 0) return undefined;
  const [program = ''] = words;
  const session = path.posix.basename(program) === 'setsid' ? partWrapper(words)?.own.slice(1) : undefined;
  if (session !== undefined) {
    const fork = session.find(word => word === '--fork' || /^-[a-z]*f/.test(word));
    const isWaiting = session.some(word => word === '--wait' || /^-[a-z]*w/.test(word));
    // What systemd starts itself leads a process group, and then it forks in any case (setsid(1)).
    if (!isWaiting && (fork !== undefined || depth === 0)) {
      const foreground = { how: 'direct' } as const;
      return { program: 'setsid', words: fork ?? '', where: 'inside', foreground, script: undefined };
    }
  }
  const known = departureOfProgram(words, reader.scope);
  if (known !== undefined) return mayStay(words, reader) ? undefined : known;
  const byFile = departureByFile(words, reader);
  if (byFile !== undefined) return byFile;
  const shell = shellProgram(words);
  if (shell?.kind === 'text') return ofScript(shell.text, undefined, reader, depth);
  if (shell?.kind === 'file') return ofFile(shell.path, reader, depth);
  const wrapped = partWrapper(words)?.command ?? ofRunner(words);
  return wrapped === undefined ? ofFile(program, reader, depth) : ofWords(wrapped, reader, depth + 1);
}

/** Whether the program's configuration file tells it to stay, or may do so and cannot be read here. */
function mayStay(words: readonly string[], reader: Reader): boolean {
  const own = ownFileOf(words);
  const says = own?.stays;
  if (own === undefined || says === undefined) return false;
  return filesOf(own, words, reader).some(file => {
    const content = reader.files.readScript(file);
    return content.state === 'unknown' || (content.state === 'read' && says.test(content.text));
  });
}

/** The program's configuration file tells it to leave. */
function departureByFile(words: readonly string[], reader: Reader): Departure | undefined {
  const own = ownFileOf(words);
  const says = own?.leaves;
  if (own === undefined || says === undefined) return undefined;
  for (const file of filesOf(own, words, reader)) {
    const content = reader.files.readScript(file);
    const found = content.state === 'read' ? says.exec(content.text) : null;
    if (found === null) continue;
    const foreground =
      own.with === undefined
        ? ({ how: 'file', words: found[0].trim(), file } as const)
        : ({ how: 'with', words: own.with } as const);
    const program = nameOfProgram(words[0] ?? '');
    return { program, words: '', where: 'inside', foreground, script: undefined };
  }
  return undefined;
}

function filesOf(
  { options, usual }: OwnFile,
  [, ...args]: readonly string[],
  reader: Reader,
): readonly string[] {
  const [first = '-'] = args;
  const given = optionOf({ args }, ...options) ?? (first.startsWith('-') ? undefined : first);
  return given === undefined ? usual : [reader.resolve(given) ?? given];
}

/** The command of a package runner such as npx. */
function ofRunner(words: readonly string[]): readonly string[] | undefined {
  const { argv } = unwrap(words, () => undefined);
  return argv.length < words.length ? argv : undefined;
}

function ofFile(file: string, reader: Reader, depth: number): Departure | undefined {
  const resolved = reader.resolve(file);
  if (resolved === undefined || !resolved.startsWith('/')) return undefined;
  const content = reader.files.readScript(resolved);
  if (content.state !== 'read') return undefined;
  const first = content.text.slice(0, longestFirstLine);
  const isShells = /^#![^\n]*\b(?:ba|da|z|k|mk|a)?sh\b/.test(first) || /\.(?:ba|z|k)?sh$/.test(resolved);
  return isShells ? ofScript(content.text, resolved, reader, depth) : undefined;
}

function ofScript(
  text: string,
  file: string | undefined,
  reader: Reader,
  depth: number,
): Departure | undefined {
  const found = ofStatements(parseShellScript(text), reader, depth + 1);
  return found && { ...found, script: found.script ?? file };
}

/** The last statement decides; those behind it that end at once do not count. */
function ofStatements(
  statements: readonly ShellStatement[],
  reader: Reader,
  depth: number,
): Departure | undefined {
  const last = statements.findLast(statement => !endsAtOnce(statement));
  if (last === undefined || depth >= deepest) return undefined;
  if ('isBackground' in last && last.isBackground) return behindAmpersand(last);
  switch (last.kind) {
    case 'command': {
      const words = last.words.slice(last.words.findIndex(word => !/^\w+=/.test(word)));
      return ofWords(words[0] === 'exec' ? words.slice(1) : words, reader, depth + 1);
    }
    case 'group':
      return ofStatements(last.body, reader, depth + 1);
    case 'branches': {
      const found = last.branches
        .map(({ body }) => body)
        .filter(body => body.some(each => !endsAtOnce(each)));
      const departures = found.map(body => ofStatements(body, reader, depth + 1));
      return departures.every(departure => departure !== undefined) ? departures.at(-1) : undefined;
    }
    default:
      return undefined;
  }
}

/** Commands that end at once and start nothing. */
const brief: ReadonlySet<string> = new Set(
  'echo printf exit return true : disown cd export set unset umask sleep touch mkdir chmod rm logger date'.split(
    ' ',
  ),
);

function endsAtOnce(statement: ShellStatement): boolean {
  if (statement.kind === 'function') return true;
  if (statement.kind !== 'command' || statement.isBackground) return false;
  return statement.words.every(word => /^\w+=/.test(word)) || brief.has(statement.words[0] ?? '');
}

function behindAmpersand(statement: ShellStatement): Departure {
  const words = statement.kind === 'command' ? statement.words : [];
  const [program = ''] = words;
  const inner = program === 'nohup' || program === 'setsid' ? words.slice(1) : words;
  return {
    program: inner.length === 0 ? '( … )' : path.posix.basename(inner[0] ?? ''),
    words: '&',
    where: 'inside',
    foreground: { how: 'exec' },
    script: undefined,
  };
}
