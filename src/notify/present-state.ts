/** What a service does now, held against what was last concluded of it: nobody may have looked at it since. */
import type { LiveUnit } from '../systemd/host/host.ts';
import type { OpenIncident } from './incident.ts';
import { isRunning } from './sign-order.ts';

/** `as-seen`: nothing speaks against what was last seen. `starts`: systemd does not call it active yet. `unknown`: the manager does not tell. */
export type PresentState = 'as-seen' | 'runs' | 'starts' | 'does-not-run' | 'unknown';

/** @param live undefined when the manager does not answer */
export function presentState({ state }: OpenIncident, live: LiveUnit | undefined): PresentState {
  if (live === undefined) return 'unknown';
  const wasRunning = state === 'up' || state === 'starting' || state === 'not-ready';
  if (isRunning(live) === wasRunning) return 'as-seen';
  if (wasRunning) return 'does-not-run';
  return live.activeState === 'activating' ? 'starts' : 'runs';
}
