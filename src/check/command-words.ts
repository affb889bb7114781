/** Command lines taken apart: what a wrapper starts, and the script that an interpreter runs. */
import { scriptOf } from '../services/interpreters.ts';
import type { CommandLine } from '../systemd/values/command-line.ts';

/** A command line without the outermost program that only starts another. */
export interface Unwrapped {
  readonly words: readonly string[];
  /** How long `timeout` lets it run, as written there; then the time until SIGKILL. */
  readonly limit?: { readonly duration: string; readonly killAfter: string | undefined };
}

/** The words of a command of a unit; what the prefix `|` (258 and newer) hands to a shell is a text for that shell. */
export function wordsOf({ argv, viaShell }: CommandLine): readonly string[] {
  return viaShell ? ['/bin/sh', '-c', argv.slice(1).join(' ')] : argv;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Takes the outermost wrapper off.
 *
 * @returns undefined for a command that stands for itself
 * @example takeWrapperOff(['/usr/bin/timeout', '5', 'curl', 'x'])?.words // ['curl', 'x']
 */
export function takeWrapperOff(words: readonly string[]): Unwrapped | undefined {
  const name = baseName(words[0] ?? '');
  const wrapper = wrappers.get(name);
  if (wrapper === undefined) return undefined;
  let position = 1;
  const option = (...names: readonly string[]) => {
    const at = words.slice(0, position).findIndex(word => names.includes(word));
    return at === -1 ? undefined : words[at + 1];
  };
  for (; position < words.length; position++) {
    const word = words[position] ?? '';
    if (word === '--') {
      position++;
      break;
    }
    if (wrapper.takesAssignments && /^\w+=/.test(word)) continue;
    if (!word.startsWith('-') || word === '-') break;
    if (wrapper.withValue.includes(word)) position++;
  }
  if (wrapper.takesAssignments) while (/^\w+=/.test(words[position] ?? '')) position++;
  if (name !== 'timeout') return { words: words.slice(position) };
  const duration = words[position] ?? '';
  return {
    words: words.slice(position + 1),
    limit: { duration, killAfter: option('-k', '--kill-after') },
  };
}

/**
 * A command, and one after the other the commands that its wrappers start; the last is what really runs, however deep that
 * is within reason.
 *
 * @example layersOf(['nice', 'timeout', '5', 'curl', 'x']).at(-1) // ['curl', 'x']
 */
export function layersOf(words: readonly string[]): readonly (readonly string[])[] {
  const wrapped: (readonly string[])[] = [];
  let last = words;
  while (wrapped.length < deepest) {
    const inner = takeWrapperOff(last)?.words;
    if (inner === undefined) break;
    wrapped.push(last);
    last = inner;
  }
  return [...wrapped, last];
}

/** Nobody means more. */
const deepest = 10;

/** The innermost of {@link layersOf}. */
export function withoutWrappers(words: readonly string[]): readonly string[] {
  return layersOf(words).at(-1) ?? words;
}

/** Programs that start another one, with their options that take a value as a word of its own. */
const wrappers: ReadonlyMap<
  string,
  { readonly withValue: readonly string[]; readonly takesAssignments?: boolean }
> = new Map([
  ['env', { withValue: ['-u', '--unset', '-C', '--chdir'], takesAssignments: true }],
  ['timeout', { withValue: ['-k', '--kill-after', '-s', '--signal'] }],
  ['nice', { withValue: ['-n', '--adjustment'] }],
  ['ionice', { withValue: ['-c', '--class', '-n', '--classdata'] }],
  ['stdbuf', { withValue: ['-i', '-o', '-e'] }],
  ['setsid', { withValue: [] }],
  ['nohup', { withValue: [] }],
  ['exec', { withValue: ['-a'] }],
  ['command', { withValue: [] }],
  ['time', { withValue: ['-f', '-o'] }],
  ['systemd-cat', { withValue: ['-t', '-p', '--identifier', '--priority'] }],
]);

/** What an interpreter is given to run. */
export type Interpreted =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * What a shell runs: the text behind `-c`, or a script.
 *
 * @returns undefined for another program, and for a shell that reads its standard input
 */
export function shellProgram(words: readonly string[]): Interpreted | undefined {
  if (!shells.has(baseName(words[0] ?? ''))) return undefined;
  let isText = false;
  let position = 1;
  for (; position < words.length; position++) {
    const word = words[position] ?? '';
    if (word === '--') {
      position++;
      break;
    }
    if (!/^[-+]./.test(word)) break;
    if (/^-[a-zA-Z]*c/.test(word)) isText = true;
    if (/^[-+][a-zA-Z]*[oO]$/.test(word) || word === '--rcfile' || word === '--init-file') position++;
  }
  const operand = words[position];
  if (operand === undefined) return undefined;
  return isText ? { kind: 'text', text: operand } : { kind: 'file', path: operand };
}

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh']);

/**
 * The file that a command runs through an interpreter, wrappers aside: a shell script, a module of Node or Python.
 *
 * @returns undefined where the program itself is what runs, or the text stands in the command line
 */
export function interpretedFile(command: readonly string[]): string | undefined {
  const words = withoutWrappers(command);
  const shell = shellProgram(words);
  if (shell !== undefined) return shell.kind === 'file' ? shell.path : undefined;
  const script = scriptOf(words);
  return script?.isFile === true ? script.path : undefined;
}
