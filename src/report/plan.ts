/** A plan for people: the files as unified diffs, the other steps, the findings that it fixes and those that are left. */
import { commandLine } from './command-lines.ts';
import { createTwoFilesPatch } from 'diff';
import type { Finding } from '../check/finding.ts';
import type { MissingHooks, Plan } from '../fix/plan.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { type Command, shellText } from '../programs/command.ts';
import { dataWithoutSecrets, withoutSecrets } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import type { Step } from '../transaction/changes.ts';
import { findingWords } from './findings/words.ts';
import { shownPath, type Viewpoint, sourceToJson } from './place.ts';
import { hookFileLines, isOfHooks } from './hook-files.ts';
import { printable } from './printable.ts';
import { paint, type Terminal, wrapText } from './terminal.ts';
import { shortLocation } from './words.ts';

/**
 * The plan as text; every line ends with a newline.
 *
 * @param commandFor a command of daruma for the same host
 * @param hooks whether the files of hooks are shown, or only named
 */
export function renderPlan(
  plan: Plan,
  host: Host,
  commands: readonly Command[],
  catalogue: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
  commandFor: (words: string) => string,
  hooks: HooksShown,
): string {
  const { fix } = catalogue;
  const named = hooks === 'in-short' ? hookFileLines(plan.files, host, catalogue, terminal) : [];
  const files = [
    ...(named.length === 0 ? [] : [named.join('\n')]),
    ...[...plan.files]
      .filter(([file]) => named.length === 0 || !isOfHooks(file))
      .map(([file, state]) => fileLines(file, state, host, catalogue, terminal, viewpoint, withoutSecrets)),
  ];
  const { onRequest = [] } = plan;
  const brought = (plan.brought ?? []).filter(finding => !onRequest.includes(finding));
  // That the user's manager is down has been said before the plan.
  const others = plan.left.filter(
    finding =>
      !brought.includes(finding) && !onRequest.includes(finding) && finding.rule !== 'user-manager-down',
  );
  const only = [...new Set(onRequest.map(({ rule }) => `--only ${rule}`))];
  const blocks = [
    ...files,
    ...commandLines(commands, catalogue, terminal),
    ...preventedLines(plan, host, catalogue, terminal, viewpoint),
    ...leftOutLines(plan, host, catalogue, terminal, viewpoint),
    ...hookLines(plan, catalogue, terminal),
    ...findingLines(brought, fix.broughtHeading, host, catalogue, terminal),
    ...findingLines(others, fix.leftHeading, host, catalogue, terminal),
    ...findingLines(onRequest, fix.onRequestHeading, host, catalogue, terminal).map(
      block => `${block}\n${commandLine(commandFor(`fix ${only.join(' ')}`))}`,
    ),
    ...summaryOf(plan, commands.length > 0, catalogue).map(text =>
      wrapText(terminal, paint(terminal, 'strong', text), [0, 2]),
    ),
  ];
  return `${blocks.join('\n\n')}\n`;
}

export type HooksShown = 'whole' | 'in-short';

/**
 * How many findings the plan settles and leaves, in all as many as a check counts. Only a plan that fixes findings has them counted: a new
 * unit has none that it could settle.
 */
function summaryOf(
  { settled, left, changed = [], files, made = [] }: Plan,
  isRunning: boolean,
  { fix }: Catalogue,
): readonly string[] {
  if (made.length > 0 || (files.size > 0 && settled.length + left.length === 0)) return [];
  const notListed = (findings: readonly Finding[]) => findings.reduce((sum, { alike = 0 }) => sum + alike, 0);
  if (files.size === 0 && !isRunning)
    return left.length === 0 ? [] : [fix.leaves(left.length, notListed(left))];
  const settles = settled.length + notListed(settled);
  if (settles + left.length === 0) return [];
  return [fix.summary(settles, left.length, changed.length, notListed(left))];
}

/** The commands of a plan below a headline; none without commands. */
export function commandLines(
  commands: readonly Command[],
  { fix }: Catalogue,
  terminal: Terminal,
): readonly string[] {
  const lines = commands.map(command => commandLine(shellText(command)));
  return lines.length === 0 ? [] : [[paint(terminal, 'strong', fix.commands), ...lines].join('\n')];
}

/**
 * What becomes of a file.
 *
 * @param masked a line of it without secrets
 */
export function fileLines(
  file: string,
  after: FileState,
  host: Host,
  { fix }: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
  masked: (line: string) => string,
): string {
  const shown = printable(shownPath(file, host, viewpoint));
  switch (after.kind) {
    case 'link':
      return paint(terminal, 'good', `+ ${shown} -> ${printable(after.target)}`);
    case 'mode':
      return `${paint(terminal, 'note', `~ ${shown}`)}  ${fix.mode(after.mode.toString(8).padStart(4, '0'))}`;
    case 'absent':
      return paint(terminal, 'bad', `- ${shown}`);
    case 'file':
      if (after.content.length === 0) return paint(terminal, 'good', `+ ${shown}`);
      return unifiedDiff(shown, textBefore(file, host), after.content.toString('utf8'), terminal, masked);
    default:
      return after satisfies never;
  }
}

export function textBefore(file: string, { files }: Host): string | undefined {
  return files.status(file)?.kind === 'file' ? files.read(file).toString('utf8') : undefined;
}

/**
 * A diff as diff(1) prints it; a new file is compared with /dev/null.
 *
 * @param shownLine turns a line with its mark into the text that may be shown
 */
