/** Files as whoever searches several folders for a name sees them. */
import type { DirectoryEntry, FileStatus, HostFiles } from './host.ts';

/**
 * What may not be looked into is passed over, as shells do with the folders of `$PATH` (exec(3), EACCES), and systemd,
 * with a warning, with those of its own search paths: nothing is there then. Neither is anything under a name that is
 * too long for one.
 */
export interface SearchedFiles {
  list(directory: string): readonly DirectoryEntry[];
  status(file: string): FileStatus | undefined;
  resolve(file: string): string | undefined;
}

/** @example searchedFiles(host.files).status('/root/bin/node')?.kind === 'file' */
export function searchedFiles(files: HostFiles): SearchedFiles {
  return {
    list: directory => orNothing(() => files.list(directory)) ?? [],
    status: file => orNothing(() => files.status(file)),
    resolve: file => orNothing(() => files.resolve(file)),
  };
}

function orNothing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
