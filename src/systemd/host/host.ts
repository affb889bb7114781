/**
 * The one port for facts. Everything daruma says about a machine comes through a {@link Host}: the live machine, or an
 * unpacked root file system. Files are asked synchronously (a unit tree is thousands of tiny files and nothing else
 * waits meanwhile); a running manager is asked asynchronously.
 */
import type { ManagerScope } from '../search-path.ts';
import type { Tree } from './tree.ts';

/** The kind of a directory entry, or of what a path leads to. `other` is a device, a pipe or a socket. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

/** One entry of a directory; `kind` is `symlink` for a link, whatever it leads to. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** What stat(2) says of a file. */
export interface FileStatus {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Permission bits, as in `0o644`. */
  readonly mode: number;
  /** When the content was last changed, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/**
 * The files of a host, read-only. Paths are absolute, and as the host itself sees them. On an unpacked root symlinks lead to
 * files of that root, and never out of it.
 */
export interface HostFiles {
  /** The bytes of a file. Throws the errno error (`ENOENT`, `EACCES`, `EISDIR`, `ELOOP` ...) with the host's path. */
  read(path: string): Buffer;
  /** Entries of a directory in no particular order; undefined when it is not there. Throws when it cannot be read. */
  list(directory: string): readonly DirectoryEntry[] | undefined;
  /** The text of a symlink. Throws when `path` is none. */
  readLink(path: string): string;
  /** Status of what `path` leads to, symlinks followed; undefined when it leads nowhere (missing, dangling, a loop). */
  status(path: string): FileStatus | undefined;
  /** The path without symlinks, `.` and `..`; undefined when it leads nowhere. */
  resolve(path: string): string | undefined;
  /** Where the file really lies on this machine: what a person would open. The same as `path` on a live host. */
  physicalPath(path: string): string;
}

/** A user of a host. Source: passwd(5). */
export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/**
 * Where the version of systemd comes from: the running `manager`, the `command` systemctl, the files of an unpacked `root`, or an
 * `option` of the caller. `newest-known` means that no systemd was found.
 */
export type VersionOrigin = 'manager' | 'command' | 'root' | 'option' | 'newest-known';

/**
 * Whether a user's manager starts at boot and stays after the last logout: what logind says, or else whether the flag file
 * exists. Source: loginctl(1), enable-linger.
 */
export interface Linger {
  readonly enabled: boolean;
  readonly origin: 'logind' | 'file';
  /** The flag file that is there or would have to be. */
  readonly path: string;
}

/** A machine, or the files of one, of which daruma asks all facts. {@link openLiveHost}, {@link openOfflineHost} and {@link openFolder} open one. */
export interface Host {
  readonly kind: 'live' | 'offline';
  readonly scope: ManagerScope;
  /**
   * How much around the unit files is the host's own: all of a `machine`; of a `home` only what is the user's, for it
   * may have been brought here; of `units` nothing.
   */
  readonly reach: 'units' | 'home' | 'machine';
  /** The machine's name; of an unpacked root, what its /etc/hostname says. */
  readonly hostName: string;
  /** The user whose manager is meant; undefined for the system manager, and in a root where nobody lives. */
  readonly user: HostUser | undefined;
  readonly files: HostFiles;
  /** Where its files may be written. */
  readonly tree: Tree;
  /** Major version of systemd. */
  readonly systemd: { readonly version: number; readonly origin: VersionOrigin };
  /** Control-group layout: an OOM kill is only seen as such on `unified`. `assumed` when nothing could be asked. */
  readonly cgroups: { readonly layout: 'unified' | 'legacy'; readonly assumed: boolean };
  /** The unit search path in order, first wins. */
  readonly unitPath: readonly string[];
  /** Environment of the manager as far as it is known: HOME, XDG_*; decides specifiers and search path. */
  readonly environment: Readonly<Record<string, string>>;
  /** What a command for the manager of a live machine needs to find itself and that manager; empty for all other hosts. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  /** The running manager; undefined on an unpacked root or where none answers (then `managerProblem` says why). */
  readonly manager: Manager | undefined;
  readonly managerProblem: ManagerProblem | undefined;
  /** Undefined without a user, and where it cannot be known (a folder of units, a home from elsewhere). */
  linger(): Promise<Linger | undefined>;
  close(): Promise<void>;
}

/** Why no manager can be asked. */
export interface ManagerProblem {
  readonly code: 'offline' | 'not-systemd' | 'no-runtime-directory' | 'no-socket' | 'refused' | 'timeout';
  /** What was tried, for `--verbose` and messages: a path or a command. */
  readonly tried: string;
}

/** A running service manager. All methods reject with {@link ManagerError} when it does not answer as expected. */
export interface Manager {
  readonly transport: 'private-socket' | 'bus' | 'systemctl';
  /** Major version, e.g. 252. */
  readonly version: number;
  /** `UnitPath` of the manager. */
  readonly unitPath: readonly string[];
  /**
   * Live state of the named units, by the names asked for. Those that the manager cannot load are present with
   * `loadState` saying so: its own word, or `error` for what no manager takes (a template, no unit name at all).
   */
  units(names: readonly string[]): Promise<ReadonlyMap<string, LiveUnit>>;
  /** What a unit was asked to do and has not done yet: `start`, `stop`, `restart` ...; undefined where nothing is. */
  jobType(name: string): Promise<string | undefined>;
  /** Names of the units that are loaded now, with their state. */
  loadedUnits(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** The state of one unit, as a running manager gives it. Source: org.freedesktop.systemd1(5). */
export interface LiveUnit {
  readonly id: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly unitFileState: string;
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  /** True when files on disk changed since the manager read them. */
  readonly needDaemonReload: boolean;
  /** 0 when no main process runs. */
  readonly mainPid: number;
  /** When the main process was started, in whole seconds since 1970, rounded down; null where none was. */
  readonly mainStartedSeconds: number | null;
  /** When the main process ended last, in microseconds of the monotonic clock; 0 where none did. */
  readonly mainEndedUsec: number;
  /** When the unit left `active` last, on the same clock; 0 where it never did. */
  readonly leftActiveUsec: number;
  readonly nRestarts: number;
  /** systemd's `Result`, e.g. `success`, `exit-code`. Empty for other unit types. */
  readonly result: string;
}

/**
 * The error of a {@link Manager} that is there and does not answer as expected.
 *
 * @example
 * import { ManagerError } from 'daruma/systemd';
 *
 * const error = new ManagerError('systemctl', 'Failed to list units: Connection timed out');
 * error.transport; // 'systemctl'
 * error.message; // 'Failed to list units: Connection timed out'
 */
export class ManagerError extends Error {
  readonly transport: Manager['transport'];

  constructor(transport: Manager['transport'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ManagerError';
    this.transport = transport;
  }
}
