/** What the manager has written into the journal about runs of units. */
import { textIn } from '../../json/value.ts';
import type { Command } from '../../programs/command.ts';
import { runProgram } from '../../programs/run.ts';
import {
  endsWithinCommand,
  errorsCommand,
  failedStartResults,
  jobsAroundCommand,
  jobsCommand,
  jobsWithinCommand,
  outputCommand,
  processExited,
  restartsCommand,
  runsCommand,
  startsCommand,
  startsOfInstancesCommand,
  shutdownsCommand,
} from '../commands.ts';
import type { ManagerScope } from '../search-path.ts';
import type {
  EndInJournal,
  FailedStart,
  FailedCommand,
  FallInJournal,
  HostJournal,
  JournalTime,
  RefusalInJournal,
  RestartsInJournal,
  RunJobs,
} from './host.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a run of a user's service wrote, where journald does not know of which unit it was: a process that ends at once is often gone
 * before its control group is read (seen on 252 and 257). Of system services the manager itself says it.
 *
 * Nothing of a run that took longer, or during which a run of another unit ended whose program has the same name, such as that of a
 * shell: then it is not known whose lines they are.
 *
 * @param identifierOf the name of a unit's program in the journal (`SyslogIdentifier=`)
 */
export async function unattributedLines(
  unit: string,
  run: string,
  identifierOf: (unit: string) => string | undefined,
  lines: number,
  environment: Environment,
): Promise<readonly string[]> {
  const uid = process.getuid?.();
  const identifier = identifierOf(unit);
  if (identifier === undefined) return [];
  const ofManager = (await readLines(runsCommand('user', [run], linesOfRun), environment)) ?? [];
  const times = ofManager.flatMap(line => entryMs(line) ?? []).map(ms => ms / 1_000);
  if (uid === undefined || times.length === 0) return [];
  const span = [Math.min(...times) - nearSeconds, Math.max(...times) + nearSeconds] as const;
  if (span[1] - span[0] > quickSeconds) return [];
  const command = endsWithinCommand('user', span, ownEntries('user'), endMessages, linesOfRun);
  const ends = await readLines(command, environment);
  const others = ends?.map(parsed).filter(is => invocationIn(is) !== run);
  const isAlike = (is: unknown) => {
    const other = textIn(is, 'USER_UNIT') ?? '';
    return other.endsWith('.service') && identifierOf(other) === identifier;
  };
  if (others === undefined || others.some(isAlike)) return [];
  const output = (await readLines(outputCommand(uid, identifier, span, lines), environment)) ?? [];
  const own = output
    .map(parsed)
    .filter(
      is => textIn(is, '_SYSTEMD_USER_UNIT') === undefined && textIn(is, '_SYSTEMD_UNIT') === undefined,
    );
  return own.map(is => textIn(is, 'MESSAGE') ?? '').toReversed();
}

/** The manager and journald write each in its own time. By default systemd waits for longer before it starts the next run. */
const nearSeconds = 0.05;
const quickSeconds = 5;

export function journalOf(scope: ManagerScope, environment: Environment): HostJournal {
  return {
    jobsOfRuns: invocations => jobsInJournal(scope, invocations, environment),
    shutdowns: (fromMs, untilMs) => shutdownsInJournal(scope, fromMs, untilMs, environment),
    endsOf: runs => endsOf(scope, runs, environment),
    lastEndsOf: units => lastEndsOf(scope, units, environment),
    failedStartsOf: units => failedStarts(scope, units, environment),
    refusalsOf: units => refusalsOf(scope, units, environment),
    instancesOf: templates => instancesOf(scope, templates, environment),
    endedByItselfAt: async (unit, usec, seconds) => {
      const lines = await readLines(jobsAroundCommand(scope, unit, seconds), environment);
      const entries = lines?.flatMap(endEntryOf);
      return entries && isOwnEnd(entries.filter(entry => Math.abs(entry.usec - usec) <= nearUsec));
    },
    restartsOf: (units, sinceSeconds) => restartsOf(scope, units, sinceSeconds, environment),
  };
}

