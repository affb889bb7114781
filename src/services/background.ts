/** Whether a command ends as soon as it has started what goes on in the background. */
import path from 'node:path';
import { longestFirstLine } from '../kernel/limits.ts';
import { type Departure, departureOfProgram, stayingByFile } from './background-programs.ts';
import type { OwnFiles } from './own-files.ts';
import { optionOf } from './program.ts';
import { parseShellScript, type ShellStatement } from './shell/script.ts';
import { shellProgram } from './shell/shell-program.ts';
import { partWrapper, unwrap } from './wrappers.ts';

/** What a command may read to be understood. */
interface Reader {
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
  const known = departureOfProgram(words);
  if (known !== undefined) return mayStay(known, words, reader) ? undefined : known;
  const shell = shellProgram(words);
  if (shell?.kind === 'text') return ofScript(shell.text, undefined, reader, depth);
  if (shell?.kind === 'file') return ofFile(shell.path, reader, depth);
  const wrapped = partWrapper(words)?.command ?? ofRunner(words);
  return wrapped === undefined ? ofFile(program, reader, depth) : ofWords(wrapped, reader, depth + 1);
}

/** Whether the program's configuration file tells it to stay, or may do so and cannot be read here. */
function mayStay({ program }: Departure, words: readonly string[], reader: Reader): boolean {
  const file = stayingByFile.get(program);
  if (file === undefined) return false;
  const given = optionOf({ args: words.slice(1) }, file.option);
  const paths = given === undefined ? file.usual : [reader.resolve(given) ?? given];
  return paths.some(each => {
    const content = reader.files.readScript(each);
    return content.state === 'unknown' || (content.state === 'read' && file.says.test(content.text));
  });
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
