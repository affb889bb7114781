import type { Listener } from '../../services/known-service.ts';
import { hostToAsk } from '../../services/listening.ts';
import { namedPort } from '../../services/named-port.ts';
import { wordsOf } from '../../services/wrappers.ts';
import type { LoadedService } from '../checked-unit.ts';
import { isOwnHook } from '../own-hooks.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';

export interface NoHangDetection {
  /** The name of the known service; null for a program that daruma does not know. */
  readonly service: string | null;
  /** The URL that `probe: auto` asks. */
  readonly probe: string | null;
  /** The port on which the service listens, if it is known; only its maker knows which path a probe should ask there. */
  readonly port: number | null;
  /** The host of a URL for that port, as far as it is known. */
  readonly host: string;
  /**
   * What becomes of the probe of the configuration: there is none; nothing asks it, since the service has no hooks of
   * `daruma notify`; or it is asked until the service is ready after a start, and not later. `unseen`: in a folder of units nobody sees
   * whether it has hooks, which are written where the units run.
   */
  readonly probing: 'none' | 'unasked' | 'unseen' | 'after-start';
  /** Whether the program certainly never sends keep-alives, so that WatchdogSec= is no solution. */
  readonly cannotPing: boolean;
}

/** A service whose hangs nothing detects: systemd calls a process active that runs but does not answer any more. */
export const noHangDetection: ServiceRule<'no-hang-detection', NoHangDetection> = {
  id: 'no-hang-detection',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<NoHangDetection>> {
    const { settings, policy, falls, known, unit } = service;
    // Other rules judge a watchdog: whether a restart follows it, and whether it ends a healthy service.
    // A configured probe is asked after a start alone: nothing asks a service that runs.
    const isWatched = settings.WatchdogSec.value !== 0;
    if (!service.isMeantToStay || isWatched || falls.hang.getsUp !== false) return;
    // A person sits at the terminal of such a service, and a probe cannot ask it anything.
    if (unit.assignments.last('Service', 'StandardInput')?.value.startsWith('tty')) return;
    const probe = probeOf(service);
    const own = firstListener(service) ?? (service.program && namedPort(service.program));
    const probing = policy.isProbed ? probingOf(service, inventory) : 'none';
    yield {
      // More than a probe nobody can give to a program that sends no keep-alives.
      ...((probing === 'after-start' || probing === 'unseen') && { severity: 'info' }),
      source: settings.ExecStart.source,
      details: {
        // A program that is only known to run on Node or Python has no name of its own.
        service: known?.service.recommended === undefined ? null : known.service.name,
        probe,
        port: own?.port ?? null,
        host: hostToAsk(own?.address),
        probing,
        cannotPing: known?.service.sendsKeepAlive === false,
      },
      changes: probe === null || policy.isProbed ? [] : [{ kind: 'probe', unit: service.name }],
    };
  },
};

function probingOf(
  service: LoadedService,
  { host }: CheckContext['inventory'],
): Exclude<NoHangDetection['probing'], 'none'> {
  if (hasHooks(service)) return 'after-start';
  return host.reach === 'units' ? 'unseen' : 'unasked';
}

/** Whoever follows a start asks the probe, and a hook alone tells of a start. */
function hasHooks({ settings }: LoadedService): boolean {
  return settings.ExecStartPost.value.some(command => isOwnHook(wordsOf(command)));
}

function firstListener({ known }: LoadedService): Listener | undefined {
  return known?.service.listens(known.program)[0];
}

function probeOf(service: LoadedService): string | null {
  const liveness = service.known?.service.probes.liveness;
  const listener = firstListener(service);
  if (liveness === undefined || listener === undefined) return null;
  return `http://${hostToAsk(listener.address)}:${listener.port}${liveness.path}`;
}