/**
 * What the journal knows of runs, by their invocation ids: nothing of those about which the manager has written nothing, and
 * of none when the journal cannot be read.
 *
 * A job that ends a run writes "Stopping ..." with `JOB_TYPE=stop` (`job_emit_start_message()`), and "Stopped ..." with its own
 * type at last (`job_emit_done_message()`). One that comes while the manager starts the unit, or is ending the run for another reason,
 * does not write the first, but the last as soon as the run is over; nor does one that comes while the unit waits for its restart, which
 * is later (ran on 247, 252, 257 and 262).
 */
async function jobsInJournal(
  scope: ManagerScope,
  invocations: readonly string[],
  environment: Environment,
): Promise<ReadonlyMap<string, RunJobs>> {
  const known = invocations.filter(invocation => /^[0-9a-f]{32}$/.test(invocation));
  const runs = new Map<string, RunJobs>();
  for (let from = 0; from < known.length; from += runsAtOnce) {
    const some = known.slice(from, from + runsAtOnce);
    const lines = (await readLines(runsCommand(scope, some, linesOfRun * some.length), environment)) ?? [];
    const entries = Map.groupBy(lines.flatMap(entryOf), ({ invocation }) => invocation);
    for (const [invocation, ofRun] of entries) runs.set(invocation, jobsOf(ofRun));
  }
  return runs;
}

/** When the manager was shut down within a time; all in ms since 1970. Empty when the journal cannot be read. */
async function shutdownsInJournal(
  scope: ManagerScope,
  fromMs: number,
  untilMs: number,
  environment: Environment,
): Promise<readonly number[]> {
  const [from, until] = [Math.floor(fromMs / 1_000), Math.ceil(untilMs / 1_000)];
  const lines = (await readLines(shutdownsCommand(scope, from, until), environment)) ?? [];
  return lines.flatMap(line => entryMs(line) ?? []);
}

/** So that the arguments stay short. */
const runsAtOnce = 100;
/** A run has a handful of entries, and one for each reload. */
const linesOfRun = 50;

interface Entry {
  readonly invocation: string;
  readonly messageId: string;
  readonly jobType: string;
  readonly jobResult: string | undefined;
  readonly usec: number;
}

/** `SD_MESSAGE_UNIT_STOPPING` in sd-messages.h. */
const stopping = 'de5b426a63be47a7b6ac3eaac82e2f6f';

/** @param entries in the order of time */
function jobsOf(entries: readonly Entry[]): RunJobs {
  const isStopped = entries.some(({ messageId, jobType }) => messageId === stopping && jobType === 'stop');
  const isStarted = entries.some(({ jobType }) => jobType === 'restart');
  return {
    hasStopJob: entries.some(({ jobType }) => jobType === 'stop'),
    endedBy: isStopped ? (isStarted ? 'restart' : 'stop') : (jobThatWaited(entries) ?? 'none'),
    ...failedStartIn(entries.map(({ messageId: message, jobResult }) => ({ message, jobResult }))),
  };
}

/**
 * The manager writes that a start has failed as soon as the run is over (`unit_process_job()`), before it schedules a restart. The same of
 * a start that a limit refuses has the run before it, which then has been up, or was told so already.
 */
function failedStartIn(
  entries: readonly { readonly message: string | undefined; readonly jobResult: string | undefined }[],
): { readonly startFailed?: true } {
  const first = entries.find(
    ({ message, jobResult }) =>
      message === unitStarted || message === restartScheduled || isFailedStart(message, jobResult),
  );
  return first !== undefined && isFailedStart(first.message, first.jobResult) ? { startFailed: true } : {};
}

function isFailedStart(message: string | undefined, jobResult: string | undefined): boolean {
  return message === startFailed && jobResult === 'failed';
}

