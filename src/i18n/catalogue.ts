/** What a language has to say. Findings, outcomes and errors are data; a catalogue makes the words. */
import type { Need, RuleGroup } from '../check/rule.ts';
import type { Severity } from '../check/severity.ts';
import type { Ending } from '../restart/ending.ts';
import type { Reason, ReasonCode } from '../restart/reason.ts';
import type { FallName } from '../restart/survival.ts';
import type { IgnoredLine } from '../systemd/assignments.ts';
import type { ManagerProblem } from '../systemd/host/host.ts';
import type { Limit } from '../systemd/host/limit.ts';
import type { LoadProblem } from '../systemd/unit.ts';
import type { ConfigurationTexts } from './configuration-texts.ts';
import type { FailoverTexts } from './failover-texts.ts';
import type { FailoverTestTexts } from './failover-test-texts.ts';
import type { LinkTexts } from './link-texts.ts';
import type { NoticeTexts } from './notice-texts.ts';
import type { NotifyTexts } from './notify-texts.ts';
import type { AllRuleTexts } from './rule-texts.ts';

export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

type Of<C extends ReasonCode> = Reason extends infer R
  ? R extends Reason
    ? C extends R['code']
      ? R
      : never
    : never
  : never;

export interface Catalogue {
  readonly language: Language;
  readonly punctuation: Punctuation;
  /** A length of time: `0.35 s`. */
  seconds(amount: string): string;
  /** One sentence for each reason, without a full stop. */
  readonly reasons: { readonly [C in ReasonCode]: (reason: Of<C>) => string };
  /** What to do about a reason that keeps a service down; absent where there is nothing simple to do. */
  readonly remedies: { readonly [C in ReasonCode]?: (reason: Of<C>, unit: RemedyUnit) => string };
  readonly rules: AllRuleTexts;
  ending(ending: Ending): string;
  /** Heads of the survival table's columns: at most six columns wide. */
  readonly fallHeads: Readonly<Record<FallName, string>>;
  /** The falls in a sentence. */
  readonly fallNames: Readonly<Record<FallName, string>>;
  loadProblem(problem: LoadProblem): string;
  ignoredLine(line: IgnoredLine): string;
  /** Behind one that is told: how many more like it are not; empty for none. */
  alike: (count: number) => string;
  metLimit(limit: Limit): string;
  managerProblem(problem: ManagerProblem): string;
  /** Where a version that is not certain is known from. */
  readonly versionOrigin: Readonly<Record<'option' | 'newest-known', string>>;
  readonly status: StatusTexts;
  readonly explain: ExplainTexts;
  readonly check: CheckTexts;
  readonly fix: FixTexts;
  readonly notices: NoticeTexts;
  readonly notify: NotifyTexts;
  readonly failover: FailoverTexts;
  readonly links: LinkTexts;
  readonly failoverTest: FailoverTestTexts;
  readonly reference: ReferenceTexts;
  readonly configuration: ConfigurationTexts;
  readonly errors: ErrorTexts;
  readonly help: HelpTexts;
}

/** What stands between the parts of a sentence that is put together. */
interface Punctuation {
  /** Between the items of a list. */
  readonly list: string;
  readonly semicolon: string;
  readonly colon: string;
  /** An aside behind a word, with the space in front of it where the language has one. */
  readonly aside: (text: string) => string;
}

export interface RemedyUnit {
  readonly unit: string;
  readonly scope: 'user' | 'system';
}

interface StatusTexts {
  /** Headline of the table over the checkout's own example. */
  readonly exampleHeadline: string;
  readonly service: string;
  readonly lingerOn: string;
  readonly lingerOff: string;
  readonly filesOnly: string;
  /** Leads into the list of what is wrong. */
  readonly redHeading: string;
  readonly allServices: string;
  someServices(count: number): string;
  /** What the marks of the table mean. */
  readonly marks: Readonly<Record<'up' | 'down' | 'onDemand' | 'unsure' | 'none', string>>;
  readonly noServices: string;
  /** A folder was named, and it has none. */
  noServicesIn(folder: string): string;
  /** A drop-in was named, and the unit it is for is nowhere to be found. */
  strayDropIn(file: string): string;
  readonly nothingRed: string;
  refused(problem: string): string;
  /** Several falls in one line that `Restart=` does not cover. */
  policyDoesNotRestart(value: string): string;
  readonly reloadNeeded: string;
}

interface ExplainTexts {
  readonly settings: string;
  readonly endings: string;
  readonly defaultValue: string;
  readonly staysDown: string;
  readonly staysStopped: string;
  readonly notKnown: string;
  readonly runsOn: string;
  readonly staysExited: string;
  readonly hangsOn: string;
  readonly comesBackAlone: string;
  upAgain(interval: string): string;
  onDemand(triggers: string): string;
  readonly cannotHappen: string;
  readonly crashLoop: string;
  crashLoopOf(ending: string, lifetime: string): string;
  givesUp(starts: number, after: string): string;
  readonly neverGivesUp: string;
  readonly giveUpUndetermined: string;
  readonly ignoredLines: string;
  notLoaded(load: string): string;
  readonly reloadNeeded: string;
}

