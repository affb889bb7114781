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
      /** Whether a job of the manager asked for it: `stop`, `restart`, shutdown. Null where nobody could be asked. */
      readonly isAsked: boolean | null;
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

/** Where nobody was there to see how it ended. */
export const unknownCause: Cause = { result: null, code: null, status: null };
