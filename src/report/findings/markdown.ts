/** Findings in GitHub's Markdown, for comments on pull requests and for issues. */
import type { Finding } from '../../check/finding.ts';
import type { Source } from '../../systemd/service-settings.ts';
import { shownPath } from '../place.ts';
import { printable } from '../printable.ts';
import { excerptOf } from './excerpt.ts';
import type { FindingsOptions, HostResult } from './report.ts';
import { joinedSubjects, type Subject } from './subjects.ts';
import { findingWords } from './words.ts';

/** A section for each unit, and then the number of findings. */
export async function* markdownReport(
  results: AsyncIterable<HostResult>,
  options: FindingsOptions,
): AsyncIterable<string> {
  for await (const { subject, inventory } of joinedSubjects(results)) {
    if (subject.findings.length > 0) yield section(subject, inventory, options);
  }
  yield `**${markdownText(options.catalogue.check.summary(options.counts))}**\n`;
}

function section(subject: Subject, inventory: HostResult['inventory'], options: FindingsOptions): string {
  const { host } = inventory;
  const name = subject.unit ?? host.hostName;
  const path = subject.file === undefined ? name : shownPath(subject.file, host, options.viewpoint);
  const heading = path === name ? codeSpan(name) : `${codeSpan(name)} – ${codeSpan(path)}`;
  const items = subject.findings.map(finding => item(finding, subject, inventory, options));
  return `### ${heading}\n\n${items.join('\n')}\n`;
}

function item(
  finding: Finding,
  subject: Subject,
  inventory: HostResult['inventory'],
  { catalogue, viewpoint }: FindingsOptions,
): string {
  const { check, punctuation } = catalogue;
  const { message, why, remedy } = findingWords(finding, inventory.host, catalogue);
  const { source } = finding;
  const elsewhere =
    source === null || source.file === subject.file
      ? []
      : [codeSpan(shownPath(source.file, inventory.host, viewpoint)), ''];
  const lines = [
    `- **${check.severities[finding.severity]}** ${markdownText(message)} ${codeSpan(finding.rule)}`,
    '',
    ...indented([
      ...elsewhere,
      ...fencedExcerpt(source, inventory.loader),
      markdownText(why),
      '',
      `**${check.remedy}**${punctuation.colon}${markdownText(remedy)}`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function fencedExcerpt(source: Source | null, loader: HostResult['inventory']['loader']): readonly string[] {
  const lines = source === null ? [] : excerptOf(source, loader);
  if (lines.length === 0) return [];
  const digits = String(lines.at(-1)?.number ?? 0).length;
  const shown = lines.map(
    ({ number, text, isMarked }) => `${isMarked ? '>' : ' '} ${String(number).padStart(digits)} | ${text}`,
  );
  const fence = '`'.repeat(longestRun(shown.join('\n'), 3));
  return [fence, ...shown, fence, ''];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map(line => (line === '' ? '' : `  ${line}`));
}

/** A text as a code span, also when it contains backticks (CommonMark 0.31, section 6.1). */
function codeSpan(name: string): string {
  const text = printable(name);
  const ticks = '`'.repeat(longestRun(text, 1));
  const space = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return ticks + space + text + space + ticks;
}

/** One more than the longest run of backticks, and at least a given number. */
function longestRun(text: string, least: number): number {
  return Math.max(least, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1));
}

/**
 * A text with all markup escaped. `user@1000`, `#1`, `www.example.org` and `https://example.org` do not become links (GitHub
 * Flavored Markdown 0.29, section 6.9).
 */
function markdownText(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>~|]/g, String.raw`\$&`)
    .replace(/^(?:[-+=]|\d+[.)])/, mark => `${mark.slice(0, -1)}\\${mark.slice(-1)}`)
    .replaceAll('&', '&amp;')
    .replaceAll(/[@#](?=\w)|:\/(?=\/)|\bwww(?=\.)/gi, '$&<!-- -->');
}
