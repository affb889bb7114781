import { dependenciesOf, type UnitLoader } from '../../systemd/unit.ts';
import { parseUnitName, type UnitType } from '../../systemd/unit-name.ts';
import { isSystemUnit } from '../system-units.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface OrderingOnSystemUnit {
  readonly directive: (typeof directives)[number];
  /** The unit that the user manager does not have. */
  readonly other: string;
  /** Whether the missing unit prevents the service from starting at all. */
  readonly isRequired: boolean;
}

/** A user unit that names a unit of the system manager, which does not exist for the user manager. */
export const orderingOnSystemUnit: ServiceRule<'ordering-on-system-unit', OrderingOnSystemUnit> = {
  id: 'ordering-on-system-unit',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check({ unit }, { inventory: { host, loader } }): Iterable<Fault<OrderingOnSystemUnit>> {
    if (host.scope !== 'user') return;
    const told = new Set<string>();
    for (const directive of directives) {
      for (const { unit: other, source } of dependenciesOf(unit, directive)) {
        const line = `${source.file}:${source.line} ${other}`;
        if (mayBeThere(other, loader) || told.has(line)) continue;
        const isRequired = required.has(directive);
        if (!isRequired && !isSystemUnit(other, loader)) continue;
        told.add(line);
        yield {
          source,
          ...(isRequired && { severity: 'critical' as const }),
          details: { directive, other, isRequired },
          changes: [],
        };
      }
    }
  },
};

/** Whether a user manager has a unit: by its own file, by that of its template, or without a file. */
function mayBeThere(name: string, { index }: UnitLoader): boolean {
  const parsed = parseUnitName(name);
  if (parsed === undefined || name === 'init.scope' || withoutFile.has(parsed.type)) return true;
  return index.entry(name) !== undefined || index.locate(parsed).fragment !== undefined;
}

/**
 * Types of units that need no file. Slices: systemd.slice(5); devices come from udev and mounts from the kernel, in a
 * user manager as well.
 */
const withoutFile: ReadonlySet<UnitType> = new Set(['slice', 'device', 'mount']);

/** The more severe directives first: of two in one line, the requirement is reported. */
const directives = ['Requires', 'BindsTo', 'Requisite', 'Wants', 'After'] as const;

const required: ReadonlySet<string> = new Set(['Requires', 'BindsTo', 'Requisite']);
