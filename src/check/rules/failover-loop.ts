import { type Circle, circlesOf, type Hop, waysOut } from '../../routes/circles.ts';
import { noteLimit } from '../../systemd/host/limit.ts';
import { routeRule } from '../routes.ts';

export type FailoverLoop =
  | {
      readonly kind: 'circle';
      /** The hops of the circle. It begins at this machine; the last hop leads back to the first. */
      readonly steps: readonly Pick<Hop, 'machine' | 'proxy' | 'model' | 'by'>[];
      /** False for a circle within one proxy. */
      readonly leavesProxy: boolean;
      /** The models that requests can ask for to go round in this circle. */
      readonly models: readonly string[];
    }
  /** A way to the proxy of another node, whose files are not available. */
  | { readonly kind: 'way-out'; readonly machine: string; readonly models: readonly string[] };

/** Requests that come back to a proxy they have passed, as long as no upstream answers. */
export const failoverLoop = routeRule<'failover-loop', FailoverLoop>(
  { id: 'failover-loop', severity: 'critical' },
  function* ({ own, others }, host) {
    const found = circlesOf(own, others, met => noteLimit(host, met));
    for (const circles of Map.groupBy(found, courseOf).values()) {
      const [first] = circles;
      if (first === undefined) continue;
      const [start] = first.steps;
      yield {
        unit: start.unit,
        source: start.source,
        severity: first.leavesProxy ? 'critical' : 'warning',
        details: {
          kind: 'circle',
          steps: first.steps.map(({ machine, proxy, model, by }) => ({ machine, proxy, model, by })),
          leavesProxy: first.leavesProxy,
          models: circles.map(({ steps: [{ model }] }) => model),
        },
        changes: [],
      };
    }
    const ways = Map.groupBy(waysOut(own, others), ({ proxy, machine }) => `${proxy} ${machine}`);
    for (const [first, ...rest] of ways.values()) {
      if (first === undefined) continue;
      yield {
        unit: first.unit,
        source: first.source,
        severity: 'warning',
        details: {
          kind: 'way-out',
          machine: first.machine,
          models: [...new Set([first, ...rest].map(({ model }) => model))],
        },
        changes: [],
      };
    }
  },
);

/** Identifies the way of a circle, without the model that is asked for. */
function courseOf({ steps }: Circle): string {
  return steps.map(({ machine, proxy, by }) => `${machine} ${proxy} ${by}`).join('\n');
}
