import { newerThanProcess } from '../old-settings.ts';
import { isOutOfDate } from '../out-of-date.ts';
import type { Fault, UnitRule } from '../rule.ts';

/** The manager still uses older unit files than those on the disk. */
export const daemonReloadNeeded: UnitRule<'daemon-reload-needed', object> = {
  id: 'daemon-reload-needed',
  severity: 'warning',
  needs: 'manager',
  judges: 'unit',
  *check(checked, context): Iterable<Fault<object>> {
    const { unit, entry, name } = checked;
    if (entry.live === undefined || !isOutOfDate(unit, entry.live)) return;
    const source = unit.fragment === undefined ? null : { file: unit.fragment, line: null };
    // Once the manager knows the change, `restart-needed` would ask for the rest.
    const isOlder = newerThanProcess(checked, context) !== undefined;
    const restart = isOlder ? [{ kind: 'restart', unit: name } as const] : [];
    yield { source, details: {}, changes: [{ kind: 'daemon-reload' }, ...restart] };
  },
};
