/** Whether a service that should run is down now, and whether it ended by itself or was stopped. */
import type { LiveUnit } from '../systemd/host/host.ts';
import { shortSignalName } from '../systemd/values/signal.ts';
import type { ServiceFacts } from '../restart/outcome.ts';
import type { Purpose } from './purpose.ts';

/**
 * How a service came to be down. `fell`: it ended without a stop job; `ended`: so too, but without a fault and without a line
 * that asks for a restart, so that it may be meant to end; `gave-up`: systemd does not restart it any more;
 * `restarting`: systemd waits to start it again;
 * `unknown`: it ended, and whether a stop job ended it is not known; `never-started`: not since its manager began.
 */
type DownHow = 'fell' | 'ended' | 'gave-up' | 'restarting' | 'unknown' | 'never-started';

export interface Downfall {
  readonly how: DownHow;
  /** When it went down, in seconds since 1970; null when it never ran. */
  readonly sinceSeconds: number | null;
  /** How often systemd has restarted it since its last start by somebody. */
  readonly restarts: number;
  /** systemd's result, how its main process ended, and with which exit status or signal, as systemd passes them to ExecStopPost=. */
  readonly result: string;
  readonly code: string | null;
  readonly status: string | null;
}

/** What ended a run. `ask`: only the journal may know. */
type EndedBy = 'itself' | 'job' | 'ask' | 'nothing';

/**
 * What ended the last run of a unit that is down, or on its way down.
 *
 * A process that ends by itself is gone before its unit leaves `active`; a stop job makes the unit leave `active` first. A unit
 * that waits for its restart is no longer inactive: when a job stops it there, it becomes `inactive` again without a run. Only
 * when systemd itself ends a service, or when it ends before it is up, the times do not tell (ran on 247, 252, 257 and 262).
 */
export function endedBy(live: LiveUnit): EndedBy {
  const hasRun = live.enteredInactiveUsec > 0 || live.activeState === 'deactivating';
  if (!hasRun || live.result === 'exec-condition') return 'nothing';
  if (!wasUp(live)) return live.activeState === 'inactive' ? 'job' : 'ask';
  if (live.mainEndedUsec === 0) return 'ask';
  if (live.mainEndedUsec <= live.leftActiveUsec) return 'itself';
  if (live.result === 'watchdog' || live.result === 'oom-kill') return 'itself';
  return live.result === 'timeout' ? 'ask' : 'job';
}

/** Whether the last run of a unit got as far as to be up: a `Type=oneshot` never does, nor what falls in its start. */
export function wasUp({ leftActiveUsec, leftInactiveUsec }: LiveUnit): boolean {
  return leftActiveUsec > 0 && leftActiveUsec >= leftInactiveUsec;
}

/** Whether a unit neither runs nor is about to. */
export function isAtRest({ activeState }: LiveUnit): boolean {
  return activeState === 'inactive' || activeState === 'failed';
}

/** Whether a service that should run is not running, whatever the reason. */
export function isDown(
  live: LiveUnit,
  facts: ServiceFacts,
  enabled: string | undefined,
  purpose: Purpose,
): boolean {
  if (live.loadState !== 'loaded' || !isAtRest(live)) return false;
  if (/^(?:disabled|masked|linked)/.test(enabled ?? '') || facts.settings.Type.value === 'oneshot')
    return false;
  // What is started on demand may be at rest, and an end that is expected is no fall.
  return purpose.isMeantToStay || (live.activeState === 'failed' && facts.surroundings.triggers.length > 0);
}

/** Whether a service that exits without a fault may have done what it is for: nothing asks systemd to bring it back. */
export function mayBeMeantToEnd({ settings }: ServiceFacts, isKnownServer: boolean): boolean {
  return settings.Restart.value === 'no' && !isKnownServer;
}

/**
 * @param wasStopped what the journal says, where it was asked
 * @returns undefined when a stop job ended the service: an operator's stop is respected
 */
export function downfallOf(
  live: LiveUnit,
  wasStopped: boolean | undefined,
  mayEnd: boolean,
): Downfall | undefined {
  const by = endedBy(live);
  if (by === 'job' || (by === 'ask' && wasStopped === true)) return undefined;
  const isLatched = live.result === 'start-limit-hit' || (live.nRestarts > 0 && isEndOfLoop(live));
  const ending = endingOf(live);
  const isDone = mayEnd && ending.result === 'success' && ending.code === 'exited';
  const fell = isLatched ? 'gave-up' : isDone ? 'ended' : 'fell';
  return {
    how: by === 'nothing' ? 'never-started' : by === 'ask' && wasStopped === undefined ? 'unknown' : fell,
    sinceSeconds: live.enteredInactiveSeconds,
    restarts: live.nRestarts,
    ...ending,
  };
}

/** A service that waits for its next restart: it is down at this moment, though nothing has to be done to bring it back. */
export function restartingOf(live: LiveUnit): Downfall | undefined {
  if (!live.subState.startsWith('auto-restart')) return undefined;
  const { enteredInactiveSeconds: sinceSeconds, nRestarts: restarts } = live;
  return { how: 'restarting', sinceSeconds, restarts, ...endingOf(live) };
}

/** Failed while it waited for a restart, or in a start: since its last run it has left `inactive` and not been up. */
function isEndOfLoop({ activeState, leftInactiveUsec, leftActiveUsec }: LiveUnit): boolean {
  return activeState === 'failed' && leftInactiveUsec > leftActiveUsec;
}

/** How a unit ended, in the words that systemd passes to ExecStopPost= (systemd.exec(5), `$EXIT_CODE`). */
export function endingOf(live: LiveUnit): Pick<Downfall, 'result' | 'code' | 'status'> {
  const code = [null, 'exited', 'killed', 'dumped'][live.mainCode] ?? null;
  const status =
    code === null ? null : code === 'exited' ? String(live.mainStatus) : shortSignalName(live.mainStatus);
  return { result: live.result, code, status };
}
