/** Where an address leads from one machine, as far as its files show: hosts, tunnels, reverse proxies, and its services. */
import { isLoopback } from '../http/loopback.ts';
import type { ContainedLitellm } from '../services/containers/container.ts';
import type { Listener } from '../services/known-service.ts';
import { litellm } from '../services/litellm.ts';
import type { OwnFiles } from '../services/own-files.ts';
import { isReachedAt } from '../services/sharing.ts';
import { isNameOf, isOnMachine, type Node } from './node.ts';
import type { Address, Destination, Entrance, RemoteForward, Way } from './picture.ts';
import type { Passage } from './reverse-proxy.ts';
import type { Forward } from './ssh.ts';

/** What is known about the machine that sends the request. */
export interface Vantage {
  readonly hostName: string;
  readonly node: Node | undefined;
  readonly nodes: readonly Node[];
  /** The contents of /etc/hosts. */
  readonly hosts: HostsFile;
  /** Where the machine's own proxies listen; of two at one address the last. */
  readonly listening: readonly ListeningProxy[];
  readonly forwards: readonly Forward[];
  readonly passages: readonly Passage[];
}

export interface ListeningProxy extends Pick<Listener, 'port' | 'address' | 'ipv6Only'> {
  /** The proxy's name. */
  readonly name: string;
}

/** Names by address, and addresses by name. */
export interface HostsFile {
  /** All names and addresses of the machine that the given one belongs to, the given one included. */
  sameAs(host: string): readonly string[];
}

/** Source: hosts(5) */
export function readHostsFile(files: OwnFiles): HostsFile {
  const content = files.read('/etc/hosts');
  const lines = (content.state === 'read' ? content.text : '')
    .split('\n')
    .map(line => line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/));
  return { sameAs: host => [...new Set([host, ...lines.filter(words => words.includes(host)).flat()])] };
}

/** @param url the address as a client has it; undefined when it is not known */
export function destinationOf(url: string | undefined, vantage: Vantage): Destination {
  const address = addressIn(url);
  return address === undefined ? { kind: 'unknown' } : destinationAt(address, vantage, 'address', 0);
}

/**
 * Where an address leads from inside a container.
 *
 * Its loopback addresses are its own, and its neighbours have names of their own there.
 *
 * @param proxyOf the name of the proxy that a container of the same network is; undefined when it is none
 */
export function destinationInside(
  url: string | undefined,
  { container, program }: ContainedLitellm,
  proxyOf: (container: string) => string | undefined,
  vantage: Vantage,
): Destination {
  const address = addressIn(url);
  if (address === undefined) return { kind: 'unknown' };
  const { host, port } = address;
  const neighbour = container.peers.get(host);
  const isItself = isLoopback(host) && litellm.listens(program).some(each => each.port === port);
  if (neighbour !== undefined || (isLoopback(host) && !container.usesHostNetwork)) {
    const name = neighbour ?? (isItself ? container.name : undefined);
    const proxy = name === undefined ? undefined : proxyOf(name);
    return proxy === undefined ? { kind: 'unknown' } : { kind: 'proxy', name: proxy };
  }
  const isMachine = [...machineNames, ...container.machineNames].includes(host);
  return destinationAt(isMachine ? { ...address, host: 'localhost' } : address, vantage, 'address', 0);
}

/** The names that docker and podman give the machine, and docker's address of it. */
const machineNames = [
  'host.docker.internal',
  'gateway.docker.internal',
  'host.containers.internal',
  '172.17.0.1',
];

/** Parses a URL; undefined for any other text. */
export function addressIn(url: string | undefined): Address | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return {
    host: hostname.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === '' ? usual : Number(port),
    path: withoutSlashes(pathname),
  };
}

/** An address, or the path of one, without the slashes at its end. */
export function withoutSlashes(address: string): string {
  return address.replace(/(?<!\/)\/+$/, '');
}

/** The entrance of a reverse proxy for an address: the one with the longest path. */
export function entranceFor<E extends Pick<Entrance, 'hosts' | 'port' | 'path'>>(
  entrances: readonly E[],
  { host, port, path }: Address,
): E | undefined {
  return entrances
    .filter(each => each.port === port && (each.hosts.length === 0 || each.hosts.includes(host)))
    .filter(each => path === each.path || path.startsWith(`${each.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length || b.hosts.length - a.hosts.length)[0];
}

/** The addresses of this machine's reverse proxies, with the destinations that requests from outside reach. */
export function entrancesOf(vantage: Vantage): readonly Entrance[] {
  return vantage.passages.map(({ upstream, ...passage }) => ({
    ...passage,
    leadsTo: destinationOf(upstream, vantage),
  }));
}

/** The ports of other machines that this machine forwards (`ssh -R`), with the destinations that requests to them reach. */
export function remoteForwardsOf(vantage: Vantage): readonly RemoteForward[] {
  return vantage.forwards
    .filter(({ kind }) => kind === 'remote')
    .map(({ destination, port, target }) => ({
      host: destination.toLowerCase(),
      port,
      leadsTo: destinationAt({ ...target, path: '' }, vantage, 'address', 0),
    }));
}

/** @param depth how many tunnels and reverse proxies led here: they may form a circle */
function destinationAt(address: Address, vantage: Vantage, by: Way, depth: number): Destination {
  const names = vantage.hosts.sameAs(address.host);
  if (names.some(name => isLoopback(name) || isNameOf(vantage.hostName, name))) {
    return onThisMachine(address, vantage, depth);
  }
  const node = vantage.nodes.find(each => names.some(name => isOnMachine(each, name)));
  if (node === undefined) return { kind: 'elsewhere', by, ...address };
  // The machine's own address, as the others use it: it leads through its reverse proxy, or directly to a port.
  const own = node === vantage.node ? onThisMachine(address, vantage, depth) : undefined;
  return own !== undefined && own.kind !== 'own-port'
    ? own
    : { kind: 'node', node: node.name, by, ...address };
}

const deepest = 5;

function onThisMachine(address: Address, vantage: Vantage, depth: number): Destination {
  const { port, path } = address;
  const tunnel = vantage.forwards.find(each => each.kind === 'local' && each.port === port);
  if (tunnel !== undefined && depth < deepest) {
    const { target, destination } = tunnel;
    // A loopback address at the far end of the tunnel means the far end.
    const host = isLoopback(target.host) ? destination.toLowerCase() : target.host;
    return destinationAt({ host, port: target.port, path }, vantage, 'tunnel', depth + 1);
  }
  const names = vantage.hosts.sameAs(address.host);
  const proxy = vantage.listening.findLast(each => each.port === port && isReachedAt(each, names));
  if (proxy !== undefined) return { kind: 'proxy', name: proxy.name };
  const passage = entranceFor(vantage.passages, address);
  if (passage !== undefined && depth < deepest) return through(passage, address, vantage, depth);
  return { kind: 'own-port', port };
}

function through({ upstream, path }: Passage, asked: Address, vantage: Vantage, depth: number): Destination {
  const next = addressIn(upstream);
  if (next === undefined) return { kind: 'unknown' };
  const rest = asked.path.slice(path.length);
  return destinationAt({ ...next, path: next.path + rest }, vantage, 'reverse-proxy', depth + 1);
}
