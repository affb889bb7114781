/** The result of a check as typed data, which is the same in every language. */
import type { Source } from '../systemd/service-settings.ts';
import type { Change, Rule } from './rule.ts';
import { severities, type Severity } from './severity.ts';
import type { KnownRule } from './rules/index.ts';

export type RuleId = KnownRule['id'];

/** The arguments of a rule's message. */
export type DetailsOf<Id extends RuleId> =
  Extract<KnownRule, { readonly id: Id }> extends Rule<Id, infer D> ? D : never;

/** One fault that a rule has found. */
interface FindingOf<Id extends RuleId> {
  readonly rule: Id;
  readonly severity: Severity;
  /** Name of the unit; null for a fault of the host itself. */
  readonly unit: string | null;
  readonly source: Source | null;
  readonly details: DetailsOf<Id>;
  readonly changes: readonly Change[];
  /** How many more findings like this one were counted and left out; absent when there are none. */
  readonly alike?: number;
}

export type Finding = { readonly [Id in RuleId]: FindingOf<Id> }[RuleId];

/** A finding that the user has accepted, with the reason. */
export interface SuppressedFinding {
  readonly finding: Finding;
  /** The reason as the user wrote it; may be empty. */
  readonly reason: string;
  /** The comment that accepts the finding; null when the configuration does. */
  readonly source: Source | null;
}

/** The worst first, then in the order of the lines. A sort is stable: findings at one line stay in the order of the rules. */
export function byWeight(a: Finding, b: Finding): number {
  return (
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    compare(a.source?.file ?? '', b.source?.file ?? '') ||
    (a.source?.line ?? 0) - (b.source?.line ?? 0)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
