/** The files that a service will find, as far as the available files are its own. */
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { errorCode } from '../kernel/errno.ts';
import { type MetLimit, noteLimit } from '../systemd/host/limit.ts';

/** `unknown`: the file may exist, but cannot be read here. */
type OwnFileContent =
  | { readonly state: 'read'; readonly text: string }
  | { readonly state: 'missing' }
  | { readonly state: 'unknown' };

export interface OwnFiles {
  read(file: string): OwnFileContent;
  /** Reads a file that may also be a program, whose content is `unknown`. */
  readScript(file: string): OwnFileContent;
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
    (file, limit) => noteLimit(host, { source: { file, line: null }, limit }),
  );
}

/**
 * @param isOwn whether an absolute path belongs to the service; the path of a directory ends in a slash
 * @param note is called with a file or folder that exists and is not read, and with the reason
 */
export function ownFilesAmong(
  files: HostFiles,
  isOwn: (file: string) => boolean,
  note: (file: string, why: MetLimit['limit']) => void = () => {},
): OwnFiles {
  const noteError = (file: string, error: unknown) => {
    const errno = errorCode(error);
    if (errno === undefined) throw error;
    note(file, { of: 'errno', errno });
  };
  const read = (file: string, most: number, isProgram: (file: string) => boolean): OwnFileContent => {
    if (!isOwn(file)) return unknown;
    try {
      const status = files.status(file);
      if (status === undefined) return { state: 'missing' };
      if (status.kind !== 'file') {
        note(file, { of: 'kind' });
        return unknown;
      }
      if (status.size > most) {
        if (!isProgram(file)) note(file, { of: 'bytes', most });
        return unknown;
      }
      return { state: 'read', text: files.read(file).toString('utf8') };
    } catch (error) {
      noteError(file, error);
      return unknown;
    }
  };
  return {
    read: file => read(file, largestFileBytes, () => false),
    readScript(file) {
      const content = read(file, longestScriptBytes, large => files.read(large, beginningBytes).includes(0));
      return content.state === 'read' && content.text.includes('\0') ? unknown : content;
    },
    list(directory) {
      if (!isOwn(`${directory}/`)) return undefined;
      try {
        return files.list(directory)?.map(entry => entry.name);
      } catch (error) {
        noteError(directory, error);
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

const unknown = { state: 'unknown' } as const;

/** Limit in bytes: a larger file is no configuration, and would slow a check down. */
const largestFileBytes = 4 * 1024 * 1024;
/** Limit in bytes: a longer file is a program, or a text that nobody wrote by hand. */
const longestScriptBytes = 256 * 1024;
/** The beginning of a large file that shows whether it is a program, in bytes. The header of an ELF file contains zeros. */
const beginningBytes = 512;
