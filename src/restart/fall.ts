/**
 * One fall of a service: what systemd makes of an ending, before it decides about a restart. The walk follows systemd's
 * own: the first failure on the way is the result (`service_sigchld_event()`, `service_enter_signal()` and those
 * between), and the main process' end is what lists of exit statuses are held against.
 */
import type { Command, ServiceSettings } from '../systemd/service-settings.ts';
import { sigkill } from '../systemd/values/signal.ts';
import { formatTimeSpan } from '../systemd/values/time-span.ts';
import type { OwnEnding } from './ending.ts';
import { classifyProcessEnd, type ProcessEnd, type ProcessRole, type ServiceResult } from './process-end.ts';
import type { HookName, Reason } from './reason.ts';

/** What decides besides the unit's own settings. */
export interface Machine {
  /** systemd's major version. */
  readonly version: number;
  /** On `legacy` control groups systemd does not see an OOM kill as such. */
  readonly cgroups: 'unified' | 'legacy';
}

export type Fall =
  /** The ending cannot occur with these settings. */
  | { readonly kind: 'impossible'; readonly because: readonly Reason[] }
  /** The service goes on, or goes on starting or stopping: nothing notices. */
  | {
      readonly kind: 'unnoticed';
      readonly state: 'active/running' | 'activating/start' | 'deactivating/stop-sigterm';
      readonly because: readonly Reason[];
    }
  /** The process is gone and systemd calls the service active all the same (`RemainAfterExit=`). */
  | { readonly kind: 'stays-exited'; readonly because: readonly Reason[] }
  | {
      readonly kind: 'ended';
      readonly result: ServiceResult;
      /** Null when the main process never ran, or its end is not known. */
      readonly main: ProcessEnd | null;
      readonly because: readonly Reason[];
      /** An executed stop job forbids any restart. */
      readonly stopped: boolean;
    };

/**
 * Predicts how a service that is up ends, and what systemd calls it.
 *
 * Programs are taken to do the usual thing: they end when told to, and hooks that are not part of the ending succeed.
 */
export function predictFall(settings: ServiceSettings, ending: OwnEnding, machine: Machine): Fall {
  switch (ending.kind) {
    case 'exit':
      return mainEnds(settings, { code: 'exited', status: ending.status });
    case 'signal':
      return mainEnds(settings, { code: 'killed', signal: ending.signal });
    case 'core':
      return mainEnds(settings, { code: 'dumped', signal: ending.signal });
    case 'unready-exit':
      return endsBeforeReady(settings, { code: 'exited', status: ending.status });
    case 'unready-signal':
      return endsBeforeReady(settings, { code: 'killed', signal: ending.signal });
    case 'condition':
      return hookFails(settings, 'ExecCondition', ending.status);
    case 'start-pre':
      return hookFails(settings, 'ExecStartPre', ending.status);
    case 'start-post':
      return hookFails(settings, 'ExecStartPost', ending.status);
    case 'start-post-timeout':
      return startPostTimesOut(settings);
    case 'start-timeout':
      return startTimesOut(settings);
    case 'watchdog':
      return watchdogExpires(settings);
    case 'runtime-max':
      return runtimeIsOver(settings);
    case 'oom':
      return memoryRunsOut(settings, machine);
    case 'stop':
      return isStopped(settings);
    case 'hang':
      return hangs(settings);
    default:
      return ending satisfies never;
  }
}

function mainEnds(settings: ServiceSettings, end: ProcessEnd): Fall {
  const commands = settings.ExecStart.value;
  if (commands.length === 0) return impossible({ code: 'no-main-process', ...ownRule });
  const { result, because } = classifyMain(settings, commands, end);
  if (result === 'success' && settings.RemainAfterExit.value) {
    return {
      kind: 'stays-exited',
      because: [...because, { code: 'stays-exited', ...named(settings, 'RemainAfterExit', 'yes') }],
    };
  }
  // Of a daemon whose main process is not known, systemd sees only that the control group is empty.
  const unseen = settingThatMissesEnd(settings);
  const doubt: readonly Reason[] =
    result === 'success' || unseen === undefined
      ? []
      : [{ code: 'name-may-go-first', ...named(settings, unseen, unseen === 'KillMode' ? 'none' : 'yes') }];
  return ended(result, mainIsKnown(settings) ? end : null, [...because, ...doubt]);
}