/**
 * The job for which the end of the run was what it waited for; none where the manager restarts the unit by itself. A user's manager
 * of a newer version does not write that a run ended well (`unit_log_success()`; 247 does): then that tells only of a run that was not up
 * yet, whose own end then is no good one.
 */
function jobThatWaited(entries: readonly Entry[]): 'stop' | 'restart' | undefined {
  const over = entries.findLastIndex(({ messageId }) => messageId === unitFailed || messageId === endedWell);
  const wasUp = entries.some(({ messageId }) => messageId === unitStarted);
  if (over === -1 && wasUp) return undefined;
  const end = entries[over];
  const done = end === undefined ? entries.find(({ jobType }) => jobType !== 'start') : entries[over + 1];
  if (done === undefined || (end !== undefined && done.usec - end.usec > atOnceUsec)) return undefined;
  // Who restarts what was up and is ending by itself puts right a fall, and who stops it wants it down.
  if (done.jobType === 'restart' && wasUp) return undefined;
  return done.jobType === 'stop' || done.jobType === 'restart' ? done.jobType : undefined;
}

/** The manager writes both in one step. By hand nobody is as fast, and by default a restart waits for as long (`RestartSec=`). */
const atOnceUsec = 100_000;

function entryOf(line: string): readonly Entry[] {
  const fields = parsed(line);
  const jobType = textIn(fields, 'JOB_TYPE') ?? '';
  const messageId = textIn(fields, 'MESSAGE_ID') ?? '';
  const isOfRun = messageId === endedWell || messageId === restartScheduled;
  if (!isOfRun && jobType === '' && (textIn(fields, 'UNIT_RESULT') ?? '') === '') return [];
  const usec = Number(textIn(fields, '__MONOTONIC_TIMESTAMP'));
  const jobResult = textIn(fields, 'JOB_RESULT');
  return [{ invocation: invocationIn(fields), messageId, jobType, jobResult, usec }];
}

/**
 * How runs ended: the manager writes the type of each job (`job_emit_done_message()`, and "Stopping ..." with
 * `JOB_TYPE=stop`; seen on 252, 257 and 262). Without those about which the journal has nothing of the manager.
 */
async function endsOf(
  scope: ManagerScope,
  runs: ReadonlyMap<string, string>,
  environment: Environment,
): Promise<ReadonlyMap<string, EndInJournal>> {
  const known = [...runs].filter(([, invocation]) => /^[0-9a-f]{32}$/.test(invocation));
  const invocations = new Map(known);
  const found = await linesOfUnits(scope, [...invocations.keys()], linesOfEnd, environment, (units, lines) =>
    jobsCommand(scope, new Map(units.map(unit => [unit, invocations.get(unit) ?? ''])), lines),
  );
  return mapped(found, lines => endIn(lines.flatMap(endEntryOf)));
}

/** How a run of a unit ended within a time in seconds since 1970; undefined where the journal does not say, or cannot be read. */
export async function endWithin(
  scope: ManagerScope,
  unit: string,
  span: readonly [number, number],
  environment: Environment,
): Promise<EndInJournal | undefined> {
  const lines = await readLines(jobsWithinCommand(scope, unit, span, ownEntries(scope)), environment);
  return lines && endIn(lines.flatMap(endEntryOf));
}

/**
 * Whether the main process was there before a command: when such a one fails, systemd ends that process, and an end by SIGTERM or with
 * status 0 is written nowhere.
 */
function isAfterStart(command: string | undefined): boolean {
  return command === 'ExecStartPost';
}

/** @param ends of processes of a run, in the order of time */
function firstFailed(
  ends: readonly { readonly [Key in keyof FailedCommand]: FailedCommand[Key] | undefined }[],
): { readonly failedCommand?: FailedCommand } {
  for (const { name, code, status } of ends) {
    const isOther = name !== undefined && name !== 'ExecStart' && /^Exec[A-Z][A-Za-z]+$/.test(name);
    if (isOther && code !== undefined && status !== undefined)
      return { failedCommand: { name, code, status } };
  }
  return {};
}

