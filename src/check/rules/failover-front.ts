import { isDeepStrictEqual } from 'node:util';
import { isLoopback } from '../../http/loopback.ts';
import { proxiesAt } from '../../routes/circles.ts';
import { addressIn } from '../../routes/destination.ts';
import type { Destination, Proxy } from '../../routes/picture.ts';
import { type BrokenFile, brokenFiles } from '../../services/executables.ts';
import { frontConfigFile, isAsWritten, readGuards } from '../../services/front-config.ts';
import { haproxyFront } from '../../services/front.ts';
import { knownServices } from '../../services/index.ts';
import { litellm } from '../../services/litellm.ts';
import { ownFilesOf } from '../../services/own-files.ts';
import type { Program } from '../../services/program.ts';
import { isOnAllInterfaces } from '../../services/sharing.ts';
import { isInstallable } from '../../systemd/install-targets.ts';
import { frontService, frontSocket } from '../../systemd/own-units.ts';
import type { Source } from '../../systemd/service-settings.ts';
import type { LoadedService } from '../checked-unit.ts';
import type { Fault, HostContext, HostRule, Routes } from '../rule.ts';

export type FailoverFront =
  /** Nobody takes what its clients ask, after a boot at the latest. */
  | { readonly kind: 'not-enabled' }
  | { readonly kind: 'masked' | 'missing'; readonly unit: string }
  /** `path`: where HAProxy was. */
  | { readonly kind: 'no-haproxy'; readonly path: string }
  /** A provider of OpenClaw leads to a port of this machine, and of the front only the configuration is left. */
  | { readonly kind: 'gone'; readonly provider: string; readonly port: number; readonly file: string }
  /** Other machines reach it. */
  | { readonly kind: 'open'; readonly address: string; readonly by: 'socket' | 'configuration' }
  /** A person has edited its configuration. */
  | { readonly kind: 'edited'; readonly file: string }
  /** It does not refuse what has been through a front, or does not mark what goes through it. */
  | { readonly kind: 'unguarded'; readonly lacks: 'refusal' | 'mark' }
  | { readonly kind: 'leads-elsewhere'; readonly address: string; readonly to: Elsewhere };

/** What is not the LiteLLM of a node. */
type Elsewhere =
  /** Another program of this machine, or of one that is checked together with it; `service` is its name as its makers write it. */
  | { readonly what: 'program'; readonly service: string }
  /** A port of this machine on which no service of the user listens, as far as is known. */
  | { readonly what: 'port'; readonly port: number }
  /** The address by which other machines reach this one. */
  | { readonly what: 'itself' }
  /** The machine of a node, at another address than `nodes` says. */
  | { readonly what: 'other-address'; readonly node: string; readonly url: string }
  | { readonly what: 'no-node' };

type FrontFault = Fault<FailoverFront> & { readonly unit: string | null };

/** A front that nobody can ask, that others can ask, or that a person has edited. */
export const failoverFront: HostRule<'failover-front', FailoverFront> = {
  id: 'failover-front',
  severity: 'critical',
  needs: 'home',
  judges: 'host',
  begin(context) {
    const seen = new Set<string>();
    let service: LoadedService | undefined;
    return {
      see(unit) {
        seen.add(unit.name);
        if (unit.name === frontService) service = unit.service;
      },
      *faults() {
        const { inventory } = context;
        const { index } = inventory.loader;
        const isThere = [frontService, frontSocket].some(name => index.entry(name) !== undefined);
        const isWhole = inventory.ownServices().every(name => seen.has(name));
        if (!isThere) {
          if (isWhole) yield* leftOvers(context);
        } else if (service !== undefined) {
          if (service.known?.service.id === haproxyFront.id) yield* faultsOf(service, isWhole, context);
        } else if (isWhole || seen.has(frontService)) yield* unstartable(context);
      },
    };
  },
};

/** Of the units, only the configuration is left. */
function* leftOvers(context: HostContext): Iterable<FrontFault> {
  const { host } = context.inventory;
  const file = frontConfigFile(host.environment);
  if (file === undefined || ownFilesOf(host).read(file).state !== 'read') return;
  for (const { unit, providers } of context.routes().own.gateways) {
    for (const { id, leadsTo, source } of providers) {
      if (leadsTo.kind !== 'own-port') continue;
      yield of(unit, source, { kind: 'gone', provider: id, port: leadsTo.port, file });
    }
  }
}

/** The manager cannot start the service. */
function* unstartable({ inventory }: HostContext): Iterable<FrontFault> {
  const { problem } = inventory.loader.load(frontService);
  if (problem?.code === 'masked') {
    yield of(frontService, { file: problem.path, line: null }, { kind: 'masked', unit: frontService });
  } else if (problem?.code === 'not-found') {
    const { fragment } = inventory.loader.load(frontSocket);
    yield of(null, firstLineOf(fragment), { kind: 'missing', unit: frontService });
  }
}

function* faultsOf(service: LoadedService, isWhole: boolean, context: HostContext): Iterable<FrontFault> {
  yield* withoutListener(service, context);
  yield* openSocket(context);
  yield* withoutHaproxy(service, context);
  const { own, others } = context.routes();
  const front = own.proxies.find(({ name }) => name === frontService);
  if (front?.file === undefined || service.program === undefined) return;
  yield* inConfiguration(front.file, service.program, context);
  yield* leadingElsewhere(front, isWhole, { own, others });
}

