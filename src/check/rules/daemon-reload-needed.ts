import { isOutOfDate } from '../out-of-date.ts';
import type { Fault, UnitRule } from '../rule.ts';

/** The manager still uses older unit files than those on the disk. */
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
