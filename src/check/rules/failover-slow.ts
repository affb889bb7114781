import { takes } from '../../services/openclaw-version.ts';
import { leavesMachine, machineOf, providerOf, routeRule } from '../routes.ts';

export interface FailoverSlow {
  /** The provider on this machine that is asked first. */
  readonly provider: string;
  /** The version of an OpenClaw that would refuse a limit; null when it takes one, or is not known. */
  readonly refusedBy: string | null;
}

/** A primary provider without a time limit: when it hangs, its fallback is not asked. */
export const failoverSlow = routeRule<'failover-slow', FailoverSlow>(
  { id: 'failover-slow', severity: 'warning' },
  function* ({ own }) {
    for (const gateway of own.gateways) {
      const primaries = gateway.agents
        .filter(agent => leavesMachine(agent, gateway, own))
        .flatMap(({ primary }) => (primary === undefined ? [] : (providerOf(gateway, primary) ?? [])));
      const { version = null } = gateway;
      const refusedBy = takes('timeoutSeconds', gateway.version) === false ? version : null;
      for (const provider of new Set(primaries)) {
        const { id, source, timeoutSeconds } = provider;
        if (timeoutSeconds !== undefined || machineOf(provider, own) !== '') continue;
        yield { unit: gateway.unit, source, details: { provider: id, refusedBy }, changes: [] };
      }
    }
  },
);
