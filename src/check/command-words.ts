/** Command lines taken apart: what a wrapper starts, and the script that an interpreter runs. */
import { scriptOf } from '../services/interpreters.ts';
import { optionOf } from '../services/program.ts';
import { shellProgram } from '../services/shell/shell-program.ts';
import { partWrapper } from '../services/wrappers.ts';
import type { CommandLine } from '../systemd/values/command-line.ts';

/** A command line without the outermost program that only starts another. */
export interface Unwrapped {
  /** Those of the wrapper itself. */
  readonly own: readonly string[];
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
  const wrapped = partWrapper(words);
  if (wrapped === undefined) return undefined;
  const { own, command } = wrapped;
  if (baseName(own[0] ?? '') !== 'timeout') return { own, words: command };
  const killAfter = optionOf({ args: own.slice(1) }, '-k', '--kill-after');
  return { own, words: command, limit: { duration: own.at(-1) ?? '', killAfter } };
}

/** A command and the wrappers around it. */
export interface Layers {
  /** What each wrapper does without the others inside it, the outermost first. */
  readonly wrappers: readonly Unwrapped[];
  /** What really runs, however deep that is within reason. */
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

/** Nobody means more. */
const deepest = 10;

/** The innermost command of {@link layersOf}. */
export function withoutWrappers(words: readonly string[]): readonly string[] {
  return layersOf(words).words;
}

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
