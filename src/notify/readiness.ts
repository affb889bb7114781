/** How to find out whether a service is ready: as it is configured, else as daruma knows the service. */
import type { WrittenProbe } from '../config/schema.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Probe } from '../probe/probe.ts';
import { isMeantToStay } from '../restart/survival.ts';
import { recogniseService } from '../services/index.ts';
import type { KnownService, Listener } from '../services/known-service.ts';
import { readProgram } from '../services/program.ts';
import { resolveService } from '../systemd/service.ts';
import { parseTimeSpan } from '../systemd/values/time-span.ts';
import type { Readiness } from './follow.ts';

export interface FollowedService {
  readonly readiness: Readiness;
  /** Whether it is to run all the time; a oneshot is not. */
  readonly isMeantToStay: boolean;
}

/** @param probe what the configuration says of this unit */
export function followedService(
  unit: string,
  { host, loader }: Inventory,
  probe: WrittenProbe | undefined,
): FollowedService {
  const service = resolveService(loader.load(unit), loader.defaults, host.systemd.version);
  const { settings } = service;
  if (settings === undefined) return { readiness: nothingKnown, isMeantToStay: true };
  const surroundings = { settings };
  if (probe !== undefined && probe !== 'auto') {
    return { readiness: configured(probe), isMeantToStay: isMeantToStay(surroundings) };
  }
  const program = readProgram(service.unit, settings, host);
  const known = program && recogniseService(program)?.service;
  const listener = program && known?.listens(program)[0];
  const readiness =
    known === undefined || listener === undefined ? nothingKnown : ofKnownService(known, listener);
  return { readiness, isMeantToStay: isMeantToStay(surroundings) };
}

/** As long as the seed's own script waits. */
const usualSeconds = 30;

const nothingKnown: Readiness = { probes: [], seconds: usualSeconds };

function configured(probe: Exclude<WrittenProbe, 'auto'>): Readiness {
  const graceUsec = parseTimeSpan(String(probe.grace ?? '60s')) ?? 0;
  return { probes: [writtenProbe(probe)], seconds: Math.max(1, graceUsec / 1_000_000) };
}

function writtenProbe(probe: Exclude<WrittenProbe, 'auto'>): Probe {
  if ('http' in probe) return { kind: 'http', url: probe.http, statuses: probe.status, body: probe.body };
  if ('unix' in probe) return { kind: 'unix', path: probe.unix };
  if ('command' in probe) return { kind: 'command', argv: probe.command };
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