const linesOfEnd = 200;
/** A run ends when one of these fails, which need have no main process. */
const commandsAround: ReadonlySet<string> = new Set(['ExecCondition', 'ExecStartPre', 'ExecStartPost']);

function endIn(entries: readonly EndEntry[]): EndInJournal | undefined {
  const ends = entries.filter(({ job, result }) => job !== undefined || result !== undefined);
  const [first] = ends;
  if (first === undefined) return undefined;
  const failed = ends.findLast(({ result }) => result !== undefined && result !== 'start-limit-hit');
  const exit = entries.findLast(each => each.exit !== undefined && each.command === 'ExecStart');
  const stop = ends.find(({ job }) => job === 'stop');
  const start = entries.find(each => each.exit !== undefined && commandsAround.has(each.command ?? ''));
  // The unit has failed only when what runs after its end is over (ExecStopPost=).
  const at = stop ?? exit ?? start ?? failed ?? entries.findLast(({ message }) => message === endedWell);
  return {
    invocation: first.invocation,
    wasStopped: stop !== undefined,
    result: failed?.result ?? null,
    code: exit?.exit ?? null,
    status: exit?.status ?? null,
    ...(exit === undefined && entries.some(({ command }) => isAfterStart(command)) && { isAfterStart: true }),
    ...firstFailed(entries.map(({ command: name, exit: code, status }) => ({ name, code, status }))),
    ...failedStartIn(entries),
    at: at === undefined ? null : { usec: at.usec, seconds: at.seconds },
  };
}

/** Without units of whose start in this boot the journal does not tell. */
async function lastEndsOf(
  scope: ManagerScope,
  units: readonly string[],
  environment: Environment,
): Promise<ReadonlyMap<string, EndInJournal>> {
  const manager = ownEntries(scope);
  const starts = await linesOfUnits(scope, units, 1, environment, (some, lines) =>
    startsCommand(scope, some, 'run', manager, lines),
  );
  const runs = mapped(starts, lines => lines.map(line => invocationIn(parsed(line))).find(is => is !== ''));
  return endsOf(scope, runs, environment);
}

/** A start whose job alone fails leaves no trace in the state of its unit (`job_finish_and_invalidate()`). */
async function failedStarts(
  scope: ManagerScope,
  units: readonly string[],
  environment: Environment,
): Promise<ReadonlyMap<string, FailedStart>> {
  const manager = ownEntries(scope);
  const failed = await linesOfUnits(scope, units, 1, environment, (some, lines) =>
    startsCommand(scope, some, 'failed', manager, lines),
  );
  return mapped(failed, lines => lines.flatMap(failedStartOf)[0]);
}

function failedStartOf(line: string): readonly FailedStart[] {
  const result = failedStartResults.find(each => each === textIn(parsed(line), 'JOB_RESULT'));
  return result === undefined ? [] : endEntryOf(line).map(({ usec, seconds }) => ({ usec, seconds, result }));
}

/** The manager says each as "agent.service: ... Refusing." (`unit_load()`, `service_verify()`). */
async function refusalsOf(
  scope: ManagerScope,
  units: readonly string[],
  environment: Environment,
): Promise<ReadonlyMap<string, RefusalInJournal>> {
  const manager = ownEntries(scope);
  const errors = await linesOfUnits(scope, units, linesOfRefusal, environment, (some, lines) =>
    errorsCommand(scope, some, manager, lines),
  );
  return mapped(errors, lines => lines.flatMap(refusalIn)[0]);
}

/** A unit may fail as often before it is refused. */
const linesOfRefusal = 50;

function refusalIn(line: string): readonly RefusalInJournal[] {
  const message = textIn(parsed(line), 'MESSAGE') ?? '';
  if (!/Refusing\.?$/.test(message)) return [];
  const reason = message.slice(message.indexOf(': ') + 2);
  return [{ reason, seconds: (entryMs(line) ?? 0) / 1_000 }];
}

