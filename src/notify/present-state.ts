/** What a service does now: held against what was last concluded of it, and for messages about what may be over. */
import { endedBy, isAtRest } from '../inventory/downfall.ts';
import { halfUpOf } from '../inventory/half-up.ts';
import type { Halt } from '../inventory/service-processes.ts';
import type { HostFiles, LiveUnit } from '../systemd/host/host.ts';
import type { OpenIncident } from './incident.ts';
import type { Notice } from './notice.ts';
import { isRunning } from './sign-order.ts';

/** `as-seen`: nothing speaks against what was last seen. `starts`: systemd does not call it active yet. `ends`: it is being stopped. `halted`: its process is there and does not go on. `unknown`: the manager does not tell. */
export type PresentState = 'as-seen' | 'runs' | 'starts' | 'ends' | 'does-not-run' | 'halted' | 'unknown';

/**
 * @param live undefined when the manager does not answer
 * @param files of the host on which it runs
 */
export function presentState(
  { state }: OpenIncident,
  live: LiveUnit | undefined,
  files: HostFiles,
): PresentState {
  if (live === undefined) return 'unknown';
  if (haltIn(live, files) !== undefined) return 'halted';
  if (live.activeState === 'deactivating') return 'ends';
  const isStarting = live.activeState === 'activating' && isRunning(live);
  if (isStarting) return 'starts';
  const wasRunning = state === 'up' || state === 'starting' || state === 'not-ready';
  if (isRunning(live) === wasRunning) return 'as-seen';
  return wasRunning ? 'does-not-run' : 'runs';
}

/**
 * Whether what a message tells may be over when it leaves: later than a while after it, and of falls in a row at any time, between which it
 * may be up.
 */
export function mayBeOver({ kind, atMs }: Pick<Notice, 'kind' | 'atMs'>, nowMs: number): boolean {
  return kind === 'keeps-falling' || nowMs - atMs > heldMs;
}

/** Most have patience of a minute of their own. */
const heldMs = 75_000;

/** What a service does at the moment. */
export interface PresentRun {
  /** `halts`: its process is there and does not go on; `restarts`: it has ended, and systemd starts it again; `fails`: down, with a failure; `stopped`: down by a stop job; `rests`: down without either, as far as the manager tells. */
  readonly kind: 'runs' | 'halts' | 'starts' | 'restarts' | 'ends' | 'fails' | 'stopped' | 'rests';
  /** When its main process was started, in ms since 1970; null where it has none, or it does not run. */
  readonly sinceMs: number | null;
  /** Whether it answers its probe; left out where it has none, or does not run. */
  readonly answers?: boolean;
  /** Of `halts`: what keeps its process from going on. */
  readonly halt?: Halt;
}

export function presentRun(live: LiveUnit, files: HostFiles): PresentRun {
  const { activeState, subState, mainPid, mainStartedSeconds: seconds } = live;
  const without = { sinceMs: null };
  if (activeState === 'failed') return { kind: 'fails', ...without };
  // Also of what was stopped in the wait for its restart.
  if (isAtRest(live)) return { kind: endedBy(live) === 'job' ? 'stopped' : 'rests', ...without };
  if (activeState === 'deactivating') return { kind: 'ends', ...without };
  if (subState.startsWith('auto-restart')) return { kind: 'restarts', ...without };
  if (activeState === 'activating') return { kind: 'starts', ...without };
  const halt = haltIn(live, files);
  if (halt !== undefined) return { kind: 'halts', ...without, halt };
  return { kind: 'runs', sinceMs: mainPid === 0 || seconds === null ? null : seconds * 1_000 };
}

function haltIn(live: LiveUnit, files: HostFiles): Halt | undefined {
  const halfUp = halfUpOf(live, undefined, files, 0);
  return halfUp?.how === 'halted' ? halfUp.halt : undefined;
}
