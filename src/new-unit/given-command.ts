/** Turns a command that the user typed in a shell into words and a working folder for a unit. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import { type SearchedFiles, searchedFiles } from '../systemd/host/search.ts';
import { literal } from '../systemd/values/written-word.ts';

export interface GivenCommand {
  /** Words as in a unit file, without quotes. */
  readonly words: readonly string[];
  /** The folder from which relative paths in the words are read; undefined when the command needs none. */
  readonly workingDirectory: string | undefined;
}

/**
 * The command with the full path of its program and its words taken literally: the shell has already expanded them.
 *
 * @param typedIn the folder in which it was typed; undefined for a host on which the shell does not run
 * @param searched folders for programs, in order
 * @returns undefined when the program is not found
 */
export function givenCommand(
  command: readonly string[],
  host: Host,
  typedIn: string | undefined,
  searched: readonly string[],
): GivenCommand | undefined {
  const [first = '', ...args] = command;
  const files = searchedFiles(host.files);
  const program = fullPath(first, files, typedIn, searched);
  if (program === undefined) return undefined;
  const needsFolder = typedIn !== undefined && args.some(word => isReadFrom(typedIn, word, files));
  // A user service runs in the home folder, a system service in the root folder (systemd.exec(5), WorkingDirectory=).
  const isThereAnyway = typedIn === (host.scope === 'user' ? host.user?.home : '/');
  return {
    words: [program, ...args].map(literal),
    workingDirectory: needsFolder && !isThereAnyway ? typedIn.replaceAll('%', '%%') : undefined,
  };
}

function fullPath(
  program: string,
  files: SearchedFiles,
  typedIn: string | undefined,
  searched: readonly string[],
): string | undefined {
  if (path.posix.isAbsolute(program)) return program;
  if (program.includes('/')) return typedIn === undefined ? undefined : path.posix.resolve(typedIn, program);
  return searched
    .map(folder => path.posix.join(folder, program))
    .find(file => files.status(file)?.kind === 'file');
}

/** Whether a word, or the part after its `=`, is a path relative to a folder. */
function isReadFrom(folder: string, word: string, files: SearchedFiles): boolean {
  const name = /^-[^=]*=(.*)$/s.exec(word)?.[1] ?? word;
  if (name === '' || name.startsWith('-') || path.posix.isAbsolute(name)) return false;
  return /^\.\.?(?:\/|$)/.test(name) || files.status(path.posix.join(folder, name)) !== undefined;
}
