/** Findings for people: unit by unit, each with its line in the file, what it leads to, and what to do. */
import type { CheckResult } from '../check/engine.ts';
import type { Finding, RuleId } from '../check/finding.ts';
import type { Severity } from '../check/rule.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { About, RuleTexts } from '../i18n/rule-texts.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Source } from '../systemd/service-settings.ts';
import { printable } from './printable.ts';
import { fitTo, padTo, paint, type Style, type Terminal, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';
import { shortLocation } from './words.ts';

/** The words for a finding. */
export interface FindingWords {
  readonly title: string;
  readonly message: string;
  readonly why: string;
  readonly remedy: string;
}

/** Says a finding in the reader's language. */
export function findingWords(finding: Finding, scope: 'user' | 'system', { rules }: Catalogue): FindingWords {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each entry takes the details of its own rule
  const texts = rules[finding.rule] as RuleTexts<Finding['details']>;
  const about: About = {
    unit: finding.unit ?? '',
    scope,
    systemctl: scope === 'user' ? 'systemctl --user' : 'systemctl',
  };
  return {
    title: texts.title,
    message: printable(texts.message(finding.details, about)),
    why: printable(texts.why(finding.details, about)),
    remedy: printable(texts.remedy(finding.details, about)),
  };
}

/** Where a rule is described, in the package. */
export function rulePage(rule: RuleId, { language }: Catalogue): string {
  return language === 'en' ? `docs/rules/${rule}.md` : `docs/rules/${rule}.${language}.md`;
}

/** What was found of one unit, or of the host; empty when nothing was. Each line ended. */
export function renderFindings(
  { unit, findings }: CheckResult,
  { host, loader }: Inventory,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  if (findings.length === 0) return '';
  const name = unit?.name ?? host.hostName;
  const file = unit?.unit.fragment;
  const title = paint(terminal, 'strong', printable(name));
  const heading = file === undefined ? title : `${title}  ${paint(terminal, 'dim', printable(file))}`;
  const blocks = findings.map(finding => {
    const words = findingWords(finding, host.scope, catalogue);
    const severity = catalogue.check.severities[finding.severity];
    const { why, remedy } = catalogue.check;
    const width = Math.max(widthOf(why), widthOf(remedy)) + 2;
    const labelled = (label: string, text: string) => {
      const indent = 4 + width;
      const body = wrapText(terminal, text, [indent, indent]).slice(indent);
      return `    ${paint(terminal, 'dim', padTo(label, width))}${body}`;
    };
    const headline = `${paint(terminal, styles[finding.severity], severity)}  ${words.message}`;
    return [
      wrapText(terminal, headline, [2, 4]),
      `    ${paint(terminal, 'dim', finding.rule)}`,
      ...frame(finding.source, file, loader, terminal),
      labelled(why, words.why),
      labelled(remedy, words.remedy),
    ].join('\n');
  });
  return `${heading}\n\n${blocks.join('\n\n')}\n`;
}

const styles = { critical: 'bad', warning: 'unsure', info: 'note' } as const satisfies Record<
  Severity,
  Style
>;

/** The line at fault with its neighbours; a heading where it is not in the unit's own file. */
function frame(
  source: Source | null,
  file: string | undefined,
  loader: Inventory['loader'],
  terminal: Terminal,
): readonly string[] {
  if (source === null) return [];
  const elsewhere = source.file === file ? [] : [`    ${shortLocation(source)}`];
  const lines = linesOf(source.file, loader);
  if (source.line === 0 || lines === undefined) return elsewhere;
  const from = Math.max(1, source.line - 1);
  const to = Math.min(lines.length, source.line + 1);
  const width = String(to).length;
  const shown = Array.from({ length: to - from + 1 }, (_, index) => from + index).map(number => {
    const isMarked = number === source.line;
    const gutter = `    ${isMarked ? '>' : ' '} ${String(number).padStart(width)} | `;
    const text = fitTo(terminal, printable(lines[number - 1] ?? ''), terminal.columns - gutter.length);
    return isMarked ? gutter + text : paint(terminal, 'dim', gutter + text);
  });
  return [...elsewhere, ...shown.map(line => line.trimEnd())];
}

function linesOf(file: string, loader: Inventory['loader']): readonly string[] | undefined {
  try {
    const text = loader
      .parse(file)
      .items.map(item => item.raw)
      .join('');
    return text.replace(/\n$/, '').split('\n');
  } catch {
    return undefined;
  }
}
