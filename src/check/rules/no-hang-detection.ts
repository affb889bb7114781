import type { Listener } from '../../services/known-service.ts';
import type { LoadedService } from '../checked-unit.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface NoHangDetection {
  /** The name of the known service that it is; null for one of any kind. */
  readonly service: string | null;
  /** The URL of it that `probe: auto` asks. */
  readonly probe: string | null;
  /** Where it listens, as far as that is known: which path of it a probe should ask, only its maker knows. */
  readonly port: number | null;
  /** Whether the program is known never to send keep-alives, so that WatchdogSec= is no way out. */
  readonly cannotPing: boolean;
}

/** A process that runs and no longer answers: to systemd it is active, and nothing else asks. */
export const noHangDetection: ServiceRule<'no-hang-detection', NoHangDetection> = {
  id: 'no-hang-detection',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check(service): Iterable<Fault<NoHangDetection>> {
    const { settings, policy, falls, known, unit } = service;
    // A watchdog that ends a hang, and a restart that then fails to come, are other rules' business.
    const isWatched = policy.isProbed || settings.WatchdogSec.value !== 0;
    if (!service.isMeantToStay || isWatched || falls.hang.getsUp !== false) return;
    // At a terminal somebody sits in front of it, and no probe could ask it anything.
    if (unit.assignments.last('Service', 'StandardInput')?.value.startsWith('tty')) return;
    const probe = probeOf(service);
    yield {
      source: settings.ExecStart.source,
      details: {
        // Whatever runs on Node or Python has a name only for its kind.
        service: known?.service.recommended === undefined ? null : known.service.name,
        probe,
        port: listenerOf(service)?.port ?? null,
        cannotPing: known?.service.sendsKeepAlive === false,
      },
      changes: probe === null ? [] : [{ kind: 'probe', unit: service.name }],
    };
  },
};

function listenerOf({ known }: LoadedService): Listener | undefined {
  return known?.service.listens(known.program)[0];
}

function probeOf(service: LoadedService): string | null {
  const liveness = service.known?.service.probes.liveness;
  const listener = listenerOf(service);
  if (liveness === undefined || listener === undefined) return null;
  // What listens everywhere listens here.
  const { address = '127.0.0.1', port } = listener;
  const isEverywhere = address === '0.0.0.0' || address === '::';
  const host = isEverywhere ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}${liveness.path}`;
}
