/** Files for a search of a name in several folders. */
import type { DirectoryEntry, FileStatus, HostFiles } from './host.ts';

/**
 * Files that cannot be read count as missing. Shells treat the folders of `$PATH` in this way (exec(3), EACCES), and so
 * does systemd, with a warning, with those of its search paths. A file with a name that is too long counts as missing
 * as well.
 */
export interface SearchedFiles {
  list(directory: string): readonly DirectoryEntry[];
  status(file: string): FileStatus | undefined;
  resolve(file: string): string | undefined;
  /** The beginning of a file. */
  begin(file: string, mostBytes: number): Buffer | undefined;
}

/** @example searchedFiles(host.files).status('/root/bin/node')?.kind === 'file' */
export function searchedFiles(files: HostFiles): SearchedFiles {
  return {
    list: directory => orNothing(() => files.list(directory)) ?? [],
    status: file => orNothing(() => files.status(file)),
    resolve: file => orNothing(() => files.resolve(file)),
    begin: (file, mostBytes) => orNothing(() => files.read(file, mostBytes)),
  };
}

function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
