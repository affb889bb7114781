/** How to find out whether a service is ready: by the configured probe, or by what daruma knows of the service. */
import type { WrittenConfiguration } from '../config/schema.ts';
import type { WrittenProbe } from '../config/schema.ts';
import { checksOf, type Inventory, type ServiceEntry } from '../inventory/inventory.ts';
import type { Purpose } from '../inventory/purpose.ts';
import { isReady, type Probe } from '../probe/probe.ts';
import type { KnownService, Listener } from '../services/known-service.ts';
import { hostToAsk } from '../services/listening.ts';
import { serviceName } from '../systemd/unit-name.ts';
import { parseTimeSpan } from '../systemd/values/time-span.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Readiness {
  /** One successful probe is enough. Empty when no probe is known: then the service counts as ready after running for a while. */
  readonly probes: readonly Probe[];
  /** How long the service may take from its start to its first successful probe. */
  readonly seconds: number;
}

export interface FollowedService {
  readonly readiness: Readiness;
  readonly purpose: Purpose;
  /** The sockets, paths and timers that start it on demand. */
  readonly triggers: readonly string[];
  /** The assertions of its unit, as `AssertPathExists=/srv/model`. */
  readonly asserts: readonly string[];
  /** Whether anything starts it at boot: that takes a plan of the whole boot. */
  readonly isStartedAtBoot: () => boolean;
}

/**
 * @param probe the probe configured for this unit
 * @param environment for a probe that runs a command
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
      triggers: entry.activation.flatMap(({ kind, name }) => (kind === 'dbus' ? [] : [name])),
      asserts: checksOf(entry.service.unit).asserts,
      isStartedAtBoot: () => entry.facts?.surroundings.boot.started !== false,
    };
  }
  return {
    readiness: nothingKnown,
    purpose: unknownPurpose,
    triggers: [],
    asserts: [],
    isStartedAtBoot: () => true,
  };
}

/** The probe that is configured for a unit. */
export function writtenProbeOf(
  unit: string,
  configuration: WrittenConfiguration | undefined,
): WrittenProbe | undefined {
  const units = Object.entries(configuration?.units ?? {});
  return units.find(([name]) => serviceName(name) === unit)?.[1]?.probe;
}

/** Whether one of its probes succeeds now. */
export async function answers({ probes }: Readiness): Promise<boolean> {
  const ready = await Promise.all(probes.map(probe => isReady(probe, askTimeoutMs)));
  return ready.includes(true);
}

const askTimeoutMs = 5_000;

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

/** Seconds that a service may take to become ready when nothing else is known. */
const usualSeconds = 30;

/** When nothing is known of a service, its end counts as a fall. */
const unknownPurpose: Purpose = { isMeantToStay: true, startedBy: [] };

const nothingKnown: Readiness = { probes: [], seconds: usualSeconds };

function configured(probe: Exclude<WrittenProbe, 'auto'>, environment: Environment): Readiness {
  const graceUsec = parseTimeSpan(String(probe.grace ?? '60s')) ?? 0;
  return { probes: [writtenProbe(probe, environment)], seconds: Math.max(1, graceUsec / 1_000_000) };
}

function writtenProbe(probe: Exclude<WrittenProbe, 'auto'>, environment: Environment): Probe {
  if ('http' in probe) {
    const { http: url, status: statuses, body } = probe;
    return { kind: 'http', url, statuses, body, takesPage: true };
  }
  if ('unix' in probe) return { kind: 'unix', path: probe.unix };
  if ('command' in probe) return { kind: 'command', argv: probe.command, environment };
  const at = probe.tcp.lastIndexOf(':');
  const host = probe.tcp.slice(0, at).replaceAll(/[[\]]/g, '');
  return { kind: 'tcp', host, port: Number(probe.tcp.slice(at + 1)) };
}

function ofKnownService({ probes }: KnownService, listener: Listener): Readiness {
  const base = `http://${hostToAsk(listener.address)}:${listener.port}`;
  const known = probes.readiness ?? probes.liveness;
  const own: Extract<Probe, { readonly kind: 'http' }> = {
    kind: 'http',
    url: base + (known?.path ?? '/'),
    statuses: known?.statuses ?? [200],
    body: known?.bodyIncludes,
    takesPage: known === undefined,
  };
  // A service that asks for a key is up. Older gateways ask for one on every path.
  const asksForKey: Probe = { ...own, statuses: [401], body: undefined };
  return { probes: [own, asksForKey], seconds: Math.max(usualSeconds, probes.warmUpSeconds) };
}
