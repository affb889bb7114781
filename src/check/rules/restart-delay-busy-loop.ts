import { longestWaitSeconds, slowDown } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartDelayBusyLoop {
  /** The longest wait before a restart, in seconds. */
  readonly waitSeconds: number;
  /** Whether no line sets the wait. */
  readonly isDefault: boolean;
}

/** Fast restarts that nothing ends. The service gets up again from every fall, so this is no warning. */
export const restartDelayBusyLoop: ServiceRule<'restart-delay-busy-loop', RestartDelayBusyLoop> = {
  id: 'restart-delay-busy-loop',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service): Iterable<Fault<RestartDelayBusyLoop>> {
    const { settings, falls } = service;
    const waitSeconds = longestWaitSeconds(settings);
    if (waitSeconds >= 1 || !falls.crashLoop.because.some(({ code }) => endless.has(code))) return;
    const { RestartSec, StartLimitIntervalSec, StartLimitBurst, Restart } = settings;
    const set = [RestartSec, StartLimitIntervalSec, StartLimitBurst, Restart];
    yield {
      source: set.find(({ source }) => source !== null)?.source ?? null,
      details: { waitSeconds, isDefault: RestartSec.source === null },
      changes: [slowDown(service)],
    };
  },
};

/** Reasons for which the start limit does not end a crash loop. */
const endless: ReadonlySet<string> = new Set(['limit-off', 'limit-out-of-reach']);
