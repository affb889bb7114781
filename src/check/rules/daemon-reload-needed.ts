import { isOutOfDate } from '../out-of-date.ts';
import type { Fault, UnitRule } from '../rule.ts';

/** Its manager goes by older files than those that are there. */
export const daemonReloadNeeded: UnitRule<'daemon-reload-needed', object> = {
  id: 'daemon-reload-needed',
  severity: 'warning',
  needs: 'manager',
  judges: 'unit',
  *check({ unit, entry }): Iterable<Fault<object>> {
    if (entry.live === undefined || !isOutOfDate(unit, entry.live)) return;
    const source = unit.fragment === undefined ? null : { file: unit.fragment, line: null };
    yield { source, details: {}, changes: [{ kind: 'daemon-reload' }] };
  },
};
