/** Code that all languages share: it chooses the text for each problem. */
import type { TimeLimit } from '../systemd/service-settings.ts';
import { type SetupFailure, setupFailureOf } from '../systemd/values/setup-failure.ts';
import type { GoesToBackground } from '../check/rules/goes-to-background.ts';
import type { LinkFault } from '../failover/live/link-fault.ts';
import type { Reason } from '../restart/reason.ts';
import type { IgnoredLine, IgnoredProblem } from '../systemd/assignments.ts';
import type { ExpectedValue, ValueProblem } from '../systemd/directives.ts';
import type { RefusalRule, LoadProblem } from '../systemd/unit.ts';
import type { StrayItem, UnitFileFatal } from '../systemd/unit-file.ts';
import type { CommandProblem } from '../systemd/values/command-line.ts';
import { signalName } from '../systemd/values/signal.ts';
import type { Catalogue } from './catalogue.ts';
import type { LinkTexts } from './link-texts.ts';

/** `SIGTERM`. */
export function signalOf(signal: number): string {
  return signalName(signal);
}

/** A date in UTC: `2026-11-26`. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A time in UTC, to the second: `2026-11-24 14:30:00 UTC`. */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The settings of [Service] that a command needs besides, once it stays in the foreground. */
export function foregroundSettings({ type, effect, beside }: GoesToBackground): readonly string[] {
  return [
    ...(type === 'oneshot' ? ['Type=exec'] : []),
    ...(effect === 'hidden' ? ['RemainAfterExit=no'] : []),
    ...(beside === null ? [] : ['Restart=always']),
  ];
}

/** The sentence for a reason. */
export function describeReason(reason: Reason, reasons: Catalogue['reasons']): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each entry takes the reasons of its own code
  const say = reasons[reason.code] as (reason: Reason) => string;
  return say(reason);
}

/** The texts of a link's fault. */
export function describeLinkFault(
  fault: LinkFault,
  faults: LinkTexts['faults'],
): Readonly<Record<'message' | 'why' | 'remedy', string>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each entry takes the faults of its own code
  const texts = faults[fault.code] as Readonly<
    Record<'message' | 'why' | 'remedy', (fault: LinkFault) => string>
  >;
  return { message: texts.message(fault), why: texts.why(fault), remedy: texts.remedy(fault) };
}

/**
 * Explains the outcomes of several falls. Falls with the same cause share one sentence: first what their ends count as, each
 * only once, and then the decisive reason.
 */
export function causesOf(
  falls: readonly { readonly because: readonly Reason[] }[],
  reasons: Catalogue['reasons'],
): readonly { readonly counts: readonly string[]; readonly decides: string }[] {
  const causes = new Map<string, Set<string>>();
  for (const { because } of falls) {
    // What the "-" of a command excuses counts as no failure.
    const ignored = because.findIndex(({ code }) => code === 'failure-ignored');
    const said = because.slice(Math.max(0, ignored)).map(reason => describeReason(reason, reasons));
    const decides = said.at(-1) ?? '';
    const counts = causes.get(decides) ?? new Set();
    for (const one of said.slice(0, -1)) counts.add(one);
    causes.set(decides, counts);
  }
  return [...causes].map(([decides, counts]) => ({ counts: [...counts], decides }));
}

/** A time limit with the line that sets it, as `WatchdogSec=30 (agent.service:7)`. */
export function limitText({ setting, value, source }: TimeLimit): string {
  const { file, line = null } = source ?? {};
  const where =
    file === undefined ? '' : ` (${file.slice(file.lastIndexOf('/') + 1)}${line === null ? '' : `:${line}`})`;
  return `${setting}=${value}${where}`;
}

/** The texts of a language for faults of a unit or of one of its lines. */
export interface ProblemTexts {
  readonly colon: string;
  readonly notFound: string;
  readonly masked: (path: string) => string;
  readonly aliasLoop: string;
  readonly unreadable: (path: string, errno: string) => string;
  readonly syntax: Readonly<Record<UnitFileFatal['problem'], string>>;
  readonly refusals: Readonly<Record<RefusalRule, string>>;
  readonly unknownSection: string;
  readonly noEffect: string;
  readonly strays: Readonly<Record<StrayItem['problem'], string>>;
  /** The file is not read from this line on. `what` is undefined for a value that cannot be read. */
  readonly unread: (what: string | undefined) => string;
  readonly settingSince: (version: number) => string;
  readonly settingBelongsIn: (home: string, section: string) => string;
  readonly noSuchSetting: (section: string, suggestion: string | undefined) => string;
  readonly emptyKeeps: string;
  readonly refusedByManager: (reason: string | null) => string;
  readonly malformed: Readonly<Record<ExpectedValue, string>>;
  readonly outOfRange: (min: number, max: number) => string;
  readonly valueSince: (version: number) => string;
  readonly notOneOf: (values: readonly string[]) => string;
  readonly noSuchValue: (suggestion: string) => string;
  readonly badWords: (words: string) => string;
  readonly pathNotAbsolute: (path: string) => string;
  readonly pathNotNormalized: (path: string) => string;
  readonly invalidSpecifier: (specifier: string) => string;
  /** Texts for faults of a command; `what` is the faulty part. */
  readonly commands: { readonly [C in CommandProblem['code']]: (what: string) => string };
}

