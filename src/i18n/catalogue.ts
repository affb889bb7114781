/** The interface of a language. Findings, outcomes and errors are data; a catalogue makes the text. */
import type { BackgroundCommand } from './background-parts.ts';
import type { Need, RuleGroup } from '../check/rule.ts';
import type { FixRecord } from '../transaction/journal.ts';
import type { RunsOn } from '../transaction/runs-on.ts';
import type { Obstacle } from '../transaction/obstacle.ts';
import type { Severity } from '../check/severity.ts';
import type { Cause } from '../notify/notice.ts';
import type { Ending } from '../restart/ending.ts';
import type { Reason, ReasonCode } from '../restart/reason.ts';
import type { FallName } from '../restart/survival.ts';
import type { IgnoredLine } from '../systemd/assignments.ts';
import type { ManagerProblem } from '../systemd/host/host.ts';
import type { MetLimit } from '../systemd/host/limit.ts';
import type { LoadProblem } from '../systemd/unit.ts';
import type { ConfigurationTexts } from './configuration-texts.ts';
import type { FailoverTexts } from './failover-texts.ts';
import type { FailoverTestTexts } from './failover-test-texts.ts';
import type { LinkTexts } from './link-texts.ts';
import type { NoticeTexts } from './notice-texts.ts';
import type { NotifyTexts } from './notify-texts.ts';
import type { SetupTexts } from './setup-texts.ts';
import type { About, AllRuleTexts } from './rule-texts.ts';

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
  /** A duration: `0.35 s`. */
  seconds(amount: string): string;
  /** One sentence for each reason, without a full stop. */
  readonly reasons: { readonly [C in ReasonCode]: (reason: Of<C>) => string };
  /** What to do about a reason that keeps a service down; absent when there is no simple remedy. */
  readonly remedies: { readonly [C in ReasonCode]?: (reason: Of<C>, unit: About) => string };
  readonly rules: AllRuleTexts;
  ending(ending: Ending): string;
  /** Heads of the survival table's columns: at most six columns wide. */
  readonly fallHeads: Readonly<Record<FallName, string>>;
  /** Names of the falls for use in a sentence. */
  readonly fallNames: Readonly<Record<FallName, string>>;
  loadProblem(problem: LoadProblem): string;
  ignoredLine(line: IgnoredLine): string;
  /** Added to an item that is shown: the number of similar items that are not; empty for 0. */
  alike: (count: number) => string;
  metLimit(limit: MetLimit['limit']): string;
  managerProblem(problem: ManagerProblem): string;
  /** The origin of an uncertain version. */
  readonly versionOrigin: Readonly<Record<'option' | 'newest-known', string>>;
  readonly status: StatusTexts;
  readonly explain: ExplainTexts;
  readonly check: CheckTexts;
  readonly fix: FixTexts;
  readonly notices: NoticeTexts;
  readonly notify: NotifyTexts;
  readonly setup: SetupTexts;
  readonly failover: FailoverTexts;
  readonly links: LinkTexts;
  readonly failoverTest: FailoverTestTexts;
  readonly reference: ReferenceTexts;
  readonly configuration: ConfigurationTexts;
  readonly errors: ErrorTexts;
  readonly help: HelpTexts;
}

/** Punctuation for sentences that are joined from parts. */
interface Punctuation {
  /** Between the items of a list. */
  readonly list: string;
  readonly semicolon: string;
  readonly colon: string;
  /** An aside after a word, with a space before it if the language uses one. */
  readonly aside: (text: string) => string;
}

interface StatusTexts {
  /** Headline of the table for the example of a checkout. */
  readonly exampleHeadline: string;
  /**
   * Introduces what is down now. `looping`: some of it falls again and again, and may be up meanwhile; `mixed`: some of it runs, and is
   * not well or has just fallen; `running`: all of it does.
   */
  readonly downHeading: Readonly<Record<'down' | 'looping' | 'mixed' | 'running', string>>;
  /** In place of the falls of a service that runs and has no unit file any more. */
  readonly fileGone: string;
  readonly service: string;
  readonly lingerOn: string;
  readonly lingerOff: string;
  readonly filesOnly: string;
  /** Introduces the list of causes. */
  readonly redHeading: string;
  readonly allServices: string;
  someServices(count: number): string;
  /** The meaning of the marks in the table. */
  readonly marks: Readonly<Record<'up' | 'down' | 'onDemand' | 'unsure' | 'none', string>>;
  /** The meaning of the marks before the names. */
  readonly stateMarks: Readonly<Record<'active' | 'uncertain' | 'failed' | 'other', string>>;
  readonly noServices: string;
  /**
   * Root has no services, but others have. `first` is one of them.
   * @param users their names
   * @param asFirst runs the same command as that user
   * @param fromFiles reads that user's files alone
   */
  othersHaveServices(users: string, count: number, first: string, asFirst: string, fromFiles: string): string;
  /** The named folder has no services. */
  noServicesIn(folder: string): string;
  /** The unit of a named drop-in was not found. */
  strayDropIn(file: string): string;
  readonly nothingRed: string;
  refused(problem: string): string;
  /** One line for several falls that `Restart=` does not cover. */
  policyDoesNotRestart(value: string): string;
  readonly reloadNeeded: string;
  /** Services that a stop job keeps down, each as in `stoppedSince`. */
  stopped(services: string): string;
  stoppedSince(service: string, time: string): string;
  /** It had ended by itself, and the stop ended the wait for its restart. @param fellAt undefined where that is not known */
  fellThenStopped(service: string, cause: Cause, fellAt: string | undefined, time: string): string;
  /** Likewise of a stop that is not over. @param kill when systemd kills it; null where it never does, undefined where that is not known */
  stoppingSince(service: string, time: string, kill: string | null | undefined): string;
}

