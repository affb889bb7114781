/** The commands of systemd that daruma runs, or asks a person to run. */
import { argumentsOf, type Command } from '../programs/command.ts';
import { outboxService } from './own-units.ts';
import type { ManagerScope } from './search-path.ts';

/** `systemctl` for a manager; units are operands, whatever their names are. */
export function systemctlCommand(
  scope: ManagerScope,
  options: readonly string[],
  units: readonly string[] = [],
): Command {
  return { program: 'systemctl', options: [...scopeFlags(scope), ...options], operands: units };
}

/** Makes a manager reload its units. */
export function reloadCommand(scope: ManagerScope): Command {
  return systemctlCommand(scope, ['daemon-reload']);
}

/**
 * Starts, stops or restarts a unit without waiting for it, since a service may take minutes to stop, unless the caller says so. A timer
 * and a path unit stop at once, and are waited for: after a reload that finds one still there without its file it has failed (one undo
 * in 18). What delivers messages would make its folder again that an undo takes away, and ends soon, too. A reload is waited for, since
 * a service may refuse its files; one that does not run is started.
 */
export function unitCommand(
  scope: ManagerScope,
  verb: 'start' | 'stop' | 'restart' | 'reload',
  unit: string,
  { waits = false }: { readonly waits?: boolean } = {},
): Command {
  if (verb === 'reload') return systemctlCommand(scope, ['reload-or-restart'], [unit]);
  const isAtOnce = waits || (verb === 'stop' && (/\.(?:timer|path)$/.test(unit) || unit === outboxService));
  return systemctlCommand(scope, isAtOnce ? [verb] : [verb, '--no-block'], [unit]);
}

/** Sends a signal to all processes of a unit. */
export function signalCommand(scope: ManagerScope, signal: 'KILL' | 'STOP' | 'CONT', unit: string): Command {
  return systemctlCommand(scope, ['kill', `--signal=${signal}`], [unit]);
}

/** Makes systemd forget a failure and its count of starts, so that a start limit lets the next start through. */
export function resetFailedCommand(scope: ManagerScope, unit: string): Command {
  return systemctlCommand(scope, ['reset-failed'], [unit]);
}

export function lingerCommand(user: string, turn: 'on' | 'off'): Command {
  const verb = turn === 'on' ? 'enable-linger' : 'disable-linger';
  return { program: 'loginctl', options: [verb], operands: [user] };
}

/**
 * The last lines of one run of a unit, without their time and source: what its processes wrote, or also what the manager wrote
 * of it. Source: systemd.journal-fields(7); journald learns the id from the manager, of a user manager as well.
 *
 * @param run the invocation id of the run
 */
export function journalCommand(
  scope: ManagerScope,
  unit: string,
  run: string,
  lines: number,
  by: 'processes' | 'all',
): Command {
  const isUser = scope === 'user';
  const ofManager = ['+', `${isUser ? 'USER_' : ''}INVOCATION_ID=${run}`];
  return {
    program: 'journalctl',
    options: [
      `${isUser ? '--user-unit' : '--unit'}=${unit}`,
      `--lines=${lines}`,
      '--output=cat',
      '--no-pager',
      '--quiet',
    ],
    operands: [`_SYSTEMD_INVOCATION_ID=${run}`, ...(by === 'all' ? ofManager : [])],
  };
}

/**
 * What programs of a name wrote to stdout or stderr within a time, in JSON, the last lines: also what journald has of no unit, since the
 * process was gone before its control group was read.
 */
export function outputCommand(uid: number, identifier: string, span: TimeSpan, lines: number): Command {
  const fields = '--output-fields=MESSAGE,_SYSTEMD_USER_UNIT,_SYSTEMD_UNIT';
  return entriesCommand(
    lines,
    [fields, ...within(span), '--reverse'],
    [`_UID=${uid}`, '_TRANSPORT=stdout', `SYSLOG_IDENTIFIER=${identifier}`],
  );
}

/**
 * The last line of a boot that matches and that this user can read, with its time.
 *
 * @param boot its id, as the kernel writes it
 */
export function lastOfBootCommand(
  boot: string,
  options: readonly string[],
  matches: readonly string[],
): Command {
  // With `--since=` alone journalctl counts the lines from the first one on.
  return entriesCommand(1, [`--boot=${boot.replaceAll('-', '')}`, '--reverse', ...options], matches);
}

/**
 * Matches of what shows that the manager of a user was alive: its own lines and those of its services, and the line of the system
 * manager about its end. Who may read the whole journal reads lines of others, which go on after that.
 */
export function signsOfManager(uid: number): readonly string[] {
  const manager = `user@${uid}.service`;
  return [`_SYSTEMD_UNIT=${manager}`, '+', '_PID=1', `UNIT=${manager}`, `MESSAGE_ID=${processExited}`];
}

/** `SD_MESSAGE_UNIT_PROCESS_EXIT` (sd-messages.h): the end of a main process that is no success. */
export const processExited = '98e322203f7a4ed290d09fe03c09fe15';

