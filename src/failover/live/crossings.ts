/**
 * Ways from the proxy of one machine to that of another, and whether they come round: when both upstreams are down, such
 * requests circle and multiply.
 */
import type { Picture } from '../../routes/picture.ts';
import type { LinkFault } from './link-fault.ts';

/** A proxy sends what is asked of it for a model on to another machine. */
export interface Crossing {
  readonly from: string;
  readonly model: string;
  readonly to: string;
}

/** What the proxies of this machine send on to others, as their files say. */
export function ownCrossings(picture: Picture): readonly Crossing[] {
  const from = ownName(picture);
  return picture.proxies.flatMap(({ deployments }) =>
    deployments.flatMap(({ name, leadsTo }) =>
      leadsTo.kind === 'node' ? [{ from, model: name, to: leadsTo.node }] : [],
    ),
  );
}

/** This machine, as the configuration calls it. */
export function ownName({ node, hostName }: Picture): string {
  return node?.name ?? hostName;
}

/** @returns a fault for each crossing of `seen`, with the circle that it is part of, known from `all` */
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

/** The machines from one to another, both named; undefined where there is no way. */
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
