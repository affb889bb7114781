import { predictOutcome } from '../../restart/outcome.ts';
import type { Bond } from '../../restart/surroundings.ts';
import { parseUnitName } from '../../systemd/unit-name.ts';
import { installTargets } from '../../systemd/install-targets.ts';
import { otherUnit } from '../other-unit.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface StopPropagates {
  readonly directive: Bond['kind'];
  /** The unit that is stopped and started again. */
  readonly other: string;
  /** Whether `systemctl restart` of the other unit starts this one again. */
  readonly restartsWithIt: boolean;
}

/** A service that is stopped together with another unit, and that stays down when the other one is started again. */
export const stopPropagates: ServiceRule<'stop-propagates', StopPropagates> = {
  id: 'stop-propagates',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<StopPropagates>> {
    const { bonds, upheldBy } = service.facts.surroundings;
    if (bonds.length === 0 || !service.isMeantToStay || upheldBy.length > 0) return;
    // For a template nothing is known: each instance is started by units of its own, and generators add links for
    // instances.
    if (parseUnitName(service.unit.id)?.kind === 'template') return;
    // Once the service is enabled, some of these units start it together with themselves.
    const seen = new Set(installTargets(service.unit).map(({ name }) => name));
    for (const { kind, other, pull, source } of bonds) {
      if (seen.has(other) || pull !== null || !otherUnit(inventory.loader, other).canBeStopped) continue;
      const after = (ending: 'stop-of' | 'fall-of') =>
        predictOutcome(service.facts, { kind: ending, unit: other }, inventory.machine);
      const fall = after('fall-of');
      // A service that stays down even after a fall of the other unit is reported by `binds-to-stays-down`.
      if (after('stop-of').onDemand.length > 0 || (fall.possible && !fall.restarts)) continue;
      seen.add(other);
      const restartsWithIt = kind !== 'StopPropagatedFrom';
      // Only a person knows whether the other unit should start it.
      yield { source, details: { directive: kind, other, restartsWithIt }, changes: [] };
    }
  },
};