/**
 * The name of a dbus service goes with its process, and the bus may tell systemd so before the process is waited for. What
 * remains after its exit, or is not to be killed, systemd then looks at no more: a failure counts as a success, without
 * an exit status (`service_bus_name_owner_change()`, `service_enter_signal()`, `service_set_state()`). On 247, 252, 257
 * and 262 that was so in one to four of ten falls.
 */
export function settingThatMissesEnd(settings: ServiceSettings): 'RemainAfterExit' | 'KillMode' | undefined {
  if (settings.Type.value !== 'dbus') return undefined;
  if (settings.RemainAfterExit.value) return 'RemainAfterExit';
  return settings.KillMode.value === 'none' ? 'KillMode' : undefined;
}

/**
 * The process that starts the service ends before the service is up. Only some types have such a time: `notify` until
 * READY=1, `dbus` until the name is taken, `forking` until the first process is done.
 */
function endsBeforeReady(settings: ServiceSettings, end: ProcessEnd): Fall {
  const type = settings.Type.value;
  if (!becomesReady.has(type)) return impossible({ code: 'ready-at-once', ...named(settings, 'Type', type) });
  const [start] = settings.ExecStart.value;
  const { result, reason } = classifyProcessEnd(end, 'daemon', settings.SuccessExitStatus);
  const because: readonly Reason[] =
    result === 'success' || start?.ignoreFailure !== true
      ? [reason]
      : [reason, failureIgnored('ExecStart', settings.ExecStart.value)];
  const ignored = result !== 'success' && start?.ignoreFailure === true;
  const counted = ignored ? 'success' : result;
  // What a forking service starts is a control process, not its main one.
  const main = type === 'forking' ? null : end;
  if (counted !== 'success') return ended(counted, main, because);
  const broken =
    type === 'notify' || type === 'notify-reload' || (type === 'forking' && settings.PIDFile.value);
  if (broken) {
    return ended('protocol', main, [
      ...because,
      { code: 'protocol-before-ready', ...named(settings, 'Type', type) },
    ]);
  }
  if (!settings.RemainAfterExit.value) return ended('success', main, because);
  return {
    kind: 'stays-exited',
    because: [...because, { code: 'stays-exited', ...named(settings, 'RemainAfterExit', 'yes') }],
  };
}

const becomesReady: ReadonlySet<string> = new Set(['notify', 'notify-reload', 'dbus', 'forking']);

function classifyMain(
  settings: ServiceSettings,
  commands: readonly Command[],
  end: ProcessEnd,
): { readonly result: ServiceResult; readonly because: readonly Reason[] } {
  if (!mainIsKnown(settings)) {
    const guess = named(settings, 'GuessMainPID', 'no');
    return { result: 'success', because: [{ code: 'main-process-unknown', ...guess }] };
  }
  const { result, reason } = classifyProcessEnd(end, roleOfMain(settings), settings.SuccessExitStatus);
  if (result === 'success') return { result, because: [reason] };
  // Each ExecStart= of a oneshot ends the same way here: the first whose failure counts decides.
  const strict = commands.find(command => !command.ignoreFailure);
  if (strict !== undefined) return { result, because: [reason] };
  return { result: 'success', because: [reason, failureIgnored('ExecStart', commands)] };
}

function roleOfMain(settings: ServiceSettings): ProcessRole {
  return settings.Type.value === 'oneshot' ? 'command' : 'daemon';
}

/** A forking daemon's main process is read from its PID file or guessed; else systemd does not know which it is. */
function mainIsKnown(settings: ServiceSettings): boolean {
  return (
    settings.Type.value !== 'forking' || settings.PIDFile.value !== undefined || settings.GuessMainPID.value
  );
}

function hookFails(settings: ServiceSettings, hook: HookName, status: number): Fall {
  const commands = settings[hook].value;
  if (commands.length === 0) return impossible({ code: 'no-hook', hook, ...ownRule });
  const end = { code: 'exited', status } as const;
  const { result, reason } = classifyProcessEnd(end, 'command', settings.SuccessExitStatus);
  const strict = commands.find(command => !command.ignoreFailure);
  if (result === 'success') {
    return impossible({ code: 'hook-failure-is-no-end', hook, status, ...ownRule }, reason);
  }
  if (strict === undefined) {
    return impossible(
      { code: 'hook-failure-is-no-end', hook, status, ...ownRule },
      failureIgnored(hook, commands),
    );
  }
  const failed: Reason = {
    code: 'hook-failed',
    hook,
    status,
    setting: hook,
    value: strict.path,
    source: strict.source,
  };
  // 255 is what a condition says when it could not be checked (systemd.service(5), ExecCondition=).
  if (hook === 'ExecCondition' && status < 255) {
    return ended('exec-condition', null, [{ ...failed, code: 'condition-skips' }]);
  }
  if (hook !== 'ExecStartPost') return ended(result, null, [failed]);
  return ended(result, mainAtStartPost(settings, settings.KillSignal.value), [
    failed,
    ...killsMain(settings),
  ]);
}

