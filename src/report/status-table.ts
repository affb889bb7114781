/** The survival table for people: a row for each service, a column for each fall, and below it what stays down and why. */
import { isOutOfDate } from '../check/out-of-date.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { fallsInBackground } from '../inventory/background.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import { losesSocket, type Reason } from '../restart/reason.ts';
import {
  type FallName,
  type FallOutcome,
  fallNames,
  type SurvivalRow,
  survivalRow,
} from '../restart/survival.ts';
import type { Linger } from '../systemd/host/host.ts';
import { printable } from './printable.ts';
import { shownManager } from './shown-manager.ts';
import { fitTo, marksOf, padTo, paint, type Style, type Terminal, wrapParts, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';
import {
  isFileGone,
  fallTimeOf,
  killTimeOf,
  problemText,
  reasonText,
  remedyText,
  secondsText,
  shortLocation,
  versionText,
} from './words.ts';
import { utcTime } from '../i18n/parts.ts';
import { shortServiceName } from '../systemd/unit-name.ts';

/** A service with its row; without a row when systemd does not load the unit. */
export interface StatusRow {
  readonly entry: ServiceEntry;
  readonly falls: SurvivalRow | undefined;
  /** Whether the service should run all the time. A service that does one job, or is started on demand, cannot fall. */
  readonly meantToStay: boolean;
}

/** Makes the row of a service. */
export function statusRow(entry: ServiceEntry, inventory: Inventory): StatusRow {
  const { factsNow, background } = entry;
  const falls = factsNow && survivalRow(factsNow, inventory.machine);
  return {
    entry,
    falls: falls && background ? fallsInBackground(falls, background) : falls,
    // What goes on in the background is no job that ends.
    meantToStay: (entry.purpose?.isMeantToStay ?? false) || background?.effect === 'hidden',
  };
}

/** Whether a cell is red: the service should be up, or called by its socket, and nothing starts it again. */
function staysDown(row: StatusRow, fall: FallOutcome): boolean {
  return concerns(row, fall) && fall.possible && fall.getsUp === false;
}

/** What is started on demand need not be up, as long as somebody listens for it. */
function concerns({ meantToStay }: StatusRow, { because }: FallOutcome): boolean {
  return meantToStay || losesSocket(because);
}

/**
 * The table with its head and its explanations; every line ends with a newline.
 *
 * @param noServices text that replaces a table without rows
 */
export function renderStatus(
  inventory: Inventory,
  rows: readonly StatusRow[],
  linger: Linger | undefined,
  noServices: string,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const meanings = legend(rows, catalogue, terminal);
  const blocks = [
    hostLine(inventory, linger, catalogue, terminal),
    rows.length === 0 ? wrapText(terminal, noServices, [0, 2]) : table(rows, catalogue, terminal),
    ...(meanings === '' ? [] : [paint(terminal, 'dim', meanings)]),
    ...explanations(inventory, rows, catalogue, terminal),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Only the table with its head and the meanings of its marks, for an overview; every line ends with a newline. */
export function renderSurvival(
  inventory: Inventory,
  rows: readonly StatusRow[],
  linger: Linger | undefined,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const meanings = legend(rows, catalogue, terminal);
  const blocks = [
    hostLine(inventory, linger, catalogue, terminal),
    table(rows, catalogue, terminal),
    ...(meanings === '' ? [] : [paint(terminal, 'dim', meanings)]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function hostLine(
  { host }: Inventory,
  linger: Linger | undefined,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { status } = catalogue;
  const who = host.scope === 'system' ? '--system' : (host.user?.name ?? '');
  const parts = [
    paint(terminal, 'strong', printable(host.hostName)),
    ...(who === '' ? [] : [who]),
    versionText(host, catalogue),
    ...(linger === undefined
      ? []
      : [linger.enabled ? status.lingerOn : paint(terminal, 'bad', status.lingerOff)]),
    ...(host.managerProblem === undefined ? [] : [status.filesOnly]),
  ];
  const line = wrapParts(terminal, parts, undefined, [0, 2]);
  const problem = host.managerProblem;
  if (problem === undefined || problem.code === 'offline') return line;
  return `${line}\n${wrapText(terminal, paint(terminal, 'unsure', catalogue.managerProblem(problem)), [2, 2])}`;
}

interface Cell {
  readonly text: string;
  readonly style: Style;
}

function table(rows: readonly StatusRow[], catalogue: Catalogue, terminal: Terminal): string {
  const cells = rows.map(row => fallNames.map(name => cellOf(row, row.falls?.[name], terminal)));
  const widths = fallNames.map((name, column) =>
    Math.max(widthOf(catalogue.fallHeads[name]), ...cells.map(line => widthOf(line[column]?.text ?? ''))),
  );
  const fallsWidth = widths.reduce((sum, width) => sum + width + 1, 0);
  const longest = Math.max(widthOf(catalogue.status.service), ...rows.map(row => widthOf(nameOf(row)) + 2));
  const nameWidth = Math.min(longest, terminal.columns - fallsWidth);
  if (nameWidth < Math.min(longest, shortestName)) return lists(rows, cells, catalogue, terminal);

  const line = (name: string, columns: readonly string[]) =>
    [padTo(name, nameWidth), ...columns.map((text, column) => padTo(text, widths[column] ?? 0))]
      .join(' ')
      .trimEnd();
  const head = line(
    catalogue.status.service,
    fallNames.map(name => catalogue.fallHeads[name]),
  );
  const body = rows.map((row, index) => {
    const name = `${stateMark(row, terminal)} ${fitTo(terminal, nameOf(row), nameWidth - 2)}`;
    if (row.falls === undefined) return padTo(name, nameWidth) + refusal(row, nameWidth, catalogue, terminal);
    return line(
      name,
      (cells[index] ?? []).map(({ text, style }) => paint(terminal, style, text)),
    );
  });
  return [paint(terminal, 'strong', head), ...body].join('\n');
}

/** When less than this width is left for names, the table becomes lists. */
const shortestName = 14;

/** For narrow terminals: the falls of a service below its name, in as many columns as there is room for. */
function lists(
  rows: readonly StatusRow[],
  cells: readonly (readonly Cell[])[],
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const headWidth = Math.max(...fallNames.map(name => widthOf(catalogue.fallHeads[name])));
  const cellWidth = Math.max(...cells.flat().map(({ text }) => widthOf(text)));
  const indent = ' '.repeat(4);
  const gap = ' '.repeat(3);
  const fallWidth = headWidth + 1 + cellWidth;
  const room = terminal.columns - indent.length + gap.length;
  const columns = Math.max(1, Math.floor(room / (fallWidth + gap.length)));
  return rows
    .map((row, index) => {
      const title = `${stateMark(row, terminal)} ${paint(terminal, 'strong', nameOf(row))}`;
      if (row.falls === undefined) return `${title}\n   ${refusal(row, 3, catalogue, terminal)}`;
      const falls = (cells[index] ?? []).map(({ text, style }, column) => {
        const name = fallNames[column];
        const head = name === undefined ? '' : catalogue.fallHeads[name];
        return padTo(`${padTo(head, headWidth)} ${paint(terminal, style, text)}`, fallWidth);
      });
      const lines = Array.from({ length: Math.ceil(falls.length / columns) }, (_, line) =>
        (indent + falls.slice(line * columns, (line + 1) * columns).join(gap)).trimEnd(),
      );
      return [title, ...lines].join('\n');
    })
    .join('\n');
}

function nameOf({ entry }: StatusRow): string {
  return shortServiceName(entry.service.unit.name);
}

function stateMark({ entry }: StatusRow, terminal: Terminal): string {
  const state = stateOf(entry);
  if (state === undefined) return ' ';
  return paint(terminal, stateStyles[state], stateMarks(terminal)[state]);
}

type StateMark = keyof Catalogue['status']['stateMarks'];

function stateOf({ live, downfallNow }: ServiceEntry): StateMark | undefined {
  const active = live?.activeState;
  if (active === undefined) return undefined;
  if (active === 'active') return downfallNow === undefined ? 'active' : 'uncertain';
  return active === 'failed' ? active : 'other';
}

/** As systemctl marks them. */
function stateMarks({ unicode }: Terminal): Readonly<Record<StateMark, string>> {
  return unicode
    ? { active: '●', uncertain: '◐', failed: '×', other: '○' }
    : { active: '*', uncertain: '~', failed: '!', other: '-' };
}

const stateStyles = {
  active: 'good',
  uncertain: 'unsure',
  failed: 'bad',
  other: 'dim',
} as const satisfies Record<StateMark, Style>;

/** The text in place of the cells, after the name, for a unit that systemd does not load. */
function refusal(row: StatusRow, indent: number, catalogue: Catalogue, terminal: Terminal): string {
  const { unit } = row.entry.service;
  const problem = problemText(unit, catalogue) ?? '';
  const isRefused = unit.problem?.code !== 'masked' && unit.problem?.code !== 'unreadable';
  const text = isFileGone(row.entry)
    ? catalogue.status.fileGone
    : isRefused
      ? catalogue.status.refused(problem)
      : problem;
  return wrapText(terminal, paint(terminal, 'bad', text), [indent + 1, indent + 1]).slice(indent);
}

function cellOf(row: StatusRow, fall: FallOutcome | undefined, terminal: Terminal): Cell {
  const marks = marksOf(terminal);
  if (fall === undefined || !fall.possible) return { text: marks.none, style: 'dim' };
  if (fall.getsUp === 'on-demand') return { text: marks.onDemand, style: 'note' };
  if (fall.getsUp) {
    const after = fall.afterSeconds;
    return { text: after === null ? marks.up : `${marks.up}${shortSeconds(after[0])}`, style: 'good' };
  }
  if (!concerns(row, fall)) return { text: marks.none, style: 'dim' };
  if (fall.undetermined) return { text: marks.unsure, style: 'unsure' };
  return { text: marks.down, style: 'bad' };
}

function shortSeconds(seconds: number): string {
  if (seconds >= 3600) return `${secondsText(Math.round(seconds / 360) / 10)}h`;
  if (seconds >= 100) return `${Math.round(seconds / 60)}m`;
  return `${Number(seconds.toFixed(seconds < 1 ? 2 : 1))}s`;
}

/** The meaning of the marks in the table. */
function legend(rows: readonly StatusRow[], { status }: Catalogue, terminal: Terminal): string {
  const marks = marksOf(terminal);
  // A unit that systemd does not load has words in place of its cells.
  const shown = new Set(
    rows
      .filter(({ falls }) => falls !== undefined)
      .flatMap(row => fallNames.map(name => cellOf(row, row.falls?.[name], terminal).text.slice(0, 1))),
  );
  const meanings: readonly (readonly [string, string])[] = [
    [marks.up, status.marks.up],
    [marks.down, status.marks.down],
    [marks.onDemand, status.marks.onDemand],
    [marks.unsure, status.marks.unsure],
    [marks.none, status.marks.none],
  ];
  const states = new Set(rows.map(({ entry }) => stateOf(entry)));
  const ofStates = (['active', 'uncertain', 'other', 'failed'] as const)
    .filter(state => states.has(state))
    .map(state => [stateMarks(terminal)[state], status.stateMarks[state]] as const);
  const inCells = meanings.filter(([mark]) => shown.has(mark));
  const texts = [...ofStates, ...inCells].map(([mark, meaning]) => `${mark} ${meaning}`);
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    const longer = `${last}   ${text}`;
    if (last === undefined || widthOf(longer) > terminal.columns) lines.push(text);
    else lines[lines.length - 1] = longer;
  }
  return lines.map(line => wrapText(terminal, line, [0, 2])).join('\n');
}

/** One cause and all units that stay down because of it. */
interface SharedCause {
  readonly units: Set<string>;
  readonly falls: Set<FallName>;
  readonly locations: Set<string>;
  text: string;
  readonly remedy: string | undefined;
  readonly uncertain: boolean;
}

function explanations(
  inventory: Inventory,
  rows: readonly StatusRow[],
  catalogue: Catalogue,
  terminal: Terminal,
): readonly string[] {
  const { colon, list } = catalogue.punctuation;
  const causes = collectCauses(inventory, rows, catalogue);
  const staying = rows.filter(row => row.meantToStay).length;
  const notes = rows
    .filter(({ entry: { service, live } }) => live !== undefined && isOutOfDate(service.unit, live))
    .map(row => nameOf(row));
  const reload = notes.length === 0 ? [] : [`${notes.join(list)}${colon}${catalogue.status.reloadNeeded}`];
  const states = [...stoppedNote(rows, catalogue, terminal), ...reload];
  if (causes.length === 0) {
    return staying === 0 ? states : [...states, paint(terminal, 'good', catalogue.status.nothingRed)];
  }
  const lines = causes.map(cause =>
    explanationLine(cause, whoOf(cause, rows.length, staying, catalogue), catalogue, terminal),
  );
  return [
    ...states,
    [wrapText(terminal, paint(terminal, 'strong', catalogue.status.redHeading), [0, 0]), ...lines].join('\n'),
  ];
}

/** What somebody has stopped, and may have forgotten: a state, and no fault. */
function stoppedNote(
  rows: readonly StatusRow[],
  { status, punctuation }: Catalogue,
  terminal: Terminal,
): readonly string[] {
  const stopped = rows.flatMap(row => {
    const { stopped: { sinceSeconds, fall } = {}, stopUnderWay: stop } = row.entry;
    if (stop !== undefined)
      return [status.stoppingSince(nameOf(row), utcTime(stop.sinceSeconds * 1_000), killTimeOf(stop))];
    if (sinceSeconds === undefined || fall !== null) return [];
    return [status.stoppedSince(nameOf(row), utcTime(sinceSeconds * 1_000))];
  });
  const fallen = rows.flatMap(row => {
    const { sinceSeconds = 0, fall = null } = row.entry.stopped ?? {};
    if (fall === null) return [];
    return [status.fellThenStopped(nameOf(row), fall, fallTimeOf(fall), utcTime(sinceSeconds * 1_000))];
  });
  return [...(stopped.length === 0 ? [] : [status.stopped(stopped.join(punctuation.list))]), ...fallen].map(
    text => wrapText(terminal, paint(terminal, 'dim', printable(text)), [0, 2]),
  );
}

/** The causes in the order of rows and falls; units with the same cause in the same falls share one. */
function collectCauses(
  inventory: Inventory,
  rows: readonly StatusRow[],
  catalogue: Catalogue,
): readonly SharedCause[] {
  const causes = new Map<string, SharedCause>();
  for (const cause of rows.flatMap(row => sharedCauses(row, inventory, catalogue))) {
    const key = [cause.text, cause.remedy, ...cause.falls].join('\n');
    const shared = causes.get(key);
    if (shared === undefined) {
      causes.set(key, cause);
      continue;
    }
    for (const unit of cause.units) shared.units.add(unit);
    for (const location of cause.locations) shared.locations.add(location);
  }
  return [...causes.values()];
}

function sharedCauses(row: StatusRow, inventory: Inventory, catalogue: Catalogue): readonly SharedCause[] {
  const causes = new Map<string, SharedCause>();
  for (const name of fallNames) {
    const fall = row.falls?.[name];
    if (fall === undefined || !staysDown(row, fall)) continue;
    const reason = decisive(fall.because);
    if (reason === undefined) continue;
    const text = reasonText(catalogue, reason);
    const remedy = remedyText(catalogue, reason, {
      unit: row.entry.service.unit.name,
      ...shownManager(inventory.host),
    });
    // One line for a restart policy, however many results it does not cover.
    const key = reason.code === 'policy-does-not-restart' ? reason.code : text;
    const cause = causes.get(key) ?? {
      units: new Set([nameOf(row)]),
      falls: new Set(),
      locations: new Set(),
      text,
      remedy,
      uncertain: fall.undetermined,
    };
    if (cause.text !== text) cause.text = catalogue.status.policyDoesNotRestart(reason.value ?? '');
    cause.falls.add(name);
    if (reason.source !== null) cause.locations.add(shortLocation(reason.source));
    causes.set(key, cause);
  }
  return [...causes.values()];
}

/** The reason that decides: the last one of the chain, except triggers and delays; or why the policy takes a failure for a good end. */
function decisive(because: readonly Reason[]): Reason | undefined {
  const last = because.findLast(reason => reason.code !== 'on-demand' && reason.code !== 'delay');
  if (last?.code !== 'policy-does-not-restart') return last;
  return because.find(({ code }) => hidesFailures.has(code)) ?? last;
}

const hidesFailures: ReadonlySet<Reason['code']> = new Set([
  'main-process-unknown',
  'main-process-not-found',
  'main-process-not-certain',
]);

/** Whom a cause concerns: "every service" when it concerns each row, or else the names. */
function whoOf(
  { units }: SharedCause,
  all: number,
  staying: number,
  { status, punctuation }: Catalogue,
): string {
  if (all > 1 && units.size === all) return status.allServices;
  if (units.size > mostNamed && units.size === staying) return status.someServices(units.size);
  return [...units].join(punctuation.list);
}

const mostNamed = 3;

function explanationLine(cause: SharedCause, who: string, catalogue: Catalogue, terminal: Terminal): string {
  const marks = marksOf(terminal);
  const { aside, colon, list } = catalogue.punctuation;
  const falls = [...cause.falls].map(name => catalogue.fallNames[name]).join(list);
  const where = cause.locations.size === 0 ? '' : aside([...cause.locations].join(list));
  const remedy = cause.remedy === undefined ? '' : ` ${marks.arrow} ${paint(terminal, 'good', cause.remedy)}`;
  const mark = cause.uncertain ? paint(terminal, 'unsure', marks.unsure) : paint(terminal, 'bad', marks.down);
  return wrapText(
    terminal,
    `${mark} ${paint(terminal, 'strong', who)}${colon}${falls}${colon}${cause.text}${where}${remedy}`,
    [0, 4],
  );
}
