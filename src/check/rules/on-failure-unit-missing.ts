import type { UnitType } from '../../systemd/unit-name.ts';
import { dependenciesOf } from '../../systemd/unit.ts';
import { type OtherUnit, otherUnit } from '../other-unit.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';
import { isSystemUnit } from '../system-units.ts';

export interface OnFailureUnitMissing {
  /** The unit that is to be started when the service has failed. */
  readonly other: string;
  /**
   * `missing`: the manager has no such unit; `other-manager`: only the system manager has it, and a user manager cannot
   * start it.
   */
  readonly problem: 'missing' | 'other-manager' | 'masked' | 'refused';
}

/** An `OnFailure=` that names a unit which cannot be started: then nobody is told of the failure. */
export const onFailureUnitMissing: ServiceRule<'on-failure-unit-missing', OnFailureUnitMissing> = {
  id: 'on-failure-unit-missing',
  severity: 'warning',
  needs: 'machine',
  judges: 'service',
  *check({ unit }, context): Iterable<Fault<OnFailureUnitMissing>> {
    const { loader } = context.inventory;
    const seen = new Set<string>();
    for (const { unit: other, source } of dependenciesOf(unit, 'OnFailure')) {
      if (seen.has(other)) continue;
      seen.add(other);
      const problem = problemOf(otherUnit(loader, other), context);
      if (problem !== undefined) yield { source, details: { other, problem }, changes: [] };
    }
  },
};

function problemOf(
  { load, name, type, isRefused }: OtherUnit,
  { inventory: { host, loader } }: CheckContext,
): OnFailureUnitMissing['problem'] | undefined {
  switch (load) {
    case 'loaded':
      return isRefused ? 'refused' : undefined;
    case 'masked':
      return 'masked';
    case 'error':
    case 'bad-setting':
      return 'refused';
    case 'not-found':
      if (!needsFile.has(type)) return undefined;
      return host.scope === 'user' && isSystemUnit(name, loader) ? 'other-manager' : 'missing';
    default:
      return load satisfies never;
  }
}

/**
 * The types of units that systemd loads only from a unit file. A slice needs none (`slice_load()`); mounts and swaps
 * are generated from /etc/fstab at boot.
 */
const needsFile: ReadonlySet<UnitType> = new Set(['service', 'socket', 'target', 'path', 'timer']);
