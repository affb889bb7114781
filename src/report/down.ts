/** What is down now, for people and for programs: since when, by what end, its last log lines, and what brings it back or keeps it down. */
import { commandLine, textWithCommands } from './command-lines.ts';
import { downDetails, isoSecond } from '../check/rules/service-down.ts';
import { managerDetails, managerEnd } from '../check/rules/user-manager-down.ts';
import type { Finding } from '../check/finding.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { DownManager } from '../inventory/down-manager.ts';
import type { Downfall } from '../inventory/downfall.ts';
import { standings } from '../inventory/downfall.ts';
import { describeReason } from '../i18n/parts.ts';
import { downCommand } from '../i18n/down-command.ts';
import { daruma, enableLinger, showManager, startManager } from '../i18n/shown-commands.ts';
import { dataWithoutSecrets } from '../secrets/redaction.ts';
import type { Host, Linger } from '../systemd/host/host.ts';
import { findingWords } from './findings/words.ts';
import { shownPath, sourceToJson, type Viewpoint } from './place.ts';
import { printable } from './printable.ts';
import { shownManager } from './shown-manager.ts';
import { marksOf, paint, type Terminal, wrapText } from './terminal.ts';

export interface DownService {
  readonly unit: string;
  readonly downfall: Downfall;
  /** The end of its log, without secrets. */
  readonly log: readonly string[];
  /** What keeps it down, as `check` says it. */
  readonly findings: readonly Finding[];
}

export function renderDown(
  manager: DownManager | undefined,
  linger: Linger | undefined,
  services: readonly DownService[],
  host: Host,
  catalogue: Catalogue,
  terminal: Terminal,
  viewpoint: Viewpoint,
): string {
  if (manager === undefined && services.length === 0) return '';
  const { status, notices } = catalogue;
  const mark = paint(terminal, 'bad', marksOf(terminal).down);
  const note = paint(terminal, 'unsure', marksOf(terminal).unsure);
  const { colon } = catalogue.punctuation;
  const blocks = services.map(({ unit, downfall, log, findings }) =>
    [
      wrapText(
        terminal,
        `${isNote(downfall) ? note : mark} ${paint(terminal, 'strong', downText(unit, downfall, host, catalogue))}`,
        [0, 2],
      ),
      ...(log.length === 0 ? [] : [`  ${notices.logHeading}`]),
      ...log.map(line => wrapText(terminal, paint(terminal, 'dim', printable(line)), [4, 6])),
      ...findings.map(finding => {
        const { source } = finding;
        const { message } = findingWords(finding, host, catalogue);
        const where =
          source && `${printable(shownPath(source.file, host, viewpoint))}:${source.line}${colon}`;
        return wrapText(terminal, `${where ?? ''}${message}`, [2, 4]);
      }),
      ...(findings.length === 0 ? [] : [commandLine(checkOf(unit, host))]),
      commandLine(commandFor(unit, downfall, host)),
    ].join('\n'),
  );
  const ofManager =
    manager === undefined ? [] : [managerLines(manager, linger, host, mark, catalogue, terminal)];
  const heading =
    manager?.phase === 'silent'
      ? 'running'
      : headingOf(manager === undefined ? services : [undefined, ...services]);
  const isBad = heading !== 'running' || services.some(({ downfall }) => !isNote(downfall));
  const title = paint(terminal, isBad ? 'bad' : 'unsure', status.downHeading[heading]);
  return `${[title, ...ofManager, ...blocks].join('\n')}\n\n`;
}

/** @param down undefined for a manager */
function headingOf(down: readonly (DownService | undefined)[]): keyof Catalogue['status']['downHeading'] {
  const running = down.filter(each => {
    if (each === undefined) return false;
    const { how, phase, othersRun } = each.downfall;
    // What is halted does nothing, whatever systemd calls it, unless that is one of its processes alone.
    if (how === 'halted') return othersRun;
    // Of what has just been started again its sentence says since when it runs.
    if (how === 'looping' && phase === 'up') return true;
    const standing = standings[how];
    return standing === 'called-up' || standing === 'on-its-way' || how === 'restarted';
  });
  if (running.length > 0) return running.length === down.length ? 'running' : 'mixed';
  return down.some(each => each?.downfall.how === 'looping') ? 'looping' : 'down';
}

/** Whether it works at the moment, as far as is known, or may come to. */
export function isNote({ how }: Downfall): boolean {
  // What was just restarted runs, and whether it goes on to fall is not known; nor is it of what has no known start that it fell.
  return (
    how === 'restarted' ||
    how === 'never-started' ||
    how === 'starting' ||
    (standings[how] === 'called-up' && how !== 'halted' && how !== 'not-listening')
  );
}

function managerLines(
  manager: DownManager,
  linger: Linger | undefined,
  host: Host,
  mark: string,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const text = managerDownText(manager, catalogue);
  const marked = `${mark} ${paint(terminal, 'strong', printable(text))}`;
  return textWithCommands(terminal, marked, managerCommands(manager, linger, host));
}

function managerDownText(manager: DownManager, { rules }: Catalogue): string {
  return rules['user-manager-down'].message(managerDetails(manager), {
    unit: manager.live.id,
    scope: 'system',
  });
}

/** Lingering starts the manager as well, and again at each boot; after a failure it has to be started itself. */
function managerCommands(
  { phase, live }: DownManager,
  linger: Linger | undefined,
  { user }: Host,
): readonly string[] {
  const lingering =
    linger?.enabled === false && user !== undefined ? [`sudo ${enableLinger(user.name)}`] : [];
  if (phase === 'starting') return lingering;
  if (phase === 'silent') return [showManager(live.id)];
  return [...lingering, startManager(live.id, live.activeState === 'failed')];
}

/** How a service is down, in one sentence. */
export function downText(unit: string, downfall: Downfall, { scope }: Host, { rules }: Catalogue): string {
  return printable(rules['service-down'].message(dataWithoutSecrets(downDetails(downfall)), { unit, scope }));
}

function commandFor(unit: string, downfall: Downfall, host: Host): string {
  return downCommand(shownManager(host), unit, downfall);
}

function checkOf(unit: string, { scope }: Host): string {
  return daruma('check', scope, unit);
}

/** `managerDown` in the documents of commands. */
export function downManagerToJson(
  manager: DownManager,
  linger: Linger | undefined,
  host: Host,
  catalogue: Catalogue,
): object {
  const { phase, live } = manager;
  return {
    unit: live.id,
    state: live.activeState,
    since: phase === 'down' ? isoSecond(live.enteredInactiveSeconds) : null,
    ...managerEnd(manager),
    text: managerDownText(manager, catalogue),
    commands: managerCommands(manager, linger, host),
  };
}

/** One element of `down` in `daruma status --json`. */
export function downToJson(
  { unit, downfall, log, findings }: DownService,
  host: Host,
  catalogue: Catalogue,
): object {
  const { cannotStart, ...details } = dataWithoutSecrets(downDetails(downfall));
  return {
    unit,
    host: host.hostName,
    ...details,
    ...(cannotStart === null ? {} : { cannotStart: describeReason(cannotStart, catalogue.reasons) }),
    text: downText(unit, downfall, host, catalogue),
    log,
    findings: findings.map(finding => ({
      rule: finding.rule,
      source: sourceToJson(finding.source),
      message: findingWords(finding, host, catalogue).message,
      command: checkOf(unit, host),
    })),
    command: commandFor(unit, downfall, host),
  };
}
