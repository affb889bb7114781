/**
 * The one port for facts. Everything daruma says about a machine comes through a {@link Host}: the live machine, or an
 * unpacked root file system. Files are asked synchronously (a unit tree is thousands of tiny files and nothing else
 * waits meanwhile); a running manager is asked asynchronously.
 */
import type { ManagerScope } from '../search-path.ts';

/** What a directory entry or path is, symlinks not followed unless a method says so. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

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
 * Read-only files of a host. Paths are absolute and as the host itself sees them; with an unpacked root, symlinks are
 * followed inside that root and can never leave it.
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

export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** Where the version that a host is judged by was learnt; `root` is what is installed, running or not. */
export type VersionOrigin = 'manager' | 'command' | 'root' | 'option' | 'newest-known';

/** Linger of one user: the flag file, or logind's word where logind answers. */
export interface Linger {
  readonly enabled: boolean;
  readonly origin: 'logind' | 'file';
  /** The flag file that is there or would have to be. */
  readonly path: string;
}

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
  /** Major version of systemd. */
  readonly systemd: { readonly version: number; readonly origin: VersionOrigin };
  /** Control-group layout: an OOM kill is only seen as such on `unified`. `assumed` when nothing could be asked. */
  readonly cgroups: { readonly layout: 'unified' | 'legacy'; readonly assumed: boolean };
  /** The unit search path in order, first wins. */
  readonly unitPath: readonly string[];
  /** Environment of the manager as far as it is known: HOME, XDG_*; decides specifiers and search path. */
  readonly environment: Readonly<Record<string, string>>;
  /** The running manager; undefined on an unpacked root or where none answers (then `managerProblem` says why). */
  readonly manager: Manager | undefined;
  readonly managerProblem: ManagerProblem | undefined;
  /** Undefined without a user, and where it cannot be known (a folder of units, a home from elsewhere). */
  linger(): Promise<Linger | undefined>;
  close(): Promise<void>;
}

/** Why no manager is asked. */
export interface ManagerProblem {
  readonly code: 'offline' | 'not-systemd' | 'no-runtime-directory' | 'no-socket' | 'refused' | 'timeout';
  /** What was tried, for `--verbose` and messages: a path or a command. */
  readonly tried: string;
}

/** A running service manager. All methods reject with {@link ManagerError}. */
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

/** The manager was there but did not do as asked. */
export class ManagerError extends Error {
  readonly transport: Manager['transport'];

  constructor(transport: Manager['transport'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ManagerError';
    this.transport = transport;
  }
}
