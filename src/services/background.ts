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
import { type CommandStatement, parseShellScript, type ShellStatement } from './shell/script.ts';
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
  return ofWords(argv, reader, { depth: 0, leads: true });
}

/** Where a command stands. */
interface Place {
  /** How many wrappers and scripts are around it. */
  readonly depth: number;
  /** Whether it runs in the process that systemd has started, which leads a process group. */
  readonly leads: boolean;
}

/** Limit of wrappers and scripts inside each other. */
const deepest = 8;

function inside({ depth, leads }: Place, isExecuted: boolean): Place {
  return { depth: depth + 1, leads: leads && isExecuted };
}

function ofWords(words: readonly string[], reader: Reader, place: Place): Departure | undefined {
  if (place.depth >= deepest || words.length === 0) return undefined;
  const [program = ''] = words;
  const session = path.posix.basename(program) === 'setsid' ? partWrapper(words)?.own.slice(1) : undefined;
  if (session !== undefined) {
    const fork = session.find(word => word === '--fork' || /^-[a-z]*f/.test(word));
    const isWaiting = session.some(word => word === '--wait' || /^-[a-z]*w/.test(word));
    // Where it leads a process group it forks in any case (setsid(1)).
    if (!isWaiting && (fork !== undefined || place.leads)) {
      const foreground = { how: 'direct' } as const;
      return { program: 'setsid', words: fork ?? '', where: 'inside', foreground, script: undefined };
    }
  }
  const known = departureOfProgram(words, reader.scope);
  if (known !== undefined) return mayStay(words, reader) ? undefined : known;
  const byFile = departureByFile(words, reader);
  if (byFile !== undefined) return byFile;
  const shell = shellProgram(words);
  if (shell?.kind === 'text') return ofShellText(program, shell.text, reader, place);
  if (shell?.kind === 'file') return ofFile(shell.path, reader, place);
  const wrapped = partWrapper(words)?.command;
  if (wrapped !== undefined) {
    const isExecuted = !forking.has(path.posix.basename(program));
    return ofWords(wrapped, reader, inside(place, isExecuted));
  }
  const run = ofRunner(words);
  return run === undefined ? ofFile(program, reader, place) : ofWords(run, reader, inside(place, false));
}

/** Wrappers that run the command as a child: the others become the command. */
const forking: ReadonlySet<string> = new Set(['timeout', 'time']);

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

function ofFile(file: string, reader: Reader, place: Place): Departure | undefined {
  const resolved = reader.resolve(file);
  if (resolved === undefined || !resolved.startsWith('/')) return undefined;
  const content = reader.files.readScript(resolved);
  if (content.state !== 'read') return undefined;
  const first = content.text.slice(0, longestFirstLine);
  const isShells = /^#![^\n]*\b(?:ba|da|z|k|mk|a)?sh\b/.test(first) || /\.(?:ba|z|k)?sh$/.test(resolved);
  if (!isShells) return undefined;
  const found = ofStatements(parseShellScript(content.text), reader, inside(place, true), false);
  return found && { ...found, script: found.script ?? resolved };
}

/** bash becomes the command where its text is that alone, and dash does not (run: 5.2 and 0.5.12). */
function ofShellText(shell: string, text: string, reader: Reader, place: Place): Departure | undefined {
  const statements = parseShellScript(text);
  const isBecome = path.posix.basename(shell) === 'bash' && statements.length === 1;
  return ofStatements(statements, reader, inside(place, true), isBecome);
}

/**
 * The last statement decides; those behind it that end soon do not count.
 *
 * @param isBecome whether the shell becomes the command of the one statement
 */
function ofStatements(
  statements: readonly ShellStatement[],
  reader: Reader,
  place: Place,
  isBecome: boolean,
): Departure | undefined {
  const at = statements.findLastIndex(statement => !endsSoon(statement));
  const last = statements[at];
  if (last === undefined || place.depth >= deepest || statements.some(isWaitAtExit)) return undefined;
  const found = ofLast(last, reader, place, isBecome);
  const lastsSeconds = sum(statements.slice(at + 1).map(sleepSeconds)) + (found?.lastsSeconds ?? 0);
  return found && { ...found, lastsSeconds };
}

function ofLast(
  last: ShellStatement,
  reader: Reader,
  place: Place,
  isBecome: boolean,
): Departure | undefined {
  if ('isBackground' in last && last.isBackground) return behindAmpersand(last);
  switch (last.kind) {
    case 'command': {
      const words = last.words.slice(last.words.findIndex(word => !/^\w+=/.test(word)));
      const isExec = words[0] === 'exec';
      return ofWords(isExec ? words.slice(1) : words, reader, inside(place, isExec || isBecome));
    }
    case 'group':
      return ofStatements(last.body, reader, inside(place, true), false);
    case 'branches': {
      const found = last.branches.map(({ body }) => body).filter(body => !body.every(endsSoon));
      const departures = found.map(body => ofStatements(body, reader, inside(place, true), false));
      return departures.every(departure => departure !== undefined) ? departures.at(-1) : undefined;
    }
    case 'loop':
      // Of no other loop it is known that it ends.
      return last.items[0]?.startsWith('((') === true || last.keyword !== 'for'
        ? undefined
        : ofStatements(last.body, reader, inside(place, true), false);
    default:
      return undefined;
  }
}

/** Commands that end soon and start nothing. */
const brief: ReadonlySet<string> = new Set(
  'echo printf exit return true false : [ [[ test trap kill disown cd export set unset umask sleep touch mkdir chmod rm logger date systemd-notify'.split(
    ' ',
  ),
);

function endsSoon(statement: ShellStatement): boolean {
  if (statement.kind === 'function') return true;
  if (statement.kind === 'branches')
    return statement.branches.every(({ condition, body }) => [...condition, ...body].every(endsSoon));
  if (statement.kind !== 'command' || statement.isBackground || isEndless(statement)) return false;
  return statement.words.every(word => /^\w+=/.test(word)) || brief.has(statement.words[0] ?? '');
}

/** `sleep infinity` */
function isEndless({ words: [program, span = ''] }: CommandStatement): boolean {
  return program === 'sleep' && /^inf/i.test(span);
}

/** The seconds of a `sleep` in digits; 0 for all else. */
function sleepSeconds(statement: ShellStatement): number {
  if (statement.kind !== 'command' || statement.words[0] !== 'sleep') return 0;
  return sum(
    statement.words.slice(1).map(word => {
      const [, amount, unit = 's'] = /^(\d{1,9}(?:\.\d{1,9})?)([smhd])?$/.exec(word) ?? [];
      return amount === undefined ? 0 : Number(amount) * (secondsOf[unit] ?? 1);
    }),
  );
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** `trap wait EXIT`: the shell ends only after all that it has put into the background. */
function isWaitAtExit(statement: ShellStatement): boolean {
  if (statement.kind !== 'command' || statement.words[0] !== 'trap') return false;
  const [, action = '', ...signals] = statement.words;
  return /\bwait\b/.test(action) && signals.some(signal => signal === 'EXIT' || signal === '0');
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