interface ExplainTexts {
  /** Above everything else, for a command that puts into the background what it is for. */
  goesToBackground(command: BackgroundCommand): string;
  readonly settings: string;
  readonly endings: string;
  /** In place of `settings` where the files are newer than what the manager holds. @param held its `Restart=`; null where the files say the same */
  settingsAfterReload(held: string | null): string;
  readonly endingsAfterReload: string;
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
  /** Introduces how the service is down at this moment. */
  readonly now: string;
  /** Of starts that all fail, and that no limit ends. */
  readonly triesOn: string;
  readonly giveUpUndetermined: string;
  readonly ignoredLines: string;
  notLoaded(load: string): string;
  /** A stop job keeps it down. */
  stopped(time: string): string;
  fellThenStopped(cause: Cause, fellAt: string | undefined, time: string): string;
  stopping(time: string, kill: string | null | undefined): string;
  readonly reloadNeeded: string;
}

interface CheckTexts {
  readonly severities: Readonly<Record<Severity, string>>;
  readonly why: string;
  readonly remedy: string;
  /** Label in place of the severity of an accepted finding. */
  readonly accepted: string;
  readonly reason: string;
  /** A finding was accepted without a reason. */
  readonly noReason: string;
  /** Last line: what was checked, and the numbers of findings. */
  summary(counts: CheckCounts): string;
  /** The command that explains the rules with findings; `rule` is one of them. */
  moreAbout(rule: string): string;
  /** A comment accepts findings of an unknown rule. */
  unknownRule(rule: string): string;
}

export interface CheckCounts extends Readonly<Record<Severity, number>> {
  readonly units: number;
  readonly suppressed: number;
  /** Number of similar faults that are counted and not listed; left out when there are none. */
  readonly alike?: number;
}

/** Texts of the rule reference, in the terminal and in the pages. */
interface ReferenceTexts {
  readonly groups: Readonly<Record<RuleGroup, string>>;
  readonly group: string;
  readonly severity: string;
  /** A severity that can become a worse one. */
  atWorst(severity: string, worst: string): string;
  readonly knownFrom: string;
  /** The facts that a rule needs. */
  readonly needs: Readonly<Record<Need, string>>;
  /** The command that shows the page of one rule. */
  readonly onePage: string;
}

