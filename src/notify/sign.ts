/** What a hook, or somebody who looked, saw of a service. */
import type { Cause } from './notice.ts';

export type Sign = {
  readonly atMs: number;
  /** systemd's id of the run it is about (`$INVOCATION_ID`, systemd.exec(5)); null where it is not known. */
  readonly invocation: string | null;
} & (
  | {
      readonly kind: 'ended';
      readonly cause: Cause;
      readonly job: EndingJob;
    }
  | {
      readonly kind: 'started';
      /** Automatic restarts since somebody started it by hand; null where nobody could be asked. */
      readonly restarts: number | null;
    }
  /** It answers. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'not-ready'; readonly waitedSeconds: number }
  /** systemd will not start it again. */
  | { readonly kind: 'stays-down'; readonly cause: Cause }
  /** It ended, and was meant to. */
  | { readonly kind: 'finished' }
  /** Time has passed. */
  | { readonly kind: 'look' }
);

/**
 * The job of the manager that made a service end; `shutdown` where all of them end with the manager. `none` where it ended
 * without one, `unknown` where nobody could be asked.
 */
export type EndingJob = 'stop' | 'restart' | 'shutdown' | 'none' | 'unknown';

/** Where nobody was there to see how it ended. */
export const unknownCause: Cause = { result: null, code: null, status: null };
