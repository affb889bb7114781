/** The ways a service can end, and how they are written: `exit:1`, `signal:SIGTERM`, `reboot` ... */
import { parseSignal, signalName } from '../systemd/values/signal.ts';

export type Ending = OwnEnding | WorldEnding;

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
  | { readonly kind: (typeof ownPlainEndings)[number] };

/** What happens to the manager and takes the service with it. */
export type WorldEnding = { readonly kind: (typeof worldEndings)[number] };

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
  ...ownPlainEndings,
  ...worldEndings,
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
  if (kind === 'signal' || kind === 'core') {
    const signal = parseSignal(argument);
    return signal === undefined ? undefined : { kind, signal };
  }
  if (kind === 'exit' || kind === 'start-pre' || kind === 'start-post' || kind === 'condition') {
    const status = /^\d{1,3}$/.test(argument) ? Number(argument) : Number.NaN;
    return status <= 255 ? { kind, status } : undefined;
  }
  return undefined;
}

/** Writes an ending as {@link parseEnding} reads it: `signal:SIGTERM`. */
export function formatEnding(ending: Ending): string {
  if ('status' in ending) return `${ending.kind}:${ending.status}`;
  if ('signal' in ending) return `${ending.kind}:${signalName(ending.signal)}`;
  return ending.kind;
}
