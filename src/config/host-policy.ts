/** Applies a configuration to the services of one host. */
import { withoutSlashes } from '../routes/destination.ts';
import type { CheckPolicy, UnitPolicy } from '../check/policy.ts';
import type { SecretFile } from '../secrets/secret-places.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { nearestService } from '../inventory/nearest-service.ts';
import type { Node } from '../routes/node.ts';
import { withoutSecrets } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { parseUnitName, serviceName } from '../systemd/unit-name.ts';
import { countedAfter, toldOfAKind } from './counted.ts';
import type { Path } from './faults.ts';
import type { Configuration } from './read.ts';
import { isSecretReference, type WrittenProbe } from './schema.ts';

export interface HostPolicy {
  readonly policy: CheckPolicy;
  /** Full names of the services that the configuration names and the host has. */
  readonly units: readonly string[];
  /** Names in the file that this host does not have. This is no fault, since several machines may share the file. */
  readonly notes: readonly PolicyNote[];
}

export type PolicyNote = {
  readonly unit: string;
  readonly source: SourceLine | null;
  /** Number of further notes of this kind that are not shown. */
  readonly alike?: number;
} & (
  | { readonly code: 'no-such-unit'; readonly suggestion: string | undefined }
  /** `probe: auto` for a service that daruma does not know: it is not probed. */
  | { readonly code: 'no-known-probe' }
);

/** Applies a configuration to the services of a host; an alias stands for its unit. */
export function hostPolicy(configuration: Configuration, inventory: Inventory): HostPolicy {
  const { written } = configuration;
  const units = new Map<string, UnitPolicy>();
  const notes: PolicyNote[] = [];
  let missing = 0;
  for (const [key, unit] of Object.entries(written.units ?? {})) {
    const name = realName(serviceName(key), inventory);
    if (name === undefined) {
      missing += 1;
      // A suggestion compares the name with those of all services, so only notes that are shown get one.
      const suggestion =
        missing > toldOfAKind ? undefined : nearestService(serviceName(key), inventory.loader);
      notes.push({
        code: 'no-such-unit',
        unit: serviceName(key),
        suggestion,
        source: configuration.sourceOf(['units', key]),
      });
      continue;
    }
    const isProbed = hasProbe(unit?.probe, name, inventory);
    // What a masked unit runs is not known, and that is not what its probe is about.
    const isMasked = inventory.service(name).service.unit.problem?.code === 'masked';
    if (unit?.probe !== undefined && !isProbed && !isMasked) {
      notes.push({
        code: 'no-known-probe',
        unit: name,
        source: configuration.sourceOf(['units', key, 'probe']),
      });
    }
    units.set(name, {
      critical: unit?.critical ?? true,
      isProbed,
      ignored: new Map(Object.entries(unit?.ignore ?? {})),
    });
  }
  return {
    policy: {
      rules: new Map(Object.entries(written.rules ?? {})),
      units,
      nodes: nodesOf(configuration),
      secretFiles: secretFilesOf(configuration, inventory.host),
      hasChannels: (written.notify?.channels?.length ?? 0) > 0,
    },
    units: [...units.keys()],
    notes: [...Map.groupBy(notes, ({ code }) => code).values()]
      .flatMap(alike => countedAfter(toldOfAKind, alike))
      .toSorted((a, b) => (a.source?.line ?? 0) - (b.source?.line ?? 0)),
  };
}

/**
 * The files in which the tokens of channels and the keys of nodes stand, and the configuration itself where an address in it contains a
 * secret.
 */
function secretFilesOf(configuration: Configuration, host: Host): readonly SecretFile[] {
  const { file, written } = configuration;
  const sourceOf = (path: Path) => configuration.sourceOf(path);
  const home = host.environment['HOME'];
  const sections: readonly (readonly [Path, object])[] = [
    ...(written.notify?.channels ?? []).map((each, index) => [['notify', 'channels', index], each] as const),
    ...(written.nodes ?? []).map((each, index) => [['nodes', index], each] as const),
  ];
  const values = sections.flatMap(([head, section]) =>
    Object.entries(section).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string' ? [{ path: [...head, key], value }] : [],
    ),
  );
  const referred = values.flatMap(({ path, value }) => {
    const place = isSecretReference(value) ? /^file:(.+)$/s.exec(value)?.[1] : undefined;
    const real = home === undefined ? place : place?.replace(/^~(?=\/)/, () => home);
    if (real?.startsWith('/') !== true) return [];
    return [{ file: real, format: 'named', keys: [path.join('.')], source: sourceOf(path) } as const];
  });
  const inClear = values.filter(({ value }) => !isSecretReference(value) && withoutSecrets(value) !== value);
  const [first] = inClear;
  if (first === undefined) return referred;
  const keys = inClear.map(({ path }) => path.join('.'));
  return [{ file, format: 'named', keys, source: sourceOf(first.path) }, ...referred];
}

/** The nodes, with `/v1` and slashes at the end of their addresses removed. */
function nodesOf(configuration: Configuration): readonly Node[] {
  return (configuration.written.nodes ?? []).map(({ name, url, key }, index) => ({
    name,
    url: withoutSlashes(url).replace(/\/v1$/, ''),
    key,
    source: configuration.sourceOf(['nodes', index]),
  }));
}

function realName(name: string, { loader }: Inventory): string | undefined {
  const parsed = parseUnitName(name);
  const location = parsed && loader.index.locate(parsed);
  if (location === undefined) return undefined;
  return location.fragment === undefined && !location.aliasLoop ? undefined : location.id;
}

/** Whether the service has a probe; `auto` stands for the probe that daruma knows for the service. */
function hasProbe(probe: WrittenProbe | undefined, name: string, inventory: Inventory): boolean {
  if (probe !== 'auto') return probe !== undefined;
  return inventory.service(name).known?.service.probes.liveness !== undefined;
}
