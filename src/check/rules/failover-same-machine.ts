import { placeOf } from '../../routes/asked-place.ts';
import { isCertain, modelsInOrder } from '../../services/openclaw-models.ts';
import { machineOf, otherNodes, routeRule } from '../routes.ts';
import { mostNamed } from '../rule.ts';

export interface FailoverSameMachine {
  /** The agent; null for all agents without a model of their own. */
  readonly agent: string | null;
  /** The machine; null for this machine. */
  readonly machine: string | null;
  /** The first of the providers that are asked, all of them on that machine. */
  readonly providers: readonly string[];
  /** How many more providers there are. */
  readonly moreProviders?: number;
}

/** Fallbacks that go down together with the model that they replace. */
export const failoverSameMachine = routeRule<'failover-same-machine', FailoverSameMachine>(
  { id: 'failover-same-machine', severity: 'warning' },
  function* ({ own }) {
    for (const gateway of own.gateways) {
      for (const agent of gateway.agents) {
        const [fallback] = agent.fallbacks;
        if (fallback === undefined || agent.primary === undefined || !isCertain(agent)) continue;
        const providers = [...new Set(modelsInOrder(agent).map(({ provider }) => provider))];
        // Fallbacks to other models of one provider are no fault, unless there is another machine to fall back to.
        if (providers.length === 1 && otherNodes(own).length === 0) continue;
        const machines = new Set(
          modelsInOrder(agent).map(reference => machineOf(placeOf(gateway, reference), own)),
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
