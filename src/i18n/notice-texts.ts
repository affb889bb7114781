/** The interface of the texts of messages. */
import type { PresentRun } from '../notify/present-state.ts';
import type { TimeLimit } from '../systemd/service-settings.ts';
import type { Cause, CutShort, Falls, Notice, OutageNotice } from '../notify/notice.ts';

export interface NoticeTexts {
  /** Titles of messages; `name` is the service without `.service`. */
  readonly titles: { readonly [Kind in Exclude<ServiceKind, 'moved'>]: (name: string) => string };
  /** Of one whose first start goes on. */
  stillStartingTitle(name: string): string;
  /** Of one whose starts fail, more often than it has fallen. */
  keepsFailingToStart(name: string): string;
  /** Of a start after which nothing is known that could be asked whether it answers. */
  onlyStarted(name: string): string;
  /** Of one that fell, and that somebody started, and not `Restart=`. */
  upAgain(name: string): string;
  /** What was up when it happened does not run when it is told. */
  wasUpTitle(name: string): string;
  /** What was down runs when it is told. */
  wasDownTitle(name: string): string;
  /** Of one that fell, was up again, and that somebody has stopped since. */
  fellThenStopped(name: string): string;
  /** Of one that fell, and did not become ready after its next start. */
  fellNotReady(name: string): string;
  /** The front leads to another machine. */
  movedTitle(name: string, standIn: string): string;
  moved(unit: string, standIn: string, since: string): string;
  nobodyAnswers(unit: string, since: string): string;
  /** @param standIns who answered meanwhile; undefined for nobody. @param isInAll whether the time is that of several */
  movedBack(unit: string, standIns: string | undefined, seconds: number, isInAll: boolean): string;
  /** Of that time: for how long nobody answered. */
  nobodyFor(seconds: number): string;
  movedTimes(times: number, since: string): string;
  /** A line of a message about the service itself. @param isOver whether that is over; @param seconds for how long it was, where that is known */
  stoodIn(names: string | undefined, isOver: boolean, seconds: number | undefined): string;
  /** Of an outage of the machine, or of the manager of a user's services. */
  outageTitle(host: string, outage: OutageOf): string;
  /** How and when it ended; `last`: the last sign of life. */
  outageEnd(outage: OutageOf, last: string | undefined, up: string): string;
  /** The same of a manager of a user's services of which it is known. @param why a sentence about its unit */
  managerEnded(why: string, at: string, up: string): string;
  outageSpan(seconds: number): string;
  run(names: string): string;
  /** They run, or are being started. */
  noAnswerYet(names: string): string;
  /** They have ended since, and systemd starts them again. */
  doNotStayUp(names: string): string;
  doNotRun(names: string): string;
  readonly testTitle: string;
  readonly testBody: string;
  readonly textTitle: string;
  lateTitle(count: number): string;
  lateBody(about: string, from: string, to: string): string;
  digestTitle(count: number): string;
  /** A line of a digest: the time without the date, and a title. */
  digestLine(time: string, title: string): string;
  /** Heads what services do at the moment of the message: one, or without `how` several, which follow. */
  now(time: string, how: string): string;
  /** `since`: when it was started, of what runs. */
  /** `answers`: its probe; undefined where none was asked. */
  presentRun(kind: PresentRun['kind'], since: string | undefined, answers: boolean | undefined): string;
  /** Why the service ended, as a sentence about `unit`. */
  why(unit: string, cause: Cause): string;
  /** `isAtMost`: it may have been less; `isLast`: after the last of several falls, between which it may have been up. */
  /** @param bound whether the time is exact, or one that it does not exceed, or exceeds */
  downFor(seconds: number, bound: 'exact' | 'at-most' | 'at-least', isLast: boolean): string;
  /** That it was not seen ready since a fall before its last one, and for how long in all. */
  unreadyFor(since: string, seconds: number, isAtMost: boolean): string;
  /** Starts in a row that failed since it ended, all for want of a resource. */
  failedStarts(count: number): string;
  /** How the last run before a start that failed had ended, as a sentence; `at` is undefined where nobody saw when. */
  endBefore(cause: Cause, at: string | undefined): string;
  /** Falls and failed starts so far; `since` is the time of the first of them, undefined where nobody saw that. */
  fallsSoFar(falls: Counts, since: string | undefined): string;
  /** How long it has stayed up since its last start. */
  upFor(seconds: number): string;
  /** Who started it again, where that was not `Restart=`. */
  readonly byJob: string;
  /** The same, where it had been started before, and a job has ended that run. */
  byJobAfter(started: string, until: string, by: CutShort['by']): string;
  /** That somebody has stopped it since. */
  stoppedSince(time: string): string;
  gaveUp(falls: Counts, seconds: number): string;
  /** `starting`: systemd does not call it active yet; `stopping`: it does not any more. @param isAgain after a fall */
  waited(seconds: number, phase: 'starting' | 'active' | 'stopping', isAgain: boolean): string;
  /** In its place, of a start whose job alone took longer than it may. */
  /** That the time limit of a start job has ended the job alone, with the lines that may have set it. */
  jobTimedOut(limits: readonly TimeLimit[]): string;
  /** What has each start refused; empty where it is not known which assertions its unit has. */
  refusedUntil(asserts: readonly string[]): string;
  downSince(time: string): string;
  readonly notRestarted: string;
  /** Which units start a failed service again; at least one name, joined to a list. */
  startedAgain(names: string, count: number): string;
  /** That the unit which starts it on demand does not do so any more. */
  triggerFailed(trigger: string): string;
  failedTimes(falls: number): string;
  stillTried(hasBeenUp: boolean): string;
  /** In its place, where systemd has been starting it for a while. @param isAgain after a fall */
  stillStarting(since: string, isAgain: boolean): string;
  /** Introduces a command. */
  readonly look: string;
  readonly goOn: string;
  readonly seeCheck: string;
  readonly startAgain: string;
  readonly logHeading: string;
  /** Where another run has begun. */
  readonly logHeadingOfEnded: string;
  /** The line about the host; `scope` is the scope of its manager. */
  host(name: string, scope: 'user' | 'system' | undefined): string;
}

type Counts = Omit<Falls, 'sinceMs'>;

type OutageOf = Pick<OutageNotice, 'of' | 'end'>;

type ServiceKind = Extract<Notice, { readonly unit: string }>['kind'];
