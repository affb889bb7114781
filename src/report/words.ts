/** Short texts that several reports share. */
import type { Interval } from '../restart/delay.ts';
import type { Reason } from '../restart/reason.ts';
import { dataWithoutSecrets } from '../secrets/redaction.ts';
import type { IgnoredLine } from '../systemd/assignments.ts';
import type { StoppedFall, StopUnderWay } from '../inventory/downfall.ts';
import type { ServiceEntry } from '../inventory/inventory.ts';
import type { Host } from '../systemd/host/host.ts';
import type { MetLimit } from '../systemd/host/limit.ts';
import type { Source } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { About } from '../i18n/rule-texts.ts';
import { describeReason, utcTime } from '../i18n/parts.ts';
import { printable } from './printable.ts';

/** The sentence for a reason. */
export function reasonText(catalogue: Catalogue, reason: Reason): string {
  return printable(describeReason(reason, catalogue.reasons));
}

/** What the user can do about a reason; undefined when there is no simple remedy. */
export function remedyText(catalogue: Catalogue, reason: Reason, unit: About): string | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each entry takes the reasons of its own code
  const say = catalogue.remedies[reason.code] as ((reason: Reason, unit: About) => string) | undefined;
  const remedy = say?.(reason, unit);
  return remedy === undefined ? undefined : printable(remedy);
}

/** Why a unit is not loaded, with the line; undefined for a loaded unit. */
export function problemText({ problem }: Unit, catalogue: Catalogue): string | undefined {
  if (problem === undefined) return undefined;
  const source = 'source' in problem ? problem.source : undefined;
  const where = source ? catalogue.punctuation.aside(shortLocation(source)) : '';
  return printable(catalogue.loadProblem(dataWithoutSecrets(problem))) + where;
}

/** Whether a service is known to its manager alone: somebody has removed its file while it runs. */
export function isFileGone({ service, live }: ServiceEntry): boolean {
  return live !== undefined && service.unit.problem?.code === 'not-found';
}

/** Which part of a line systemd ignores, and why. */
export function ignoredText(line: IgnoredLine, catalogue: Catalogue): string {
  return printable(catalogue.ignoredLine(dataWithoutSecrets(line))) + catalogue.alike(line.alike?.count ?? 0);
}

/** Which text was read only in part, because of a limit. */
export function limitText({ source, limit }: MetLimit, catalogue: Catalogue): string {
  const where = shortLocation(source);
  return printable(`${where}${catalogue.punctuation.colon}${catalogue.metLimit(limit)}`);
}

/** `systemd 252`, with the origin of the version unless it is the manager itself or its files. */
export function versionText({ systemd }: Host, catalogue: Catalogue): string {
  const { version, origin } = systemd;
  const isSure = origin === 'manager' || origin === 'command' || origin === 'root';
  const aside = isSure ? '' : catalogue.punctuation.aside(catalogue.versionOrigin[origin]);
  return `systemd ${version}${aside}`;
}

/** `litellm.service:9`, `litellm.service.d/10.conf:2`, or the whole path of a file that is not a unit's. */
export function shortLocation(source: Source): string {
  const parts = source.file.split('/');
  const name = parts.at(-1) ?? source.file;
  const folder = parts.at(-2) ?? '';
  const isUnitFolder = /\.(?:d|wants|requires|upholds)$/.test(folder);
  const isUnit = /\.(?:service|socket|timer|path|target)$/.test(name);
  const file = isUnitFolder ? `${folder}/${name}` : isUnit ? name : source.file;
  return printable(source.line === null ? file : `${file}:${source.line}`);
}

/** `0.1–0.35 s`, or `5 s` when both ends are equal. */
export function intervalText([min, max]: Interval, dash: string, catalogue: Catalogue): string {
  const from = secondsText(min);
  const to = secondsText(max);
  return catalogue.seconds(from === to ? from : `${from}${dash}${to}`);
}

/** Seconds with the significant digits only: `0.35`, `5.25`, `90`. */
export function secondsText(seconds: number): string {
  return String(Number(seconds.toFixed(seconds < 10 ? 2 : 1)));
}

/** When systemd kills what is being stopped; null for never, undefined where that is not known. */
export function killTimeOf({ killsAtSeconds }: StopUnderWay): string | null | undefined {
  if (killsAtSeconds === null) return undefined;
  return Number.isFinite(killsAtSeconds) ? utcTime(killsAtSeconds * 1_000) : null;
}

/** When it fell before it was stopped; undefined where that is not known. */
export function fallTimeOf({ seconds }: StoppedFall): string | undefined {
  return seconds === null ? undefined : utcTime(seconds * 1_000);
}