interface CheckTexts {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly why: string;
  readonly remedy: string;
  /** Stands where a severity would, before what somebody has accepted. */
  readonly accepted: string;
  readonly reason: string;
  /** Somebody accepted a finding and did not say why. */
  readonly noReason: string;
  /** Last line: what was looked at and what came out. */
  summary(counts: CheckCounts): string;
  /** Where more is said about the rules that found something, one of them as the example. */
  moreAbout(rule: string): string;
  /** A comment accepts findings of a rule that there is not. */
  unknownRule(rule: string): string;
}

export interface CheckCounts extends Readonly<Record<Severity, number>> {
  readonly units: number;
  readonly suppressed: number;
  /** Faults that findings stand for and that are not listed themselves; left out where there are none. */
  readonly alike?: number;
}

/** The rule reference, in the terminal and as pages. */
interface ReferenceTexts {
  readonly groups: Readonly<Record<RuleGroup, string>>;
  readonly group: string;
  readonly severity: string;
  /** A severity that can rise to a worse one. */
  atWorst(severity: string, worst: string): string;
  readonly knownFrom: string;
  /** What must be known for a rule to speak. */
  readonly needs: Readonly<Record<Need, string>>;
  /** How to read all about one of the rules. */
  readonly onePage: string;
}

export interface FixTexts {
  /** First line of a drop-in. */
  /** What `--to` was to write stands there already. */
  alreadyIn(folder: string): string;
  /** @param isRecorded whether undo knows of it: not what is written elsewhere */
  dropInHead(version: string, isRecorded: boolean): string;
  readonly commands: string;
  /** Permission bits, as in `0600`. */
  mode(octal: string): string;
  readonly preventedHeading: string;
  /** `by` is the line that has the last word; undefined where systemd does not take the value. */
  prevented(setting: string, unit: string, by: string | undefined): string;
  readonly leftOutHeading: string;
  /** Why a path cannot be written. */
  readonly obstacles: Readonly<
    Record<'name-too-long' | 'too-large' | 'leads-out' | 'not-writable', (path: string) => string>
  >;
  readonly leftHeading: string;
  summary(settled: number, left: number): string;
  readonly nothingToDo: string;
  readonly question: string;
  readonly yesOrNo: string;
  readonly cannotAsk: string;
  readonly useYes: string;
  readonly nothingDone: string;
  /** After Ctrl-C at a question. */
  readonly interruptedAsking: string;
  done(undo: string): string;
  readonly needsRoot: string;
  readonly asRoot: string;
  /** Services that run on with their old settings, and the command that restarts them. */
  notRestarted(units: string, command: string): string;
  restarted(units: string): string;
  /** A command was refused; `command` is what a person runs. */
  refused(command: string, said: string): string;
  failedAndTakenBack(at: string, cause: string): string;
  failed(at: string, cause: string): string;
  undoHint(command: string): string;
  /** Another fix was left in the middle, and keeps this one from being made. */
  stillInterrupted(id: string): string;
  underWay(id: string, pid: number, since: string): string;
  /** Another process is at work, and has not said on what. */
  readonly underWaySomewhere: string;
  damagedRecord(file: string): string;
  /** A record that another user, by number, may have written as they liked. */
  recordOfAnother(file: string, uid: number): string;
  undoAsThem(uid: number, id: string): string;
  /** A record about a path that is no part of the system it lies in. */
  recordLeadsOut(file: string, path: string): string;
  /** Above the paths that a record is about which lies in the system that is looked at. */
  recordFromThere(id: string): string;
  unwritableLink(file: string): string;
  /** A path leads out of the system or home that is looked at. */
  leadsOut(file: string): string;
  readonly moveAway: string;
  changedMeanwhile(file: string): string;
  readonly planAgain: string;
  readonly noStateFolder: string;
  readonly unitsOnly: string;
  wrote(file: string): string;
  notWritten(file: string, cause: string): string;
  unknownService(service: string): string;
  knownServices(ids: string): string;
  notInstalled(program: string): string;
  giveCommand(service: string): string;
  /** A word of a command that is another on each machine: nothing says what it is on this one, or several things do. */
  nothingFor(word: string): string;
  severalFor(word: string, candidates: string): string;
  /** What a service needs is not there yet. */
  fileToCome(service: string, file: string): string;
  alreadyThere(file: string): string;
  fixInstead(unit: string, scope: 'user' | 'system'): string;
  interrupted(id: string, whatNow: string): string;
  /** The two commands that a person chooses from. */
  finishOrTakeBack(finish: string, takeBack: string): string;
  readonly nothingInterrupted: string;
  readonly nothingToUndo: string;
  unknownFix(id: string): string;
  undone(id: string, files: number): string;
  /** What was taken back and what was not follows. */
  partlyUndone(id: string): string;
  restored(file: string): string;
  /** As before, but for its special permission bits. */
  masked(file: string): string;
  untouched(file: string): string;
  /** One line of `daruma undo --list`. */
  readonly phases: Readonly<Record<'begun' | 'done' | 'undone' | 'partly-undone', string>>;
  /** There as well, of a record that is another user's, by number, or cannot be trusted. */
  listedOfAnother(uid: number): string;
  readonly listedRefused: string;
}

