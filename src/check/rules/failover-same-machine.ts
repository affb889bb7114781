import { chainOf, machineOf, otherNodes, providerOf, routeRule } from '../routes.ts';
import { mostNamed } from '../rule.ts';

export interface FailoverSameMachine {
  /** Null for all agents without a model of their own. */
  readonly agent: string | null;
  /** Null for this machine. */
  readonly machine: string | null;
  /** The first of the providers that are asked, all of them there. */
  readonly providers: readonly string[];
  /** How many more there are. */
  readonly moreProviders?: number;
}

/** Fallbacks that fall together with what they stand in for. */
export const failoverSameMachine = routeRule<'failover-same-machine', FailoverSameMachine>(
  { id: 'failover-same-machine', severity: 'warning' },
  function* ({ own }) {
    for (const gateway of own.gateways) {
      for (const agent of gateway.agents) {
        const [fallback] = agent.fallbacks;
        if (fallback === undefined || agent.primary === undefined) continue;
        const providers = [...new Set(chainOf(agent).map(({ provider }) => provider))];
        // Other models of one provider are there for other reasons, unless there are machines to fall back to.
        if (providers.length === 1 && otherNodes(own).length === 0) continue;
        const machines = new Set(
          chainOf(agent).map(reference => machineOf(providerOf(gateway, reference), own)),
        );
        const [machine] = machines;
        if (machines.size > 1 || machine === undefined) continue;
        yield {
          unit: gateway.unit,
          source: fallback.source,
          details: {
            agent: agent.id,
            machine: machine || null,
            providers: providers.slice(0, mostNamed),
            ...(providers.length > mostNamed && { moreProviders: providers.length - mostNamed }),
          },
          changes: [],
        };
      }
    }
  },
);
