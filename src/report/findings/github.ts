/**
 * Findings as workflow commands, which GitHub shows beside the lines of a pull request.
 * Source: docs.github.com, "Workflow commands for GitHub Actions"; escapes as in actions/toolkit, packages/core/src/command.ts.
 */
import type { Finding } from '../../check/finding.ts';
import type { Severity } from '../../check/severity.ts';
import { shownPath } from '../place.ts';
import { printable } from '../printable.ts';
import type { FindingsOptions, HostResult } from './report.ts';
import { type Subject, subjectsOf } from './subjects.ts';
import { findingWords } from './words.ts';

/** A command for each finding, and then a line with the number of findings. */
export async function* githubReport(
  results: AsyncIterable<HostResult>,
  options: FindingsOptions,
): AsyncIterable<string> {
  for await (const { result, inventory } of results) {
    for (const subject of subjectsOf(result)) {
      for (const finding of subject.findings) yield command(finding, subject, inventory.host, options);
    }
  }
  yield `${options.catalogue.check.summary(options.counts)}\n`;
}

function command(
  finding: Finding,
  subject: Subject,
  host: HostResult['inventory']['host'],
  { catalogue, viewpoint }: FindingsOptions,
): string {
  const { message, why, remedy } = findingWords(finding, host, catalogue);
  const { colon } = catalogue.punctuation;
  const file = finding.source?.file ?? subject.file;
  const line = finding.source?.line ?? null;
  const properties = [
    ...(file === undefined ? [] : [`file=${escapeProperty(printable(shownPath(file, host, viewpoint)))}`]),
    ...(line === null ? [] : [`line=${line}`]),
    `title=${escapeProperty(printable(`${finding.unit ?? host.hostName}${colon}${message}`))}`,
  ];
  const text = [why, `${catalogue.check.remedy}${colon}${remedy}`, `[${finding.rule}]`].join('\n');
  return `::${commands[finding.severity]} ${properties.join(',')}::${escapeData(text)}\n`;
}

const commands = { critical: 'error', warning: 'warning', info: 'notice' } as const satisfies Record<
  Severity,
  string
>;

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
