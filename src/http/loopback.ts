/** Which addresses lead back to this machine. */
import net from 'node:net';
import os from 'node:os';

/**
 * Whether a request stays on the loopback interface. A connection to the address of all zeros does so, too.
 *
 * Sources: RFC 6761, 6.3 (`localhost` and all names below it); RFC 1122, 3.2.1.3; RFC 4291, 2.5.3 and 2.5.5.2.
 *
 * @param hostName host of a URL, which is already normalised: `127.1`, `0x7f.1` and `2130706433` have become
 * `127.0.0.1`
 */
export function isLoopback(hostName: string): boolean {
  const name = bareName(hostName);
  return name === 'localhost' || name.endsWith('.localhost') || isAmong(loopbackAddresses(), name);
}

/**
 * Whether it is a loopback address, an address of this machine's interfaces, or its own name: no packet then leaves the
 * machine.
 */
export function isThisMachine(hostName: string): boolean {
  const name = bareName(hostName);
  return isLoopback(name) || name === os.hostname().toLowerCase() || isAmong(ownAddresses(), name);
}

/** A host name without the brackets of an IPv6 address, and without the final dot of a complete name. */
export function bareName(hostName: string): string {
  return hostName
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** @param name without brackets and final dot */
export function isAmong(addresses: net.BlockList, name: string): boolean {
  const family = net.isIP(name);
  return family !== 0 && addresses.check(name, family === 6 ? 'ipv6' : 'ipv4');
}

let loopback: net.BlockList | undefined;

/** An IPv4 address inside an IPv6 address (`::ffff:127.0.0.1`) is recognised as the IPv4 address. */
function loopbackAddresses(): net.BlockList {
  if (loopback !== undefined) return loopback;
  loopback = new net.BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('0.0.0.0', 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  loopback.addAddress('::', 'ipv6');
  return loopback;
}

function ownAddresses(): net.BlockList {
  const addresses = new net.BlockList();
  for (const { address, family } of Object.values(os.networkInterfaces()).flatMap(each => each ?? []))
    addresses.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  return addresses;
}
