import { predictOutcome } from '../../restart/outcome.ts';
import type { Bond } from '../../restart/surroundings.ts';
import { installTargets } from '../../systemd/install-targets.ts';
import { otherUnit } from '../other-unit.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface BindsToStaysDown {
  readonly directive: Bond['kind'];
  /** The unit whose fall stops this one. */
  readonly other: string;
  /** Whether systemd restarts the other unit. */
  readonly otherRestarts: boolean;
  /** The directive in place of `directive` with which the service would not stay down. */
  readonly instead: 'Requires' | 'PartOf';
  /** Whether a start of the other unit starts this one: else a stop of that one would leave it down all the same; true for a unit that nobody stops. */
  readonly isStartedWithIt: boolean;
}

/** A service that stops when another unit falls, and that nothing starts again, not even when the other unit is up again. */
export const bindsToStaysDown: ServiceRule<'binds-to-stays-down', BindsToStaysDown> = {
  id: 'binds-to-stays-down',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<BindsToStaysDown>> {
    const { bonds, upheldBy } = service.facts.surroundings;
    if (bonds.length === 0 || !service.isMeantToStay) return;
    // Once the service is enabled, these units start it together with themselves.
    const starters = new Set(installTargets(service.unit).map(({ name }) => name));
    for (const bond of bonds) {
      const { kind, other, afterItsFall, pull, source } = bond;
      const instead = looser[kind];
      if (instead === undefined || starters.has(other)) continue;
      const { load, canBeStopped } = otherUnit(inventory.loader, other);
      if (load !== 'loaded') continue;
      const outcome = predictOutcome(service.facts, { kind: 'fall-of', unit: other }, inventory.machine);
      if (!outcome.possible || outcome.restarts || outcome.onDemand.length > 0) continue;
      yield {
        source,
        details: {
          directive: kind,
          other,
          otherRestarts: afterItsFall !== 'stays-down',
          instead,
          isStartedWithIt: pull !== null || upheldBy.length > 0 || !canBeStopped,
        },
        // A drop-in cannot remove a dependency.
        changes: [],
      };
    }
  },
};

/** Dependencies that stop a unit in the same way when an operator stops the other, but not when the other falls. */
const looser: { readonly [K in Bond['kind']]?: BindsToStaysDown['instead'] } = {
  BindsTo: 'Requires',
  StopPropagatedFrom: 'PartOf',
};
