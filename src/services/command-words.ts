/** Takes command lines apart: the program that a wrapper starts, and the script that an interpreter runs. */
import { scriptOf } from './interpreters.ts';
import { shellProgram } from './shell/shell-program.ts';
import { parseSeconds, timeoutOf, type WrittenLimit } from './timeout.ts';
import { partWrapper } from './wrappers.ts';

/** A command line without its outermost wrapper, a program that only starts another program. */
export interface Unwrapped {
  /** The words of the wrapper itself. */
  readonly own: readonly string[];
  readonly words: readonly string[];
  /** The time that `timeout` lets the command run, as it is written there, and the time after which it sends SIGKILL. */
  readonly limit?: WrittenLimit;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Takes the outermost wrapper off.
 *
 * @returns undefined when the command has no wrapper
 * @example takeWrapperOff(['/usr/bin/timeout', '5', 'curl', 'x'])?.words // ['curl', 'x']
 */
export function takeWrapperOff(words: readonly string[]): Unwrapped | undefined {
  const wrapped = partWrapper(words);
  if (wrapped === undefined) return undefined;
  const { own, command } = wrapped;
  const limit = timeoutOf(own);
  return { own, words: command, ...(limit && { limit }) };
}

/** A command and the wrappers around it. */
export interface Layers {
  /** The wrappers, the outermost first; each without the command that it starts. */
  readonly wrappers: readonly Unwrapped[];
  /** The command that really runs, inside all wrappers. */
  readonly words: readonly string[];
}

/** @example layersOf(['nice', 'timeout', '5', 'curl', 'x']).words // ['curl', 'x'] */
export function layersOf(command: readonly string[]): Layers {
  const wrappers: Unwrapped[] = [];
  let words = command;
  while (wrappers.length < deepest) {
    const wrapper = takeWrapperOff(words);
    if (wrapper === undefined) break;
    wrappers.push(wrapper);
    words = wrapper.words;
  }
  return { wrappers, words };
}

/** Limit of wrappers inside each other. Nobody needs more of them. */
const deepest = 10;

/** The innermost command of {@link layersOf}. */
export function withoutWrappers(words: readonly string[]): readonly string[] {
  return layersOf(words).words;
}

/**
 * The longest time that a command takes, in seconds, because timeout(1) runs it; undefined where none ends it. It counts as
 * ended where only SIGTERM is sent, since a program ends at a signal that asks it to.
 *
 * @example timeLimitOf(['nice', 'timeout', '-k', '1', '5m', 'curl', 'x']) // 301
 */
export function timeLimitOf(command: readonly string[]): number | undefined {
  for (const { limit } of layersOf(command).wrappers) {
    const seconds = limit && parseSeconds(limit.duration);
    // 0 switches the limit off (timeout(1)).
    if (seconds) return seconds + (parseSeconds(limit.killAfter ?? '0') ?? 0);
  }
  return undefined;
}

/**
 * The file that a command runs through an interpreter, such as a shell script or a module of Node or Python. Wrappers
 * do not count.
 *
 * @returns undefined when the command runs the program itself, or when the script is part of the command line
 */
export function interpretedFile(command: readonly string[]): string | undefined {
  const words = withoutWrappers(command);
  const shell = shellProgram(words);
  if (shell !== undefined) return shell.kind === 'file' ? shell.path : undefined;
  const script = scriptOf(words);
  return script?.isFile === true ? script.path : undefined;
}

/** The words behind the options of a program, some of which have a value. */
export function behindOptions(args: readonly string[], valued: readonly string[]): readonly string[] {
  let at = 0;
  while (at < args.length && args[at]?.startsWith('-') === true) {
    at += valued.includes(args[at]?.replace(/^-[A-Za-z]*(?=[A-Za-z]$)/, '-') ?? '') ? 2 : 1;
  }
  return args.slice(at);
}
