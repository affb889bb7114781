/** Makes a letter from notices: what happened to which service on which host, why, for how long, and what to do next. */
import type { Catalogue } from '../../i18n/catalogue.ts';
import { utcTime } from '../../i18n/parts.ts';
import { goOn } from '../../i18n/down-command.ts';
import { daruma, lastEntries, startAgain } from '../../i18n/shown-commands.ts';
import type { Markup } from '../../notify/channel.ts';
import { type Cause, countOf, type Falls, type Notice, type OutageNotice } from '../../notify/notice.ts';
import { isOfStart } from '../../notify/incident.ts';
import { isOfMove, type StandIn } from '../../notify/moves.ts';
import type { PresentRun } from '../../notify/present-state.ts';
import { printable } from '../printable.ts';
import { type Line, renderLines } from './markup.ts';
import { filledTemplate, type NoticeParts, type NoticeTemplates } from './template.ts';
import { shortServiceName } from '../../systemd/unit-name.ts';

/** Telegram accepts 4,096 characters in a message, Discord 2,000; lines of the log need the rest. */
const mostDigestLines = 30;

/** What has become of services that messages are about where that may be over. */
export interface Present {
  /** In ms since 1970. */
  readonly atMs: number;
  readonly units: ReadonlyMap<string, PresentRun>;
  /** What `check` knows to keep them down: file, line and message. */
  readonly keptDown: ReadonlyMap<string, readonly string[]>;
  /** Who answers in the place of services before which a front stands; left out where there is none. */
  readonly standIns?: ReadonlyMap<string, StandIn>;
}

/**
 * @param notices one notice, or several for a digest
 * @param present only of what may be over; left out where nobody has asked
 * @returns the title as plain text, and the body in the markup
 */
export function composeLetter(
  notices: readonly Notice[],
  markup: Markup,
  catalogue: Catalogue,
  templates: NoticeTemplates,
  present?: Present,
): { readonly title: string; readonly body: string } {
  const [notice] = notices;
  if (notice === undefined) return { title: '', body: '' };
  if (notices.length > 1) return digest(notices, notice, markup, catalogue, present);
  const parts = partsOf(notice, catalogue, present);
  const template = templates[notice.kind];
  if (template !== undefined) return filledTemplate(template, parts, markup);
  const lines = [...parts.lines, ...signature(notice, catalogue), ...logLines(notice, catalogue)];
  return { title: parts.title, body: renderLines(lines, markup) };
}

function partsOf(notice: Notice, catalogue: Catalogue, present: Present | undefined): NoticeParts {
  const { host, atMs } = notice;
  const time = utcTime(atMs);
  const unit = 'unit' in notice ? notice.unit : '';
  return {
    title: printable(titleNow(notice, present, catalogue)),
    lines: [
      ...linesOf(notice, catalogue),
      ...(present === undefined || !('unit' in notice) ? [] : presentLines(notice, present, catalogue)),
    ],
    unit,
    host,
    time,
  };
}

function presentLines(
  notice: AboutUnit,
  { atMs, units, keptDown, standIns }: Present,
  { notices: texts, punctuation }: Catalogue,
): readonly Line[] {
  const { unit, scope } = notice;
  const standIn = isOfMove(notice) ? undefined : standIns?.get(unit);
  const run = units.get(unit);
  const known = keptDown.get(unit) ?? [];
  return [
    ...(standIn === undefined ? [] : [[standInLine(notice, standIn, texts, punctuation.list)]]),
    ...known.map((text): Line => [text]),
    ...(known.length === 0 ? [] : [[`${texts.seeCheck} `, { code: daruma('check', scope, unit) }]]),
    ...(run === undefined
      ? []
      : [[texts.now(utcTime(atMs), texts.presentRun(run.kind, sinceOf(run), run.answers))]]),
    ...(run?.halt === undefined || run.halt === 'traced'
      ? []
      : [[`${texts.goOn} `, { code: goOn({ scope }, unit, run.halt) }]]),
  ];
}

