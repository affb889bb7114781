/** What a check says: typed data, in every language the same. */
import type { Source } from '../systemd/service-settings.ts';
import type { Change, Rule } from './rule.ts';
import type { Severity } from './severity.ts';
import type { KnownRule } from './rules/index.ts';

export type RuleId = KnownRule['id'];

/** The arguments of a rule's message. */
export type DetailsOf<Id extends RuleId> =
  Extract<KnownRule, { readonly id: Id }> extends Rule<Id, infer D> ? D : never;

/** One fault that a rule has found. */
interface FindingOf<Id extends RuleId> {
  readonly rule: Id;
  readonly severity: Severity;
  /** Null for a fault of the host itself. */
  readonly unit: string | null;
  readonly source: Source | null;
  readonly details: DetailsOf<Id>;
  readonly changes: readonly Change[];
  /** How many more like it are counted and not told; left out where there are none. */
  readonly alike?: number;
}

export type Finding = { readonly [Id in RuleId]: FindingOf<Id> }[RuleId];

/** A finding that somebody has accepted, and why. */
export interface SuppressedFinding {
  readonly finding: Finding;
  /** What was written as the reason; may be empty. */
  readonly reason: string;
  /** The comment that says so; null where the configuration does. */
  readonly source: Source | null;
}
