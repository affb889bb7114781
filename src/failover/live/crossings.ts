/**
 * Finds proxies that forward requests to the proxy of another machine, and circles of them: when the upstreams are down,
 * requests in a circle go round and multiply.
 */
import type { Picture } from '../../routes/picture.ts';
import type { LinkFault } from './link-fault.ts';

/** A proxy forwards the requests for a model to another machine. */
export interface Crossing {
  readonly from: string;
  readonly model: string;
  readonly to: string;
}

/** Models that the proxies of this machine forward to other machines, according to their files. */
export function ownCrossings(picture: Picture): readonly Crossing[] {
  const from = ownMachineName(picture);
  return picture.proxies.flatMap(({ deployments }) =>
    deployments.flatMap(({ name, leadsTo }) =>
      leadsTo.kind === 'node' ? [{ from, model: name, to: leadsTo.node }] : [],
    ),
  );
}

/** The name of this machine in the configuration. */
export function ownMachineName({ node, hostName }: Picture): string {
  return node?.name ?? hostName;
}

/** @returns a fault for each crossing in `seen`, with the circle in `all` that contains it */
export function crossingFaults(
  seen: readonly Crossing[],
  all: readonly Crossing[],
): readonly (LinkFault & { readonly code: 'proxy-crosses' })[] {
  return seen.map(({ from, model, to }) => {
    const back = wayBack(to, from, all, [to]);
    return {
      code: 'proxy-crosses',
      from,
      model,
      to,
      circle: back === undefined ? null : [from, ...back],
    };
  });
}

/** The machines on the path from one machine to another, including both; undefined when there is no path. */
function wayBack(
  at: string,
  goal: string,
  all: readonly Crossing[],
  visited: readonly string[],
): readonly string[] | undefined {
  if (at === goal) return [at];
  const next = new Set(
    all.filter(({ from, to }) => from === at && !visited.includes(to)).map(({ to }) => to),
  );
  for (const machine of next) {
    const rest = wayBack(machine, goal, all, [...visited, machine]);
    if (rest !== undefined) return [at, ...rest];
  }
  return undefined;
}