/** Of a service that is up again the front may be about to notice it. */
function standInLine(
  { kind }: AboutUnit,
  { names, seconds }: StandIn,
  texts: Catalogue['notices'],
  separator: string,
): string {
  const isOver = seconds !== undefined || kind === 'restarted' || kind === 'recovered';
  return texts.stoodIn(names.length === 0 ? undefined : names.join(separator), isOver, seconds);
}

function sinceOf({ sinceMs }: PresentRun): string | undefined {
  return sinceMs === null ? undefined : utcTime(sinceMs);
}

/** A title is read as what is so now: where that has changed until it was told, it says so. In a digest each has its time. */
function titleNow(notice: Notice, present: Present | undefined, catalogue: Catalogue): string {
  const run = 'unit' in notice ? present?.units.get(notice.unit) : undefined;
  if (!('unit' in notice) || run === undefined) return titleOf(notice, catalogue);
  const { notices: texts } = catalogue;
  if (saysUp(notice) && noLongerUp.has(run.kind)) return texts.wasUpTitle(nameOf(notice));
  if (saysDown.has(notice.kind) && run.kind === 'runs') return texts.wasDownTitle(nameOf(notice));
  return titleOf(notice, catalogue);
}

function saysUp(notice: AboutUnit): boolean {
  if (notice.kind === 'restarted') return notice.isByJob === true && notice.stoppedMs === undefined;
  return notice.kind === 'moved-back' || notice.kind === 'recovered' || notice.kind === 'started';
}

/** What is at rest without a failure may have done its work. */
const noLongerUp: ReadonlySet<PresentRun['kind']> = new Set(['stopped', 'fails', 'restarts']);
const saysDown: ReadonlySet<Notice['kind']> = new Set(['stays-down', 'still-down']);

function titleOf(notice: Notice, { notices: texts }: Catalogue): string {
  switch (notice.kind) {
    case 'outage':
      return texts.outageTitle(notice.host, notice);
    case 'test':
      return texts.testTitle;
    case 'text':
      return texts.textTitle;
    case 'failed':
      // A service that should run all the time may be down without a failure.
      return texts.titles[notice.cause.result === 'success' ? 'fell' : 'failed'](nameOf(notice));
    case 'keeps-falling':
      return (notice.failedStarts ?? 0) > notice.falls
        ? texts.keepsFailingToStart(nameOf(notice))
        : texts.titles['keeps-falling'](nameOf(notice));
    case 'not-ready':
      if (notice.fall === undefined && notice.startingSinceMs !== undefined)
        return texts.stillStartingTitle(nameOf(notice));
      return notice.fall === undefined || notice.fall.falls === 0
        ? texts.titles['not-ready'](nameOf(notice))
        : texts.fellNotReady(nameOf(notice));
    case 'restarted':
      if (notice.stoppedMs !== undefined) return texts.fellThenStopped(nameOf(notice));
      return notice.isByJob ? texts.upAgain(nameOf(notice)) : texts.titles.restarted(nameOf(notice));
    case 'started':
      return notice.isAsked ? texts.titles.started(nameOf(notice)) : texts.onlyStarted(nameOf(notice));
    case 'late':
      return texts.lateTitle(notice.count);
    case 'moved':
      return texts.movedTitle(nameOf(notice), notice.standIn);
    default:
      return texts.titles[notice.kind](nameOf(notice));
  }
}

function waitingPhase({
  isActivating,
  isStopping,
}: Extract<Notice, { readonly kind: 'not-ready' }>): 'starting' | 'active' | 'stopping' {
  if (isStopping) return 'stopping';
  return isActivating ? 'starting' : 'active';
}

function nameOf({ unit }: AboutUnit): string {
  return shortServiceName(unit);
}

