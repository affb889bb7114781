/**
 * The only source of facts. Everything that daruma says about a machine comes from a {@link Host}: the live machine, or
 * an unpacked root file system. Files are read synchronously (a unit tree has thousands of tiny files, and nothing else
 * waits meanwhile); a running manager is asked asynchronously.
 */
import type { failedStartResults } from '../commands.ts';
import type { ManagerScope } from '../search-path.ts';
import type { Tree } from './tree.ts';

/** What the manager has written into the journal about runs of units. */
export interface HostJournal {
  /** The jobs of runs, by their invocation ids; those of which it says nothing are missing. */
  jobsOfRuns(invocations: readonly string[]): Promise<ReadonlyMap<string, RunJobs>>;
  /** When the manager was shut down within a time; all in ms since 1970. Empty when the journal cannot be read. */
  shutdowns(fromMs: number, untilMs: number): Promise<readonly number[]>;
  /** The ends of runs, by their units; those of which it does not say anything are missing. @param runs an invocation id for each unit */
  endsOf(runs: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, EndInJournal>>;
  /** The same of the last runs of this boot: of a unit that is not loaded, its manager has forgotten the runs. */
  lastEndsOf(units: readonly string[]): Promise<ReadonlyMap<string, EndInJournal>>;
  /** The last starts of units in this boot whose job alone failed; those of which the journal has none are missing. */
  failedStartsOf(units: readonly string[]): Promise<ReadonlyMap<string, FailedStart>>;
  /** Why the manager last refused to load units in this boot, and when; those of which the journal has no reason are missing. */
  refusalsOf(units: readonly string[]): Promise<ReadonlyMap<string, RefusalInJournal>>;
  /**
   * Whether a unit ended by itself within a second of a time; undefined when the journal does not say.
   *
   * @param usec the time, in microseconds of the monotonic clock
   * @param seconds the same in seconds since 1970
   */
  endedByItselfAt(unit: string, usec: number, seconds: number): Promise<boolean | undefined>;
  /**
   * Names of instances of templates that were started in this boot, the latest ones first; not all of them where there are very many.
   *
   * @param templates as `llm@.service`
   */
  instancesOf(templates: readonly string[]): Promise<readonly string[]>;
  /**
   * The latest falls and restarts of units, of each in a row without a start by somebody in between; units of which the journal has none
   * are missing.
   *
   * @param sinceSeconds the time from which on they are looked for, in seconds since 1970
   */
  restartsOf(units: readonly string[], sinceSeconds: number): Promise<ReadonlyMap<string, RestartsInJournal>>;
}

export interface RefusalInJournal {
  readonly reason: string;
  /** In seconds since 1970, with fractions. */
  readonly seconds: number;
}

export interface FallInJournal {
  readonly invocation: string;
  readonly seconds: number;
  /** systemd's result; null where only the restart after it is written. */
  readonly result: string | null;
  /** How the main process ended, as in `$EXIT_CODE`, and its status or signal; null where that is not written, as for a success. */
  readonly code: string | null;
  readonly status: number | null;
  /** Whether the time is that of the restart: of a run that ended well, a user's manager of a newer version does not write the end. */
  readonly isOfRestart: boolean;
  /** The job of its start failed with it: systemd has never called that run active; left out where it has, or that is not written. */
  readonly startFailed?: true;
}

/** Restarts by the manager itself, each after a fall; times in seconds since 1970. */
export interface RestartsInJournal {
  readonly count: number;
  /** Of each that is in the journal, the first one first. */
  readonly seconds: readonly number[];
  /** The ends of the runs, the first one first. */
  readonly falls: readonly FallInJournal[];
  /** Whether the first fall is among them: what was read may begin later. */
  readonly isWhole: boolean;
  /** Whether the manager scheduled a restart after the last fall: otherwise somebody starts what runs after it. */
  readonly isLastAnswered: boolean;
  /** The last end: the run, systemd's result, and the end of the main process, which is only written where it is no success. */
  readonly end: {
    readonly invocation: string;
    readonly result: string;
    readonly code: string | null;
    readonly status: number | null;
    /** Of a failure without an end of the main process: whether a command failed that follows its start; left out where none did. */
    readonly isAfterStart?: true;
    /** The first other command that failed; left out where none did. */
    readonly failedCommand?: FailedCommand;
  };
}

/** A command of a service other than the main one, and its end as in `$EXIT_CODE`. */
export interface FailedCommand {
  /** As `ExecStartPre`. */
  readonly name: string;
  readonly code: string;
  readonly status: number;
}

/** The jobs of a run, in the words of the journal. */
export interface RunJobs {
  /** Whether a stop job is mentioned, also one that came when the run was over. */
  readonly hasStopJob: boolean;
  /** The job that ended the run, or came before its end was over; `none`: it ended without one. */
  readonly endedBy: 'stop' | 'restart' | 'none';
  /** The job of its start failed with it: systemd has never called the run active; left out where it has, or that is not written. */
  readonly startFailed?: true;
}

export interface EndInJournal {
  /** The invocation id of the run. */
  readonly invocation: string;
  /** Whether a stop job ended it. */
  readonly wasStopped: boolean;
  /** systemd's last `Result` other than that of a start limit; null without a failure. */
  readonly result: string | null;
  /** How the main process ended, as in `$EXIT_CODE`, and its status or signal; null where that is not written, as for a success. */
  readonly code: string | null;
  readonly status: number | null;
  /** Of a failure without an end of the main process: whether a command failed that follows its start; left out where none did. */
  readonly isAfterStart?: true;
  /** The first other command that failed; left out where none did. */
  readonly failedCommand?: FailedCommand;
  /** The job of its start failed with it: systemd has never called the run active; left out where it has, or that is not written. */
  readonly startFailed?: true;
  /** When it began to end by a stop job, or else ended; null where neither is written. */
  readonly at: JournalTime | null;
}

/** A start whose job failed. By a time limit (`JobTimeoutSec=`) the unit itself may go on starting. */
export interface FailedStart extends JournalTime {
  readonly result: (typeof failedStartResults)[number];
}

/** A moment on the monotonic clock, and in seconds since 1970. */
export interface JournalTime {
  readonly usec: number;
  readonly seconds: number;
}

/** The kind of a directory entry, or of what a path leads to. `other` is a device, a pipe or a socket. */
export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

/** One entry of a directory; `kind` is `symlink` for a link, whatever it leads to. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** The status of a file, as stat(2) returns it. */
export interface FileStatus {
  readonly kind: FileKind;
  /** Size in bytes. */
  readonly size: number;
  /** Permission bits, as in `0o644`. */
  readonly mode: number;
  /** User id of the owner; undefined for a file that is not written yet. */
  readonly owner?: number;
  /** When the content was last changed, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/**
 * The files of a host, read-only. Paths are absolute, and as the host itself sees them. On an unpacked root symlinks lead to
 * files of that root, and never out of it.
 */
export interface HostFiles {
  /**
   * The bytes of a file. Throws the errno error (`ENOENT`, `EACCES`, `EISDIR`, `ELOOP` ...) with the path as the host
   * sees it.
   *
   * @param mostBytes reads only this many bytes from the beginning, of a file of any size
   */
  read(path: string, mostBytes?: number): Buffer;
  /** Entries of a directory in no particular order; undefined when it does not exist. Throws when it cannot be read. */
  list(directory: string): readonly DirectoryEntry[] | undefined;
  /** The target text of a symlink. Throws when `path` is no symlink. */
  readLink(path: string): string;
  /** Status of the target of `path`, symlinks followed; undefined when it leads nowhere (missing, dangling, a loop). */
  status(path: string): FileStatus | undefined;
  /** The path without symlinks, `.` and `..`; undefined when it leads nowhere. */
  resolve(path: string): string | undefined;
  /** Where the file is on this machine, for a person to open. It is the same as `path` on a live host. */
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
  /** The flag file, whether it exists or not. */
  readonly path: string;
}

/**
 * A machine, or the files of one, from which daruma takes all facts. {@link openLiveHost}, {@link openOfflineHost} and
 * {@link openFolder} open one.
 */
export interface Host extends AsyncDisposable {
  readonly kind: 'live' | 'offline';
  readonly scope: ManagerScope;
  /**
   * Which files around the unit files belong to the host: all for a `machine`; for a `home` only the user's own, since
   * it may come from another machine; none for `units`.
   */
  readonly reach: 'units' | 'home' | 'machine';
  /** The machine's name; for an unpacked root, the one in its /etc/hostname. */
  readonly hostName: string;
  /** The user whose manager is meant; undefined for the system manager, and in a root without users. */
  readonly user: HostUser | undefined;
  readonly files: HostFiles;
  /** Where daruma may write files of the host. */
  readonly tree: Tree;
  /** Major version of systemd. */
  readonly systemd: { readonly version: number; readonly origin: VersionOrigin };
  /**
   * Layout of the control groups: systemd recognises an OOM kill only on `unified`. `assumed` means that it could not
   * be read.
   */
  readonly cgroups: { readonly layout: 'unified' | 'legacy'; readonly assumed: boolean };
  /** The unit search path in order; the first directory wins. */
  readonly unitPath: readonly string[];
  /** Environment of the manager as far as it is known: HOME, XDG_*. It decides specifiers and the search path. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * All variables that the running manager passes on to its services (`systemctl show-environment`): their values may be secrets, and
   * are never shown. Left out where no manager answers.
   */
  readonly inherited?: Readonly<Record<string, string>>;
  /**
   * Variables without which `systemctl` does not find the manager in the shell that runs this process: after su(1) or sudo(8)
   * `XDG_RUNTIME_DIR`. Absent where none is missing.
   */
  readonly missingVariables?: Readonly<Record<string, string>>;
  /** The variables that a command for the manager of a live machine needs to find that manager; empty for all other hosts. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  /** The running manager; undefined for an unpacked root, and when none answers (`managerProblem` then says why). */
  readonly manager: Manager | undefined;
  readonly managerProblem: ManagerProblem | undefined;
  /** On a live machine without a running manager of the user, or while that is shutting down: the state of `user@UID.service`, if the system manager answers. */
  readonly userManager?: LiveUnit | undefined;
  /** Left out where there is no journal. */
  readonly journal?: HostJournal;
  /** Undefined without a user, and when it cannot be known (a folder of units, a home from another machine). */
  linger(): Promise<Linger | undefined>;
}

/** Why no manager can be asked. */
export interface ManagerProblem {
  readonly code: 'offline' | 'not-systemd' | 'no-runtime-directory' | 'no-socket' | 'refused' | 'timeout';
  /** What was tried, for `--verbose` and messages: a path or a command. */
  readonly tried: string;
}

/** A running service manager. All methods reject with {@link ManagerError} when it does not answer as expected. */
export interface Manager extends AsyncDisposable {
  readonly transport: 'private-socket' | 'bus' | 'systemctl';
  /** Major version, such as 252. */
  readonly version: number;
  /** Whether it was shutting down when it was first asked: then it ends all units and starts none. */
  readonly isStopping: boolean;
  /** `UnitPath` of the manager. */
  readonly unitPath: readonly string[];
  /**
   * Live states of the named units, by the names that were asked for. Units that the manager cannot load are included;
   * their `loadState` is the manager's own word, or `error` for names that no manager accepts (a template, or no unit
   * name at all). Missing are those about which it did not answer in time, as long as it answered about others.
   */
  units(names: readonly string[]): Promise<ReadonlyMap<string, LiveUnit>>;
  /** The type of a unit's pending job: `start`, `stop`, `restart` ...; undefined when there is none. */
  jobType(name: string): Promise<string | undefined>;
  /** The units that are loaded now. */
  loadedUnits(): Promise<readonly LoadedUnit[]>;
}

/** A unit that a manager has loaded, with its `ActiveState`. */
export interface LoadedUnit {
  readonly name: string;
  readonly activeState: string;
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
  /** True when files on disk have changed since the manager read them. */
  readonly needDaemonReload: boolean;
  /** Process id of the main process; 0 when none runs. */
  readonly mainPid: number;
  /** When the main process was started, in whole seconds since 1970, rounded down; null when there was none. */
  readonly mainStartedSeconds: number | null;
  /** When the main process last ended, in microseconds of the monotonic clock; 0 when none has ended. */
  readonly mainEndedUsec: number;
  /** The same in whole seconds since 1970, rounded down; null when none has ended. Both are cleared when the next one is started. */
  readonly mainEndedSeconds: number | null;
  /** When the unit last left `active`, on the monotonic clock; 0 when it never has. */
  readonly leftActiveUsec: number;
  /** The same in whole seconds since 1970, rounded down; null when it never has. */
  readonly leftActiveSeconds: number | null;
  /** When the unit last left `inactive` or `failed`, and when it last entered one of them, on the same clock; 0 for never. */
  readonly leftInactiveUsec: number;
  readonly enteredInactiveUsec: number;
  /** When it last entered `inactive` or `failed`, in whole seconds since 1970; null when it never has. */
  readonly enteredInactiveSeconds: number | null;
  /** When its sub-state last changed, in whole seconds since 1970; null when it never has. */
  readonly stateChangedSeconds: number | null;
  /** How the main process last ended: `si_code` of waitid(2), 0 when none has ended, and its exit status or signal. */
  readonly mainCode: number;
  readonly mainStatus: number;
  /** Identifies the last run, also in the journal; empty when there was none. */
  readonly invocation: string;
  readonly nRestarts: number;
  /**
   * Whether Condition*= and Assert*= held when they were last looked at, and when that was, in microseconds of the monotonic clock; 0
   * for never. systemd looks at Assert*= only where the conditions hold.
   */
  readonly conditionsHeld: boolean;
  readonly conditionsUsec: number;
  readonly assertsHeld: boolean;
  readonly assertsUsec: number;
  /** Whether a job for it waits or goes on. */
  readonly hasJob: boolean;
  /** systemd's `Result`, such as `success` or `exit-code`. Empty for other types of units. */
  readonly result: string;
  /** The `Restart=` that the manager holds, which is older than that of the files before a reload. Empty for other types of units. */
  readonly restart: string;
  /** Its `Type=`, as the manager holds it. Empty for other types of units. */
  readonly type: string;
  /** Its `RemainAfterExit=`, as the manager holds it; false for other types of units. */
  readonly remainsAfterExit: boolean;
}

/**
 * The error of a {@link Manager} that exists but does not answer as expected.
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
