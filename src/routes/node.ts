/** The machines of one user, as `nodes:` in the configuration names them. */
import type { Source } from '../systemd/service-settings.ts';

export interface Node {
  /** The machine's host name, or the first label of it. */
  readonly name: string;
  /** Where others reach its proxy, without `/v1` and without a slash at the end: `https://kuma.example.com/litellm`. */
  readonly url: string;
  /** Where the key that it asks for stands (`env:NAME`, `file:PATH` ...); undefined where it asks for none. */
  readonly key: string | undefined;
  readonly source: Source | null;
}

/** The node that a machine itself is; undefined where the list does not name it. */
export function ownNode(nodes: readonly Node[], hostName: string): Node | undefined {
  const [label] = hostName.split('.');
  return nodes.find(({ name }) => name === hostName) ?? nodes.find(({ name }) => name === label);
}