function startPostTimesOut(settings: ServiceSettings): Fall {
  const first = settings.ExecStartPost.value[0];
  if (first === undefined) return impossible({ code: 'no-hook', hook: 'ExecStartPost', ...ownRule });
  if (watchdogEndsStartPost(settings)) {
    const watched = named(settings, 'WatchdogSec', formatTimeSpan(settings.WatchdogSec.value));
    const main = mainAtStartPost(settings, settings.WatchdogSignal.value);
    return ended('watchdog', main, [{ code: 'watchdog-expired', ...watched }]);
  }
  if (settings.TimeoutStartSec.value === Number.POSITIVE_INFINITY) return neverTimesOut(settings);
  const timedOut: Reason = {
    code: 'start-post-timed-out',
    ...named(settings, 'TimeoutStartSec', formatTimeSpan(settings.TimeoutStartSec.value)),
  };
  const [signal = settings.KillSignal.value] = lateStartSignals(settings);
  const main = mainAtStartPost(settings, signal);
  return ended('timeout', main, [timedOut, ...killsMain(settings)]);
}

/**
 * The watchdog runs while ExecStartPost= does, and the main process of a oneshot, being done, can no longer keep it quiet:
 * it may be sooner than TimeoutStartSec=.
 */
export function watchdogEndsStartPost({ Type, WatchdogSec, TimeoutStartSec }: ServiceSettings): boolean {
  return Type.value === 'oneshot' && WatchdogSec.value > 0 && WatchdogSec.value < TimeoutStartSec.value;
}

/** A oneshot's main process is done when ExecStartPost= runs; any other is killed for it. */
function mainAtStartPost(settings: ServiceSettings, signal: number): ProcessEnd | null {
  if (settings.Type.value === 'oneshot') {
    return settings.ExecStart.value.length === 0 ? null : { code: 'exited', status: 0 };
  }
  return killedBy(settings, signal);
}

function killsMain(settings: ServiceSettings): readonly Reason[] {
  return settings.Type.value === 'oneshot' ? [] : [{ code: 'start-post-kills-main', ...ownRule }];
}

function startTimesOut(settings: ServiceSettings): Fall {
  if (settings.TimeoutStartSec.value === Number.POSITIVE_INFINITY) return neverTimesOut(settings);
  const type = settings.Type.value;
  const timedOut: Reason = {
    code: 'start-timed-out',
    ...named(settings, 'TimeoutStartSec', formatTimeSpan(settings.TimeoutStartSec.value)),
  };
  // A simple service has started once it is forked, Type=exec once its program is loaded; only commands before can be late.
  const startsAtOnce = type === 'simple' || type === 'idle' || type === 'exec';
  const hooks = [...settings.ExecCondition.value, ...settings.ExecStartPre.value];
  if (startsAtOnce) {
    return hooks.length === 0 ? neverTimesOut(settings) : ended('timeout', null, [timedOut]);
  }
  if (settings.ExecStart.value.length === 0) return impossible({ code: 'no-main-process', ...ownRule });
  // What a forking service starts is a control process: there is no main process yet.
  if (type === 'forking') return ended('timeout', null, [timedOut]);
  const { main, commandsMore } = lateStart(settings);
  const next: readonly Reason[] = commandsMore === 0 ? [] : [{ code: 'stop-runs-next-command', ...ownRule }];
  return ended('timeout', main, [timedOut, ...next]);
}

export interface LateStart {
  /** The end of the last process; null where it is left running. */
  readonly main: ProcessEnd | null;
  /** Commands that are run after the one that took too long; each takes TimeoutStartSec=. */
  readonly commandsMore: number;
}

/** How a start that takes too long is ended: each command that is run meanwhile gets the next signal (`service_dispatch_timer()`). */
export function lateStart(settings: ServiceSettings): LateStart {
  const signals = lateStartSignals(settings);
  for (const [index, signal] of signals.entries()) {
    const main = killedBy(settings, signal);
    if (!runsNextCommand(settings, index, main)) return { main, commandsMore: index };
  }
  return { main: null, commandsMore: signals.length };
}

