/** The ways a service can end, and how they are written: `exit:1`, `signal:SIGTERM`, `reboot` ... */
import { parseUnitName } from '../systemd/unit-name.ts';
import { parseSignal, signalName } from '../systemd/values/signal.ts';

/** One way in which a service can end: by itself, with its manager, or with another unit. */
export type Ending = OwnEnding | WorldEnding | TiedEnding;

/** An ending that comes from the service itself: its main process, one of its hooks, or one of its limits. Its manager sees it happen. */
export type OwnEnding =
  /** The main process exits with a status. */
  | { readonly kind: 'exit'; readonly status: number }
  /** A signal from outside kills the main process; `systemctl kill` sends such a signal, too. */
  | { readonly kind: 'signal'; readonly signal: number }
  /** The main process dies of a signal and dumps core. */
  | { readonly kind: 'core'; readonly signal: number }
  /** `ExecStartPre=`, `ExecStartPost=` or `ExecCondition=` exits with a status. */
  | { readonly kind: 'start-pre' | 'start-post' | 'condition'; readonly status: number }
  /** The main process ends before the service has said that it is ready (`Type=notify`, `dbus`, `forking`). */
  | { readonly kind: 'unready-exit'; readonly status: number }
  | { readonly kind: 'unready-signal'; readonly signal: number }
  | { readonly kind: (typeof ownPlainEndings)[number] };

/** An ending that happens to the manager, or to the machine, and takes the service with it. */
export type WorldEnding = { readonly kind: (typeof worldEndings)[number] };

/** An ending of another unit that the service is tied to by `Requires=`, `BindsTo=`, `PartOf=` and the like. */
export interface TiedEnding {
  /** `fall-of`: the other unit ends by itself; `stop-of`: an operator stops the other unit. */
  readonly kind: 'fall-of' | 'stop-of';
  /** Name of the other unit. */
  readonly unit: string;
}

const ownPlainEndings = [
  /** The service sends no keep-alive within `WatchdogSec=`. */
  'watchdog',
  /** The start takes longer than `TimeoutStartSec=`. */
  'start-timeout',
  /** `ExecStartPost=` takes longer than `TimeoutStartSec=`. */
  'start-post-timeout',
  /** The service runs longer than `RuntimeMaxSec=`. */
  'runtime-max',
  /** The kernel kills the service for lack of memory. */
  'oom',
  /** An operator runs `systemctl stop`. */
  'stop',
  /** The main process runs and no longer answers anybody. */
  'hang',
] as const;

const worldEndings = [
  /** The user's last session ends. */
  'logout',
  /** Somebody kills the user manager with SIGKILL. */
  'manager-kill',
  /** The machine starts anew. */
  'reboot',
] as const;

/**
 * All forms in which {@link parseEnding} reads an ending, for help and error messages. N stands for an exit status, NAME for
 * a signal, UNIT for the name of a unit.
 *
 * @example
 * import { endingForms } from 'daruma/restart';
 *
 * endingForms.includes('signal:NAME'); // true
 */
export const endingForms: readonly string[] = [
  'exit:N',
  'signal:NAME',
  'core:NAME',
  'start-pre:N',
  'start-post:N',
  'condition:N',
  'unready-exit:N',
  'unready-signal:NAME',
  ...ownPlainEndings,
  ...worldEndings,
  'fall-of:UNIT',
  'stop-of:UNIT',
];

/** Whether an ending happens to the manager rather than to the service alone. */
export function isWorldEnding(ending: Ending): ending is WorldEnding {
  return worldEndings.some(kind => kind === ending.kind);
}

/**
 * Reads an ending in one of the {@link endingForms}. Exit statuses go from 0 to 255; signals are names, with or without `SIG`,
 * or numbers.
 *
 * @returns undefined when the text is no ending
 * @example
 * import { parseEnding } from 'daruma/restart';
 *
 * parseEnding('exit:1'); // { kind: 'exit', status: 1 }
 * parseEnding('signal:TERM'); // { kind: 'signal', signal: 15 }
 * parseEnding('fall-of:redis.service'); // { kind: 'fall-of', unit: 'redis.service' }
 * parseEnding('exit:256'); // undefined
 */
export function parseEnding(text: string): Ending | undefined {
  const plain = [...ownPlainEndings, ...worldEndings].find(kind => kind === text);
  if (plain !== undefined) return { kind: plain };
  const colon = text.indexOf(':');
  const kind = text.slice(0, colon);
  const argument = text.slice(colon + 1);
  if (kind === 'fall-of' || kind === 'stop-of') {
    return parseUnitName(argument) === undefined ? undefined : { kind, unit: argument };
  }
  if (kind === 'signal' || kind === 'core' || kind === 'unready-signal') {
    const signal = parseSignal(argument);
    return signal === undefined ? undefined : { kind, signal };
  }
  const statusKind = statusKinds.find(known => known === kind);
  const status = /^\d{1,3}$/.test(argument) ? Number(argument) : Number.NaN;
  return statusKind !== undefined && status <= 255 ? { kind: statusKind, status } : undefined;
}

const statusKinds = ['exit', 'unready-exit', 'start-pre', 'start-post', 'condition'] as const;

/** Whether an ending happens to a unit that the service is tied to. */
export function isTiedEnding(ending: Ending): ending is TiedEnding {
  return 'unit' in ending;
}

/**
 * Writes an ending in the form that {@link parseEnding} reads.
 *
 * @example
 * import { formatEnding } from 'daruma/restart';
 *
 * formatEnding({ kind: 'signal', signal: 15 }); // 'signal:SIGTERM'
 */
export function formatEnding(ending: Ending): string {
  if ('status' in ending) return `${ending.kind}:${ending.status}`;
  if ('signal' in ending) return `${ending.kind}:${signalName(ending.signal)}`;
  if ('unit' in ending) return `${ending.kind}:${ending.unit}`;
  return ending.kind;
}
