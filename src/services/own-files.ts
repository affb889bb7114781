/** The files that a service will find around it, as far as those at hand are its own. */
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { noteLimit } from '../systemd/host/limit.ts';

/** `unknown`: it may be there, and cannot be looked into from here. */
type OwnFileContent =
  | { readonly state: 'read'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'unknown' };

export interface OwnFiles {
  read(file: string): OwnFileContent;
  /** In bytes; undefined when it is not there or not known. */
  size(file: string): number | undefined;
  /** Names in a directory; undefined when it is not there or not known. */
  list(directory: string): readonly string[] | undefined;
  /** The path without symlinks; undefined when it leads nowhere, or nothing is known of it. */
  resolve(file: string): string | undefined;
}

/** Of a folder of units nothing around it is its own, of a home only what lies in it (see {@link Host.reach}). */
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
 * @param isOwn of an absolute path; a directory's ends in a slash
 * @param tooLarge is told of a file that is not read because it is
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

/** What is larger is no configuration, and a check is not to choke on it. */
const largestFileBytes = 4 * 1024 * 1024;
