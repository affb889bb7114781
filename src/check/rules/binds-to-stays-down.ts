import { predictOutcome } from '../../restart/outcome.ts';
import type { Bond } from '../../restart/surroundings.ts';
import { installTargets } from '../install-targets.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface BindsToStaysDown {
  readonly directive: Bond['kind'];
  /** The unit whose fall takes this one down. */
  readonly other: string;
  /** Whether systemd restarts that one. */
  readonly otherRestarts: boolean;
  /** The directive with which it would not stay down. */
  readonly instead: 'Requires' | 'PartOf';
}

/** A service that another's fall takes down, and that nothing brings back, not even when the other is up again. */
export const bindsToStaysDown: ServiceRule<'binds-to-stays-down', BindsToStaysDown> = {
  id: 'binds-to-stays-down',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<BindsToStaysDown>> {
    const { bonds } = service.facts.surroundings;
    if (bonds.length === 0 || !service.isMeantToStay) return;
    // Once it is enabled, these have it started with them.
    const starters = new Set(installTargets(service.unit).map(({ name }) => name));
    for (const bond of bonds) {
      const { kind, other, afterItsFall, source } = bond;
      const instead = looser[kind];
      if (instead === undefined || starters.has(other) || inventory.loader.load(other).load !== 'loaded')
        continue;
      const outcome = predictOutcome(service.facts, { kind: 'fall-of', unit: other }, inventory.machine);
      if (!outcome.possible || outcome.restarts || outcome.onDemand.length > 0) continue;
      yield {
        source,
        details: { directive: kind, other, otherRestarts: afterItsFall !== 'stays-down', instead },
        // A drop-in cannot take a dependency back.
        changes: [],
      };
    }
  },
};

/** What ties a unit as closely at an operator's stop, and not at a fall. */
const looser: { readonly [K in Bond['kind']]?: BindsToStaysDown['instead'] } = {
  BindsTo: 'Requires',
  StopPropagatedFrom: 'PartOf',
};