async function instancesOf(
  scope: ManagerScope,
  templates: readonly string[],
  environment: Environment,
): Promise<readonly string[]> {
  if (templates.length === 0) return [];
  const some = templates.slice(0, unitsAtOnce);
  const command = startsOfInstancesCommand(scope, some, ownEntries(scope), linesTogether);
  const lines = (await readLines(command, environment)) ?? [];
  const names = lines.flatMap(line => textIn(parsed(line), scope === 'user' ? 'USER_UNIT' : 'UNIT') ?? []);
  return [...new Set(names)];
}

/**
 * Asks about many units in one command, since each command reads the indexes of all files of the journal. Only where the answer is so
 * long that entries of one unit may have displaced those of others, these are asked about alone.
 *
 * @param linesOfOne the most lines that are read about a unit alone
 * @param command reads at most `lines` lines about units
 * @returns the lines by their units, in the order of the command; nothing of units without any
 */
async function linesOfUnits(
  scope: ManagerScope,
  units: readonly string[],
  linesOfOne: number,
  environment: Environment,
  command: (units: readonly string[], lines: number) => Command,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const field = scope === 'user' ? 'USER_UNIT' : 'UNIT';
  for (let from = 0; from < units.length; from += unitsAtOnce) {
    const some = units.slice(from, from + unitsAtOnce);
    const most = some.length === 1 ? linesOfOne : linesTogether;
    const lines = (await readLines(command(some, most), environment)) ?? [];
    const byUnit = Map.groupBy(lines, line => textIn(parsed(line), field) ?? '');
    for (const unit of some) {
      const own = byUnit.get(unit);
      if (own !== undefined) found.set(unit, own);
    }
    if (some.length === 1 || lines.length < most) continue;
    const displaced = some.toSorted((a, b) => (found.get(a)?.length ?? 0) - (found.get(b)?.length ?? 0));
    for (const unit of displaced.slice(0, mostAlone)) {
      const own = await readLines(command([unit], linesOfOne), environment);
      if (own !== undefined && own.length > 0) found.set(unit, own);
    }
  }
  return found;
}

/** So that the arguments stay short. */
const unitsAtOnce = 100;
const linesTogether = 2_000;
/** Each takes a command. */
const mostAlone = 20;

function mapped<From, To>(
  found: ReadonlyMap<string, From>,
  map: (value: From) => To | undefined,
): ReadonlyMap<string, To> {
  return new Map(
    [...found].flatMap(([unit, value]) => {
      const to = map(value);
      return to === undefined ? [] : [[unit, to] as const];
    }),
  );
}

/** Entries about units of one name may be those of another user's manager. */
function ownEntries(scope: ManagerScope): string {
  return scope === 'user' ? `_UID=${process.getuid?.()}` : '_PID=1';
}

/** @returns undefined where no entry tells of an end */
function isOwnEnd(entries: readonly EndEntry[]): boolean | undefined {
  if (entries.some(({ job }) => job === 'stop')) return false;
  return entries.some(({ result, exit, message }) => (result ?? exit) !== undefined || message === endedWell)
    ? true
    : undefined;
}

/** `SD_MESSAGE_UNIT_SUCCESS` (sd-messages.h): "Deactivated successfully". */
const endedWell = '7ad2d189f7e94e70a38c781354912448';

const nearUsec = 1_000_000;

interface EndEntry extends JournalTime {
  readonly invocation: string;
  readonly job: string | undefined;
  readonly jobResult: string | undefined;
  readonly result: string | undefined;
  readonly exit: string | undefined;
  readonly status: number | undefined;
  readonly command: string | undefined;
  readonly message: string | undefined;
}

