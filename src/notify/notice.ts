/** Notices: the content of messages as data. `i18n/` makes the text, a channel delivers it. */
import type { FailedEnd } from '../inventory/downfall.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import type { TimeLimit } from '../systemd/service-settings.ts';

export type Notice = {
  /** When it happened, in milliseconds since 1970 in UTC. */
  readonly atMs: number;
  /** The name of the machine. */
  readonly host: string;
} & (
  | ServiceNotice
  | OutageNotice
  | { readonly kind: 'test' }
  | { readonly kind: 'text'; readonly text: string }
  | LateNotice
);

/** The machine, or the manager of a user's services, was down and came back. */
export interface OutageNotice {
  readonly kind: 'outage';
  readonly of: 'machine' | 'manager';
  readonly scope: ManagerScope;
  /** `unknown`: nothing that can be read says how it ended. */
  readonly end: 'shutdown' | 'crash' | 'unknown';
  /** Of a manager that ended by itself: its unit, how that ended, and when, in ms since 1970; left out where nothing says. */
  readonly ended?: { readonly unit: string; readonly cause: Cause; readonly atMs: number };
  /** The last sign of life before it: it went down then or later. */
  readonly lastSeenMs: number | null;
  /** When it was started again. */
  readonly upMs: number;
  /**
   * Watched services that are up, those that run or are being started and have not answered, those that have ended since and that systemd
   * starts again, and those that do not run.
   */
  readonly back: readonly string[];
  readonly silent?: readonly string[];
  readonly unsteady?: readonly string[];
  readonly missing: readonly string[];
  /** The first of these that a start may bring back, and whether its start limit has to be forgotten before; left out where there are none. */
  readonly startable?: readonly { readonly unit: string; readonly hasGivenUp: boolean }[];
}

/** What happened to a service. */
type ServiceNotice = {
  readonly unit: string;
  readonly scope: ManagerScope;
  /** The end of the service's log, without secrets; left out when it is not wanted. */
  readonly log?: readonly string[];
} & (
  | ({
      /** The service fell and was not up again within the configured time (`notify.after`). Its falls are left out for the first. */
      readonly kind: 'fell';
      readonly cause: Cause;
      /** Since when systemd has been starting it again; left out where it has not been for long. */
      readonly startingSinceMs?: number;
    } & Partial<Falls>)
  | ({
      /** The service falls again and again, and is never up for long. */
      readonly kind: 'keeps-falling';
      readonly cause: Cause;
    } & Falls)
  | ({
      /** The service fell, and is up and answers again. The time of its first fall is left out when there was one. */
      readonly kind: 'restarted';
      readonly cause: Cause;
      /** Seconds from its latest end until it was ready; null when no hook saw that end. */
      readonly downSeconds: number | null;
      /** Since a fall before that end it was never seen ready: since when, and for how long; left out where there was none. */
      readonly unready?: { readonly sinceMs: number; readonly seconds: number };
      /** It may have been down for less: it answered when it was first asked. */
      readonly isAtMost?: true;
      /** It was down for longer: that is the time from the first failed start that is known. */
      readonly isAtLeast?: true;
      /** How long it has stayed up until this is told; left out where it is told at once. */
      readonly heldSeconds?: number;
      /** A job has started it, and not `Restart=`; left out where that is not known. */
      readonly isByJob?: true;
      /** With that: its run between the fall and this start, which ended before it was ready; left out where none is known. */
      readonly cutShort?: CutShort;
      /** When somebody stopped it since, so that it is told now; left out where nobody has. */
      readonly stoppedMs?: number;
    } & Falls)
  | {
      /** A user or the boot started the service; it had not fallen before. */
      readonly kind: 'started';
      /** It answers; left out where nothing is known that could be asked. */
      readonly isAsked?: true;
    }
  | {
      /** systemd calls the service active, but it does not answer. */
      readonly kind: 'not-ready';
      readonly waitedSeconds: number;
      /** systemd does not call it active yet, and since when it has been starting it; the time is left out by earlier versions. */
      readonly isActivating?: true;
      readonly startingSinceMs?: number;
      /** systemd is stopping it by itself, and it does not end. */
      readonly isStopping?: true;
      /** The job of the start took longer than it may; systemd goes on. */
      readonly isJobOver?: true;
      /** The lines of its unit that limit that job; left out where they are not known. */
      readonly limits?: readonly TimeLimit[];
      /** The fall before this start; left out where it had not fallen. */
      readonly fall?: Fall;
    }
  | ({
      /** systemd will not start the service again. All falls are left out when there were no others than those in a row. */
      readonly kind: 'stays-down';
      readonly cause: Cause;
      /** The falls in a row after which systemd refused the restart, and the time in which they happened; null where it has refused none. */
      readonly gaveUp: (Omit<Falls, 'sinceMs'> & { readonly seconds: number }) | null;
      /** The socket, path or timer that starts it on demand, and has failed as well; left out where none has. */
      readonly failedTrigger?: string;
    } & Partial<Falls>)
  | {
      readonly kind: 'still-down';
      readonly sinceMs: number;
      /** Its start limit was reached: a start is refused until that is forgotten. */
      readonly isLimited?: true;
      /** The assertions one of which did not hold, so that each start is refused; left out where that was not why. */
      readonly asserts?: readonly string[];
    }
  | MoveEvent
  | {
      /** The service failed. Other units, and not `Restart=`, start it again. */
      readonly kind: 'failed';
      readonly cause: Cause;
      /** Names of these units, such as timers and sockets. */
      readonly startedBy: readonly string[];
    }
  | {
      /** The service failed before; its next run succeeded or is up. */
      readonly kind: 'recovered';
      readonly cause: Cause;
      /** Number of failures until then. */
      readonly falls: number;
    }
);

