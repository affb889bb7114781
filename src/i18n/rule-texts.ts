/** The interface of the texts of rules. */
import type { DetailsOf, RuleId } from '../check/finding.ts';
import type { RuleGroup } from '../check/rule.ts';
import type { ShownManager } from './shown-commands.ts';
import type { rulesByGroup } from '../check/rules/index.ts';

export interface RuleTexts<D> {
  /** The fault in a few words, for lists and headings; no full stop. */
  readonly title: string;
  /** The fault in one sentence without a full stop; begins with a capital letter. */
  message(details: D, about: About): string;
  /** The consequence and when it happens: one or two sentences with full stops. */
  why(details: D, about: About): string;
  /** What the user can do: one or two sentences with full stops. */
  remedy(details: D, about: About): string;
}

/** The subject of a finding. */
export interface About extends ShownManager {
  /** Empty for a finding about the host. */
  readonly unit: string;
}

type IdsOf<G extends RuleGroup> = (typeof rulesByGroup)[G][number]['id'];

/** The texts of the rules of one group. */
export type GroupTexts<G extends RuleGroup> = { readonly [Id in IdsOf<G>]: RuleTexts<DetailsOf<Id>> };

/** The texts of all rules. */
export type AllRuleTexts = { readonly [Id in RuleId]: RuleTexts<DetailsOf<Id>> };
