/** Signs: what a hook, or a process that follows a service, saw of the service. */
import type { TimeLimit } from '../systemd/service-settings.ts';
import type { Cause } from './notice.ts';

export type Sign = {
  readonly atMs: number;
  /** systemd's id of the run (`$INVOCATION_ID`, systemd.exec(5)); null when it is not known. */
  readonly invocation: string | null;
} & (
  | {
      readonly kind: 'ended';
      readonly cause: Cause;
      readonly job: EndingJob;
      /** When its hook told of it, where that was later: what systemd does between the two may take long. */
      readonly seenMs?: number;
      /** `Restart=` had not started the run: somebody, another unit or a boot had; left out where it had, or that is not known. */
      readonly isByJob?: true;
      /** There were ends before it, of which neither a hook nor the journal tells; left out where there were none. */
      readonly isAfterUnseen?: true;
    }
  | {
      readonly kind: 'started';
      /** Automatic restarts since the last manual start; null when the manager could not be asked. */
      readonly restarts: number | null;
      /** When the machine was started by then, in ms since 1970; left out where it is not known. */
      readonly bootMs?: number;
    }
  /** The service answers, since `atMs`. */
  | {
      readonly kind: 'ready';
      /** Automatic restarts, as of `seenMs`; left out when the manager could not be asked. */
      readonly restarts?: number | null;
      /** When this was found out; left out where it is `atMs`. */
      readonly seenMs?: number;
      /** Its probe was asked; left out where none is known, and it only runs. */
      readonly isAsked?: true;
      /** It may have answered before: nobody had asked. */
      readonly isAtMost?: true;
    }
  | {
      readonly kind: 'not-ready';
      readonly waitedSeconds: number;
      /** systemd does not call it active yet. */
      readonly isActivating?: true;
      /** Nobody has asked systemd to stop it, and it has been stopping it for `waitedSeconds`. */
      readonly isStopping?: true;
    }
  /** The job of its start took longer than it may; systemd goes on starting it. */
  | {
      readonly kind: 'start-job-timed-out';
      /** The lines of its unit that limit that job; left out where they are not known. */
      readonly limits?: readonly TimeLimit[];
      /** Since when systemd has been starting it, in ms since 1970; left out where that is not known. */
      readonly sinceMs?: number;
    }
  /** systemd has been starting it for a while, since `sinceMs`; no hook has told of the start yet. */
  | { readonly kind: 'activating'; readonly sinceMs: number }
  /** systemd will not start the service again. */
  | {
      readonly kind: 'stays-down';
      readonly cause: Cause;
      /** When that run had ended; left out where it is `atMs`, or not known. */
      readonly endedMs?: number;
      /** It refused the restart that was due; left out where none was, or that is not known. */
      readonly refused?: RefusedRestart;
    }
  /** The service ended, and was meant to. */
  | { readonly kind: 'finished' }
  /** Nothing new was seen; time has passed. */
  | { readonly kind: 'look' }
);

/** A restart that the start limit refused (`StartLimitBurst=`). */
export interface RefusedRestart {
  /** As the manager has counted them, this one included. */
  readonly restarts: number;
  /** The falls up to it, as the journal has them; left out where it does not have the last one. */
  readonly row?: {
    readonly falls: number;
    readonly failedStarts: number;
    readonly isAtLeast?: true;
    /** When the first and the last of them were. */
    readonly sinceMs: number;
    readonly lastMs: number;
  };
}

/**
 * The job of the manager that ended a service. `shutdown`: all services end with the manager. `none`: it ended without a job.
 * `unknown`: the manager could not be asked.
 */
export type EndingJob = 'stop' | 'restart' | 'shutdown' | 'none' | 'unknown';

/** The cause of an end that no hook saw. */
export const unknownCause: Cause = { result: null, code: null, status: null };
