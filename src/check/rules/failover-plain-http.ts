import net from 'node:net';
import { isLoopback } from '../../http/loopback.ts';
import { nodeAt, textOf } from '../../services/config-node.ts';
import { placeOf, providerOf } from '../../routes/asked-place.ts';
import { machineOf, routeRule } from '../routes.ts';
import { modelsInOrder } from '../../services/openclaw-models.ts';
import { isSecret } from '../../secrets/recognition.ts';

export interface FailoverPlainHttp {
  readonly what: 'provider' | 'node';
  /** Name of the node. */
  readonly name: string;
  readonly host: string;
  /** Whether requests carry a key. */
  readonly hasKey: boolean;
}

/** Requests to another machine without encryption. */
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
      // A provider, and those of its models that have an address of their own.
      const asked = new Map(
        gateway.agents.flatMap(modelsInOrder).flatMap(reference => {
          const provider = providerOf(gateway, reference);
          const place = placeOf(gateway, reference);
          return provider === undefined || place === undefined ? [] : [[place, provider] as const];
        }),
      );
      for (const [place, provider] of asked) {
        const { id } = provider;
        const { baseUrl = '', source, leadsTo } = place;
        if (!baseUrl.startsWith('http://') || !machineOf(place, own)) continue;
        // What a tunnel or a reverse proxy of this machine does with requests on the way is not judged here.
        if (!('by' in leadsTo) || leadsTo.by !== 'address' || isEncrypted(leadsTo.host)) continue;
        const key = nodeAt(gateway.config.root, 'models', 'providers', id, 'apiKey');
        const isText = provider.key.kind === 'literal' || provider.key.kind === 'marker';
        const isPlaceholder = isText && !isSecret('apiKey', textOf(key) ?? '');
        const hasKey = provider.key.kind !== 'none' && !isPlaceholder;
        // A model server in the private network that asks for no key is no fault.
        if (!hasKey && isPrivate(leadsTo.host)) continue;
        const details = { what: 'provider', name: id, host: leadsTo.host, hasKey } as const;
        yield { unit: gateway.unit, source, details, changes: [] };
      }
    }
  },
);

/**
 * Whether an address stays on this machine, or belongs to a network that encrypts all traffic: Tailscale's addresses
 * and names.
 */
function isEncrypted(host: string): boolean {
  if (isLoopback(host) || host.endsWith('.ts.net')) return true;
  const address = host.replace(/^\[|\]$/g, '');
  return net.isIP(address) !== 0 && encrypted.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Whether a host is in a private network; a name without a dot is a name of such a network. */
function isPrivate(host: string): boolean {
  if (net.isIP(host) === 0) return !host.includes('.') || /\.(?:local|lan|internal|home\.arpa)$/.test(host);
  return privateNetworks.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4');
}

const encrypted = new net.BlockList();
// tailscale.com/kb/1304: Tailscale uses 100.64.0.0/10 of RFC 6598; a machine with Tailscale uses it for nothing else.
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
