/**
 * Findings for code scanning: SARIF 2.1.0.
 * Source: OASIS, Static Analysis Results Interchange Format 2.1.0. GitHub's use of it: docs.github.com, "SARIF support for code
 * scanning" (GitHub refuses a result without a location).
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Finding, SuppressedFinding } from '../../check/finding.ts';
import type { Severity } from '../../check/severity.ts';
import { rulesByGroup } from '../../check/rules/index.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Source } from '../../systemd/service-settings.ts';
import { pathBelow, type Viewpoint } from '../place.ts';
import { pageMarkdown, renderPage } from '../rule-page.ts';
import { excerptOf } from './excerpt.ts';
import type { FindingsOptions, HostResult } from './report.ts';
import { findingWords } from './words.ts';

/** One run: first all rules, then the results as they arrive. */
export async function* sarifReport(
  results: AsyncIterable<HostResult>,
  { catalogue, viewpoint, version }: FindingsOptions,
): AsyncIterable<string> {
  const rules = ruleDescriptors(catalogue);
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const run = {
    tool: { driver: { name: 'daruma', version, semanticVersion: version, rules } },
    language: catalogue.language,
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { [base]: { uri: `${pathToFileURL(viewpoint.workingDirectory).href}/` } },
  };
  const head = { $schema: schema, version: '2.1.0', runs: [run] };
  yield `${JSON.stringify(head).slice(0, -'}]}'.length)},"results":[`;
  let separator = '';
  for await (const { result, inventory } of results) {
    const found = [
      ...result.findings.map(finding => ({ finding, acceptance: undefined })),
      ...result.suppressed.map(entry => ({ finding: entry.finding, acceptance: entry })),
    ];
    const fingerprints = new Fingerprints();
    for (const { finding, acceptance } of found) {
      const file = finding.source?.file ?? (result.unit && unitFile(finding, result.unit.unit));
      const place: Place = { file, inventory, viewpoint };
      yield separator +
        JSON.stringify({
          ruleId: finding.rule,
          ruleIndex: indexes.get(finding.rule),
          level: levels[finding.severity],
          message: { text: messageText(finding, inventory, catalogue) },
          locations: [location(finding, place)],
          partialFingerprints: { 'darumaFinding/v1': fingerprints.next(finding, place) },
          suppressions: acceptance === undefined ? [] : [suppression(acceptance, place)],
          properties: { severity: finding.severity, host: inventory.host.hostName },
        });
      separator = ',\n';
    }
  }
  yield ']}]}\n';
}

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const base = 'WORKINGDIRECTORY';

const levels = { critical: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  string
>;

function ruleDescriptors(catalogue: Catalogue) {
  return Object.entries(rulesByGroup).flatMap(([group, rules]) =>
    rules.map(({ id, severity }) => ({
      id,
      shortDescription: { text: catalogue.rules[id].title },
      ...help(id, catalogue),
      defaultConfiguration: { level: levels[severity] },
      properties: { tags: ['systemd', group] },
    })),
  );
}

function help(id: Finding['rule'], { language }: Catalogue): object {
  const markdown = pageMarkdown(id, language);
  if (markdown === undefined) return {};
  const plain = { columns: 100, color: false, unicode: true };
  return { help: { text: renderPage(markdown, plain), markdown } };
}

function messageText(finding: Finding, { host }: Inventory, catalogue: Catalogue): string {
  const { message, why, remedy } = findingWords(finding, host, catalogue);
  const { colon } = catalogue.punctuation;
  return `${finding.unit ?? host.hostName}${colon}${message}\n${why}\n${catalogue.check.remedy}${colon}${remedy}`;
}

interface Place {
  /** Path on the host; undefined when the finding concerns no file. */
  readonly file: string | undefined;
  readonly inventory: Inventory;
  readonly viewpoint: Viewpoint;
}

/** The unit's fragment; undefined for a finding about the host. */
function unitFile(finding: Finding, unit: { readonly name: string; readonly fragment?: string | undefined }) {
  return finding.unit === unit.name ? unit.fragment : undefined;
}

function location({ source, unit }: Finding, place: Place): object {
  return {
    physicalLocation: physicalLocation(
      source ?? { file: place.file ?? unitFolder(place), line: null },
      place,
    ),
    ...(unit === null ? {} : { logicalLocations: [{ name: unit, kind: 'module' }] }),
  };
}

/** The folder of the host's units, as the location of a finding that concerns no file. */
function unitFolder({ inventory: { host } }: Place): string {
  const isThere = (folder: string) => host.files.status(folder)?.kind === 'directory';
  return host.unitPath.find(isThere) ?? '/';
}

function physicalLocation({ file, line }: Source, place: Place): object {
  return {
    artifactLocation: artifactLocation(file, place),
    ...(line === null ? {} : { region: { startLine: line } }),
  };
}

/** The location of a file, relative for files in the working directory, since a checkout has another path on each machine. */
function artifactLocation(file: string, { inventory, viewpoint }: Place): object {
  const physical = inventory.host.files.physicalPath(file);
  const below = pathBelow(viewpoint.workingDirectory, physical);
  if (below === undefined) return { uri: pathToFileURL(physical).href };
  return { uri: pathToFileURL(`/${below}`).pathname.slice(1), uriBaseId: base };
}

function suppression({ reason, source }: SuppressedFinding, place: Place): object {
  return {
    kind: source === null ? 'external' : 'inSource',
    justification: reason,
    ...(source === null ? {} : { location: { physicalLocation: physicalLocation(source, place) } }),
  };
}

/** Identifiers of findings that do not change when lines move. They are made of rule, unit, file and the text of the line. */
class Fingerprints {
  readonly #seen = new Map<string, number>();

  next({ rule, unit, source }: Finding, place: Place): string {
    const text = source === null ? '' : markedText(source, place);
    const where = artifactLocation(source?.file ?? place.file ?? '/', place);
    const key = JSON.stringify([rule, unit, where, text]);
    const count = this.#seen.get(key) ?? 0;
    this.#seen.set(key, count + 1);
    return createHash('sha256').update(`${key}${count}`).digest('hex').slice(0, 32);
  }
}

function markedText(source: Source, { inventory }: Place): string {
  return (
    excerptOf(source, inventory.loader)
      .find(line => line.isMarked)
      ?.text.trim() ?? ''
  );
}