export interface FixTexts {
  /** The files that `--to` would write already exist with this content. */
  alreadyIn(folder: string): string;
  /** First line of a drop-in. @param undo the command that takes it back; null where none does, as with `--to` */
  dropInHead(version: string, undo: string | null): string;
  readonly commands: string;
  /** Permission bits, as in `0600`. */
  mode(octal: string): string;
  readonly preventedHeading: string;
  /** `by` is the line that overrides the setting; undefined when systemd refuses the value. */
  prevented(setting: string, unit: string, by: string | undefined): string;
  readonly leftOutHeading: string;
  /** Why a path cannot be written. */
  readonly obstacles: Readonly<Record<Obstacle, (path: string) => string>>;
  /** Findings that are not so, or otherwise, without the change. */
  readonly broughtHeading: string;
  readonly leftHeading: string;
  /** Findings that a fix settles only when their rules are named; the command follows them. */
  readonly onRequestHeading: string;
  /**
   * What the plan will do: nothing is done yet.
   *
   * @param changed how many of those that it leaves it changes, though it does not settle them
   * @param notListed how many it leaves beside those that are listed
   */
  summary(settles: number, leaves: number, changed: number, notListed: number): string;
  /** Of a plan that changes nothing. */
  leaves(count: number, notListed: number): string;
  readonly nothingToDo: string;
  /** Names the fix that would do something. @param isStarting whether it starts what is down, and restarts what it changes */
  offer(command: string, isStarting: boolean): string;
  readonly question: string;
  readonly yesOrNo: string;
  readonly cannotAsk: string;
  /** The failure when the plan could not be shown, so that nobody can agree to it. */
  readonly unread: string;
  readonly useYes: string;
  readonly nothingDone: string;
  /** After Ctrl-C at a question. */
  readonly interruptedAsking: string;
  /**
   * @param undo the command that undoes it; null when nothing was changed that could be undone
   * @param isWhole whether nothing of the plan was left undone
   */
  done(undo: string | null, isWhole: boolean): string;
  readonly needsRoot: string;
  readonly asRoot: string;
  /** The command follows. @param stops, startsStopped the names of other units; empty where there are none */
  held(verb: 'start' | 'restart', unit: string, stops: string, startsStopped: string): string;
  /** Services that keep their old settings, and the command that restarts them. */
  notRestarted(units: string, command: string): string;
  /** @param seconds for how long each of them has been up since, at least */
  restarted(units: string, seconds: number): string;
  /** They have ended again or not come up; the commands that show their logs follow. @param undo takes the change back */
  restartedAndDown(units: string, undo: string): string;
  /**
   * Of a service that ended within so many seconds of each start until its start limit was met, which the plan takes away; the command that
   * shows its log follows.
   */
  triedForEver(unit: string, seconds: number): string;
  /** The command follows that starts them by hand. */
  notStarted(units: string): string;
  /** After a new unit was made; the command follows in a line of its own. */
  startIt(unit: string): string;
  /** A unit that was just made, under whose name a process runs already. */
  restartIt(unit: string): string;
  /** Of units that a fix has made and that an undo leaves; the commands follow. */
  madeAndLeft(units: string): string;
  /** While the plan is made. @param seconds elapsed time, where the line counts it */
  planning(seconds: number | undefined): string;
  /** While files and commands are carried out. */
  carryingOut(seconds: number | undefined): string;
  restarting(units: string, seconds: number | undefined): string;
  /** While the manager of a user starts whose lingering was turned on. */
  awaitingManager(seconds: number | undefined): string;
  lookingAtStarted(units: string, seconds: number | undefined): string;
  /** A unit in the line above that does not listen on its port yet. */
  untilItListens(unit: string, port: number): string;
  startedAndRun(units: string, seconds: number): string;
  /** They have ended again or not come up; the commands that show their logs follow. */
  startedAndDown(units: string): string;
  /** A command failed; `command` is the one for the user to run. */
  refused(command: string, said: string): string;
  failedAndTakenBack(at: string, cause: string): string;
  failed(at: string, cause: string): string;
  /** systemd would refuse a unit; `loadState` is its word. */
  noLongerLoaded(loadState: string): string;
  /** What an undo has put back is refused by systemd. */
  unloadable(units: string): string;
  /** An undo has put hooks back that were taken away. */
  hooksAgain(command: string): string;
  undoHint(command: string): string;
  /** Another fix was interrupted and prevents this one. */
  stillInterrupted(id: string, isUndo: boolean): string;
  underWay(id: string, pid: number, since: string): string;
  /** Another process holds the lock, and its fix is not known. */
  readonly underWaySomewhere: string;
  damagedRecord(file: string): string;
  /** Another user, given by uid, may have forged the record. */
  recordOfAnother(file: string, uid: number): string;
  undoAsThem(uid: number, undo: string): string;
  /** A record names a path outside the system that contains it. */
  recordLeadsOut(file: string, path: string): string;
  /** Headline above the paths of a record that lies inside a foreign system. */
  recordFromThere(id: string): string;
  unwritableLink(file: string): string;
  /** A path leads out of the foreign system or home. */
  leadsOut(file: string): string;
  readonly moveAway: string;
  changedMeanwhile(file: string): string;
  readonly planAgain: string;
  readonly noStateFolder: string;
  readonly unitsOnly: string;
  /** A folder of units lies in no home and no unpacked system. */
  noManagerReads(folder: string): string;
  /** It lies in one; `command` puts that right. */
  partOfHome(folder: string, command: string): string;
  wrote(file: string): string;
  notWritten(file: string, cause: string): string;
  unknownService(service: string): string;
  knownServices(ids: string): string;
  notInstalled(program: string): string;
  giveCommand(service: string): string;
  /** A word of a command depends on the machine, and no value, or several, were found on this one. */
  nothingFor(word: string): string;
  severalFor(word: string, candidates: string): string;
  /** A file that a service needs does not exist yet. */
  fileToCome(service: string, file: string): string;
  alreadyThere(file: string): string;
  fixInstead(command: string): string;
  /** @param isUndo whether the undo of the fix was interrupted */
  interrupted(id: string, isUndo: boolean, whatNow: string): string;
  /** The two commands between which the user chooses: one makes the whole fix, the other its undo. */
  finishOrTakeBack(finish: string, takeBack: string, isUndo: boolean): string;
  readonly nothingInterrupted: string;
  readonly nothingToUndo: string;
  unknownFix(id: string): string;
  /** A later fix changed a file of the fix that is to be undone. */
  laterFixStands(id: string, laterId: string, file: string): string;
  comesFirst(command: string): string;
  undoneAlready(id: string): string;
  /** A fix made nothing that could be undone; the second text is for one that restarted units. */
  nothingInIt(id: string): string;
  onlyRestarted(id: string, units: string): string;
  /** Follows when a fix could not be undone any further. @param command undoes the fix before it */
  goOnBefore(command: string): string;
  undone(id: string, files: number): string;
  /** The same where files had been edited since; the files follow. */
  undoneInEdited(id: string): string;
  /** What `daruma undo --dry-run` foresees; the files follow, then the commands below a headline. */
  readonly foreseen: {
    undo(id: string): string;
    restored(file: string): string;
    removed(file: string): string;
    edited(file: string): string;
    readonly commands: string;
  };
  /** Introduces the lists of files that were restored and that were not. */
  partlyUndone(id: string): string;
  /** The same where nothing was restored. */
  notUndone(id: string): string;
  restored(file: string): string;
  /** Out of a file that somebody else has edited, the change of the fix was taken. */
  editedSince(file: string): string;
  /** A file was restored without its special permission bits. */
  masked(file: string): string;
  untouched(file: string): string;
  /** A file that somebody else removed. */
  gone(file: string): string;
  /** A file, or lines of it, that the fix made, and to which a file refers that is left as it is. */
  needed(file: string, by: string): string;
  /** What an undo leaves running; the command that ends that follows. @param units their names, separated */
  readonly runsOn: Readonly<Record<RunsOn['kind'], (units: string) => string>>;
  /** An undo has turned lingering off. */
  lingerOffAgain(user: string): string;
  /** The first names of several. @param more how many there are beside them */
  firstOf(names: string, more: number): string;
  /** What a fix did, in `daruma undo --list`. */
  readonly work: Readonly<
    Record<
      'units-made' | 'enabled' | 'disabled' | 'restarted' | 'started' | 'permissions' | 'other-files',
      (names: string) => string
    > &
      Record<'hooks-added' | 'hooks-removed', string>
  > & { lingering(user: string): string };
  /** The phases in `daruma undo --list`. */
  readonly phases: Readonly<Record<FixRecord['phase'] | 'undo-begun', string>>;
  /** In the same list: a record of another user, given by uid. */
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
  unwritable(path: string, errno: string): string;
  notADirectory(path: string): string;
  notAFile(path: string): string;
  unknownEnding(text: string): string;
  endingsAre(forms: string): string;
  badTimeSpan(text: string): string;
  signalsAre(names: string): string;
  /** What stands behind the colon of an ending. */
  statusesAre(kind: string): string;
  unitBehind(kind: string): string;
  /** A note about a host whose systemd is newer than the newest known one. */
  newerThanKnown(version: number, newest: number): string;
  badVersion(text: string, oldest: number): string;
  badChoice(option: string, value: string, choices: string): string;
  unknownRule(id: string): string;
  readonly listRules: string;
  unknownCommand(name: string): string;
  unknownOption(name: string): string;
  takesNoValue(option: string): string;
  missingValue(option: string): string;
  missingArgument(name: string): string;
  excessArguments(): string;
  severalUsers(users: string): string;
  noSuchHome(path: string): string;
  exclusive(a: string, b: string): string;
  nothingToShow(problem: string): string;
  managerFailed(message: string): string;
  cannotWrite(errno: string): string;
  /** After `cannotWrite`: the command did all that it was asked. */
  readonly doneAllTheSame: string;
  /** Why the state folder cannot be written. */
  readonly stateFaults: Readonly<Record<'full' | 'not-writable', (folder: string) => string>>;
  /** @param why the reason, as a sentence */
  nothingWasDone(why: string): string;
  internal(message: string): string;
  listUnits(status: string): string;
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
  /** Headline above the actions of a command. */
  readonly actions: string;
  readonly configActions: Readonly<Record<'show' | 'path' | 'schema' | 'validate', string>>;
  readonly notifyActions: Readonly<Record<NotifyAction, string>>;
  readonly failoverActions: Readonly<Record<'status' | 'plan' | 'apply' | 'check' | 'test', string>>;
  /** The meaning of each form of an ending. */
  readonly endingForms: Readonly<Record<string, string>>;
}

/** The action with its arguments, as shown in the help. */
type NotifyAction =
  | 'status'
  | 'setup [CHAT]'
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
  | 'front'
  | 'noFront'
  | 'refused'
  | 'down'
  | 'input'
  | 'list'
  | 'continue'
  | 'help'
  | 'version';
