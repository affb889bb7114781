import { isCertain } from '../../services/openclaw-models.ts';
import { defaultsOf, leavesMachine, otherNodes, routeRule, writtenReference } from '../routes.ts';
import { mostNamed } from '../rule.ts';

export interface FailoverAgentWithoutFallbacks {
  /** The agent; null for the subagents of all agents. */
  readonly agent: string | null;
  /** The setting of the model. */
  readonly setting: string;
  /** Whether an empty list says that there are to be none. */
  readonly isDeclined: boolean;
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
>({ id: 'failover-agent-without-fallbacks', severity: 'warning' }, function* ({ own: picture }) {
  for (const gateway of picture.gateways) {
    const defaults = defaultsOf(gateway);
    if (defaults === undefined || defaults.fallbacks.length === 0) continue;
    if (otherNodes(picture).length === 0 && !leavesMachine(defaults, gateway, picture)) continue;
    const first = defaults.fallbacks.slice(0, mostNamed).map(writtenReference);
    const more = defaults.fallbacks.length - first.length;
    const own = [
      ...gateway.agents.filter(({ id }) => id !== null),
      ...gateway.settings
        .filter(({ use, isInherited }) => use === 'subagents' && !isInherited)
        .map(each => ({ ...each, id: null })),
    ];
    for (const models of own) {
      const { id, path, primary, fallbacks, declinesFallbacks, source } = models;
      if (primary === undefined || fallbacks.length > 0 || !isCertain(models)) continue;
      yield {
        unit: gateway.unit,
        source,
        details: {
          agent: id,
          setting: path.join('.'),
          isDeclined: declinesFallbacks,
          primary: writtenReference(primary),
          fallbacks: first,
          ...(more > 0 && { moreFallbacks: more }),
        },
        changes: [],
      };
    }
  }
});