function endEntryOf(line: string): readonly EndEntry[] {
  const fields = parsed(line);
  if (fields === undefined) return [];
  return [
    {
      usec: Number(textIn(fields, '__MONOTONIC_TIMESTAMP')),
      seconds: Math.floor((entryMs(line) ?? 0) / 1_000),
      invocation: invocationIn(fields),
      job: textIn(fields, 'JOB_TYPE'),
      jobResult: textIn(fields, 'JOB_RESULT'),
      result: textIn(fields, 'UNIT_RESULT'),
      exit: textIn(fields, 'EXIT_CODE'),
      status: numberIn(fields, 'EXIT_STATUS'),
      command: textIn(fields, 'COMMAND'),
      message: textIn(fields, 'MESSAGE_ID'),
    },
  ];
}

/**
 * The falls of units, and the restarts that the manager has scheduled after them (`service_enter_restart()`). It counts the restarts
 * from the last start by somebody on, but goes on counting where that ended the wait for a restart: then there is a fall without a
 * restart, and a later run (ran on 247, 252, 257 and 262). The end of a main process that is a success is not in the journal
 * (`unit_log_process_exit()`).
 */
async function restartsOf(
  scope: ManagerScope,
  units: readonly string[],
  sinceSeconds: number,
  environment: Environment,
): Promise<ReadonlyMap<string, RestartsInJournal>> {
  const messages = [restartScheduled, startFailed, ...endMessages];
  const manager = ownEntries(scope);
  const found = await linesOfUnits(scope, units, linesOfRestarts, environment, (some, lines) =>
    restartsCommand(scope, some, manager, messages, sinceSeconds, lines),
  );
  return mapped(found, restartsIn);
}

/** @param lines the latest one first */
function restartsIn(lines: readonly string[]): RestartsInJournal | undefined {
  const read = lines.toReversed().map(line => ({
    fields: parsed(line),
    seconds: (entryMs(line) ?? 0) / 1_000,
  }));
  // Of the first round only the end is there.
  const isCut = read.length >= linesOfRestarts;
  const entries = isCut ? read.slice(read.findIndex(isOfRestart) + 1) : read;
  const row = lastRow(entries);
  const [first, last] = [row.restarts[0], row.restarts.at(-1)];
  const end = row.falls.at(-1);
  if (first === undefined || last === undefined || end === undefined) return undefined;
  const { invocation, result, code, status } = end;
  const hasFailedAfter = entries.some(
    ({ fields }) => invocationIn(fields) === invocation && isAfterStart(textIn(fields, 'COMMAND')),
  );
  return {
    count: last.counted - first.counted + 1,
    seconds: row.restarts.map(({ seconds }) => seconds),
    falls: row.falls,
    isWhole: row.isWhole,
    isLastAnswered: last.invocation === invocation,
    end: {
      invocation,
      result: result ?? 'success',
      code,
      status,
      ...(code === null && hasFailedAfter && { isAfterStart: true }),
      ...firstFailed(
        entries
          .filter(({ fields }) => invocationIn(fields) === invocation)
          .map(({ fields }) => ({
            name: textIn(fields, 'COMMAND'),
            code: textIn(fields, 'EXIT_CODE'),
            status: numberIn(fields, 'EXIT_STATUS'),
          })),
      ),
    },
  };
}

function isOfRestart({ fields }: { readonly fields: unknown }): boolean {
  return textIn(fields, 'MESSAGE_ID') === restartScheduled;
}

/** Enough for a hundred falls and more; with more of them, the first one is not looked for. */
const linesOfRestarts = 500;

interface RowOfFalls {
  readonly falls: FallInJournal[];
  readonly restarts: { readonly counted: number; readonly seconds: number; readonly invocation: string }[];
  readonly isWhole: boolean;
}

