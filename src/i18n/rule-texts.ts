/** What a language says about each rule. */
import type { DetailsOf, RuleId } from '../check/finding.ts';
import type { RuleGroup } from '../check/rule.ts';
import type { rulesByGroup } from '../check/rules/index.ts';

export interface RuleTexts<D> {
  /** The fault in a few words, for lists and headings; no full stop. */
  readonly title: string;
  /** What is wrong here, in one sentence without a full stop; begins like a sentence. */
  message(details: D, about: About): string;
  /** What it leads to, and when: one or two sentences, full stops included. */
  why(details: D, about: About): string;
  /** What a person does about it, in one or two sentences, full stops included. */
  remedy(details: D, about: About): string;
}

/** What a finding is about. */
export interface About {
  /** Empty for a fault of the host. */
  readonly unit: string;
  readonly scope: 'user' | 'system';
}

type IdsOf<G extends RuleGroup> = (typeof rulesByGroup)[G][number]['id'];

/** The texts of the rules of one group. */
export type GroupTexts<G extends RuleGroup> = { readonly [Id in IdsOf<G>]: RuleTexts<DetailsOf<Id>> };

/** The texts of all rules. */
export type AllRuleTexts = { readonly [Id in RuleId]: RuleTexts<DetailsOf<Id>> };
