import { predictOutcome } from '../../restart/outcome.ts';
import type { Bond } from '../../restart/surroundings.ts';
import type { Unit } from '../../systemd/unit.ts';
import { parseUnitName } from '../../systemd/unit-name.ts';
import { parseBoolean } from '../../systemd/values/boolean.ts';
import { installTargets } from '../install-targets.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface StopPropagates {
  readonly directive: Bond['kind'];
  /** The unit that is stopped and started again. */
  readonly other: string;
  /** Whether `systemctl restart` of that one brings this one back. */
  readonly restartsWithIt: boolean;
}

/** A service that goes down when another is stopped, and stays so when that one is started again. */
export const stopPropagates: ServiceRule<'stop-propagates', StopPropagates> = {
  id: 'stop-propagates',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<StopPropagates>> {
    const { bonds, upheldBy } = service.facts.surroundings;
    if (bonds.length === 0 || !service.isMeantToStay || upheldBy.length > 0) return;
    // What starts the instances of a template is known of each of them alone: generators link them, too.
    if (parseUnitName(service.unit.id)?.kind === 'template') return;
    // Once it is enabled, some have it started with them.
    const seen = new Set(installTargets(service.unit).map(({ name }) => name));
    for (const { kind, other, pull, source } of bonds) {
      if (seen.has(other) || pull !== null || !canBeStopped(inventory.loader.load(other))) continue;
      const after = (ending: 'stop-of' | 'fall-of') =>
        predictOutcome(service.facts, { kind: ending, unit: other }, inventory.machine);
      const fall = after('fall-of');
      // What not even a fall lets come back has a rule of its own, `binds-to-stays-down`.
      if (after('stop-of').onDemand.length > 0 || (fall.possible && !fall.restarts)) continue;
      seen.add(other);
      const restartsWithIt = kind !== 'StopPropagatedFrom';
      // Whether the other one should start it, only a person knows.
      yield { source, details: { directive: kind, other, restartsWithIt }, changes: [] };
    }
  },
};

/** Whether it is there, and systemd lets a person stop it. */
function canBeStopped({ load, assignments }: Unit): boolean {
  const refuses = parseBoolean(assignments.last('Unit', 'RefuseManualStop')?.value ?? 'no') ?? false;
  return load === 'loaded' && !refuses;
}
