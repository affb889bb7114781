/** The ways a service can end, and how they are written: `exit:1`, `signal:SIGTERM`, `reboot` ... */
import { parseUnitName } from '../systemd/unit-name.ts';
import { parseSignal, signalName } from '../systemd/values/signal.ts';

export type Ending = OwnEnding | WorldEnding | TiedEnding;

/** How the main process, a hook or a limit of the service's own ends it: its manager sees it. */
export type OwnEnding =
  /** The main process exits with a status. */
  | { readonly kind: 'exit'; readonly status: number }
  /** The main process is killed by a signal from outside (`systemctl kill` is that, too). */
  | { readonly kind: 'signal'; readonly signal: number }
  /** The main process dies of a signal and dumps core. */
  | { readonly kind: 'core'; readonly signal: number }
  /** `ExecStartPre=`, `ExecStartPost=` or `ExecCondition=` exits with a status. */
  | { readonly kind: 'start-pre' | 'start-post' | 'condition'; readonly status: number }
  /** As `exit` and `signal`, before the service has said that it is ready (`Type=notify`, `dbus`, `forking`). */
  | { readonly kind: 'unready-exit'; readonly status: number }
  | { readonly kind: 'unready-signal'; readonly signal: number }
  | { readonly kind: (typeof ownPlainEndings)[number] };

/** What happens to the manager and takes the service with it. */
export type WorldEnding = { readonly kind: (typeof worldEndings)[number] };

/** What happens to a unit that this one is tied to by `Requires=`, `BindsTo=` or `PartOf=`. */
export interface TiedEnding {
  /** `fall-of`: it ends by itself; `stop-of`: it is stopped by an operator. */
  readonly kind: 'fall-of' | 'stop-of';
  readonly unit: string;
}

const ownPlainEndings = [
  /** No keep-alive within `WatchdogSec=`. */
  'watchdog',
  /** The start takes longer than `TimeoutStartSec=`. */
  'start-timeout',
  'start-post-timeout',
  /** It runs longer than `RuntimeMaxSec=`. */
  'runtime-max',
  /** The kernel kills it for lack of memory. */
  'oom',
  /** `systemctl stop`. */
  'stop',
  /** It runs and never answers. */
  'hang',
] as const;

const worldEndings = [
  /** The user's last session ends. */
  'logout',
  /** `kill -9` of the user manager. */
  'manager-kill',
  'reboot',
] as const;

/** How endings are written, for help and error messages; N is an exit status, NAME a signal. */
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
 * Reads an ending.
 *
 * @returns undefined when the text is none
 * @example parseEnding('signal:TERM') // { kind: 'signal', signal: 15 }
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

/** Writes an ending as {@link parseEnding} reads it: `signal:SIGTERM`. */
export function formatEnding(ending: Ending): string {
  if ('status' in ending) return `${ending.kind}:${ending.status}`;
  if ('signal' in ending) return `${ending.kind}:${signalName(ending.signal)}`;
  if ('unit' in ending) return `${ending.kind}:${ending.unit}`;
  return ending.kind;
}
