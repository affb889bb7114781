/** A command as somebody types it in a shell, and what a unit needs to run the very same. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import { type SearchedFiles, searchedFiles } from '../systemd/host/search.ts';
import { literal } from '../systemd/values/written-word.ts';

export interface GivenCommand {
  /** Words as a unit file has them, but for the quotes. */
  readonly words: readonly string[];
  /** Where it has to be run, since its words are read from there; undefined where any place will do. */
  readonly workingDirectory: string | undefined;
}

/**
 * The command with its program's full path, and its words taken literally: a shell has been through them already.
 *
 * @param typedIn the folder it was typed in; undefined for a host that is not the one the shell runs on
 * @param searched folders for programs, in order
 * @returns undefined where the program is nowhere
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
  // A user's service is run in the home, a system service in the root (systemd.exec(5), WorkingDirectory=).
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

/** Whether a word, or what follows the `=` in it, names something by its way from a folder. */
function isReadFrom(folder: string, word: string, files: SearchedFiles): boolean {
  const name = /^-[^=]*=(.*)$/s.exec(word)?.[1] ?? word;
  if (name === '' || name.startsWith('-') || path.posix.isAbsolute(name)) return false;
  return /^\.\.?(?:\/|$)/.test(name) || files.status(path.posix.join(folder, name)) !== undefined;
}