function linesOf(notice: Notice, catalogue: Catalogue): readonly Line[] {
  const { notices: texts, punctuation } = catalogue;
  switch (notice.kind) {
    case 'outage':
      return outageLines(notice, catalogue);
    case 'test':
      return [[texts.testBody]];
    case 'text':
      return notice.text.split('\n').map(line => [line]);
    case 'late':
      return [
        [texts.lateBody(notice.units.join(punctuation.list), utcTime(notice.fromMs), utcTime(notice.toMs))],
      ];
    case 'started':
      return [];
    case 'fell':
      return [
        ...ending(notice.unit, notice.cause, catalogue),
        [
          notice.startingSinceMs === undefined
            ? texts.stillTried(hasBeenUp(notice))
            : texts.stillStarting(utcTime(notice.startingSinceMs), true),
        ],
        ...fallsSoFar(notice, catalogue),
        why(notice, catalogue),
      ];
    case 'keeps-falling':
      return [
        ...ending(notice.unit, notice.cause, catalogue),
        ...fallsSoFar(notice, catalogue),
        why(notice, catalogue),
      ];
    case 'restarted':
      return [
        ...ending(notice.unit, notice.cause, catalogue),
        ...fallsSoFar(notice, catalogue),
        ...(notice.downSeconds === null
          ? []
          : [[texts.downFor(notice.downSeconds, boundOf(notice), countOf(notice) > 1 && !notice.isAtLeast)]]),
        ...unreadyLines(notice, catalogue),
        ...(notice.isByJob ? [[byJob(notice, catalogue)]] : []),
        ...(notice.heldSeconds === undefined ? [] : [[texts.upFor(notice.heldSeconds)]]),
        ...(notice.stoppedMs === undefined ? [] : [[texts.stoppedSince(utcTime(notice.stoppedMs))]]),
      ];
    case 'not-ready':
      return [
        ...(notice.fall === undefined
          ? []
          : [...ending(notice.unit, notice.fall.cause, catalogue), ...fallsSoFar(notice.fall, catalogue)]),
        [
          notice.isJobOver
            ? texts.jobTimedOut(notice.limits ?? [])
            : notice.startingSinceMs !== undefined
              ? texts.stillStarting(utcTime(notice.startingSinceMs), notice.fall !== undefined)
              : texts.waited(notice.waitedSeconds, waitingPhase(notice), notice.fall !== undefined),
        ],
        why(notice, catalogue),
      ];
    case 'stays-down':
      return [
        ...ending(notice.unit, notice.cause, catalogue),
        [notice.gaveUp === null ? texts.notRestarted : texts.gaveUp(notice.gaveUp, notice.gaveUp.seconds)],
        ...(notice.failedTrigger === undefined ? [] : [[texts.triggerFailed(notice.failedTrigger)]]),
        ...allFalls(notice, catalogue),
        why(notice, catalogue),
        notice.cause.result === 'job-assert'
          ? [texts.refusedUntil(notice.cause.asserts ?? [])]
          : start(notice, notice.gaveUp !== null || notice.cause.result === 'start-limit-hit', catalogue),
      ];
    case 'still-down':
      return [
        [texts.downSince(utcTime(notice.sinceMs))],
        notice.asserts === undefined
          ? start(notice, notice.isLimited === true, catalogue)
          : [texts.refusedUntil(notice.asserts)],
      ];
    case 'failed':
      return [
        ...ending(notice.unit, notice.cause, catalogue),
        [texts.startedAgain(notice.startedBy.join(punctuation.list), notice.startedBy.length)],
        why(notice, catalogue),
      ];
    case 'moved':
      return [
        [texts.moved(notice.unit, notice.standIn, utcTime(notice.sinceMs))],
        ...moves(notice, catalogue),
        why(notice, catalogue),
      ];
    case 'nobody-answers':
      return [[texts.nobodyAnswers(notice.unit, utcTime(notice.sinceMs))], why(notice, catalogue)];
    case 'moved-back':
      return [
        [
          texts.movedBack(
            notice.unit,
            notice.standIns.join(punctuation.list) || undefined,
            notice.seconds,
            notice.times > 1,
          ),
        ],
        ...(notice.nobodySeconds === undefined || notice.standIns.length === 0
          ? []
          : [[texts.nobodyFor(notice.nobodySeconds)]]),
        ...moves(notice, catalogue),
      ];
    case 'recovered':
      return [
        ...ending(notice.unit, notice.cause, catalogue),
        ...(notice.falls > 1 ? [[texts.failedTimes(notice.falls)]] : []),
      ];
    default:
      return notice satisfies never;
  }
}

