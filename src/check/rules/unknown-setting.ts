import type { IgnoredLine } from '../../systemd/assignments.ts';
import { sectionsOf } from '../../systemd/directives.ts';
import { nearest } from '../../systemd/nearest.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface UnknownSetting {
  /** The line. Without a key it is the header of a section. */
  readonly line: IgnoredLine;
  /** The first version that has the setting, when the setting is too new for this one. */
  readonly since: number | null;
  /** The section that the setting belongs to. */
  readonly home: string | null;
  /** The setting that was probably meant, or the section when the line has no key. */
  readonly suggestion: string | null;
}

/** A setting or a section that this version of systemd does not know: the line has no effect. */
export const unknownSetting: UnitRule<'unknown-setting', UnknownSetting> = {
  id: 'unknown-setting',
  severity: 'warning',
  needs: 'units',
  judges: 'unit',
  *check({ unit }, { inventory }): Iterable<Fault<UnknownSetting>> {
    const { version } = inventory.machine;
    for (const line of unit.ignored) {
      const { problem, source, section, key } = line;
      if (problem.code !== 'unknown-section' && problem.code !== 'unknown-setting') continue;
      if (isMisplacedStartLimit(section, key)) continue;
      const { since, suggestion } =
        problem.code === 'unknown-setting'
          ? problem
          : { since: undefined, suggestion: nearest(section, sections) };
      const [home] = sectionsOf(key, version);
      yield {
        source,
        // Nothing is wrong with a line for machines that are newer, and nothing can make it count here.
        ...(since !== undefined && { severity: 'info' }),
        details: {
          line,
          since: since ?? null,
          home: home ?? null,
          suggestion: home === undefined ? (suggestion ?? null) : null,
        },
        changes: [],
        ...(line.alike !== undefined && { alike: line.alike.count }),
      };
    }
  },
};

const sections = ['Unit', 'Service', 'Install'] as const;

/** A misplaced start limit is reported by `start-limit-misplaced`. */
function isMisplacedStartLimit(section: string, key: string): boolean {
  return section === 'Service' && key === 'StartLimitIntervalSec';
}
