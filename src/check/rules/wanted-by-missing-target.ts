import type { Source } from '../../systemd/service-settings.ts';
import type { UnitIndex } from '../../systemd/unit-index.ts';
import { installTargets, targetAtBoot } from '../../systemd/install-targets.ts';
import type { LoadedService } from '../checked-unit.ts';
import { isDistributions } from '../../inventory/purpose.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { startsOf } from '../starts.ts';

export interface WantedByMissingTarget {
  readonly target: string;
  /** `missing`: the manager has no such unit; `idle`: the unit exists, and nothing starts it. */
  readonly problem: 'missing' | 'idle';
  readonly isEnabled: boolean;
  /** The target that the service should be enabled for. */
  readonly instead: string;
}

/** A service that is enabled, or would be enabled, for a unit that its manager never starts. */
export const wantedByMissingTarget: ServiceRule<'wanted-by-missing-target', WantedByMissingTarget> = {
  id: 'wanted-by-missing-target',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<WantedByMissingTarget>> {
    if (!service.isMeantToStay) return;
    // A package may be made to work with another package that is not installed.
    if (isDistributions(service.unit) && service.entry.live?.activeState !== 'active') return;
    const found = brokenEnablement(service) ?? brokenInstall(service, inventory.loader.index);
    if (found === undefined) return;
    const { source, ...broken } = found;
    const instead = targetAtBoot(inventory.host.scope);
    yield {
      source,
      details: { ...broken, instead },
      changes: [{ kind: 'enable-for', unit: service.name, target: instead }, ...startsOf(service, 'planned')],
    };
  },
};

type Broken = Omit<WantedByMissingTarget, 'instead'> & { readonly source: Source | null };

/** Links that belong to a unit which is never started. */
function brokenEnablement({ unit, facts }: LoadedService): Broken | undefined {
  const { boot } = facts.surroundings;
  if (boot.started || boot.target === null) return undefined;
  if (boot.why !== 'missing-target' && boot.why !== 'idle-target') return undefined;
  const line = installTargets(unit).find(({ name }) => name === boot.target);
  return {
    target: boot.target,
    problem: boot.why === 'missing-target' ? 'missing' : 'idle',
    isEnabled: true,
    source: line?.source ?? boot.source,
  };
}

/** The link that `systemctl enable` would make according to [Install]. */
function brokenInstall({ unit, facts }: LoadedService, index: UnitIndex): Broken | undefined {
  const { boot, triggers, upheldBy } = facts.surroundings;
  if (boot.started || boot.why !== 'not-enabled' || triggers.length > 0 || upheldBy.length > 0)
    return undefined;
  const isMissing = (name: string) => index.entry(name) === undefined;
  // When systemd's own targets are not available (a folder of units on a machine that has none), nothing can be said.
  if (isMissing('default.target') && isMissing('basic.target')) return undefined;
  const [first, ...others] = installTargets(unit);
  if (first === undefined || ![first, ...others].every(({ name }) => isMissing(name))) return undefined;
  return { target: first.name, problem: 'missing', isEnabled: false, source: first.source };
}
