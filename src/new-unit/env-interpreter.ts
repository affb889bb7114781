/** Scripts whose first line is `#!/usr/bin/env …`: a manager searches fewer folders for the interpreter than a shell does. */
import { longestFirstLine } from '../kernel/limits.ts';
import type { Host } from '../systemd/host/host.ts';
import { searchedFiles } from '../systemd/host/search.ts';

/**
 * The command with the full path of the interpreter in front, if its program is a script for env(1) and no manager would find
 * the interpreter.
 *
 * @param locate turns a path of the command into one of the host
 * @param searched folders for programs, in order
 */
export function withInterpreter(
  command: readonly string[],
  { files }: Host,
  locate: (word: string) => string,
  searched: readonly string[],
): readonly string[] {
  const [script = ''] = command;
  const programs = searchedFiles(files);
  const begin = programs.begin(locate(script), longestFirstLine)?.toString('latin1') ?? '';
  const [, name] = /^#!\s*\/usr\/bin\/env\s+(?:-S\s+)?([\w.+-]+)/.exec(begin) ?? [];
  if (name === undefined) return command;
  const isIn = (folder: string) => programs.status(`${folder}/${name}`)?.kind === 'file';
  const folder = searched.find(isIn);
  return folder === undefined || managerFolders.some(isIn) ? command : [`${folder}/${name}`, ...command];
}

/** systemd.exec(5), "Environment Variables in Spawned Processes", $PATH. */
const managerFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