/**
 * Matches of a shutdown of a manager (systemd.special(7), `shutdown.target`), and of its starts: the manager of a user may have been
 * shut down and started again since.
 *
 * @param uid of whose manager; undefined for that of the system
 */
export function shutdownOrStart(uid: number | undefined): readonly string[] {
  if (uid === undefined) return ['_PID=1', 'UNIT=shutdown.target'];
  const manager = `_SYSTEMD_UNIT=user@${uid}.service`;
  return [manager, 'USER_UNIT=shutdown.target', '+', manager, `MESSAGE_ID=${userManagerStarted}`];
}

/** `SD_MESSAGE_USER_STARTUP_FINISHED` (sd-messages.h). */
const userManagerStarted = 'eed00a68ffd84e31882105fd973abdd1';

/** The manager's own entries about runs of units: their jobs, and their results. */
export function runsCommand(scope: ManagerScope, invocations: readonly string[], lines: number): Command {
  const field = scope === 'user' ? 'USER_INVOCATION_ID' : 'INVOCATION_ID';
  // Matches of one field are alternatives (journalctl(1)).
  const matches = invocations.map(invocation => `${field}=${invocation}`);
  return entriesCommand(
    lines,
    [`--output-fields=${field},MESSAGE_ID,JOB_TYPE,JOB_RESULT,UNIT_RESULT`],
    matches,
  );
}

/**
 * The manager's entries about shutdowns (systemd.special(7), `shutdown.target`) within a time.
 *
 * @param fromSeconds since 1970
 */
export function shutdownsCommand(scope: ManagerScope, fromSeconds: number, untilSeconds: number): Command {
  const options = ['--output-fields=JOB_TYPE', `--since=@${fromSeconds}`, `--until=@${untilSeconds}`];
  return entriesCommand(100, options, [`${scope === 'user' ? 'USER_UNIT' : 'UNIT'}=shutdown.target`]);
}

/**
 * The manager's own entries about runs of units: their jobs, and their results.
 *
 * @param runs the invocation ids of the runs, by their units
 * @param lines the most that are read
 */
export function jobsCommand(scope: ManagerScope, runs: ReadonlyMap<string, string>, lines: number): Command {
  const invocation = `${prefixOf(scope)}INVOCATION_ID`;
  const matches = [...runs.values()].map(id => `${invocation}=${id}`);
  return endsCommand(scope, lines, [], [...unitMatches(scope, [...runs.keys()]), ...matches]);
}

/**
 * The manager's own entries of this boot about starts of units, the latest one first.
 *
 * @param outcome `run`: those that led to a run; `dependency`: those that failed with a unit that they require;
 * `timeout`: those whose job took longer than it may (`JobTimeoutSec=`)
 * @param manager the field by which the manager's own entries are known, which no other process can write
 * @param lines the most that are read
 */
export function startsCommand(
  scope: ManagerScope,
  units: readonly string[],
  outcome: keyof typeof starts,
  manager: string,
  lines: number,
): Command {
  const prefix = prefixOf(scope);
  const options = [`--output-fields=${prefix}UNIT,${prefix}INVOCATION_ID,JOB_RESULT`, '--boot', '--reverse'];
  return entriesCommand(lines, options, [...unitMatches(scope, units), manager, ...starts[outcome]]);
}

/**
 * How the job of a start fails that led to no run: with a unit that it requires, by a time limit of its own (`JobTimeoutSec=`), or by an
 * assertion that did not hold.
 */
export const failedStartResults = ['dependency', 'timeout', 'assert'] as const;
const startJobs = ['JOB_TYPE=start', 'JOB_TYPE=restart'];
const starts = {
  // A start that ended with `failed` may have led to a run as well.
  run: [...startJobs, 'JOB_RESULT=done', 'JOB_RESULT=failed'],
  failed: [...startJobs, ...failedStartResults.map(result => `JOB_RESULT=${result}`)],
} as const;

/**
 * The same of instances of templates.
 *
 * @param templates as `llm@.service`
 */
export function startsOfInstancesCommand(
  scope: ManagerScope,
  templates: readonly string[],
  manager: string,
  lines: number,
): Command {
  // A name with `*` is a pattern for journalctl, in which a backslash stands for itself (`get_possible_units()`).
  const patterns = templates.map(template => template.replace('@.', '@*.'));
  const units = patterns.map(pattern => `--${scope === 'user' ? 'user-' : ''}unit=${pattern}`);
  const options = [`--output-fields=${prefixOf(scope)}UNIT`, '--boot', '--reverse', ...units];
  return entriesCommand(lines, options, [manager, ...starts.run]);
}

/**
 * The manager's own entries of this boot about a unit, around a time.
 *
 * @param seconds the time, in seconds since 1970
 */
export function jobsAroundCommand(scope: ManagerScope, unit: string, seconds: number): Command {
  const at = Math.round(seconds);
  const span = ['--boot', `--since=@${at - 3}`, `--until=@${at + 4}`];
  return endsCommand(scope, 200, span, unitMatches(scope, [unit]));
}

/** The manager's own entries of this boot about a unit, within a time. */
export function jobsWithinCommand(
  scope: ManagerScope,
  unit: string,
  span: TimeSpan,
  manager: string,
): Command {
  return endsCommand(scope, 200, within(span), [...unitMatches(scope, [unit]), manager]);
}

