import { longestWaitSeconds } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartBackoffAvailable {
  /** Between two starts, for as long as it cannot start. */
  readonly waitSeconds: number;
  readonly steps: number;
  readonly mostSeconds: number;
}

/** Restarts without end at an even pace, where systemd could let the waits grow. */
export const restartBackoffAvailable: ServiceRule<'restart-backoff-available', RestartBackoffAvailable> = {
  id: 'restart-backoff-available',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<RestartBackoffAvailable>> {
    if (!service.isMeantToStay || inventory.machine.version < firstVersion) return;
    const { settings, falls } = service;
    const { RestartSteps, RestartMaxDelaySec, RestartSec } = settings;
    const grows = RestartSteps.value > 0 && RestartMaxDelaySec.value !== Number.POSITIVE_INFINITY;
    const waitSeconds = longestWaitSeconds(settings);
    const isEndless = falls.crashLoop.getsUp === true && falls.crashLoop.afterSeconds !== null;
    // Below a second it is `restart-delay-busy-loop` that has to be put right first.
    if (grows || !isEndless || waitSeconds < 1 || waitSeconds >= mostSeconds) return;
    const set = { kind: 'set', unit: service.name, section: 'Service' } as const;
    yield {
      source: RestartSec.source,
      details: { waitSeconds, steps, mostSeconds },
      changes: [
        { ...set, key: 'RestartSteps', values: [String(steps)] },
        { ...set, key: 'RestartMaxDelaySec', values: [String(mostSeconds)] },
      ],
    };
  },
};

/** RestartSteps= and RestartMaxDelaySec= (systemd.service(5)). */
const firstVersion = 254;

/**
 * systemd counts restarts until the service is started by hand, however well it ran in between (`service_start()`,
 * `flush_n_restarts`), so the longest wait is that of any later fall: it must be one that can be borne, and reached late.
 */
const steps = 10;
const mostSeconds = 30;