/** Once is what the message is about. */
function moves(
  { times, firstMs }: Extract<Notice, { readonly kind: 'moved' | 'moved-back' }>,
  { notices: texts }: Catalogue,
): readonly Line[] {
  return times > 1 ? [[texts.movedTimes(times, utcTime(firstMs))]] : [];
}

function ending(unit: string, cause: Cause, { notices: texts }: Catalogue): readonly Line[] {
  // With the result of a failed start, its own words are of one of them.
  const later = (cause.startsFailedSince ?? 0) - (cause.result === 'resources' ? 1 : 0);
  const { before } = cause;
  const beforeAt = before?.atMs === undefined ? undefined : utcTime(before.atMs);
  return [
    [texts.why(unit, cause)],
    ...(before === undefined ? [] : [[texts.endBefore(before.cause, beforeAt)]]),
    ...(later > 0 ? [[texts.failedStarts(later)]] : []),
  ];
}

/** Of starts alone, all of which have failed, it is not known that it was ever up. */
function hasBeenUp({ cause, falls = 0 }: Extract<Notice, { readonly kind: 'fell' }>): boolean {
  return falls > 0 || cause.before !== undefined || !isOfStart(cause);
}

type Restarted = Extract<Notice, { readonly kind: 'restarted' }>;

function byJob({ cutShort }: Restarted, { notices: texts }: Catalogue): string {
  return cutShort === undefined
    ? texts.byJob
    : texts.byJobAfter(utcTime(cutShort.startedMs), utcTime(cutShort.endedMs), cutShort.by);
}

function unreadyLines(notice: Restarted, { notices: texts }: Catalogue): readonly Line[] {
  const { unready, isAtMost = false } = notice;
  return unready === undefined
    ? []
    : [[texts.unreadyFor(utcTime(unready.sinceMs), unready.seconds, isAtMost)]];
}

function boundOf({ isAtMost, isAtLeast }: Restarted): 'exact' | 'at-most' | 'at-least' {
  if (isAtLeast) return 'at-least';
  return isAtMost ? 'at-most' : 'exact';
}

function outageLines(notice: OutageNotice, { notices: texts, punctuation }: Catalogue): readonly Line[] {
  const { lastSeenMs, upMs, back, silent = [], unsteady = [], missing, startable = [], scope } = notice;
  const names = (units: readonly string[]) => {
    const shown = units.slice(0, mostNames).map(shortServiceName).join(punctuation.list);
    return units.length > mostNames ? `${shown} … ${units.length}` : shown;
  };
  const last = lastSeenMs === null ? undefined : utcTime(lastSeenMs);
  const { ended } = notice;
  return [
    [
      ended === undefined
        ? texts.outageEnd(notice, last, utcTime(upMs))
        : texts.managerEnded(texts.why(ended.unit, ended.cause), utcTime(ended.atMs), utcTime(upMs)),
    ],
    ...(lastSeenMs === null ? [] : [[texts.outageSpan((upMs - lastSeenMs) / 1_000)]]),
    ...(back.length === 0 ? [] : [[texts.run(names(back))]]),
    ...(silent.length === 0 ? [] : [[texts.noAnswerYet(names(silent))]]),
    ...(unsteady.length === 0 ? [] : [[texts.doNotStayUp(names(unsteady))]]),
    ...(missing.length === 0 ? [] : [[texts.doNotRun(names(missing))]]),
    ...startable.map(
      ({ unit, hasGivenUp }): Line => [
        `${texts.startAgain} `,
        { code: startAgain({ scope }, unit, hasGivenUp) },
      ],
    ),
  ];
}