/** @param entries in the order of time */
function lastRow(entries: readonly { readonly fields: unknown; readonly seconds: number }[]): RowOfFalls {
  let row: RowOfFalls = { falls: [], restarts: [], isWhole: false };
  // Its unit fails only when what runs after its end is over (ExecStopPost=).
  const exits = new Map<string, Pick<FallInJournal, 'seconds' | 'code' | 'status'>>();
  for (const { fields, seconds } of entries) {
    const invocation = invocationIn(fields);
    const message = textIn(fields, 'MESSAGE_ID');
    const [fall, restart] = [row.falls.at(-1), row.restarts.at(-1)];
    if (message === processExited && textIn(fields, 'COMMAND') === 'ExecStart')
      exits.set(invocation, {
        seconds,
        code: textIn(fields, 'EXIT_CODE') ?? null,
        status: numberIn(fields, 'EXIT_STATUS') ?? null,
      });
    const exited = exits.get(invocation);
    const main = exited ?? { seconds, code: null, status: null };
    if (message === unitFailed || message === endedWell) {
      // A second one is that of a restart that was refused.
      if (fall?.invocation === invocation) continue;
      if (fall !== undefined && restart?.invocation !== fall.invocation)
        row = { falls: [], restarts: [], isWhole: true };
      row.falls.push({
        invocation,
        ...main,
        result: message === endedWell ? 'success' : (textIn(fields, 'UNIT_RESULT') ?? null),
        isOfRestart: false,
      });
    }
    // What a limit refuses comes after the restart.
    if (
      isFailedStart(message, textIn(fields, 'JOB_RESULT')) &&
      fall?.invocation === invocation &&
      restart?.invocation !== invocation
    )
      row.falls.splice(-1, 1, { ...fall, startFailed: true });
    if (message !== restartScheduled) continue;
    const counted = Number(textIn(fields, 'N_RESTARTS') ?? 0);
    const isSeen = fall?.invocation === invocation;
    if (counted === 1 || counted <= (restart?.counted ?? 0))
      row = { falls: isSeen ? [fall] : [], restarts: [], isWhole: isSeen };
    if (!isSeen)
      row.falls.push({
        invocation,
        ...main,
        result: null,
        isOfRestart: exited === undefined,
      });
    row.restarts.push({ counted, seconds, invocation });
  }
  return row;
}

/** `SD_MESSAGE_UNIT_STARTED` (sd-messages.h). */
const unitStarted = '39f53479d3a045ac8e11786248231fbf';
/** `SD_MESSAGE_UNIT_FAILED` (sd-messages.h): the job of a start failed. */
const startFailed = 'be02cf6855d2428ba40df7e9d022f03d';
/** `SD_MESSAGE_UNIT_RESTART_SCHEDULED` and `SD_MESSAGE_UNIT_FAILURE_RESULT` (sd-messages.h). */
const restartScheduled = '5eb03494b6584870a536b337290809b3';
const unitFailed = 'd9b373ed55a64feb8242e02dbe79a49c';

const endMessages = [processExited, unitFailed, endedWell];

function numberIn(fields: unknown, name: string): number | undefined {
  const text = textIn(fields, name);
  return text === undefined ? undefined : Number(text);
}

function invocationIn(fields: unknown): string {
  return textIn(fields, 'USER_INVOCATION_ID') || textIn(fields, 'INVOCATION_ID') || '';
}

/** When an entry of the journal was written, in ms since 1970; null when it does not say so. */
export function entryMs(line: string): number | null {
  const [, usec] = /"__REALTIME_TIMESTAMP" ?: ?"(\d{1,17})"/.exec(line) ?? [];
  return usec === undefined ? null : Math.floor(Number(usec) / 1_000);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The limit has cut it off.
    return undefined;
  }
}

async function readLines(command: Command, environment: Environment): Promise<readonly string[] | undefined> {
  const { stdout, failure } = await runProgram(command, {
    environment: { ...environment, LC_ALL: 'C' },
    timeoutMs: 3_000,
    outputBytes: 2 ** 22,
    keepsEnd: true,
  });
  return failure === undefined ? stdout.split('\n').filter(line => line !== '') : undefined;
}