/** One after the other, as long as a main process is there: stop-watchdog or -sigterm, -sigkill, then the final ones. */
function lateStartSignals({ KillSignal, SendSIGKILL, ...settings }: ServiceSettings): readonly number[] {
  const byForce = SendSIGKILL.value ? [sigkill] : [];
  const final = [KillSignal.value, ...byForce];
  switch (settings.TimeoutStartFailureMode.value) {
    case 'terminate':
      return [KillSignal.value, ...byForce, ...final];
    case 'abort':
      return [settings.WatchdogSignal.value, ...byForce, ...final];
    case 'kill':
      return [...byForce, ...final];
    default:
      return settings.TimeoutStartFailureMode.value satisfies never;
  }
}

function neverTimesOut(settings: ServiceSettings): Fall {
  return impossible({
    code: 'no-start-timeout',
    ...named(settings, 'TimeoutStartSec', formatTimeSpan(settings.TimeoutStartSec.value)),
  });
}

function watchdogExpires(settings: ServiceSettings): Fall {
  const usec = settings.WatchdogSec.value;
  const watched = named(settings, 'WatchdogSec', formatTimeSpan(usec));
  // The watchdog runs from the end of ExecStart on (`service_enter_start_post()`): a oneshot is over by then, unless a
  // keep-alive of its own has started the watchdog before, which commands do not send.
  if (!hasWatchdog(settings)) return impossible({ code: 'no-watchdog', ...watched });
  const main = killedBy(settings, settings.WatchdogSignal.value);
  return ended('watchdog', main, [{ code: 'watchdog-expired', ...watched }]);
}

function hasWatchdog(settings: ServiceSettings): boolean {
  const usec = settings.WatchdogSec.value;
  return usec > 0 && usec !== Number.POSITIVE_INFINITY && settings.Type.value !== 'oneshot';
}

function runtimeIsOver(settings: ServiceSettings): Fall {
  const limit = named(settings, 'RuntimeMaxSec', formatTimeSpan(settings.RuntimeMaxSec.value));
  if (!hasRuntimeLimit(settings)) return impossible({ code: 'no-runtime-limit', ...limit });
  const main = killedBy(settings, settings.KillSignal.value);
  return ended('timeout', main, [{ code: 'runtime-exceeded', ...limit }]);
}

function hasRuntimeLimit(settings: ServiceSettings): boolean {
  return settings.RuntimeMaxSec.value !== Number.POSITIVE_INFINITY && settings.Type.value !== 'oneshot';
}

function memoryRunsOut(settings: ServiceSettings, machine: Machine): Fall {
  const policy = named(settings, 'OOMPolicy', settings.OOMPolicy.value);
  const unseen = unseenOomKill(settings, machine);
  if (unseen === undefined) {
    return ended('oom-kill', { code: 'killed', signal: sigkill }, [{ code: 'oom-stops', ...policy }]);
  }
  const fall = mainEnds(settings, { code: 'killed', signal: sigkill });
  return { ...fall, because: [unseen, ...fall.because] };
}

/** Why systemd takes a kill for lack of memory as a plain SIGKILL; undefined when it sees what it is. */
function unseenOomKill(settings: ServiceSettings, machine: Machine): Reason | undefined {
  if (machine.cgroups === 'legacy') return { code: 'oom-unseen-on-legacy-cgroups', ...ownRule };
  if (!settings.MemoryAccounting.value) {
    return { code: 'oom-unaccounted', ...named(settings, 'MemoryAccounting', 'no') };
  }
  if (settings.OOMPolicy.value !== 'continue') return undefined;
  return { code: 'oom-continues', ...named(settings, 'OOMPolicy', 'continue') };
}

function isStopped(settings: ServiceSettings): Fall {
  const stop: Reason = { code: 'stop-is-respected', ...ownRule };
  const main = killedBy(settings, settings.KillSignal.value);
  const isUp = settings.Type.value !== 'oneshot' || !settings.RemainAfterExit.value;
  if (isUp && settings.ExecStart.value.length > 0 && waitsForLeftMain(settings)) {
    return { kind: 'ended', result: 'timeout', main: null, because: [stop], stopped: true };
  }
  if (main === null || !isUp || settings.ExecStart.value.length === 0) {
    return { kind: 'ended', result: 'success', main: null, because: [stop], stopped: true };
  }
  if (runsNextCommand(settings, 0, main)) {
    const next: Reason = { code: 'stop-runs-next-command', ...ownRule };
    return settings.TimeoutStartSec.value === Number.POSITIVE_INFINITY
      ? { kind: 'unnoticed', state: 'deactivating/stop-sigterm', because: [stop, next] }
      : { kind: 'ended', result: 'timeout', main: null, because: [stop, next], stopped: true };
  }
  const { result, because } = classifyMain(settings, settings.ExecStart.value, main);
  return { kind: 'ended', result, main, because: [stop, ...because], stopped: true };
}

