/** Findings for people, grouped by unit: each with its line in the file, its consequence, and what to do. */
import type { Finding, SuppressedFinding } from '../../check/finding.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Source } from '../../systemd/service-settings.ts';
import { labelIndent, labelledLine } from '../labelled-line.ts';
import { shownPath } from '../place.ts';
import { printable } from '../printable.ts';
import { fitTo, paint, severityStyles, type Style, type Terminal, wrapText } from '../terminal.ts';
import { widthOf } from '../width.ts';
import { excerptOf } from './excerpt.ts';
import type { FindingsOptions, HostResult } from './report.ts';
import { joinedSubjects, type Subject } from './subjects.ts';
import { findingWords } from './words.ts';

/** A page for each unit with findings, and then a summary. */
export async function* humanReport(
  results: AsyncIterable<HostResult>,
  options: FindingsOptions,
): AsyncIterable<string> {
  const { catalogue, terminal, counts } = options;
  let example: string | undefined;
  for await (const { subject, inventory } of joinedSubjects(results)) {
    example ??= subject.findings[0]?.rule;
    const suppressed = options.verbose ? subject.suppressed : [];
    if (subject.findings.length + suppressed.length === 0) continue;
    yield `${renderSubject({ ...subject, suppressed }, inventory, options)}\n`;
  }
  if (counts.units === 0) return;
  const isClean = counts.critical + counts.warning + counts.info === 0;
  const summary = paint(terminal, isClean ? 'good' : 'strong', catalogue.check.summary(counts));
  yield `${wrapText(terminal, summary, [0, 0])}\n`;
  if (example === undefined) return;
  yield `${wrapText(terminal, paint(terminal, 'dim', catalogue.check.moreAbout(example)), [0, 0])}\n`;
}

/** The findings about one unit or the host. Every line ends with a newline. */
export function renderSubject(
  subject: Subject,
  inventory: Inventory,
  options: Omit<FindingsOptions, 'version' | 'counts' | 'managerDown' | 'verbose'>,
): string {
  return new Page(subject, inventory, options).text();
}

/** One subject with its findings, as lines with a label on the left and a text on the right. */
class Page {
  readonly #subject: Subject;
  readonly #inventory: Inventory;
  readonly #catalogue: Catalogue;
  readonly #terminal: Terminal;
  readonly #shownPath: (file: string) => string;
  readonly #labelColumns: number;

  constructor(
    subject: Subject,
    inventory: Inventory,
    { catalogue, terminal, viewpoint }: Parameters<typeof renderSubject>[2],
  ) {
    this.#subject = subject;
    this.#inventory = inventory;
    this.#catalogue = catalogue;
    this.#terminal = terminal;
    this.#shownPath = file => printable(shownPath(file, inventory.host, viewpoint));
    const { severities, why, remedy, accepted, reason } = catalogue.check;
    const labels = [...Object.values(severities), why, remedy, accepted, reason];
    this.#labelColumns = Math.max(...labels.map(label => widthOf(label)));
  }

  text(): string {
    const { findings, suppressed } = this.#subject;
    const blocks = [
      ...findings.map(finding => this.#finding(finding)),
      ...suppressed.map(entry => this.#accepted(entry)),
    ];
    return `${this.#heading()}\n\n${blocks.join('\n\n')}\n`;
  }

  #heading(): string {
    const { unit, file } = this.#subject;
    const name = printable(unit ?? this.#inventory.host.hostName);
    const title = paint(this.#terminal, 'strong', name);
    if (file === undefined) return title;
    const shown = this.#shownPath(file);
    // The name is meant to be copied, so it is complete and on its own line.
    return shown === name ? title : `${title}\n${paint(this.#terminal, 'dim', shown)}`;
  }

  #finding(finding: Finding): string {
    const { check } = this.#catalogue;
    const { message, why, remedy } = findingWords(finding, this.#inventory.host, this.#catalogue);
    const rule = paint(this.#terminal, 'dim', `[${finding.rule}]`);
    return [
      this.#line(check.severities[finding.severity], severityStyles[finding.severity], `${message} ${rule}`),
      ...this.#excerpt(finding.source),
      this.#line(check.why, 'dim', why),
      this.#line(check.remedy, 'dim', remedy),
    ].join('\n');
  }

  #accepted({ finding, reason, source }: SuppressedFinding): string {
    const { check, punctuation } = this.#catalogue;
    const { message } = findingWords(finding, this.#inventory.host, this.#catalogue);
    const where = source === null ? '' : punctuation.aside(`${this.#shownPath(source.file)}:${source.line}`);
    return [
      this.#line(check.accepted, 'dim', `${message} [${finding.rule}]`),
      this.#line(check.reason, 'dim', `${reason === '' ? check.noReason : printable(reason)}${where}`),
    ].join('\n');
  }

  #line(label: string, style: Style, text: string): string {
    return labelledLine(this.#terminal, this.#labelColumns, [label, style], text);
  }

  get #indent(): number {
    return labelIndent(this.#labelColumns);
  }

  /** The faulty line with its neighbours, and the name of the file if it is not the unit's fragment. */
  #excerpt(source: Source | null): readonly string[] {
    if (source === null) return [];
    const space = ' '.repeat(this.#indent);
    const lines = excerptOf(source, this.#inventory.loader);
    const elsewhere =
      source.file === this.#subject.file
        ? []
        : [space + paint(this.#terminal, 'dim', this.#shownPath(source.file))];
    const digits = String(lines.at(-1)?.number ?? 0).length;
    const shown = lines.map(({ number, text, isMarked }) => {
      const gutter = `${isMarked ? '>' : ' '} ${String(number).padStart(digits)} | `;
      const room = this.#terminal.columns - this.#indent - gutter.length;
      const line = gutter + fitTo(this.#terminal, text, room);
      return space + (isMarked ? line : paint(this.#terminal, 'dim', line));
    });
    return [...elsewhere, ...shown];
  }
}
