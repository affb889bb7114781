/** What there is to tell, as data. A language makes the words (`i18n/`), a channel carries them. */
import type { ManagerScope } from '../systemd/search-path.ts';

export type Notice = {
  /** When it happened: milliseconds since 1970 in UTC. */
  readonly atMs: number;
  /** The name of the machine it happened on. */
  readonly host: string;
} & (
  | ServiceNotice
  | { readonly kind: 'test' }
  | { readonly kind: 'text'; readonly text: string }
  | LateNotice
);

/** What happened to a service. */
type ServiceNotice = {
  readonly unit: string;
  readonly scope: ManagerScope;
  /** The end of its log, without secrets, where that is wanted. */
  readonly log?: readonly string[];
} & (
  | {
      /** It fell, and was not up again for longer than somebody wants to wait. */
      readonly kind: 'fell';
      readonly cause: Cause;
    }
  | {
      /** It fell, and is up and answers again. */
      readonly kind: 'restarted';
      readonly cause: Cause;
      /** From its end until it was ready; null where the end was not seen. */
      readonly downSeconds: number | null;
      /** How often it fell until it stayed up. */
      readonly falls: number;
    }
  | {
      /** Somebody, or the boot, started it; nothing had gone wrong. */
      readonly kind: 'started';
    }
  | {
      /** systemd calls it active, and it does not answer. */
      readonly kind: 'not-ready';
      readonly waitedSeconds: number;
    }
  | {
      /** systemd will not start it again. */
      readonly kind: 'stays-down';
      readonly cause: Cause;
      /** How often it fell in a row, and within what time; null where it fell but once. */
      readonly gaveUp: { readonly falls: number; readonly seconds: number } | null;
    }
  | { readonly kind: 'still-down'; readonly sinceMs: number }
  | {
      /** It failed, and not `Restart=` but other units start it again. */
      readonly kind: 'failed';
      readonly cause: Cause;
      /** Names of these units: timers, sockets ... */
      readonly startedBy: readonly string[];
    }
  | {
      /** It failed, and when it was next started it ended well, or is up. */
      readonly kind: 'recovered';
      readonly cause: Cause;
      /** How often it failed until then. */
      readonly falls: number;
    }
);

/** What happened to a service, apart from where and when. */
export type ServiceEvent = Without<ServiceNotice, 'unit' | 'scope' | 'log'>;

type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** Messages that could not be delivered while they were of use. */
interface LateNotice {
  readonly kind: 'late';
  readonly count: number;
  /** What they were about, each once. */
  readonly units: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * How a service ended, as systemd tells a hook: `$SERVICE_RESULT`, `$EXIT_CODE`, `$EXIT_STATUS` (systemd.exec(5)).
 * Unknown values are kept as they are: newer versions have more of them.
 */
export interface Cause {
  /** `success`, `exit-code`, `signal`, `oom-kill` ...; null where nobody was there to see it. */
  readonly result: string | null;
  /** `exited`, `killed`, `dumped`; null where no process ended. */
  readonly code: string | null;
  /** The exit status, or the name of the signal without SIG. */
  readonly status: string | null;
}
