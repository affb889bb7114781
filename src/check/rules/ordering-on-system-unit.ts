import { dependenciesOf, type UnitLoader } from '../../systemd/unit.ts';
import { parseUnitName, type UnitType } from '../../systemd/unit-name.ts';
import { systemUnits } from '../system-units.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface OrderingOnSystemUnit {
  readonly directive: (typeof directives)[number];
  /** The unit that the user manager does not have. */
  readonly other: string;
  /** Whether it keeps the service from being started at all. */
  readonly isRequired: boolean;
}

/** A user unit that names a unit of the system manager: to its own manager that unit does not exist. */
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
        if (!isRequired && !systemUnits(host).has(other)) continue;
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

/** Whether a user manager has a unit by a file, its own or that of its template, or makes it without one. */
function mayBeThere(name: string, { index }: UnitLoader): boolean {
  const parsed = parseUnitName(name);
  if (parsed === undefined || name === 'init.scope' || withoutFile.has(parsed.type)) return true;
  return index.entry(name) !== undefined || index.locate(parsed).fragment !== undefined;
}

/** A slice needs none (systemd.slice(5)); devices come from udev, mounts from the kernel, in a user manager as well. */
const withoutFile: ReadonlySet<UnitType> = new Set(['slice', 'device', 'mount']);

/** The worse ones first: of two in one line it is the requirement that matters. */
const directives = ['Requires', 'BindsTo', 'Requisite', 'Wants', 'After'] as const;

const required: ReadonlySet<string> = new Set(['Requires', 'BindsTo', 'Requisite']);
