/** The machines of one user, as `nodes:` in the configuration names them. */
import type { SourceLine } from '../systemd/service-settings.ts';

export interface Node {
  /** The machine's host name, or its first label. */
  readonly name: string;
  /**
   * The URL at which others reach its proxy, without `/v1` and without a slash at the end:
   * `https://kuma.example.com/litellm`.
   */
  readonly url: string;
  /** Where to find the key of its proxy (`env:NAME`, `file:PATH` ...); undefined when it needs none. */
  readonly key: string | undefined;
  readonly source: SourceLine | null;
}

/** The node of the list that is the machine itself; undefined when the list does not contain it. */
export function ownNode(nodes: readonly Node[], hostName: string): Node | undefined {
  const [label] = hostName.split('.');
  return nodes.find(({ name }) => name === hostName) ?? nodes.find(({ name }) => name === label);
}

/** Whether a name or an address belongs to a node: it is the host of its URL, or its own name in a private network. */
export function isOnMachine({ name, url }: Node, host: string): boolean {
  return new URL(url).hostname.replace(/^\[|\]$/g, '') === host || isNameOf(name, host);
}

/**
 * Whether a name belongs to a machine: it is the host name, alone or in a private domain. In public domains the first
 * label means nothing: `api.example.com` is no machine called `api`.
 */
export function isNameOf(hostName: string, host: string): boolean {
  const name = hostName.toLowerCase();
  if (host === name) return true;
  const [label] = name.split('.');
  const [first, ...domain] = host.split('.');
  return first === label && privateDomains.test(domain.join('.'));
}

/** RFC 6762, RFC 8375, ICANN's `internal`; Tailscale's MagicDNS, which names machines by their host names. */
const privateDomains = /^(?:local|lan|internal|home|home\.arpa|localdomain|(?:[\w-]+\.)+ts\.net)$/;
