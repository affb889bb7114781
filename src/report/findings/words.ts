/** What is said of a finding, whatever it is said in. */
import type { CheckResult } from '../../check/engine.ts';
import type { Finding, SuppressedFinding } from '../../check/finding.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { About, RuleTexts } from '../../i18n/rule-texts.ts';
import { dataWithoutSecrets } from '../../secrets/redaction.ts';
import { rememberLast } from '../../systemd/remember.ts';
import { printable } from '../printable.ts';

/** The words for a finding. */
export interface FindingWords {
  readonly title: string;
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
}

/** Says a finding in the reader's language. */
export function findingWords(finding: Finding, scope: 'user' | 'system', catalogue: Catalogue): FindingWords {
  const { rules } = catalogue;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each entry takes the details of its own rule
  const texts = rules[finding.rule] as RuleTexts<Finding['details']>;
  const about: About = { unit: finding.unit ?? '', scope };
  const details = detailsWithoutSecrets(finding);
  return {
    title: texts.title,
    message: printable(texts.message(details, about)) + catalogue.alike(finding.alike ?? 0),
    why: printable(texts.why(details, about)),
    remedy: printable(texts.remedy(details, about)),
  };
}

/** Some say them as words and as data. */
export const detailsWithoutSecrets = rememberLast(({ details }: Finding) => dataWithoutSecrets(details));

/** The findings of a result about one unit, or about the host itself. */
export interface Subject {
  /** Null for the host. */
  readonly unit: string | null;
  /** The unit's own file, as the host names it; undefined for the host, and for a unit that has none. */
  readonly file: string | undefined;
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/** Parts a result by what it is about: what concerns several units comes with the host, and may name one of them. */
export function subjectsOf({ unit, findings, suppressed }: CheckResult): readonly Subject[] {
  const file = unit?.unit.fragment;
  const names = new Set([...findings, ...suppressed.map(({ finding }) => finding)].map(found => found.unit));
  return [...names].map(name => ({
    unit: name,
    file: name === unit?.name ? file : undefined,
    findings: findings.filter(finding => finding.unit === name),
    suppressed: suppressed.filter(({ finding }) => finding.unit === name),
  }));
}