/** Why a unit is not loaded. */
export function describeLoadProblem(problem: LoadProblem, texts: ProblemTexts): string {
  switch (problem.code) {
    case 'not-found':
      return texts.notFound;
    case 'masked':
      return texts.masked(problem.path);
    case 'alias-loop':
      return texts.aliasLoop;
    case 'unreadable':
      return texts.unreadable(problem.path, problem.errno);
    case 'syntax':
      return texts.syntax[problem.problem];
    case 'bad-value':
      return `${problem.key}=${texts.colon}${describeValueProblem(problem.reason, texts)}`;
    case 'refused':
      return problem.rule === 'by-manager'
        ? texts.refusedByManager(problem.reason)
        : texts.refusals[problem.rule];
    default:
      return problem satisfies never;
  }
}

/** A line that systemd ignores, and why. */
export function describeIgnoredLine(ignored: IgnoredLine, texts: ProblemTexts): string {
  const { section, key, value, problem } = ignored;
  if (problem.code === 'unread') {
    return texts.unread(problem.problem === 'fatal-value' ? undefined : texts.syntax[problem.problem]);
  }
  const line = key === '' ? value : `${key}=${value}`;
  const subject = problem.code === 'unknown-section' ? `[${section}]` : line;
  return subject + texts.colon + whyIgnored(section, problem, texts);
}

function whyIgnored(
  section: string,
  problem: Exclude<IgnoredProblem, { readonly code: 'unread' }>,
  texts: ProblemTexts,
): string {
  switch (problem.code) {
    case 'unknown-section':
      return texts.unknownSection;
    case 'unknown-setting':
      return whyUnknown(section, problem, texts);
    case 'no-effect':
      return texts.noEffect;
    case 'bad-value':
      return describeValueProblem(problem.reason, texts);
    case 'stray':
      return texts.strays[problem.problem];
    default:
      return problem satisfies never;
  }
}

function whyUnknown(
  section: string,
  { since, suggestion }: Extract<IgnoredProblem, { readonly code: 'unknown-setting' }>,
  texts: ProblemTexts,
): string {
  if (since !== undefined) return texts.settingSince(since);
  // A suggestion that contains a section means the same setting in the right section.
  const [home, name] = suggestion?.includes('.') ? suggestion.split('.') : [];
  if (home !== undefined && name !== undefined) return texts.settingBelongsIn(home, section);
  return texts.noSuchSetting(section, suggestion);
}

function describeValueProblem(problem: ValueProblem, texts: ProblemTexts): string {
  switch (problem.code) {
    case 'empty':
      return texts.emptyKeeps;
    case 'malformed':
      return texts.malformed[problem.expected];
    case 'out-of-range':
      return texts.outOfRange(problem.min, problem.max);
    case 'unknown-value':
      if (problem.since !== undefined) return texts.valueSince(problem.since);
      return problem.suggestion === undefined
        ? texts.notOneOf(problem.values)
        : texts.noSuchValue(problem.suggestion);
    case 'bad-words':
      return texts.badWords(problem.words.join(' '));
    case 'path-not-absolute':
      return texts.pathNotAbsolute(problem.path);
    case 'path-not-normalized':
      return texts.pathNotNormalized(problem.path);
    case 'invalid-specifier':
      return texts.invalidSpecifier(problem.specifier);
    case 'bad-command':
      return describeCommandProblem(problem.problem, texts);
    default:
      return problem satisfies never;
  }
}

function describeCommandProblem(problem: CommandProblem, { commands }: ProblemTexts): string {
  const what = 'specifier' in problem ? problem.specifier : 'path' in problem ? problem.path : '';
  return commands[problem.code](what);
}

/** The step at which systemd failed to prepare a process, by its exit status; undefined where the program ran. */
export function setupFailure(status: string | null): SetupFailure | undefined {
  return status === null ? undefined : setupFailureOf(Number(status));
}
