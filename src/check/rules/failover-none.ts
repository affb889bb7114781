import type { Gateway, Picture } from '../../routes/picture.ts';
import { type AgentModels, isCertain } from '../../services/openclaw-models.ts';
import { defaultsOf, machineOf, otherNodes, routeRule } from '../routes.ts';

export interface FailoverNone {
  /** The other nodes; none when only the second provider leads to another machine. */
  readonly nodes: readonly string[];
  /** A provider on another machine that declares the same model, but that no agent asks. */
  readonly idle: string | null;
  /** Whether there is an empty list: there are to be none, on purpose or by mistake. */
  readonly isDeclined: boolean;
}

/** Agents that ask no other machine although there is one. */
export const failoverNone = routeRule<'failover-none', FailoverNone>(
  { id: 'failover-none', severity: 'warning' },
  function* ({ own }) {
    for (const gateway of own.gateways) {
      const lack = failoverLack(gateway, own);
      if (lack === undefined) continue;
      const { defaults, ...details } = lack;
      yield { unit: gateway.unit, source: defaults.source, details, changes: [] };
    }
  },
);

/** The other machines that are not asked; undefined when nothing is missing, as for a user with one machine. */
export function failoverLack(
  gateway: Gateway,
  picture: Picture,
): (FailoverNone & { readonly defaults: AgentModels }) | undefined {
  const defaults = defaultsOf(gateway);
  if (defaults?.primary === undefined || defaults.fallbacks.length > 0 || !isCertain(defaults))
    return undefined;
  const { provider, model } = defaults.primary;
  const nodes = otherNodes(picture).map(({ name }) => name);
  const idle = gateway.providers.find(
    each => each.id !== provider && each.models?.includes(model) && Boolean(machineOf(each, picture)),
  );
  return nodes.length === 0 && idle === undefined
    ? undefined
    : { defaults, nodes, idle: idle?.id ?? null, isDeclined: defaults.declinesFallbacks };
}
