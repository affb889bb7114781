import { firstWith, takes } from '../../services/openclaw-version.ts';
import { placeOf, providerOf } from '../../routes/asked-place.ts';
import { leavesMachine, machineOf, routeRule } from '../routes.ts';

export interface FailoverSlow {
  /** The provider on this machine that is asked first. */
  readonly provider: string;
  /** The version of an OpenClaw that would refuse a limit, and the first one that takes it; null when this one does, or is not known. */
  readonly refusedBy: { readonly version: string; readonly first: string } | null;
}

/** A primary provider without a time limit: when it hangs, its fallback is not asked. */
export const failoverSlow = routeRule<'failover-slow', FailoverSlow>(
  { id: 'failover-slow', severity: 'warning' },
  function* ({ own }) {
    for (const gateway of own.gateways) {
      const primaries = gateway.agents
        .filter(agent => leavesMachine(agent, gateway, own))
        .flatMap(({ primary }) => primary ?? [])
        .filter(primary => machineOf(placeOf(gateway, primary), own) === '')
        .flatMap(primary => providerOf(gateway, primary) ?? []);
      const { version } = gateway;
      const isRefused = version !== undefined && takes('timeoutSeconds', version) === false;
      const refusedBy = isRefused ? { version, first: firstWith.timeoutSeconds } : null;
      for (const provider of new Set(primaries)) {
        const { id, source, timeoutSeconds } = provider;
        if (timeoutSeconds !== undefined) continue;
        yield { unit: gateway.unit, source, details: { provider: id, refusedBy }, changes: [] };
      }
    }
  },
);
