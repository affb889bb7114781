import { longestWaitSeconds } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartBackoffAvailable {
  /** The wait between two starts for as long as the service cannot start. */
  readonly waitSeconds: number;
  readonly steps: number;
  readonly mostSeconds: number;
}

/** Restarts without end at a constant interval, although this version of systemd could increase the interval. */
export const restartBackoffAvailable: ServiceRule<'restart-backoff-available', RestartBackoffAvailable> = {
  id: 'restart-backoff-available',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, { inventory }): Iterable<Fault<RestartBackoffAvailable>> {
    if (!service.isMeantToStay || inventory.machine.version < firstVersion) return;
    const { settings, falls } = service;
    const { RestartSteps, RestartMaxDelaySec, RestartSec } = settings;
    const grows = RestartSteps.value > 0 && RestartMaxDelaySec.value !== Number.POSITIVE_INFINITY;
    const waitSeconds = longestWaitSeconds(settings);
    const isEndless = falls.crashLoop.getsUp === true && falls.crashLoop.afterSeconds !== null;
    // A wait below a second is reported by `restart-delay-busy-loop`, and has to be corrected first.
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

/** The first version with RestartSteps= and RestartMaxDelaySec= (systemd.service(5)). */
const firstVersion = 254;

/**
 * systemd counts restarts until the service is started by hand, however long it ran in between (`service_start()`,
 * `flush_n_restarts`). So any later fall waits for the longest time: this must be acceptable, and reached only after
 * many restarts.
 */
const steps = 10;
const mostSeconds = 30;