/**
 * Where a command of a oneshot is ended by a signal that counts as success, systemd runs the next one, although the unit is
 * being stopped, and gives it the time of a start, which by default has no end (`service_sigchld_event()`, "Running next
 * main command"; `service_run_next_main()`).
 *
 * @param index of the command that has ended
 */
function runsNextCommand(settings: ServiceSettings, index: number, end: ProcessEnd | null): boolean {
  const [command, next] = settings.ExecStart.value.slice(index);
  if (settings.Type.value !== 'oneshot' || command === undefined || next === undefined) return false;
  return end !== null && classifyMain(settings, [command], end).result === 'success';
}

/**
 * With KillMode=none the main process is left running, and after ExecStopPost= systemd waits for its end all the same, for
 * TimeoutStopSec= (`service_sigchld_event()`, stop-post).
 */
export function waitsForLeftMain(settings: ServiceSettings): boolean {
  return (
    settings.KillMode.value === 'none' && settings.ExecStopPost.value.length > 0 && mainIsKnown(settings)
  );
}

/**
 * With TimeoutStartFailureMode=kill and SendSIGKILL=no nothing is signalled when a start takes too long: ExecStopPost= is next,
 * and the same wait after it (`service_dispatch_timer()`, "Skipping SIGKILL").
 */
export function lateStartLeavesMain(settings: ServiceSettings): boolean {
  return (
    settings.TimeoutStartFailureMode.value === 'kill' &&
    !settings.SendSIGKILL.value &&
    settings.ExecStopPost.value.length > 0 &&
    mainIsKnown(settings)
  );
}

function hangs(settings: ServiceSettings): Fall {
  const oneshot = settings.Type.value === 'oneshot';
  if (oneshot && settings.TimeoutStartSec.value !== Number.POSITIVE_INFINITY) return startTimesOut(settings);
  const limit = hangLimit(settings);
  if (limit !== undefined)
    return limit === 'WatchdogSec' ? watchdogExpires(settings) : runtimeIsOver(settings);
  const watchdog = named(settings, 'WatchdogSec', formatTimeSpan(settings.WatchdogSec.value));
  return {
    kind: 'unnoticed',
    state: oneshot ? 'activating/start' : 'active/running',
    because: [{ code: 'hang-unnoticed', ...watchdog }],
  };
}

/** The limit that ends a running service which has stopped to answer: the sooner one, if it has any. */
export function hangLimit(settings: ServiceSettings): 'WatchdogSec' | 'RuntimeMaxSec' | undefined {
  const watched = hasWatchdog(settings);
  if (!hasRuntimeLimit(settings)) return watched ? 'WatchdogSec' : undefined;
  return watched && settings.WatchdogSec.value <= settings.RuntimeMaxSec.value
    ? 'WatchdogSec'
    : 'RuntimeMaxSec';
}

/** The main process after systemd has signalled it. With KillMode=none it is left running, unknown its end goes unseen. */
function killedBy(settings: ServiceSettings, signal: number): ProcessEnd | null {
  return settings.KillMode.value === 'none' || !mainIsKnown(settings) ? null : { code: 'killed', signal };
}

function ended(result: ServiceResult, main: ProcessEnd | null, because: readonly Reason[]): Fall {
  return { kind: 'ended', result, main, because, stopped: false };
}

function impossible(...because: readonly Reason[]): Fall {
  return { kind: 'impossible', because };
}

function failureIgnored(directive: string, commands: readonly Command[]): Reason {
  const first = commands[0];
  return {
    code: 'failure-ignored',
    command: first?.path ?? '',
    setting: directive,
    value: `-${first?.path ?? ''}`,
    source: first?.source ?? null,
  };
}

/** A reason that no directive decides. */
const ownRule = { setting: null, value: null, source: null } as const;

function named(
  settings: ServiceSettings,
  setting: keyof ServiceSettings,
  value: string,
): Pick<Reason, 'setting' | 'value' | 'source'> {
  return { setting, value, source: settings[setting].source };
}
