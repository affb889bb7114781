/** Which addresses of one machine a program binds: those that another one cannot, and those at which it is reached. */
import net from 'node:net';
import type { Listener } from './known-service.ts';

/**
 * Whether two listeners exclude each other. `0.0.0.0` takes the port of every IPv4 address, `::` that of every address,
 * unless its socket is for IPv6 alone. An address that is not known is assumed to be all addresses, which is usual.
 *
 * Source: ip(7), ipv6(7) "IPV6_V6ONLY", socket(7) "SO_REUSEADDR"; each pair was tried on Linux, with Node and asyncio.
 */
export function collide(a: Listener, b: Listener): boolean {
  if (a.port !== b.port) return false;
  const [first, second] = [reachOf(a), reachOf(b)];
  return first.address !== undefined && second.address !== undefined
    ? first.address === second.address
    : first.families.some(family => second.families.includes(family));
}

/** Whether a listener can be reached from other machines on every interface. */
export function isOnAllInterfaces({ address }: Pick<Listener, 'address'>): boolean {
  return address === '0.0.0.0' || address === '::' || address === '*';
}

/**
 * Whether a listener of this machine takes what is sent to a host of it, at its port. A name whose address is not known, on either side, is
 * assumed to fit.
 *
 * @param names all names and addresses that the host is known by
 */
export function isReachedAt({ address, ipv6Only }: Bound, names: readonly string[]): boolean {
  const isNamed = address !== undefined && address !== '' && address !== '*' && net.isIP(address) === 0;
  if (isNamed && address !== 'localhost') return true;
  const wanted = names.flatMap(name => addressesIn(name));
  if (wanted.length === 0) return true;
  const reach = reachOf({ address: address === '' ? undefined : address, ipv6Only });
  return wanted.some(each =>
    reach.address === undefined
      ? reach.families.includes(net.isIPv6(each) ? 6 : 4)
      : reach.address === each || (address === 'localhost' && each === '::1'),
  );
}

/** A connection to the address of all zeros goes to loopback. */
function addressesIn(name: string): readonly string[] {
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
  const address = name.replace(/^::ffff:(?=[\d.]+$)/, '');
  if (net.isIP(address) === 0) return [];
  return [address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address];
}

type Bound = Pick<Listener, 'address' | 'ipv6Only'>;

interface Reach {
  /** The address; undefined for all addresses of its families. */
  readonly address: string | undefined;
  readonly families: readonly (4 | 6)[];
}

function reachOf({ address, ipv6Only }: Bound): Reach {
  if (address === '0.0.0.0') return { address: undefined, families: [4] };
  if (address === '::') return { address: undefined, families: ipv6Only ? [6] : [4, 6] };
  if (address === undefined || address === '*') return { address: undefined, families: [4, 6] };
  // Any other name counts as the address that it usually has; the most common one is `localhost`.
  if (net.isIP(address) === 0)
    return { address: address === 'localhost' ? '127.0.0.1' : address, families: [4] };
  return { address, families: [net.isIPv6(address) ? 6 : 4] };
}