interface ErrorTexts {
  didYouMean(name: string): string;
  unknownUnit(unit: string, where: string): string;
  notAUnitName(name: string): string;
  notAUnitFile(path: string): string;
  badUnitFileName(path: string): string;
  notAService(name: string): string;
  missingFile(path: string): string;
  danglingLink(path: string): string;
  linkLoop(path: string): string;
  unreadable(path: string, errno: string): string;
  notADirectory(path: string): string;
  notAFile(path: string): string;
  unknownEnding(text: string): string;
  endingsAre(forms: string): string;
  badTimeSpan(text: string): string;
  signalsAre(names: string): string;
  /** A note: a host whose systemd is newer than the newest that is known. */
  newerThanKnown(version: number, newest: number): string;
  badVersion(text: string, oldest: number): string;
  badChoice(option: string, value: string, choices: string): string;
  unknownRule(id: string): string;
  readonly listRules: string;
  unknownCommand(name: string): string;
  unknownOption(name: string): string;
  missingValue(option: string): string;
  missingArgument(name: string): string;
  excessArguments(): string;
  severalUsers(users: string): string;
  noSuchHome(path: string): string;
  exclusive(a: string, b: string): string;
  nothingToShow(problem: string): string;
  managerFailed(message: string): string;
  cannotWrite(errno: string): string;
  /** What keeps the folder from being written in which daruma keeps what it must not forget. */
  readonly stateFaults: Readonly<Record<'full' | 'not-writable', (folder: string) => string>>;
  /** @param why something could not be done */
  nothingWasDone(why: string): string;
  internal(message: string): string;
  /** @param running as Node itself says it: `v20.20.2` */
  oldNode(running: string, oldest: number): string;
  readonly newerNode: string;
  readonly listUnits: string;
  readonly seeHelp: string;
  readonly verboseForStack: string;
}

interface HelpTexts {
  readonly usage: string;
  readonly examples: string;
  readonly commands: string;
  readonly options: string;
  readonly commonOptions: string;
  readonly endings: string;
  readonly tagline: string;
  readonly status: string;
  readonly explain: string;
  readonly check: string;
  readonly fix: string;
  readonly undo: string;
  readonly new: string;
  readonly rules: string;
  readonly config: string;
  readonly notify: string;
  readonly failover: string;
  readonly completion: string;
  readonly exampleLines: Readonly<
    Record<
      | 'daruma'
      | 'status'
      | 'explain'
      | 'check'
      | 'fix'
      | 'undo'
      | 'new'
      | 'notify'
      | 'failover'
      | 'rules'
      | 'config'
      | 'completion',
      readonly Example[]
    >
  >;
  readonly option: Readonly<Record<OptionName, string>>;
  /** Headline over what a command can be asked for. */
  readonly actions: string;
  readonly configActions: Readonly<Record<'show' | 'path' | 'schema' | 'validate', string>>;
  readonly notifyActions: Readonly<Record<NotifyAction, string>>;
  readonly failoverActions: Readonly<Record<'status' | 'plan' | 'apply' | 'check' | 'test', string>>;
  /** What each ending stands for, by the form it is written in. */
  readonly endingForms: Readonly<Record<string, string>>;
}

/** As it is written, with what it takes. */
type NotifyAction =
  | 'status'
  | 'test'
  | 'send TEXT'
  | 'install [UNIT...]'
  | 'uninstall [UNIT...]'
  | 'mute [UNIT...] SPAN'
  | 'unmute [UNIT...]'
  | 'flush'
  | 'hook UNIT';

export interface Example {
  readonly command: string;
  readonly meaning: string;
}

export type OptionName =
  | 'user'
  | 'system'
  | 'root'
  | 'home'
  | 'config'
  | 'systemd'
  | 'format'
  | 'json'
  | 'lang'
  | 'color'
  | 'quiet'
  | 'verbose'
  | 'on'
  | 'lifetime'
  | 'failOn'
  | 'restart'
  | 'dryRun'
  | 'yes'
  | 'only'
  | 'to'
  | 'toHost'
  | 'down'
  | 'input'
  | 'list'
  | 'continue'
  | 'help'
  | 'version';
