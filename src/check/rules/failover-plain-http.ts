import net from 'node:net';
import { isLoopback } from '../../http/loopback.ts';
import { nodeAt, textOf } from '../../services/config-node.ts';
import { chainOf, machineOf, routeRule } from '../routes.ts';
import { isSecret } from '../../secrets/recognition.ts';

export interface FailoverPlainHttp {
  readonly what: 'provider' | 'node';
  /** Its name. */
  readonly name: string;
  readonly host: string;
  /** Whether a key goes along. */
  readonly hasKey: boolean;
}

/** Another machine that is asked without encryption. */
export const failoverPlainHttp = routeRule<'failover-plain-http', FailoverPlainHttp>(
  { id: 'failover-plain-http', severity: 'warning' },
  function* ({ own }) {
    for (const { name, url, key, source } of own.nodes) {
      const { protocol, hostname } = new URL(url);
      if (protocol !== 'http:' || isEncrypted(hostname)) continue;
      const details = { what: 'node', name, host: hostname, hasKey: key !== undefined } as const;
      yield { unit: null, source, details, changes: [] };
    }
    for (const gateway of own.gateways) {
      const asked = new Set(gateway.agents.flatMap(chainOf).map(({ provider }) => provider));
      for (const provider of gateway.providers.filter(({ id }) => asked.has(id))) {
        const { id, baseUrl = '', source, leadsTo } = provider;
        if (!baseUrl.startsWith('http://') || !machineOf(provider, own)) continue;
        // What a tunnel or a proxy of this machine does with it on the way is theirs.
        if (!('by' in leadsTo) || leadsTo.by !== 'address' || isEncrypted(leadsTo.host)) continue;
        const key = nodeAt(gateway.config.root, 'models', 'providers', id, 'apiKey');
        const isPlaceholder = provider.key === 'literal' && !isSecret('apiKey', textOf(key) ?? '');
        const hasKey = provider.key !== 'none' && !isPlaceholder;
        // A model server on the table next door that asks for no key.
        if (!hasKey && isPrivate(leadsTo.host)) continue;
        const details = { what: 'provider', name: id, host: leadsTo.host, hasKey } as const;
        yield { unit: gateway.unit, source, details, changes: [] };
      }
    }
  },
);

/** Of this machine alone, or in a network that encrypts all there is: Tailscale's addresses and names. */
function isEncrypted(host: string): boolean {
  if (isLoopback(host) || host.endsWith('.ts.net')) return true;
  const address = host.replace(/^\[|\]$/g, '');
  return net.isIP(address) !== 0 && encrypted.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Names without a dot are those of a network of one's own. */
function isPrivate(host: string): boolean {
  if (net.isIP(host) === 0) return !host.includes('.') || /\.(?:local|lan|internal|home\.arpa)$/.test(host);
  return privateNetworks.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4');
}

const encrypted = new net.BlockList();
// tailscale.com/kb/1304: 100.64.0.0/10 is RFC 6598's, used by it alone on a machine that has it.
encrypted.addSubnet('100.64.0.0', 10, 'ipv4');
encrypted.addSubnet('fd7a:115c:a1e0::', 48, 'ipv6');

/** RFC 1918, RFC 4193, RFC 3927. */
const privateNetworks = new net.BlockList();
privateNetworks.addSubnet('10.0.0.0', 8, 'ipv4');
privateNetworks.addSubnet('172.16.0.0', 12, 'ipv4');
privateNetworks.addSubnet('192.168.0.0', 16, 'ipv4');
privateNetworks.addSubnet('169.254.0.0', 16, 'ipv4');
privateNetworks.addSubnet('fc00::', 7, 'ipv6');
privateNetworks.addSubnet('fe80::', 10, 'ipv6');