export function unifiedDiff(
  shown: string,
  before: string | undefined,
  after: string,
  terminal: Terminal,
  shownLine: (line: string) => string,
): string {
  const from = before === undefined ? '/dev/null' : shown;
  const patch = createTwoFilesPatch(from, shown, before ?? '', after, undefined, undefined, { context: 3 });
  return patch
    .split('\n')
    .filter(line => line !== '' && !/^(?:Index: |={4}|\\)/.test(line))
    .map(line => {
      const text = printable(shownLine(line)).trimEnd();
      if (/^(?:\+\+\+|---) /.test(line)) return paint(terminal, 'strong', text);
      if (line.startsWith('@@')) return paint(terminal, 'note', text);
      if (line.startsWith('+')) return paint(terminal, 'good', text);
      return line.startsWith('-') ? paint(terminal, 'bad', text) : text;
    })
    .join('\n');
}

function preventedLines(
  { prevented }: Plan,
  host: Host,
  { fix }: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): readonly string[] {
  if (prevented.length === 0) return [];
  const lines = prevented.map(({ unit, key, by }) => {
    // Drop-ins in several folders may have the same name.
    const place = by === null ? undefined : `${printable(shownPath(by.file, host, viewpoint))}:${by.line}`;
    return wrapText(terminal, fix.prevented(`${key}=`, unit, place), [2, 4]);
  });
  return [[paint(terminal, 'unsure', fix.preventedHeading), ...lines].join('\n')];
}

const missingHooks = [
  'inRing',
  'required',
  'soleFailureJob',
] as const satisfies readonly (keyof MissingHooks)[];

/** What has to be known of hooks that are installed. */
function hookLines(plan: Plan, { notify, punctuation }: Catalogue, terminal: Terminal): readonly string[] {
  const { passingVersion, longerStarts = [], remaining = [] } = plan;
  const named = (units: readonly string[]) => units.map(unit => printable(unit)).join(punctuation.list);
  const lines = [
    ...missingHooks.flatMap(why => {
      const units = plan[why] ?? [];
      return units.length === 0 ? [] : [notify.missingHooks[why](named(units))];
    }),
    ...(remaining.length === 0 ? [] : [notify.remaining(named(remaining))]),
    ...(longerStarts.length === 0 ? [] : [notify.longerStarts]),
    ...(passingVersion === undefined ? [] : [notify.passingVersion(printable(passingVersion))]),
  ];
  return lines.map(line => wrapText(terminal, line, [0, 2]));
}

/** The paths that a plan leaves out, as one block or none. */
export function leftOutLines(
  { leftOut = [] }: Plan,
  host: Host,
  { fix }: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): readonly string[] {
  if (leftOut.length === 0) return [];
  const lines = leftOut.map(({ unit, path, why }) => {
    const shown = printable(shownPath(path, host, viewpoint));
    return wrapText(terminal, `${printable(unit ?? host.hostName)}: ${fix.obstacles[why](shown)}`, [2, 4]);
  });
  return [[paint(terminal, 'unsure', fix.leftOutHeading), ...lines].join('\n')];
}

function findingLines(
  findings: readonly Finding[],
  heading: string,
  host: Host,
  catalogue: Catalogue,
  terminal: Terminal,
): readonly string[] {
  if (findings.length === 0) return [];
  const lines = findings.map(finding => {
    const { message, remedy } = findingWords(finding, host, catalogue);
    const where = finding.source === null ? (finding.unit ?? host.hostName) : shortLocation(finding.source);
    return [
      wrapText(terminal, `${paint(terminal, 'strong', printable(where))}  ${message}`, [2, 4]),
      wrapText(terminal, remedy, [4, 4]),
    ].join('\n');
  });
  return [[paint(terminal, 'unsure', heading), ...lines].join('\n')];
}

/** The plan for programs. */
export function planToJson(plan: Plan, host: Host, catalogue: Catalogue): object {
  const named = (finding: Finding) => ({
    rule: finding.rule,
    severity: finding.severity,
    unit: finding.unit,
    source: sourceToJson(finding.source),
    message: findingWords(finding, host, catalogue).message,
  });
  return {
    files: [...plan.files].map(([file, after]) => ({
      path: file,
      ...(after.kind === 'file'
        ? dataWithoutSecrets({
            kind: 'write',
            before: textBefore(file, host) ?? null,
            after: after.content.toString('utf8'),
          })
        : after.kind === 'link'
          ? { kind: 'link', target: after.target }
          : after.kind === 'mode'
            ? { kind: 'mode', mode: after.mode.toString(8).padStart(4, '0') }
            : { kind: 'remove' }),
    })),
    steps: plan.steps satisfies readonly Step[],
    restarts: plan.restarts,
    settled: plan.settled.map(named),
    left: plan.left.map(named),
    ...(plan.brought === undefined || plan.brought.length === 0 ? {} : { brought: plan.brought.map(named) }),
    prevented: plan.prevented,
    ...(plan.leftOut === undefined || plan.leftOut.length === 0
      ? {}
      : { leftOut: plan.leftOut.map(({ unit = null, path, why }) => ({ unit, path, why })) }),
    ...Object.fromEntries(
      missingHooks.flatMap(why => {
        const units = plan[why] ?? [];
        return units.length === 0 ? [] : [[why, units]];
      }),
    ),
    ...(plan.longerStarts === undefined || plan.longerStarts.length === 0
      ? {}
      : { longerStarts: plan.longerStarts }),
    ...(plan.passingVersion === undefined ? {} : { passingVersion: plan.passingVersion }),
  };
}
