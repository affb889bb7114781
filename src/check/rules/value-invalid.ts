import type { IgnoredLine } from '../../systemd/assignments.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface ValueInvalid {
  readonly line: IgnoredLine;
  /** The value in effect in its place, which another line sets; null for the default, and for a list. */
  readonly instead: string | null;
  /** How many of the following lines are no assignments either; most often one mistake caused all of them. */
  readonly more: number;
}

/** A line whose value, or which itself, systemd does not accept: an earlier value or the default is in effect. */
export const valueInvalid: UnitRule<'value-invalid', ValueInvalid> = {
  id: 'value-invalid',
  severity: 'warning',
  needs: 'units',
  judges: 'unit',
  *check({ unit }): Iterable<Fault<ValueInvalid>> {
    for (const { line, more, alike } of withoutRepeats(unit.ignored)) {
      const { problem, source, section, key } = line;
      if (problem.code !== 'bad-value' && problem.code !== 'stray' && problem.code !== 'unread') continue;
      // An invalid Restart= is reported by `restart-value-invalid`.
      if (section === 'Service' && key === 'Restart') continue;
      const isOfList = problem.code === 'bad-value' && problem.counts !== undefined;
      const instead = key === '' || isOfList ? undefined : unit.assignments.last(section, key);
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

/** Of consecutive lines that are no assignments, only the first, with the number of the others. */
function withoutRepeats(ignored: readonly IgnoredLine[]): readonly RepeatedLine[] {
  const kept: RepeatedLine[] = [];
  for (const line of ignored) {
    const { count = 0, lastLine = 0 } = line.alike ?? {};
    const last = kept.at(-1);
    const isInRow = last !== undefined && isRepeat(line, last.line, last.more);
    // Lines that were only counted belong to the run when every line up to the last one is among them.
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
