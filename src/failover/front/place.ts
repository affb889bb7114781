/** Finds out what a front of this machine would lead to, and where it would listen. */
import net from 'node:net';
import { listenersAround } from '../../inventory/listening-ports.ts';
import { readHostsFile } from '../../routes/destination.ts';
import type { Node } from '../../routes/node.ts';
import type { Gateway, Picture, Proxy } from '../../routes/picture.ts';
import { isFront } from '../../services/front.ts';
import { knownServices } from '../../services/index.ts';
import { litellm } from '../../services/litellm.ts';
import { ownFilesOf } from '../../services/own-files.ts';
import { frontSocket } from '../../systemd/own-units.ts';
import type { Host } from '../../systemd/host/host.ts';
import type { LocalPlace } from './haproxy-config.ts';

/** A LiteLLM of this machine. */
export interface LocalLitellm extends Proxy {
  readonly port: number;
}

/** Why there can be no front. `several`: the models of agents lead to none of several LiteLLMs, or to more than one. */
export type NoLocalLitellm =
  | { readonly code: 'no-litellm' }
  | { readonly code: 'several-litellms'; readonly names: readonly string[] };

/** The LiteLLM before which a front stands: the one that the gateways ask, or the only one. */
export function localLitellm({
  gateways,
  proxies,
}: Picture): LocalLitellm | { readonly refused: NoLocalLitellm } {
  const all = proxies.flatMap(proxy =>
    proxy.service === litellm.id && proxy.port !== undefined ? { ...proxy, port: proxy.port } : [],
  );
  const asked = all.filter(({ name }) => gateways.some(gateway => leadsTo(name, gateway, proxies)));
  const [only, ...others] = asked.length > 0 ? asked : all;
  if (only === undefined) return { refused: { code: 'no-litellm' } };
  const names = [only, ...others].map(({ name }) => name);
  return others.length === 0 ? only : { refused: { code: 'several-litellms', names } };
}

/** Whether a provider of a gateway leads to a proxy, directly or through a front. */
function leadsTo(name: string, { providers }: Gateway, proxies: readonly Proxy[]): boolean {
  return providers.some(provider => {
    if (provider.leadsTo.kind !== 'proxy') return false;
    const asked = provider.leadsTo.name;
    return (
      asked === name ||
      isFrontOf(
        name,
        proxies.find(each => each.name === asked),
      )
    );
  });
}

function isFrontOf(name: string, proxy: Proxy | undefined): boolean {
  const first = proxy !== undefined && isFront(proxy) ? proxy.deployments[0]?.leadsTo : undefined;
  return first?.kind === 'proxy' && first.name === name;
}

/** The place of a LiteLLM, with the one service of this machine that all its models come from. */
export function localPlace(local: LocalLitellm, { proxies }: Picture): LocalPlace {
  const [first, ...others] = new Set(
    local.deployments.map(({ leadsTo: to }) => (to.kind === 'proxy' ? to.name : undefined)),
  );
  const only =
    others.length === 0 && local.isComplete ? proxies.find(({ name }) => name === first) : undefined;
  const probe = knownServices.find(({ id }) => id === only?.service)?.probes.liveness;
  return {
    address: withoutBrackets(local.address),
    port: local.port,
    upstream:
      only?.port === undefined || probe === undefined
        ? undefined
        : { address: withoutBrackets(only.address), port: only.port, probe },
  };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/**
 * The port of the front that there is, else the first that is free from the usual one on; undefined when there is none.
 *
 * @param held the port of the front's own socket, where that is all that is left of it
 */
export function frontPort({ proxies }: Picture, host: Host, held: number | undefined): number | undefined {
  const present = proxies.find(isFront)?.port ?? held;
  if (present !== undefined) return present;
  const taken = new Set([
    ...proxies.flatMap(({ port }) => port ?? []),
    ...(listenersAround(host.files, process.pid) ?? []).map(({ port }) => port),
  ]);
  return Array.from({ length: 20 }, (_, index) => usualPort + index).find(port => !taken.has(port));
}

/** From here on a port is sought for a new front. */
export const usualPort = 4010;

/** The port of a front that is there, where another program has it: somebody listens, and the socket of the front does not. */
export async function portOfAnother(
  { proxies }: Picture,
  { files, manager }: Host,
): Promise<number | undefined> {
  const port = proxies.find(isFront)?.port;
  const socket = (await manager?.units([frontSocket]))?.get(frontSocket);
  if (port === undefined || socket === undefined || !/^(?:inactive|failed)$/.test(socket.activeState))
    return undefined;
  return listenersAround(files, process.pid)?.some(each => each.port === port) === true ? port : undefined;
}

/** Whether name servers are to be asked for a node's address: other names the machine itself knows, when the front starts. */
export function isInDns(node: Node, host: Host): boolean {
  const name = hostOf(node);
  if (isAddress(node) || !name.includes('.') || name.endsWith('.local')) return false;
  return readHostsFile(ownFilesOf(host)).sameAs(name).length === 1;
}

/** Whether the URL of a node has a number in place of a name. */
export function isAddress(node: Node): boolean {
  return net.isIP(hostOf(node)) !== 0;
}

function hostOf({ url }: Node): string {
  return withoutBrackets(new URL(url).hostname);
}
