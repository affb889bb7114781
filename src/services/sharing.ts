/** Whether two programs bind the same address and port of one machine. */
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
export function isOnAllInterfaces({ address }: Listener): boolean {
  return address === '0.0.0.0' || address === '::' || address === '*';
}

interface Reach {
  /** The address; undefined for all addresses of its families. */
  readonly address: string | undefined;
  readonly families: readonly (4 | 6)[];
}

function reachOf({ address, ipv6Only }: Listener): Reach {
  if (address === '0.0.0.0') return { address: undefined, families: [4] };
  if (address === '::') return { address: undefined, families: ipv6Only ? [6] : [4, 6] };
  if (address === undefined || address === '*') return { address: undefined, families: [4, 6] };
  // Any other name counts as the address that it usually has; the most common one is `localhost`.
  if (net.isIP(address) === 0)
    return { address: address === 'localhost' ? '127.0.0.1' : address, families: [4] };
  return { address, families: [net.isIPv6(address) ? 6 : 4] };
}
