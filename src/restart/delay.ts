/**
 * How long systemd waits before it restarts a service. Always an interval: the manager's timers may fire up to 250 ms
 * late so that wake-ups can be shared (sd_event_add_time(3), default accuracy).
 */
import type { ServiceSettings } from '../systemd/service-settings.ts';

/** Seconds, from the earliest to the latest. */
export type Interval = readonly [min: number, max: number];

export type DelaySettings = Pick<
  ServiceSettings,
  'RestartSec' | 'RestartSteps' | 'RestartMaxDelaySec' | 'RestartRandomizedDelaySec'
>;

/**
 * The wait before the n-th restart in a row.
 *
 * @param restart 1 for the first restart; systemd's `NRestarts` after it
 * @returns null when the wait never ends (`RestartSec=infinity`)
 */
export function restartDelay(settings: DelaySettings, restart: number): Interval | null {
  const waitUsec = restartWaitUsec(settings, restart);
  if (waitUsec === Number.POSITIVE_INFINITY) return null;
  const min = waitUsec / usecPerSecond;
  const randomized = settings.RestartRandomizedDelaySec.value / usecPerSecond;
  // A timer that is due when it is armed is not shared with others: only the manager's own work lies between.
  const slack = waitUsec === 0 && randomized === 0 ? managerWorkSeconds : timerSlackSeconds;
  return [min, min + randomized + slack];
}

/**
 * The wait in microseconds, without randomness and slack.
 * Source: `service_restart_usec_next()`; RestartSteps= grows it geometrically from RestartSec= to RestartMaxDelaySec=.
 */
export function restartWaitUsec(settings: DelaySettings, restart: number): number {
  const first = settings.RestartSec.value;
  const steps = settings.RestartSteps.value;
  const last = settings.RestartMaxDelaySec.value;
  if (restart <= 1 || steps === 0 || first === 0 || last === Number.POSITIVE_INFINITY || first >= last) {
    return first;
  }
  if (restart > steps) return last;
  return Math.trunc(first * (last / first) ** ((restart - 1) / steps));
}

/** How late a timer of the manager may fire. */
export const timerSlackSeconds = 0.25;

/** What the manager may need between two steps of a service on a machine that is not overloaded (3 to 7 ms seen). */
export const managerWorkSeconds = 0.05;

export const usecPerSecond = 1_000_000;
