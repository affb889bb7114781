/** Every ending of one service for people: what systemd reads, what it does, and which line causes it. */
import { isOutOfDate } from '../check/out-of-date.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { BackgroundFault } from '../inventory/background.ts';
import type { Downfall, Stopped, StopUnderWay } from '../inventory/downfall.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import { usecPerSecond } from '../restart/delay.ts';
import { isTiedEnding, isWorldEnding } from '../restart/ending.ts';
import type { Outcome } from '../restart/outcome.ts';
import { losesSocket, leavesOpen, type Reason } from '../restart/reason.ts';
import type { Timeline } from '../restart/timeline.ts';
import type { Source } from '../systemd/service-settings.ts';
import { type ShownDirective, shownSettings } from '../systemd/shown-settings.ts';
import { formatTimeSpan } from '../systemd/values/time-span.ts';
import { downText, isNote } from './down.ts';
import { utcTime } from '../i18n/parts.ts';
import { printable } from './printable.ts';
import { marksOf, padTo, paint, type Style, type Terminal, wrapParts, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';
import {
  ignoredText,
  intervalText,
  isFileGone,
  fallTimeOf,
  killTimeOf,
  problemText,
  reasonText,
  shortLocation,
  versionText,
} from './words.ts';

/** A service with its predictions. */
export interface Explanation {
  readonly entry: ServiceEntry;
  /** How it is down now, with what becomes of starts that all fail; undefined where it is not known to be down. */
  readonly now: { readonly downfall: Downfall; readonly tries: Timeline | undefined } | undefined;
  readonly outcomes: readonly Outcome[];
  /** Repeated endings: those that the user asked for, or else a crash loop. */
  readonly loops: readonly Loop[];
  /** Whether the user asked for particular endings. */
  readonly asked: boolean;
}

/** An ending that repeats without end. */
interface Loop {
  readonly outcome: Outcome;
  readonly lifetimeSeconds: number;
  readonly timeline: Timeline;
}

/** The explanation as text; every line ends with a newline. */
export function renderExplanation(
  { entry, now, outcomes, loops }: Explanation,
  inventory: Inventory,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { unit, settings } = entry.service;
  // Endings of the manager or of tied units do not repeat by the service itself, and an ending without a restart does not repeat.
  const repeated = loops.filter(
    ({ outcome: { on, restarts }, timeline: { because } }) =>
      (restarts || losesSocket(because)) && !isWorldEnding(on) && !isTiedEnding(on),
  );
  // What goes on in the background is no job that ends.
  const isMeantToStay = (entry.purpose?.isMeantToStay ?? false) || entry.background?.effect === 'hidden';
  const down = downMark(isMeantToStay, terminal);
  const blocks = [
    title(entry, inventory, catalogue, terminal),
    ...(now === undefined ? [] : [presentLines(unit.name, now, inventory, catalogue, terminal)]),
    ...(settings === undefined ? [refusal(entry, catalogue, terminal)] : []),
    ...(entry.background === undefined ? [] : [backgroundLine(entry.background, catalogue, terminal)]),
    ...(settings === undefined ? [] : [settingLines(entry, inventory, catalogue, terminal)]),
    ...(outcomes.length === 0 ? [] : [outcomeLines(entry, outcomes, down, catalogue, terminal)]),
    ...(repeated.length === 0 ? [] : [loopLines(entry, repeated, down, catalogue, terminal)]),
    ...(unit.ignored.length === 0 ? [] : [ignoredLines(entry, catalogue, terminal)]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

interface DownMark {
  readonly mark: string;
  readonly unsure: string;
  readonly style: (style: Style) => Style;
}

/** The mark for "stays down", as in the table of `daruma status`: a service that need not run all the time has no fall. */
function downMark(meantToStay: boolean, terminal: Terminal): DownMark {
  const { down, unsure, none } = marksOf(terminal);
  if (meantToStay) return { mark: down, unsure, style: style => style };
  return { mark: none, unsure: none, style: () => 'note' };
}

function title(entry: ServiceEntry, { host }: Inventory, catalogue: Catalogue, terminal: Terminal): string {
  const { unit } = entry.service;
  const { separator } = marksOf(terminal);
  const { live } = entry;
  const state = live === undefined ? [] : [`${live.activeState}/${live.subState}`];
  const facts = [
    ...state,
    ...(entry.enabled === undefined ? [] : [entry.enabled]),
    versionText(host, catalogue),
  ];
  return [
    `${paint(terminal, 'strong', unit.name)}  ${facts.join(` ${separator} `)}`,
    ...(unit.fragment === undefined ? [] : [`  ${printable(unit.fragment)}`]),
    ...unit.dropIns.map(file => `  + ${printable(file)}`),
    ...(entry.stopped === undefined
      ? []
      : [wrapText(terminal, stoppedText(entry.stopped, catalogue), [2, 2])]),
    ...(entry.stopUnderWay === undefined
      ? []
      : [wrapText(terminal, stoppingText(entry.stopUnderWay, catalogue), [2, 2])]),
    ...(live !== undefined && isOutOfDate(unit, live)
      ? [wrapText(terminal, paint(terminal, 'unsure', catalogue.explain.reloadNeeded), [2, 2])]
      : []),
  ].join('\n');
}

function stoppingText(stop: StopUnderWay, { explain }: Catalogue): string {
  return explain.stopping(utcTime(stop.sinceSeconds * 1_000), killTimeOf(stop));
}

function presentLines(
  unit: string,
  { downfall, tries }: NonNullable<Explanation['now']>,
  { host }: Inventory,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { explain } = catalogue;
  const [mark, style] = isNote(downfall)
    ? ([marksOf(terminal).unsure, 'unsure'] as const)
    : ([marksOf(terminal).down, 'bad'] as const);
  const text = `${mark} ${downText(unit, downfall, host, catalogue)}`;
  const lines = [
    paint(terminal, 'strong', explain.now),
    wrapText(terminal, paint(terminal, style, text), [2, 4]),
  ];
  if (tries === undefined) return lines.join('\n');
  const { givesUp, starts, afterSeconds } = tries;
  const until =
    givesUp === 'no'
      ? explain.triesOn
      : givesUp === 'yes' && starts !== null && afterSeconds !== null
        ? explain.givesUp(starts, intervalText(afterSeconds, marksOf(terminal).dash, catalogue))
        : explain.giveUpUndetermined;
  return [...lines, wrapText(terminal, until, [4, 4]), chain(tries.because, catalogue, terminal)].join('\n');
}

function refusal(entry: ServiceEntry, catalogue: Catalogue, terminal: Terminal): string {
  const { unit } = entry.service;
  if (isFileGone(entry)) return wrapText(terminal, paint(terminal, 'bad', catalogue.status.fileGone), [2, 2]);
  const problem = problemText(unit, catalogue) ?? '';
  const isRefused = unit.problem?.code !== 'masked' && unit.problem?.code !== 'unreadable';
  const { colon } = catalogue.punctuation;
  const text = isRefused ? `${catalogue.explain.notLoaded(unit.load)}${colon}${problem}` : problem;
  return wrapText(terminal, paint(terminal, 'bad', text), [2, 2]);
}

function backgroundLine(fault: BackgroundFault, catalogue: Catalogue, terminal: Terminal): string {
  const text = printable(catalogue.explain.goesToBackground(fault)) + place(fault.source, catalogue);
  return wrapText(terminal, paint(terminal, 'bad', text), [2, 2]);
}

/** Directives that are shown even when no line sets them, because they matter for every service. */
const alwaysShown: ReadonlySet<string> = new Set<ShownDirective>([
  'Type',
  'Restart',
  'RestartSec',
  'StartLimitIntervalSec',
  'StartLimitBurst',
]);

function settingLines(
  entry: ServiceEntry,
  { host }: Inventory,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { settings } = entry.service;
  if (settings === undefined) return '';
  const shown = Object.entries(shownSettings(settings, host.systemd.version)).filter(
    ([name, setting]) => alwaysShown.has(name) || setting.source !== null,
  );
  const texts = shown.map(([name, { value }]) => printable(`${name}=${value}`));
  const width = Math.max(...texts.map(widthOf));
  const lines = shown.map(([, { source }], index) => {
    const where = source === null ? catalogue.explain.defaultValue : shortLocation(source);
    return `  ${padTo(texts[index] ?? '', width)}  ${paint(terminal, 'dim', where)}`;
  });
  const { live } = entry;
  const isReread = live !== undefined && isOutOfDate(entry.service.unit, live);
  const held = live?.restart === settings.Restart.value ? null : (live?.restart ?? null);
  const head = isReread ? catalogue.explain.settingsAfterReload(held) : catalogue.explain.settings;
  return [wrapText(terminal, paint(terminal, 'strong', head), [0, 2]), ...lines].join('\n');
}

function outcomeLines(
  { service, live }: ServiceEntry,
  outcomes: readonly Outcome[],
  down: DownMark,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { aside, colon, list } = catalogue.punctuation;
  const possible = outcomes.filter(outcome => outcome.possible);
  const width = Math.max(0, ...possible.map(({ on }) => widthOf(catalogue.ending(on))));
  const lines = possible.flatMap(outcome => {
    const [verdict, style] = verdictOf(outcome, down, catalogue, terminal);
    const state =
      outcome.state === null || outcome.restarts ? '' : paint(terminal, 'dim', aside(outcome.state));
    const indent = width + 4;
    const said = wrapText(terminal, paint(terminal, style, verdict) + state, [indent, indent]);
    return [
      `  ${padTo(catalogue.ending(outcome.on), width)}  ${said.slice(indent)}`,
      chain(outcome.because, catalogue, terminal),
    ];
  });
  const impossible = outcomes
    .filter(outcome => !outcome.possible)
    .map(
      ({ on, because }) =>
        catalogue.ending(on) +
        aside(because.map(reason => reasonText(catalogue, reason)).join(catalogue.punctuation.semicolon)),
    );
  const rest =
    impossible.length === 0
      ? []
      : [
          '',
          wrapText(
            terminal,
            paint(terminal, 'dim', `${catalogue.explain.cannotHappen}${colon}${impossible.join(list)}`),
            [2, 4],
          ),
        ];
  const isReread = live !== undefined && isOutOfDate(service.unit, live);
  const head = isReread ? catalogue.explain.endingsAfterReload : catalogue.explain.endings;
  return [wrapText(terminal, paint(terminal, 'strong', head), [0, 2]), ...lines, ...rest].join('\n');
}

function verdictOf(
  outcome: Outcome,
  down: DownMark,
  catalogue: Catalogue,
  terminal: Terminal,
): readonly [string, Style] {
  const { explain, punctuation } = catalogue;
  const marks = marksOf(terminal);
  if (outcome.restarts) {
    if (outcome.state === 'active/running') return [`${marks.up} ${explain.runsOn}`, 'good'];
    const { delaySeconds } = outcome;
    if (delaySeconds === null) return [`${marks.up} ${explain.comesBackAlone}`, 'good'];
    return [`${marks.up} ${explain.upAgain(intervalText(delaySeconds, marks.dash, catalogue))}`, 'good'];
  }
  if (outcome.onDemand.length > 0) {
    const names = outcome.onDemand.map(trigger => trigger.name).join(punctuation.list);
    return [`${marks.onDemand} ${explain.onDemand(names)}`, 'note'];
  }
  if (outcome.on.kind === 'stop') return [`${marks.none} ${explain.staysStopped}`, 'note'];
  if (outcome.because.some(leavesOpen)) {
    return [`${down.unsure} ${explain.notKnown}`, down.style('unsure')];
  }
  if (outcome.state === 'active/exited') return [`${down.mark} ${explain.staysExited}`, down.style('bad')];
  if (outcome.state === 'active/running' || outcome.state === 'activating/start') {
    return [`${down.mark} ${explain.hangsOn}`, down.style('bad')];
  }
  return [`${down.mark} ${explain.staysDown}`, down.style('bad')];
}

/** The reasons in order, each with its line. */
function chain(because: readonly Reason[], catalogue: Catalogue, terminal: Terminal): string {
  const texts = because.map(reason => reasonText(catalogue, reason) + place(reason.source, catalogue));
  return wrapParts(terminal, texts, 'dim', [6, 6]);
}

function place(source: Source | null, { punctuation }: Catalogue): string {
  return source === null ? '' : punctuation.aside(shortLocation(source));
}

function loopLines(
  { background }: ServiceEntry,
  loops: readonly Loop[],
  down: DownMark,
  catalogue: Catalogue,
  terminal: Terminal,
): string {
  const { explain } = catalogue;
  const lines = loops.flatMap(({ outcome, lifetimeSeconds, timeline }) => {
    const lifetime = formatTimeSpan(lifetimeSeconds * usecPerSecond);
    const isUp = background === undefined;
    const mark = losesSocket(timeline.because) ? downMark(true, terminal) : down;
    const [verdict, style] = loopVerdict(timeline, isUp, mark, catalogue, terminal);
    return [
      `  ${explain.crashLoopOf(catalogue.ending(outcome.on), lifetime)}`,
      `    ${paint(terminal, style, verdict)}`,
      chain(timeline.because, catalogue, terminal),
    ];
  });
  return [paint(terminal, 'strong', explain.crashLoop), ...lines].join('\n');
}

function loopVerdict(
  timeline: Timeline,
  isUp: boolean,
  down: DownMark,
  catalogue: Catalogue,
  terminal: Terminal,
): readonly [string, Style] {
  const { explain } = catalogue;
  const marks = marksOf(terminal);
  const { givesUp, starts, afterSeconds } = timeline;
  if (givesUp === 'undetermined')
    return [`${down.unsure} ${explain.giveUpUndetermined}`, down.style('unsure')];
  if (givesUp === 'yes' && starts !== null && afterSeconds !== null) {
    return [
      `${down.mark} ${explain.givesUp(starts, intervalText(afterSeconds, marks.dash, catalogue))}`,
      down.style('bad'),
    ];
  }
  // Of a command that goes into the background each start is as vain as the one before.
  if (!isUp) return [`${down.mark} ${explain.neverGivesUp}`, down.style('bad')];
  return [`${marks.up} ${explain.neverGivesUp}`, 'good'];
}

function ignoredLines(entry: ServiceEntry, catalogue: Catalogue, terminal: Terminal): string {
  const lines = entry.service.unit.ignored.map(line =>
    wrapText(
      terminal,
      `${paint(terminal, 'unsure', shortLocation(line.source))}  ${ignoredText(line, catalogue)}`,
      [2, 4],
    ),
  );
  return [paint(terminal, 'strong', catalogue.explain.ignoredLines), ...lines].join('\n');
}

function stoppedText({ sinceSeconds, fall }: Stopped, { explain }: Catalogue): string {
  const since = utcTime(sinceSeconds * 1_000);
  return fall === null ? explain.stopped(since) : explain.fellThenStopped(fall, fallTimeOf(fall), since);
}
