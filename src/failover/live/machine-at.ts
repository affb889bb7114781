/** Finds the node that an address leads to, for an address in the configuration of another machine. */
import { lookup } from 'node:dns/promises';
import { isLoopback } from '../../http/loopback.ts';
import type { Node } from '../../routes/node.ts';

/**
 * @returns the name of the node whose proxy answers there; undefined for a loopback address, for another service of a node, and
 * for any other machine
 */
export async function machineAt(address: string, nodes: readonly Node[]): Promise<string | undefined> {
  const url = URL.parse(address);
  if (url === null || isLoopback(url.hostname)) return undefined;
  for (const { name, url: written } of nodes) {
    const node = URL.parse(written);
    if (node === null || !isPortOfProxy(url, node)) continue;
    if (url.hostname === node.hostname || url.hostname === name) return name;
    const [theirs, its] = await Promise.all([addressesOf(url.hostname), addressesOf(node.hostname)]);
    if (theirs.some(each => its.includes(each))) return name;
  }
  return undefined;
}

/** Whether the port is the public one of the node or LiteLLM's default. Model servers such as Ollama use other ports. */
function isPortOfProxy(url: URL, node: URL): boolean {
  return effectivePort(url) === effectivePort(node) || url.port === '4000';
}

function effectivePort({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}

/** What a name resolves to; empty where it does not, or not in time. */
export async function addressesOf(hostName: string): Promise<readonly string[]> {
  const late = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => late.resolve([]), lookupMs);
  try {
    const found = lookup(hostName.replaceAll(/[[\]]/g, ''), { all: true });
    return await Promise.race([found.then(all => all.map(({ address }) => address)), late.promise]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

const lookupMs = 3_000;
