/** The files that a service will find, as far as the available files are its own. */
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { noteLimit } from '../systemd/host/limit.ts';

/** `unknown`: the file may exist, but cannot be read here. */
type OwnFileContent =
  | { readonly state: 'read'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'unknown' };

export interface OwnFiles {
  read(file: string): OwnFileContent;
  /** Size in bytes; undefined when the file does not exist or is not known. */
  size(file: string): number | undefined;
  /** Names in a directory; undefined when it does not exist or is not known. */
  list(directory: string): readonly string[] | undefined;
  /** The path without symlinks; undefined when it leads nowhere or is not known. */
  resolve(file: string): string | undefined;
}

/**
 * For a folder of units, none of the files around it belong to the service; for a home, only those inside it do (see
 * {@link Host.reach}).
 */
export function ownFilesOf(host: Host): OwnFiles {
  const { files, reach, environment } = host;
  const home = environment['HOME'];
  return ownFilesAmong(
    files,
    file => reach === 'machine' || (reach === 'home' && home !== undefined && file.startsWith(`${home}/`)),
    file => noteLimit(host, { source: { file, line: null }, limit: { of: 'bytes', most: largestFileBytes } }),
  );
}

/**
 * @param isOwn whether an absolute path belongs to the service; the path of a directory ends in a slash
 * @param tooLarge is called with a file that is not read because it is too large
 */
export function ownFilesAmong(
  files: HostFiles,
  isOwn: (file: string) => boolean,
  tooLarge: (file: string) => void = () => {},
): OwnFiles {
  return {
    read(file) {
      if (!isOwn(file)) return { state: 'unknown' };
      try {
        const status = files.status(file);
        if (status === undefined) return { state: 'missing' };
        if (status.kind !== 'file') return { state: 'unknown' };
        if (status.size > largestFileBytes) {
          tooLarge(file);
          return { state: 'unknown' };
        }
        return { state: 'read', text: files.read(file).toString('utf8') };
      } catch {
        return { state: 'unknown' };
      }
    },
    size(file) {
      try {
        return isOwn(file) ? files.status(file)?.size : undefined;
      } catch {
        return undefined;
      }
    },
    list(directory) {
      if (!isOwn(`${directory}/`)) return undefined;
      try {
        return files.list(directory)?.map(entry => entry.name);
      } catch {
        return undefined;
      }
    },
    resolve(file) {
      try {
        return isOwn(file) ? files.resolve(file) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** Limit in bytes: a larger file is no configuration, and would slow a check down. */
const largestFileBytes = 4 * 1024 * 1024;
