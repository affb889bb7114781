/** `daruma failover check`: shows the result and the faults of each link. */
import { type Severity, severities } from '../check/severity.ts';
import type { LinkReport } from '../failover/live/ask-link.ts';
import type { Link } from '../failover/live/link.ts';
import { type LinkFault, linkSeverity, type NotAskedReason } from '../failover/live/link-fault.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { describeLinkFault } from '../i18n/parts.ts';
import type { Host } from '../systemd/host/host.ts';
import { labelledLine } from './labelled-line.ts';
import { printable } from './printable.ts';
import { paint, severityStyles, type Terminal, wrapParts, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';

export interface CheckedLinks {
  readonly reports: readonly LinkReport[];
  readonly notAsked: readonly { readonly provider: string; readonly reason: NotAskedReason }[];
}

/** The number of faults of each severity. */
export function countFaults({ reports }: CheckedLinks): Readonly<Record<Severity, number>> {
  const all = reports.flatMap(({ faults }) => faults.map(linkSeverity));
  const count = (severity: Severity) => all.filter(each => each === severity).length;
  return { critical: count('critical'), warning: count('warning'), info: count('info') };
}

export function renderLinks(checked: CheckedLinks, catalogue: Catalogue, terminal: Terminal): string {
  const { links } = catalogue;
  const { critical, warning, info } = countFaults(checked);
  const summary = links.summary(checked.reports.length, critical, warning, info);
  const isClean = critical + warning + info === 0;
  return [
    ...checked.reports.map(report => `${renderLink(report, catalogue, terminal)}\n`),
    ...checked.notAsked.map(({ provider, reason }) =>
      wrapText(terminal, printable(links.notAsked(provider, reason)), [0, 2]),
    ),
    paint(terminal, isClean ? 'good' : 'strong', summary),
    ...(checked.reports.length === 0
      ? []
      : [wrapText(terminal, paint(terminal, 'dim', links.notProven), [0, 0])]),
    '',
  ].join('\n');
}

function renderLink(report: LinkReport, catalogue: Catalogue, terminal: Terminal): string {
  const { link, faults } = report;
  const { check } = catalogue;
  const labels = [...Object.values(check.severities), check.why, check.remedy];
  const columns = Math.max(...labels.map(widthOf));
  const blocks = byWeight(faults).map(fault => {
    const severity = linkSeverity(fault);
    const { message, why, remedy } = linkFaultWords(fault, catalogue);
    return [
      labelledLine(
        terminal,
        columns,
        [check.severities[severity], severityStyles[severity]],
        `${message} ${paint(terminal, 'dim', `[${fault.code}]`)}`,
      ),
      labelledLine(terminal, columns, [check.why, 'dim'], why),
      labelledLine(terminal, columns, [check.remedy, 'dim'], remedy),
    ].join('\n');
  });
  return [
    paint(terminal, 'strong', printable(nameOf(link, catalogue))),
    paint(terminal, 'dim', printable(shownAddress(link))),
    wrapParts(terminal, seenOf(report, catalogue).map(printable), undefined, [2, 2]),
    ...blocks.flatMap(block => ['', block]),
  ].join('\n');
}

function seenOf(report: LinkReport, { links }: Catalogue): readonly string[] {
  const { asked, latencySeconds, modelCount, certificate, deployments, faults } = report;
  const crosses = faults.some(({ code }) => code === 'proxy-crosses');
  return [
    latencySeconds === null ? links.answersNot : links.answersIn(latencySeconds.toFixed(2)),
    ...(asked === 'liveliness' && latencySeconds !== null ? [links.modelsNotAsked] : []),
    ...(modelCount === null ? [] : [links.models(modelCount)]),
    ...(certificate === null || certificate.problems.length > 0
      ? []
      : [
          links.certificateUntil(
            new Date(certificate.validToMs).toISOString().slice(0, 10),
            Math.floor((certificate.validToMs - Date.now()) / 86_400_000),
          ),
        ]),
    ...(modelCount === null || crosses
      ? []
      : [deployments === null ? links.apartUnknown : links.staysApart(deployments.length)]),
  ];
}

function nameOf({ kind, name }: Link, { links }: Catalogue): string {
  return kind === 'node' ? links.node(name) : links.provider(name);
}

/** The address of a link, without possible secrets. */
function shownAddress({ baseUrl }: Link): string {
  const url = URL.parse(baseUrl);
  return url === null ? '' : `${url.protocol}//${url.host}${url.pathname}`;
}

function byWeight(faults: readonly LinkFault[]): readonly LinkFault[] {
  const weight = (fault: LinkFault) => severities.indexOf(linkSeverity(fault));
  return faults.toSorted((a, b) => weight(b) - weight(a));
}

function linkFaultWords(fault: LinkFault, { links }: Catalogue) {
  const { message, why, remedy } = describeLinkFault(fault, links.faults);
  return { message: printable(message), why: printable(why), remedy: printable(remedy) };
}

/**
 * The document of `daruma failover check --json`; docs/schema/failover-check.schema.json describes it.
 *
 * @param inForce what the gateways work with
 * @param head with which each document begins
 */
export function linksToJson(
  checked: CheckedLinks,
  inForce: readonly object[],
  head: object,
  host: Host,
  catalogue: Catalogue,
): object {
  const { reports, notAsked } = checked;
  return {
    ...head,
    links: reports.map(linkToJson),
    notAsked: notAsked.map(({ provider, reason }) => ({
      provider,
      code: reason.code,
      text: catalogue.links.notAsked(provider, reason),
    })),
    inForce,
    findings: reports.flatMap(({ link, faults }) =>
      byWeight(faults).map(fault => {
        const { message, why, remedy } = linkFaultWords(fault, catalogue);
        return {
          rule: fault.code,
          severity: linkSeverity(fault),
          link: { kind: link.kind, name: link.name },
          unit: link.unit,
          host: host.hostName,
          source: link.source,
          message,
          why,
          details: detailsOf(fault),
          fix: { available: false, summary: remedy, changes: [] },
        };
      }),
    ),
    summary: { links: reports.length, ...countFaults(checked) },
  };
}

function linkToJson({ link, latencySeconds, certificate, modelCount, deployments }: LinkReport): object {
  return {
    kind: link.kind,
    name: link.name,
    unit: link.unit,
    source: link.source,
    url: shownAddress(link),
    api: link.api,
    wantedModels: link.models,
    latencySeconds,
    certificate:
      certificate === null
        ? null
        : {
            names: certificate.names,
            issuer: certificate.issuer,
            validFrom: new Date(certificate.validFromMs).toISOString(),
            validUntil: new Date(certificate.validToMs).toISOString(),
            problems: certificate.problems,
          },
    modelCount,
    deploymentCount: deployments?.length ?? null,
  };
}

/** The details of a fault for programs, with times as ISO 8601: `sinceMs` becomes `since`. */
function detailsOf(fault: LinkFault): object {
  return Object.fromEntries(
    Object.entries(fault)
      .filter(([key]) => key !== 'code')
      .map(([key, value]: readonly [string, unknown]) =>
        key.endsWith('Ms') && typeof value === 'number'
          ? [key.slice(0, -2), new Date(value).toISOString()]
          : [key, value],
      ),
  );
}
