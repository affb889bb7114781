/** Whether two programs want the same address and port of one machine. */
import type { Listener } from './known-service.ts';

/**
 * Whether only one of two listeners can be there. An address for all interfaces takes those of each; where it is not
 * known the usual is assumed, all interfaces.
 *
 * Source: ip(7), socket(7) "SO_REUSEADDR": a port that is listened on is taken for every address it covers.
 */
export function collide(a: Listener, b: Listener): boolean {
  if (a.port !== b.port) return false;
  const [first, second] = [interfaceOf(a.address), interfaceOf(b.address)];
  return first === second || first === 'all' || second === 'all';
}

/** Whether a listener can be reached from other machines on every interface. */
export function isOnAllInterfaces({ address }: Listener): boolean {
  return address !== undefined && interfaceOf(address) === 'all';
}

function interfaceOf(address: string | undefined): string {
  if (address === undefined || allInterfaces.has(address)) return 'all';
  return address === 'localhost' ? '127.0.0.1' : address;
}

const allInterfaces: ReadonlySet<string> = new Set(['0.0.0.0', '::', '*']);
