import type { IgnoredLine } from '../../systemd/assignments.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface ValueInvalid {
  readonly line: IgnoredLine;
  /** What counts in its place: the earlier value, or null for the default. */
  readonly instead: string | null;
  /** How many lines right behind it are no assignments either; most often one mistake made them all. */
  readonly more: number;
}

/** A line that systemd does not take for what its value is, or for what it is itself: an earlier value or the default holds. */
export const valueInvalid: UnitRule<'value-invalid', ValueInvalid> = {
  id: 'value-invalid',
  severity: 'warning',
  needs: 'units',
  judges: 'unit',
  *check({ unit }): Iterable<Fault<ValueInvalid>> {
    for (const { line, more, alike } of withoutRepeats(unit.ignored)) {
      const { problem, source, section, key } = line;
      if (problem.code !== 'bad-value' && problem.code !== 'stray' && problem.code !== 'unread') continue;
      // It has a rule of its own, `restart-value-invalid`.
      if (section === 'Service' && key === 'Restart') continue;
      const isPartly = problem.code === 'bad-value' && problem.partly;
      const instead = key === '' || isPartly ? undefined : unit.assignments.last(section, key);
      yield {
        source,
        details: { line: line, instead: instead?.value ?? null, more },
        changes: [],
        ...(alike > 0 && { alike }),
      };
    }
  },
};

interface RepeatedLine {
  readonly line: IgnoredLine;
  more: number;
  alike: number;
}

/** Of lines in a row that are no assignments the first alone, with the number of the others. */
function withoutRepeats(ignored: readonly IgnoredLine[]): readonly RepeatedLine[] {
  const kept: RepeatedLine[] = [];
  for (const line of ignored) {
    const { count = 0, lastLine = 0 } = line.alike ?? {};
    const last = kept.at(-1);
    const isInRow = last !== undefined && isRepeat(line, last.line, last.more);
    // What was only counted is in the row when there is one of them in each line up to the last.
    const allInRow = isInRow && count > 0 && lastLine - line.source.line === count;
    if (isInRow) {
      last.more += 1 + (allInRow ? count : 0);
      last.alike += allInRow ? 0 : count;
    } else kept.push({ line, more: 0, alike: count });
  }
  return kept;
}

function isRepeat({ problem, source }: IgnoredLine, first: IgnoredLine, more: number): boolean {
  return (
    problem.code === 'stray' &&
    first.problem.code === 'stray' &&
    problem.problem === first.problem.problem &&
    source.file === first.source.file &&
    source.line === first.source.line + more + 1
  );
}
