import { defaultsOf, leavesMachine, otherNodes, routeRule, writtenReference } from '../routes.ts';
import { mostNamed } from '../rule.ts';

export interface FailoverAgentWithoutFallbacks {
  readonly agent: string;
  /** `PROVIDER/MODEL` */
  readonly primary: string;
  /** The first of the fallbacks of `agents.defaults`, which do not apply to this agent. */
  readonly fallbacks: readonly string[];
  /** How many more fallbacks there are. */
  readonly moreFallbacks?: number;
}

/** An agent with a model of its own, to which the fallbacks of the defaults do not apply. */
export const failoverAgentWithoutFallbacks = routeRule<
  'failover-agent-without-fallbacks',
  FailoverAgentWithoutFallbacks
>({ id: 'failover-agent-without-fallbacks', severity: 'warning' }, function* ({ own }) {
  for (const gateway of own.gateways) {
    const defaults = defaultsOf(gateway);
    if (defaults === undefined || defaults.fallbacks.length === 0) continue;
    if (otherNodes(own).length === 0 && !leavesMachine(defaults, gateway, own)) continue;
    const first = defaults.fallbacks.slice(0, mostNamed).map(writtenReference);
    const more = defaults.fallbacks.length - first.length;
    for (const { id, primary, fallbacks, source } of gateway.agents) {
      if (id === null || primary === undefined || fallbacks.length > 0) continue;
      yield {
        unit: gateway.unit,
        source,
        details: {
          agent: id,
          primary: writtenReference(primary),
          fallbacks: first,
          ...(more > 0 && { moreFallbacks: more }),
        },
        changes: [],
      };
    }
  }
});
