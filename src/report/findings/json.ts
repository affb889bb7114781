/** The document of `daruma check --json`; docs/schema/check.schema.json describes it. Keys and their order must not change. */
import type { Finding, SuppressedFinding } from '../../check/finding.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { dataWithoutSecrets } from '../../secrets/redaction.ts';
import { documentHead } from '../json.ts';
import { sourceToJson } from '../place.ts';
import { rulePage } from '../rule-page.ts';
import type { FindingsOptions, HostResult } from './report.ts';
import { detailsWithoutSecrets, findingWords } from './words.ts';

/** The findings one by one, then the accepted ones, then the numbers. */
export async function* jsonReport(
  results: AsyncIterable<HostResult>,
  { catalogue, version, counts, managerDown }: FindingsOptions,
): AsyncIterable<string> {
  let isOpen = false;
  let separator = '';
  // Accepted findings come last. They are few, since users accept findings one by one, so they can be kept in memory.
  const suppressed: string[] = [];
  for await (const { result, inventory } of results) {
    if (!isOpen) yield opening({ ...documentHead(version, inventory.host), managerDown });
    isOpen = true;
    let text = '';
    for (const finding of result.findings) {
      text += separator + JSON.stringify(findingToJson(finding, inventory, catalogue));
      separator = ',\n';
    }
    if (text !== '') yield text;
    for (const entry of result.suppressed) {
      suppressed.push(JSON.stringify(suppressedToJson(entry, inventory, catalogue)));
    }
  }
  if (!isOpen) yield opening({ ...documentHead(version, undefined), managerDown });
  yield '],"suppressed":[';
  for (const [index, text] of suppressed.entries()) yield index === 0 ? text : `,\n${text}`;
  yield `],"summary":${JSON.stringify(counts)}}\n`;
}

function opening(head: object): string {
  return `${JSON.stringify(head).slice(0, -1)},"findings":[`;
}

function findingToJson(finding: Finding, { host }: Inventory, catalogue: Catalogue): object {
  const { message, why, remedy } = findingWords(finding, host, catalogue);
  return {
    rule: finding.rule,
    severity: finding.severity,
    unit: finding.unit,
    host: host.hostName,
    source: sourceToJson(finding.source),
    message,
    why,
    details: detailsWithoutSecrets(finding),
    ...(finding.alike !== undefined && { alike: finding.alike }),
    fix: {
      available: finding.changes.length > 0,
      summary: remedy,
      changes: dataWithoutSecrets(finding.changes),
    },
    url: rulePage(finding.rule, catalogue.language),
  };
}

function suppressedToJson(
  { finding, reason, source }: SuppressedFinding,
  inventory: Inventory,
  catalogue: Catalogue,
): object {
  return { ...findingToJson(finding, inventory, catalogue), acceptance: { reason, source } };
}
