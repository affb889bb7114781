/** The findings by what they are about: a unit, or the host. */
import type { CheckResult } from '../../check/engine.ts';
import { byWeight, type Finding, type SuppressedFinding } from '../../check/finding.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { HostResult } from './report.ts';

/** The findings about one unit, or about the host itself. */
export interface Subject {
  /** Null for the host itself. */
  readonly unit: string | null;
  /** Path of the unit's fragment on the host; undefined for the host itself and for a unit without a fragment. */
  readonly file: string | undefined;
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/** Groups a result by unit. Findings about several units belong to the host, but may name one unit. */
export function subjectsOf({ unit, findings, suppressed }: CheckResult): readonly Subject[] {
  const names = new Set([...findings, ...suppressed.map(({ finding }) => finding)].map(found => found.unit));
  return [...names].map(name => ({
    unit: name,
    file: name === unit?.name ? unit?.unit.fragment : undefined,
    findings: findings.filter(finding => finding.unit === name),
    suppressed: suppressed.filter(({ finding }) => finding.unit === name),
  }));
}

/**
 * The subjects of all results, each once and its worst findings first: what is known about a unit only when all units of its host have been
 * seen joins what was found in it. A host with very many faulty units is told as it is read, and then that comes at the end.
 */
export async function* joinedSubjects(
  results: AsyncIterable<HostResult>,
): AsyncIterable<{ readonly subject: Subject; readonly inventory: Inventory }> {
  let kept: Map<string, Subject> | undefined = new Map();
  for await (const { result, inventory } of results) {
    const subjects = subjectsOf(result);
    if (kept !== undefined) {
      for (const subject of subjects) {
        const name = subject.unit ?? hostItself;
        const known = kept.get(name);
        kept.set(name, known === undefined ? withFile(subject, inventory) : joined(known, subject));
      }
      if (!result.isLast && kept.size <= mostKept) continue;
      for (const subject of kept.values()) yield { subject, inventory };
      kept = undefined;
    } else for (const subject of subjects) yield { subject, inventory };
    if (result.isLast) kept = new Map();
  }
}

/** No unit has this name. */
const hostItself = '';

/** So that a tree of a hundred thousand units is not in memory at once. */
const mostKept = 500;

/** Also of a unit about which nothing was found by itself. */
function withFile(subject: Subject, inventory: Inventory): Subject {
  if (subject.unit === null || subject.file !== undefined) return subject;
  return { ...subject, file: inventory.service(subject.unit).service.unit.fragment };
}

function joined(unit: Subject, more: Subject): Subject {
  return {
    ...unit,
    findings: [...unit.findings, ...more.findings].toSorted(byWeight),
    suppressed: [...unit.suppressed, ...more.suppressed].toSorted((a, b) => byWeight(a.finding, b.finding)),
  };
}
