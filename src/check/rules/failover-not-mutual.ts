import { placeOf } from '../../routes/asked-place.ts';
import { isDestination } from '../../routes/machine.ts';
import type { Picture } from '../../routes/picture.ts';
import { isCertain } from '../../services/openclaw-models.ts';
import { defaultsOf, routeRule } from '../routes.ts';
import { failoverLack } from './failover-none.ts';

export interface FailoverNotMutual {
  /** The machine that falls back to this one. */
  readonly machine: string;
}

/**
 * This machine does not fall back to a machine that falls back to it. It is found only when both machines are checked
 * together.
 */
export const failoverNotMutual = routeRule<'failover-not-mutual', FailoverNotMutual>(
  { id: 'failover-not-mutual', severity: 'warning' },
  function* ({ own, others }) {
    for (const other of others) {
      if (!fallsBackTo(other, own) || fallsBackTo(own, other)) continue;
      // A fallback that is not understood may be the one.
      if (!own.gateways.every(({ agents }) => agents.every(isCertain))) continue;
      for (const gateway of own.gateways) {
        const defaults = defaultsOf(gateway);
        // `failover-none` already reports that the gateway has no fallback at all.
        if (defaults === undefined || failoverLack(gateway, own) !== undefined) continue;
        yield {
          unit: gateway.unit,
          source: defaults.source,
          details: { machine: other.node?.name ?? other.hostName },
          changes: [],
        };
      }
    }
  },
);

function fallsBackTo(from: Picture, to: Picture): boolean {
  return from.gateways.some(gateway =>
    gateway.agents
      .flatMap(({ fallbacks }) => fallbacks)
      .some(reference => {
        const place = placeOf(gateway, reference);
        return place !== undefined && isDestination(to, place.leadsTo);
      }),
  );
}