/** The front before a service leads elsewhere, since the service does not answer; all times in ms since 1970. */
export type MoveEvent =
  | ({ readonly kind: 'moved'; readonly standIn: string; readonly sinceMs: number } & Moved)
  /** Nor do the other machines. */
  | { readonly kind: 'nobody-answers'; readonly sinceMs: number }
  | ({
      readonly kind: 'moved-back';
      /** Who answered meanwhile; nobody where it is empty. */
      readonly standIns: readonly string[];
      /** For how long in all, and how much of that nobody answered; left out where somebody always did. */
      readonly seconds: number;
      readonly nobodySeconds?: number;
    } & Moved);

/** How often it did not answer, and since when. */
interface Moved {
  readonly times: number;
  readonly firstMs: number;
}

/** A run that a job ended: a restart, or the shutdown of the machine or of its manager; times in ms since 1970. */
export interface CutShort {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly by: 'restart' | 'shutdown';
}

/** The latest fall of a service. */
export interface Fall extends Falls {
  readonly cause: Cause;
}

/** How often a service fell. */
export interface Falls {
  /** Ends of runs that had started. */
  readonly falls: number;
  /** Starts that failed: they are no falls; left out where none did. */
  readonly failedStarts?: number;
  /** There were more, which nobody saw; left out where all are counted. */
  readonly isAtLeast?: true;
  /** When the first of all these was; left out where nobody saw that. */
  readonly sinceMs?: number;
}

/** Falls and failed starts together. */
export function countOf({ falls, failedStarts = 0 }: Falls): number {
  return falls + failedStarts;
}

/** What happened to a service, without the place and the time. */
export type ServiceEvent = Without<ServiceNotice, 'unit' | 'scope' | 'log'>;

type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** Messages that expired before they could be delivered. */
interface LateNotice {
  readonly kind: 'late';
  readonly count: number;
  /** The units that they were about, without duplicates. */
  readonly units: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * How a service ended, from the variables that systemd gives to a hook: `$SERVICE_RESULT`, `$EXIT_CODE`, `$EXIT_STATUS`
 * (systemd.exec(5)). Unknown values are kept: newer versions add some.
 */
export interface Cause {
  /**
   * `success`, `exit-code`, `signal`, `oom-kill` ...; null when no hook saw it. Of a start that led to no run, the result of its job
   * (`JOB_RESULT=` in systemd.journal-fields(7)): `job-timeout`, `job-dependency`, `job-assert`.
   */
  readonly result: string | null;
  /** `exited`, `killed`, `dumped`; null when no process ended. */
  readonly code: string | null;
  /** The exit status, or the name of the signal without SIG. */
  readonly status: string | null;
  /** Whether it is known that the main process ended well, or was ended by systemd without a failure of its own, but not with which status or by which signal; left out where it is not. */
  readonly mainEndedWell?: boolean;
  /**
   * How many starts in a row have failed since, each because a resource was missing (`resources`), where only the journal tells of them; left out where
   * none did. With that very result nothing is known of the end before them: it is that of the first of these starts.
   */
  readonly startsFailedSince?: number;
  /** Of `job-dependency`: the unit that it requires and that was down; left out where that is not known. */
  readonly required?: string;
  /** Of `job-assert`: the assertions of its unit, one of which did not hold, as `AssertPathExists=/srv/model`. */
  readonly asserts?: readonly string[];
  /** Of `job-timeout`: the lines of its unit that limit the job of a start; left out where they are not known. */
  readonly limits?: readonly TimeLimit[];
  /** systemd had not called that run active: its start failed; left out where it had, or that is not known. */
  readonly isBeforeUp?: true;
  /** Its main process had ended by itself, and only what comes after that met the time limit of a stop; left out where it did not, or that is not known. */
  readonly endedBeforeTimeout?: true;
  /** Which other command failed, as `ExecStartPre`, with its end; left out where none did, or that is not known. */
  readonly failedCommand?: FailedEnd | null;
  /** Of a start that failed: the end of the last run before it that had started; left out where it is not known. */
  readonly before?: { readonly cause: Cause; readonly atMs?: number };
}
