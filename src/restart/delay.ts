/**
 * How long systemd waits before it restarts a service. The answer is always an interval: the manager's timers may fire
 * up to 250 ms late, so that several timers share one wake-up (sd_event_add_time(3), default accuracy).
 */
import type { ServiceSettings } from '../systemd/service-settings.ts';

/** A duration in seconds: the shortest and the longest that systemd's timers allow. */
export type Interval = readonly [min: number, max: number];

export type DelaySettings = Pick<
  ServiceSettings,
  'RestartSec' | 'RestartSteps' | 'RestartMaxDelaySec' | 'RestartRandomizedDelaySec'
>;

/**
 * Calculates how long systemd waits before the n-th restart in a row: the wait that the settings ask for, the random
 * part (`RestartRandomizedDelaySec=`), and what the manager's timer may be late.
 *
 * Source: `service_restart_usec_next()`; systemd.service(5), RestartSec=; sd_event_add_time(3) for the timer's accuracy.
 *
 * @param restart 1 for the first restart; the value that systemd's `NRestarts` has after it
 * @returns seconds; null when the wait never ends (`RestartSec=infinity`)
 * @example
 * import { restartDelay } from 'daruma/restart';
 *
 * const settings = {
 *   RestartSec: { value: 1_000_000, source: null },
 *   RestartSteps: { value: 2, source: null },
 *   RestartMaxDelaySec: { value: 9_000_000, source: null },
 *   RestartRandomizedDelaySec: { value: 0, source: null },
 * };
 * restartDelay(settings, 1); // [ 1, 1.25 ]
 * restartDelay(settings, 2); // [ 3, 3.25 ]
 * restartDelay(settings, 3); // [ 9, 9.25 ]
 */
export function restartDelay(settings: DelaySettings, restart: number): Interval | null {
  const waitUsec = restartWaitUsec(settings, restart);
  if (waitUsec === Number.POSITIVE_INFINITY) return null;
  const min = waitUsec / usecPerSecond;
  const randomized = settings.RestartRandomizedDelaySec.value / usecPerSecond;
  // systemd runs a timer that is due at once without waiting for others: only the manager's own work takes time.
  const slack = waitUsec === 0 && randomized === 0 ? managerWorkSeconds : timerSlackSeconds;
  return [min, min + randomized + slack];
}

/**
 * Calculates the wait before the n-th restart in a row that the settings ask for, without the random part and without
 * what a timer may be late. `RestartSteps=` makes it grow geometrically from `RestartSec=` to `RestartMaxDelaySec=`.
 *
 * Source: `service_restart_usec_next()`; systemd.service(5), RestartSteps=, RestartMaxDelaySec=.
 *
 * @param restart 1 for the first restart
 * @returns microseconds; `Infinity` for `RestartSec=infinity`
 * @example
 * import { restartWaitUsec } from 'daruma/restart';
 *
 * const settings = {
 *   RestartSec: { value: 1_000_000, source: null },
 *   RestartSteps: { value: 2, source: null },
 *   RestartMaxDelaySec: { value: 9_000_000, source: null },
 *   RestartRandomizedDelaySec: { value: 0, source: null },
 * };
 * restartWaitUsec(settings, 2); // 3_000_000
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

/** How late a timer of the manager may fire, in seconds. */
export const timerSlackSeconds = 0.25;

/** How many seconds the manager may need between two steps of a service on a machine that is not overloaded (measured: 3 to 7 ms). */
export const managerWorkSeconds = 0.05;

export const usecPerSecond = 1_000_000;
