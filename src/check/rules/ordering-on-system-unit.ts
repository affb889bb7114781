import { dependenciesOf } from '../../systemd/unit.ts';
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
        if (loader.index.entry(other) !== undefined || told.has(line)) continue;
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

/** The worse ones first: of two in one line it is the requirement that matters. */
const directives = ['Requires', 'BindsTo', 'Requisite', 'Wants', 'After'] as const;

const required: ReadonlySet<string> = new Set(['Requires', 'BindsTo', 'Requisite']);