/** Either of the two units brings the other: the service requires the socket, which starts the service. */
function* withoutListener(service: LoadedService, { inventory }: HostContext): Iterable<FrontFault> {
  const { problem } = inventory.loader.load(frontSocket);
  const first = firstLineOf(service.unit.fragment);
  if (problem?.code === 'masked') {
    yield of(frontService, { file: problem.path, line: null }, { kind: 'masked', unit: frontSocket });
  } else if (problem?.code === 'not-found') {
    yield of(frontService, first, { kind: 'missing', unit: frontSocket });
  } else if (problem === undefined) {
    const { boot, triggers } = service.facts.surroundings;
    if (boot.started || boot.why !== 'not-enabled' || triggers.some(({ atBoot }) => atBoot)) return;
    const changes = isInstallable(service.unit) ? [{ kind: 'enable', unit: frontService } as const] : [];
    yield { ...of(frontService, first, { kind: 'not-enabled' }), changes };
  }
}

function* openSocket({ inventory }: HostContext): Iterable<FrontFault> {
  const { assignments } = inventory.loader.load(frontSocket);
  for (const { value, source } of assignments.get('Socket', 'ListenStream'))
    if (isOfNetwork(value)) yield of(frontService, source, { kind: 'open', address: value, by: 'socket' });
}

/** Its socket stays, so that clients wait in place of being refused. */
function* withoutHaproxy(service: LoadedService, { inventory: { host } }: HostContext): Iterable<FrontFault> {
  if (host.reach !== 'machine') return;
  for (const file of brokenFiles(service, host)) {
    if (!isMissingHaproxy(file)) continue;
    yield of(frontService, file.command.source, { kind: 'no-haproxy', path: file.path });
  }
}

/** Whether it is the program of a front: this rule then says it, and no other. */
export function isMissingHaproxy({ directive, problem, role }: BrokenFile): boolean {
  return directive === 'ExecStart' && problem === 'missing' && role === 'program';
}

function* inConfiguration(
  file: string,
  program: Program,
  { inventory: { host } }: HostContext,
): Iterable<FrontFault> {
  const content = ownFilesOf(host).read(file);
  if (content.state !== 'read') return;
  const { binds, refusesPassed, marks } = readGuards(content.text, name => program.variable(name));
  for (const { address, line, variable } of binds) {
    if (!isOfNetwork(address)) continue;
    const origin = variable === undefined ? undefined : program.variableOrigin(variable);
    const details = { kind: 'open', address, by: 'configuration' } as const;
    yield of(frontService, origin?.source ?? { file, line }, details);
  }
  if (isAsWritten(content.text)) return;
  yield { ...of(frontService, { file, line: 2 }, { kind: 'edited', file }), severity: 'info' };
  for (const [lacks, is] of [
    ['refusal', refusesPassed],
    ['mark', marks],
  ] as const) {
    if (is) continue;
    yield { ...of(frontService, { file, line: null }, { kind: 'unguarded', lacks }), severity: 'warning' };
  }
}

function* leadingElsewhere(front: Proxy, isWhole: boolean, routes: Routes): Iterable<FrontFault> {
  const told = new Set<string>();
  for (const { apiBase = '', leadsTo, source } of front.deployments) {
    // Without the usual port.
    const address = URL.canParse(apiBase) ? new URL(apiBase).href.replace(/\/v1$/, '') : apiBase;
    const to = elsewhere(address, leadsTo, routes);
    // A place has two lines: as it is asked, and as it is watched.
    if (to === undefined || told.has(address) || (to.what === 'port' && !isWhole)) continue;
    told.add(address);
    const details = { kind: 'leads-elsewhere', address, to } as const;
    yield { ...of(frontService, source, details), severity: 'warning' };
  }
}

/** Undefined where it is the LiteLLM of a node, or it is not known what it is. */
function elsewhere(address: string, leadsTo: Destination, { own, others }: Routes): Elsewhere | undefined {
  if (leadsTo.kind === 'node' && leadsTo.node === own.node?.name) return { what: 'itself' };
  // Of a circle through fronts another rule tells.
  const known = proxiesAt(leadsTo, own, others)?.map(({ service }) => service) ?? [];
  const other = knownServices.find(
    ({ id }) => known.includes(id) && id !== litellm.id && id !== haproxyFront.id,
  );
  if (other !== undefined) return { what: 'program', service: other.name };
  if (known.length > 0) return undefined;
  switch (leadsTo.kind) {
    case 'own-port':
      return { what: 'port', port: leadsTo.port };
    case 'elsewhere':
      return { what: 'no-node' };
    case 'node': {
      const url = own.nodes.find(({ name }) => name === leadsTo.node)?.url;
      return url === undefined || isDeepStrictEqual(addressIn(url), addressIn(address))
        ? undefined
        : { what: 'other-address', node: leadsTo.node, url };
    }
    case 'proxy':
    case 'unknown':
      return undefined;
    default:
      return leadsTo satisfies never;
  }
}

/**
 * Whether an address with a port is one that other machines can reach: without a host it stands for all of this machine. Sockets of files
 * and of the manager are none. Sources: the configuration manual of HAProxy 2.6, 4.2 (`bind`); systemd.socket(5), "ListenStream=".
 */
function isOfNetwork(address: string): boolean {
  const host = /^(?:(?:tcp|ipv)[46]?@)?([^@/$]*?):?\d{1,5}$/.exec(address)?.[1]?.replace(/^\[|\]$/g, '');
  return host !== undefined && (host === '' || isOnAllInterfaces({ address: host }) || !isLoopback(host));
}

function firstLineOf(file: string | undefined): Source | null {
  return file === undefined ? null : { file, line: 1 };
}

function of(unit: string | null, source: Source | null, details: FailoverFront): FrontFault {
  return { unit, source, details, changes: [] };
}