/** The manager's own entries about ends of any unit within a time, at most so many lines. */
export function endsWithinCommand(
  scope: ManagerScope,
  span: TimeSpan,
  manager: string,
  messages: readonly string[],
  lines: number,
): Command {
  const prefix = prefixOf(scope);
  const fields = `--output-fields=${prefix}UNIT,${prefix}INVOCATION_ID`;
  return entriesCommand(
    lines,
    [fields, ...within(span)],
    [manager, ...messages.map(id => `MESSAGE_ID=${id}`)],
  );
}

function endsCommand(
  scope: ManagerScope,
  lines: number,
  options: readonly string[],
  matches: readonly string[],
): Command {
  const prefix = prefixOf(scope);
  const ofExit = 'EXIT_CODE,EXIT_STATUS,COMMAND';
  const fields = `--output-fields=${prefix}UNIT,${prefix}INVOCATION_ID,JOB_TYPE,JOB_RESULT,UNIT_RESULT,${ofExit},MESSAGE_ID`;
  return entriesCommand(lines, [fields, ...options], matches);
}

/** From when until when, in seconds since 1970, with fractions. */
type TimeSpan = readonly [fromSeconds: number, untilSeconds: number];

function within([fromSeconds, untilSeconds]: TimeSpan): readonly string[] {
  return ['--boot', `--since=@${fromSeconds.toFixed(6)}`, `--until=@${untilSeconds.toFixed(6)}`];
}

/** Matches of one field are alternatives (journalctl(1)). */
function unitMatches(scope: ManagerScope, units: readonly string[]): readonly string[] {
  return units.map(unit => `${prefixOf(scope)}UNIT=${unit}`);
}

/** The manager of a user writes the names of its units into fields of their own (systemd.journal-fields(7)). */
function prefixOf(scope: ManagerScope): 'USER_' | '' {
  return scope === 'user' ? 'USER_' : '';
}

/**
 * The manager's own entries of this boot about the ends and restarts of units, the latest one first.
 *
 * @param manager the field by which the manager's own entries are known, which no other process can write
 * @param messages the ids of the messages
 * @param lines the most that are read
 */
export function restartsCommand(
  scope: ManagerScope,
  units: readonly string[],
  manager: string,
  messages: readonly string[],
  sinceSeconds: number,
  lines: number,
): Command {
  const prefix = prefixOf(scope);
  const fields = `${prefix}UNIT,MESSAGE_ID,N_RESTARTS,UNIT_RESULT,EXIT_CODE,EXIT_STATUS,COMMAND,JOB_RESULT,${prefix}INVOCATION_ID`;
  const ofMessages = messages.map(id => `MESSAGE_ID=${id}`);
  // With `--since=` alone journalctl counts the lines from the first one on.
  const options = [
    `--output-fields=${fields}`,
    '--boot',
    `--since=@${Math.floor(sinceSeconds)}`,
    '--reverse',
  ];
  return entriesCommand(lines, options, [...unitMatches(scope, units), manager, ...ofMessages]);
}

/**
 * The errors that the manager has written about units in this boot, the latest one first.
 *
 * @param manager the field by which the manager's own entries are known
 * @param lines the most that are read
 */
export function errorsCommand(
  scope: ManagerScope,
  units: readonly string[],
  manager: string,
  lines: number,
): Command {
  const options = [`--output-fields=${prefixOf(scope)}UNIT,MESSAGE`, '--boot', '--reverse'];
  return entriesCommand(lines, options, [...unitMatches(scope, units), manager, 'PRIORITY=3']);
}

/** The last entries of the journal that match, each a line of JSON; with `--since=` the first ones, unless `--reverse` goes with it. */
function entriesCommand(lines: number, options: readonly string[], matches: readonly string[]): Command {
  return {
    program: 'journalctl',
    options: [`--lines=${lines}`, '--output=json', '--no-pager', '--quiet', ...options],
    operands: matches,
  };
}

export interface TransientUnit {
  /** The name of the unit: with its suffix for a service, without it for a timer with its service. */
  readonly name: string;
  readonly description: string;
  /** More options of systemd-run(1). */
  readonly options: readonly string[];
  readonly command: Command;
}

/** Makes the manager run a command in a unit of its own, which disappears when the command has ended. */
export function transientCommand(
  scope: ManagerScope,
  { name, description, options, command }: TransientUnit,
): Command {
  return {
    program: 'systemd-run',
    options: [
      ...scopeFlags(scope),
      '--quiet',
      '--collect',
      `--unit=${name}`,
      `--description=${description}`,
      ...options,
    ],
    operands: [command.program, ...argumentsOf(command)],
  };
}

/** Whether a message of the manager says that a transient unit of that name exists (`method_start_transient_unit()`). */
export function saysUnitIsThere(message: string): boolean {
  return /already (?:exists|loaded)|was already/.test(message);
}

function scopeFlags(scope: ManagerScope): readonly string[] {
  return scope === 'user' ? ['--user'] : [];
}