/** Of more services than these, the others are only counted. */
const mostNames = 20;

/** One alone is what the message is about. */
function fallsSoFar(counted: Partial<Falls>, catalogue: Catalogue): readonly Line[] {
  const { falls = 0, failedStarts = 0 } = counted;
  return countOf({ falls, failedStarts }) > 1 ? allFalls(counted, catalogue) : [];
}

function allFalls(
  { falls, sinceMs, ...more }: Partial<Falls>,
  { notices: texts }: Catalogue,
): readonly Line[] {
  if (falls === undefined) return [];
  return [[texts.fallsSoFar({ falls, ...more }, sinceMs === undefined ? undefined : utcTime(sinceMs))]];
}

type AboutUnit = Extract<Notice, { readonly unit: string }>;

function why({ unit, scope }: AboutUnit, { notices: texts }: Catalogue): Line {
  return [`${texts.look} `, { code: lastEntries({ scope }, unit) }];
}

/** A start of the service alone would not bring back what starts it on demand. */
function start(notice: AboutUnit, hasGivenUp: boolean, { notices: texts }: Catalogue): Line {
  const { unit, scope } = notice;
  const trigger = notice.kind === 'stays-down' ? notice.failedTrigger : undefined;
  const code =
    trigger === undefined
      ? startAgain({ scope }, unit, hasGivenUp)
      : startAgain({ scope }, trigger, true, [unit]);
  return [`${texts.startAgain} `, { code }];
}

/** The last lines of every letter: the place and the time. */
function signature(notice: Notice, { notices: texts }: Catalogue): readonly Line[] {
  const scope = 'unit' in notice ? notice.scope : undefined;
  return [[`🖥️ ${texts.host(notice.host, scope)}`], [`🕐 ${utcTime(notice.atMs)}`]];
}

function logLines(notice: Notice, { notices: texts }: Catalogue): readonly Line[] {
  const log = 'log' in notice ? (notice.log ?? []) : [];
  const ofEnded = notice.kind === 'not-ready' && notice.fall !== undefined;
  const heading = ofEnded ? texts.logHeadingOfEnded : texts.logHeading;
  return log.length === 0 ? [] : [[''], [heading], ...log.map((line): Line => [{ code: line }])];
}

function digest(
  notices: readonly Notice[],
  first: Notice,
  markup: Markup,
  catalogue: Catalogue,
  present: Present | undefined,
): { readonly title: string; readonly body: string } {
  const { notices: texts, punctuation } = catalogue;
  // What was put off may have become due after what happened later.
  const inOrder = notices.toSorted((a, b) => a.atMs - b.atMs);
  const [earliest = first] = inOrder;
  const shown = inOrder.slice(-mostDigestLines).map((notice): Line => {
    const about = notice.kind === 'text' ? notice.text : titleOf(notice, catalogue);
    return [texts.digestLine(utcTime(notice.atMs).slice(11), about)];
  });
  const left = notices.length - shown.length;
  const runs = [...(present?.units ?? [])].map(([unit, run]): Line => {
    const how = texts.presentRun(run.kind, sinceOf(run), run.answers);
    return [`${shortServiceName(unit)}${punctuation.colon}${how}`];
  });
  const lines: Line[] = [
    ...(left > 0 ? [[`… ${left}`]] : []),
    ...shown,
    ...(present === undefined || runs.length === 0
      ? []
      : [[texts.now(utcTime(present.atMs), '')], ...runs.slice(0, mostNames)]),
    [`🖥️ ${texts.host(first.host, undefined)}`],
    [`🕐 ${utcTime(earliest.atMs)} – ${utcTime(inOrder.at(-1)?.atMs ?? earliest.atMs)}`],
  ];
  return { title: texts.digestTitle(notices.length), body: renderLines(lines, markup) };
}
