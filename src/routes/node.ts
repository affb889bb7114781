/** The machines of one user, as `nodes:` in the configuration names them. */
import type { SourceLine } from '../systemd/service-settings.ts';

export interface Node {
  /** The machine's host name, or the first label of it. */
  readonly name: string;
  /** Where others reach its proxy, without `/v1` and without a slash at the end: `https://kuma.example.com/litellm`. */
  readonly url: string;
  /** Where the key that it asks for stands (`env:NAME`, `file:PATH` ...); undefined where it asks for none. */
  readonly key: string | undefined;
  readonly source: SourceLine | null;
}

/** The node that a machine itself is; undefined where the list does not name it. */
export function ownNode(nodes: readonly Node[], hostName: string): Node | undefined {
  const [label] = hostName.split('.');
  return nodes.find(({ name }) => name === hostName) ?? nodes.find(({ name }) => name === label);
}

/** Whether a name or an address is that of a node: the one in its URL, or its own name where names are private. */
export function isOnMachine({ name, url }: Node, host: string): boolean {
  return new URL(url).hostname.replace(/^\[|\]$/g, '') === host || isNameOf(name, host);
}

/**
 * Whether a name is that of a machine: its host name, alone or in a network of one's own. In the public one the first
 * label says nothing: `api.example.com` is no machine called `api`.
 */
export function isNameOf(hostName: string, host: string): boolean {
  const name = hostName.toLowerCase();
  if (host === name) return true;
  const [label] = name.split('.');
  const [first, ...domain] = host.split('.');
  return first === label && privateDomains.test(domain.join('.'));
}

/** RFC 6762, RFC 8375, ICANN's `internal`; Tailscale's MagicDNS names machines by their host names. */
const privateDomains = /^(?:local|lan|internal|home|home\.arpa|localdomain|(?:[\w-]+\.)+ts\.net)$/;
