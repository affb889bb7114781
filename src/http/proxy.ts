/**
 * The proxy that the environment names for an address: one policy for requests, probes and certificates.
 *
 * There is no standard for these variables. Lower case comes before upper case, and `http_proxy` applies to HTTPS when
 * no other variable does. `no_proxy` has the syntax of curl (curl(1), `--noproxy`), and may contain
 * ports.
 */
import net from 'node:net';
import { UnusableProxyError } from './connection-fault.ts';
import { bareName, isAmong, isThisMachine } from './loopback.ts';

/**
 * Finds the proxy for a URL. Requests to this machine never use one, whatever the variables contain: the proxy would
 * see the keys of local services.
 *
 * @returns undefined for a direct connection
 * @throws UnusableProxyError when the variable contains no address of an HTTP proxy
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const nameOf = (name: string) => (environment[name] === undefined ? name.toUpperCase() : name);
  const valueOf = (name: string) => environment[nameOf(name)] ?? '';
  const variable = url.protocol === 'https:' && valueOf('https_proxy') !== '' ? 'https_proxy' : 'http_proxy';
  const proxy = valueOf(variable);
  if (proxy === '' || isThisMachine(url.hostname) || isException(url, valueOf('no_proxy'))) return undefined;
  const address = URL.parse(proxy.includes('://') ? proxy : `http://${proxy}`);
  if (address !== null && /^https?:$/.test(address.protocol)) return address;
  throw new UnusableProxyError(nameOf(variable), address?.protocol ?? '');
}

function isException({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = bareName(hostname);
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return exceptions.split(/[,\s]/).some(entry => {
    const at = entry.lastIndexOf(':');
    // Several colons without brackets are parts of an IPv6 address.
    const hasPort = at > 0 && (entry.indexOf(':') === at || entry[at - 1] === ']');
    return hasPort
      ? entry.slice(at + 1) === ownPort && isMeant(host, entry.slice(0, at))
      : isMeant(host, entry);
  });
}

/**
 * `example.com` and `.example.com` mean the domain with all names below it, `*.example.com` only the names below it;
 * also an address, a network, or `*`.
 */
function isMeant(host: string, written: string): boolean {
  const name = bareName(written);
  if (name === '' || name === '*') return name === '*';
  const [network = '', length] = name.split('/');
  if (net.isIP(network) !== 0) return isAmong(networkOf(network, length), host);
  const domain = name.replace(/^\*?\./, '');
  return (host === domain && !name.startsWith('*')) || host.endsWith(`.${domain}`);
}

function networkOf(address: string, length: string | undefined): net.BlockList {
  const addresses = new net.BlockList();
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
  const longest = family === 'ipv6' ? 128 : 32;
  const bits = Number(length ?? longest);
  if (Number.isInteger(bits) && bits >= 0 && bits <= longest) addresses.addSubnet(address, bits, family);
  return addresses;
}
