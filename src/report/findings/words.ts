/** The texts of a finding, shared by all formats. */
import type { Finding } from '../../check/finding.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { About, RuleTexts } from '../../i18n/rule-texts.ts';
import { dataWithoutSecrets } from '../../secrets/redaction.ts';
import type { Host } from '../../systemd/host/host.ts';
import { rememberLast } from '../../systemd/remember.ts';
import { printable } from '../printable.ts';
import { shownManager } from '../shown-manager.ts';

/** The texts of a finding. */
export interface FindingWords {
  readonly title: string;
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
}

/** Makes the texts of a finding in the reader's language. */
export function findingWords(finding: Finding, host: Host, catalogue: Catalogue): FindingWords {
  const { rules } = catalogue;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each entry takes the details of its own rule
  const texts = rules[finding.rule] as RuleTexts<Finding['details']>;
  const about: About = { unit: finding.unit ?? '', ...shownManager(host) };
  const details = detailsWithoutSecrets(finding);
  return {
    title: texts.title,
    message: printable(texts.message(details, about)) + catalogue.alike(finding.alike ?? 0),
    why: printable(texts.why(details, about)),
    remedy: printable(texts.remedy(details, about)),
  };
}

/** The details of a finding without secrets. The last result is kept, since some formats use them as text and as data. */
export const detailsWithoutSecrets = rememberLast(({ details }: Finding) => dataWithoutSecrets(details));
