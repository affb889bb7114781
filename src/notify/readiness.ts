/** How to find out whether a service is ready: as it is configured, else as daruma knows the service. */
import type { WrittenProbe } from '../config/schema.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import type { Purpose } from '../inventory/purpose.ts';
import type { Probe } from '../probe/probe.ts';
import type { KnownService, Listener } from '../services/known-service.ts';
import { parseTimeSpan } from '../systemd/values/time-span.ts';
import type { Readiness } from './follow.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface FollowedService {
  readonly readiness: Readiness;
  readonly purpose: Purpose;
}

/**
 * @param probe what the configuration says of this unit
 * @param environment of a probe that is a command
 */
export async function followedService(
  unit: string,
  inventory: Inventory,
  probe: WrittenProbe | undefined,
  environment: Environment,
): Promise<FollowedService> {
  for await (const entry of inventory.services([unit])) {
    return {
      readiness: readinessOf(entry, probe, environment),
      purpose: entry.purpose ?? unknownPurpose,
    };
  }
  return { readiness: nothingKnown, purpose: unknownPurpose };
}

function readinessOf(
  { service, known }: ServiceEntry,
  probe: WrittenProbe | undefined,
  environment: Environment,
): Readiness {
  if (service.settings === undefined) return nothingKnown;
  if (probe !== undefined && probe !== 'auto') return configured(probe, environment);
  const listener = known?.service.listens(known.program)[0];
  return known === undefined || listener === undefined
    ? nothingKnown
    : ofKnownService(known.service, listener);
}

/** As long as the seed's own script waits. */
const usualSeconds = 30;

/** Where nothing is known the end of a service is a fall. */
const unknownPurpose: Purpose = { isMeantToStay: true, startedBy: [] };

const nothingKnown: Readiness = { probes: [], seconds: usualSeconds };

function configured(probe: Exclude<WrittenProbe, 'auto'>, environment: Environment): Readiness {
  const graceUsec = parseTimeSpan(String(probe.grace ?? '60s')) ?? 0;
  return { probes: [writtenProbe(probe, environment)], seconds: Math.max(1, graceUsec / 1_000_000) };
}

function writtenProbe(probe: Exclude<WrittenProbe, 'auto'>, environment: Environment): Probe {
  if ('http' in probe) return { kind: 'http', url: probe.http, statuses: probe.status, body: probe.body };
  if ('unix' in probe) return { kind: 'unix', path: probe.unix };
  if ('command' in probe) return { kind: 'command', argv: probe.command, environment };
  const at = probe.tcp.lastIndexOf(':');
  const host = probe.tcp.slice(0, at).replaceAll(/[[\]]/g, '');
  return { kind: 'tcp', host, port: Number(probe.tcp.slice(at + 1)) };
}

function ofKnownService({ probes }: KnownService, listener: Listener): Readiness {
  const base = `http://${addressOf(listener)}:${listener.port}`;
  const known = probes.readiness ?? probes.liveness;
  const own: Probe = {
    kind: 'http',
    url: base + (known?.path ?? '/'),
    statuses: known?.statuses ?? [200],
    body: known?.bodyIncludes,
  };
  // Who asks for a key is there to do so: older gateways answer so on every path.
  const asksForKey: Probe = { kind: 'http', url: own.url, statuses: [401], body: undefined };
  return { probes: [own, asksForKey], seconds: Math.max(usualSeconds, probes.warmUpSeconds) };
}

/** What is bound to every address answers on loopback. */
function addressOf({ address }: Listener): string {
  if (address === undefined || ['0.0.0.0', '::', '*'].includes(address)) return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}
