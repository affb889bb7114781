import type { IgnoredLine } from '../../systemd/assignments.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface ValueInvalid {
  readonly line: IgnoredLine;
  /** What counts in its place: the earlier value, or null for the default. */
  readonly instead: string | null;
}

/** A line that systemd does not take for what its value is, or for what it is itself: an earlier value or the default holds. */
export const valueInvalid: UnitRule<'value-invalid', ValueInvalid> = {
  id: 'value-invalid',
  severity: 'warning',
  needs: 'units',
  judges: 'unit',
  *check({ unit }): Iterable<Fault<ValueInvalid>> {
    for (const line of unit.ignored) {
      const { problem, source, section, key } = line;
      if (problem.code !== 'bad-value' && problem.code !== 'stray' && problem.code !== 'unread') continue;
      // It has a rule of its own, `restart-value-invalid`.
      if (section === 'Service' && key === 'Restart') continue;
      const isPartly = problem.code === 'bad-value' && problem.partly;
      const instead = key === '' || isPartly ? undefined : unit.assignments.last(section, key);
      yield { source, details: { line, instead: instead?.value ?? null }, changes: [] };
    }
  },
};
