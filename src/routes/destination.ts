/** Where an address leads from one machine, as far as its files tell: hosts, tunnels, reverse proxies, its services. */
import { isLoopback } from '../http/loopback.ts';
import type { OwnFiles } from '../services/own-files.ts';
import { isNameOf, isOnMachine, type Node } from './node.ts';
import type { Address, Destination, Entrance, RemoteForward, Way } from './picture.ts';
import type { Passage } from './reverse-proxy.ts';
import type { Forward } from './ssh.ts';

/** What is known of the machine that asks. */
export interface Vantage {
  readonly hostName: string;
  readonly node: Node | undefined;
  readonly nodes: readonly Node[];
  /** Of /etc/hosts. */
  readonly hosts: HostsFile;
  /** Ports of its own services that were looked at, with their units. */
  readonly ports: ReadonlyMap<number, string>;
  readonly forwards: readonly Forward[];
  readonly passages: readonly Passage[];
}

/** Names by address, and addresses by name. */
export interface HostsFile {
  /** All names and addresses that mean the same machine, the one given among them. */
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

/** @param url as a client has it; undefined where it is not known */
export function destinationOf(url: string | undefined, vantage: Vantage): Destination {
  const address = addressIn(url);
  return address === undefined ? { kind: 'unknown' } : destinationAt(address, vantage, 'address', 0);
}

/** An address taken apart; undefined for what is none. */
function addressIn(url: string | undefined): Address | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return {
    host: hostname.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === '' ? usual : Number(port),
    path: pathname.replace(/(?<!\/)\/+$/, ''),
  };
}

/** Whether a reverse proxy answers to an address: the longest path counts. */
export function entranceFor<E extends Pick<Entrance, 'hosts' | 'port' | 'path'>>(
  entrances: readonly E[],
  { host, port, path }: Address,
): E | undefined {
  return entrances
    .filter(each => each.port === port && (each.hosts.length === 0 || each.hosts.includes(host)))
    .filter(each => path === each.path || path.startsWith(`${each.path}/`))
    .toSorted((a, b) => b.path.length - a.path.length || b.hosts.length - a.hosts.length)[0];
}

/** What those who ask from outside come to. */
export function entrancesOf(vantage: Vantage): readonly Entrance[] {
  return vantage.passages.map(({ upstream, ...passage }) => ({
    ...passage,
    leadsTo: destinationOf(upstream, vantage),
  }));
}

/** What other machines that this one holds tunnels to come to by them. */
export function remoteForwardsOf(vantage: Vantage): readonly RemoteForward[] {
  return vantage.forwards
    .filter(({ kind }) => kind === 'remote')
    .map(({ destination, port, target }) => ({
      host: destination.toLowerCase(),
      port,
      leadsTo: destinationAt({ ...target, path: '' }, vantage, 'address', 0),
    }));
}

/** @param depth of tunnels and reverse proxies that led here: they may lead to each other in a circle */
function destinationAt(address: Address, vantage: Vantage, by: Way, depth: number): Destination {
  const names = vantage.hosts.sameAs(address.host);
  if (names.some(name => isLoopback(name) || isNameOf(vantage.hostName, name))) {
    return onThisMachine(address, vantage, depth);
  }
  const node = vantage.nodes.find(each => names.some(name => isOnMachine(each, name)));
  if (node === undefined) return { kind: 'elsewhere', by, ...address };
  // Its own address, as the others use it: through its own reverse proxy, or straight to a port.
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
    // The far end's loopback is the far end.
    const host = isLoopback(target.host) ? destination.toLowerCase() : target.host;
    return destinationAt({ host, port: target.port, path }, vantage, 'tunnel', depth + 1);
  }
  const unit = vantage.ports.get(port);
  if (unit !== undefined) return { kind: 'proxy', unit };
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
