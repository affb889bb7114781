/** Finds this machine among the configured nodes, and checks whether the nodes allow failover. */
import type { Node } from '../routes/node.ts';
import type { Picture } from '../routes/picture.ts';

/** Why failover is not possible. */
type NodesFault =
  | { readonly code: 'no-nodes' }
  | { readonly code: 'not-a-node'; readonly hostName: string }
  | { readonly code: 'no-other-node' }
  /** Keys would cross the network without encryption. */
  | { readonly code: 'plain-http'; readonly node: Node };

/** @returns the node of this machine, or the reason why failover is not possible */
export function ownNodeAmong({
  nodes,
  node,
  hostName,
}: Picture): { readonly node: Node } | { readonly fault: NodesFault } {
  if (nodes.length === 0) return { fault: { code: 'no-nodes' } };
  if (node === undefined) return { fault: { code: 'not-a-node', hostName } };
  if (nodes.length === 1) return { fault: { code: 'no-other-node' } };
  const open = nodes.find(({ url }) => !url.startsWith('https://'));
  return open === undefined ? { node } : { fault: { code: 'plain-http', node: open } };
}
