/**
 * One fall of a service: what systemd makes of an ending, before it decides about a restart. The functions take the same
 * steps as systemd's own: the first failure on the way becomes the result (`service_sigchld_event()`,
 * `service_enter_signal()` and the functions between them), and lists of exit statuses are compared with the end of the main
 * process.
 */
import type { ExecCommand, ServiceSettings } from '../systemd/service-settings.ts';
import { sigkill } from '../systemd/values/signal.ts';
import { formatTimeSpan } from '../systemd/values/time-span.ts';
import type { OwnEnding } from './ending.ts';
import { classifyProcessEnd, type ProcessEnd, type ProcessRole, type ServiceResult } from './process-end.ts';
import type { HookName, Reason } from './reason.ts';

/** The facts about the machine that decide besides the service's own settings. */
export interface Machine {
  /** systemd's major version, such as 252. */
  readonly version: number;
  /** Layout of the control groups. On `legacy` ones systemd cannot tell an OOM kill from any other SIGKILL. */
  readonly cgroups: 'unified' | 'legacy';
}

/** What systemd makes of an ending; `because` names the reasons in order. */
export type Fall =
  /** The ending cannot occur with these settings. */
  | { readonly kind: 'impossible'; readonly because: readonly Reason[] }
  /** systemd notices nothing: the service goes on running, starting or stopping, in the `state` that is named. */
  | {
      readonly kind: 'unnoticed';
      readonly state: 'active/running' | 'activating/start' | 'deactivating/stop-sigterm';
      readonly because: readonly Reason[];
    }
  /** The process is gone, and systemd still calls the service active (`RemainAfterExit=`). */
  | { readonly kind: 'stays-exited'; readonly because: readonly Reason[] }
  /** The service is down. */
  | {
      readonly kind: 'ended';
      readonly result: ServiceResult;
      /** How the main process ended; null when it never ran, or systemd does not learn its end. */
      readonly main: ProcessEnd | null;
      readonly because: readonly Reason[];
      /** Whether systemd ran a stop job: then it never restarts the service. */
      readonly stopped: boolean;
    };

/**
 * Predicts how a service that is up ends, and what systemd calls the result. {@link decideRestart} says what follows.
 *
 * The prediction assumes the usual behaviour of programs: a process ends when it gets a signal that asks it to, and each
 * hook that is not part of the ending succeeds.
 *
 * Source: `service_sigchld_event()`, `service_enter_signal()`, `service_dispatch_timer()` in `src/core/service.c`.
 *
 * @example
 * import { predictFall } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * const fall = predictFall(settings, { kind: 'exit', status: 1 }, { version: 252, cgroups: 'unified' });
 * fall.kind; // 'ended'
 * if (fall.kind === 'ended') fall.result; // 'exit-code'
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
  // When systemd does not know which process of a daemon is the main one, it sees only that the control group is empty.
  const unseen = settingThatMissesEnd(settings);
  const doubt: readonly Reason[] =
    result === 'success' || unseen === undefined
      ? []
      : [{ code: 'name-may-go-first', ...named(settings, unseen, unseen === 'KillMode' ? 'none' : 'yes') }];
  return ended(result, mainIsKnown(settings) ? end : null, [...because, ...doubt]);
}

/**
 * The setting because of which systemd may miss how a dbus service ended; undefined when it misses nothing.
 *
 * When the process ends, the bus drops the service's name, and the bus may report that before systemd has collected the exit
 * status. With RemainAfterExit=yes or KillMode=none systemd then no longer watches the process, and a failure counts as a
 * success without an exit status (`service_bus_name_owner_change()`, `service_enter_signal()`, `service_set_state()`).
 * Measured on 247, 252, 257 and 262: this happens in one to four falls of ten.
 */
export function settingThatMissesEnd(settings: ServiceSettings): 'RemainAfterExit' | 'KillMode' | undefined {
  if (settings.Type.value !== 'dbus') return undefined;
  if (settings.RemainAfterExit.value) return 'RemainAfterExit';
  return settings.KillMode.value === 'none' ? 'KillMode' : undefined;
}

/**
 * The process that starts the service ends before the service is up. Only some types have such a phase: `notify` until the
 * service sends READY=1, `dbus` until it takes its name, `forking` until the first process exits.
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
  // ExecStart= of a forking service runs a control process; the main process comes after it.
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
  commands: readonly ExecCommand[],
  end: ProcessEnd,
): { readonly result: ServiceResult; readonly because: readonly Reason[] } {
  if (!mainIsKnown(settings)) {
    const guess = named(settings, 'GuessMainPID', 'no');
    return { result: 'success', because: [{ code: 'main-process-unknown', ...guess }] };
  }
  const { result, reason } = classifyProcessEnd(end, roleOfMain(settings), settings.SuccessExitStatus);
  if (result === 'success') return { result, because: [reason] };
  // The model lets every ExecStart= of a oneshot end the same way: the first command whose failure counts decides.
  const strict = commands.find(command => !command.ignoreFailure);
  if (strict !== undefined) return { result, because: [reason] };
  return { result: 'success', because: [reason, failureIgnored('ExecStart', commands)] };
}

function roleOfMain(settings: ServiceSettings): ProcessRole {
  return settings.Type.value === 'oneshot' ? 'command' : 'daemon';
}

/** systemd reads the main process of a forking daemon from its PID file, or guesses it; otherwise it does not know the process. */
function mainIsKnown(settings: ServiceSettings): boolean {
  return (
    settings.Type.value !== 'forking' || settings.PIDFile.value !== undefined || settings.GuessMainPID.value
  );
}

/**
 * Whether systemd has to guess the main process. It takes the one that the start leaves behind, and none where that leaves several
 * (`service_search_main_pid()`, `unit_search_main_pid()`).
 */
export function mainIsGuessed(settings: ServiceSettings): boolean {
  return (
    settings.Type.value === 'forking' && settings.PIDFile.value === undefined && settings.GuessMainPID.value
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
  // A condition exits with 255 when it could not check anything: that is a failure (systemd.service(5), ExecCondition=).
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
 * Whether the watchdog expires before TimeoutStartSec= while ExecStartPost= of a oneshot runs. The watchdog runs during
 * ExecStartPost=, and the main process has already exited, so that nobody sends a keep-alive.
 */
export function watchdogEndsStartPost({ Type, WatchdogSec, TimeoutStartSec }: ServiceSettings): boolean {
  return Type.value === 'oneshot' && WatchdogSec.value > 0 && WatchdogSec.value < TimeoutStartSec.value;
}

/** The end of the main process when ExecStartPost= fails: that of a oneshot has exited before, systemd kills any other. */
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
  // A simple service has started as soon as systemd forks, Type=exec as soon as the program is loaded: only the commands
  // before ExecStart= can take too long.
  const startsAtOnce = type === 'simple' || type === 'idle' || type === 'exec';
  const hooks = [...settings.ExecCondition.value, ...settings.ExecStartPre.value];
  if (startsAtOnce) {
    return hooks.length === 0 ? neverTimesOut(settings) : ended('timeout', null, [timedOut]);
  }
  if (settings.ExecStart.value.length === 0) return impossible({ code: 'no-main-process', ...ownRule });
  // ExecStart= of a forking service runs a control process: there is no main process yet.
  if (type === 'forking') return ended('timeout', null, [timedOut]);
  const { main, commandsMore } = lateStart(settings);
  const next: readonly Reason[] = commandsMore === 0 ? [] : [{ code: 'stop-runs-next-command', ...ownRule }];
  return ended('timeout', main, [timedOut, ...next]);
}

export interface LateStart {
  /** How the last process ended; null where systemd leaves it running. */
  readonly main: ProcessEnd | null;
  /** How many commands systemd runs after the one that took too long; each takes TimeoutStartSec=. */
  readonly commandsMore: number;
}

/** How systemd ends a start that takes too long: each command that it still runs gets the next signal (`service_dispatch_timer()`). */
export function lateStart(settings: ServiceSettings): LateStart {
  const signals = lateStartSignals(settings);
  for (const [index, signal] of signals.entries()) {
    const main = killedBy(settings, signal);
    if (!runsNextCommand(settings, index, main)) return { main, commandsMore: index };
  }
  return { main: null, commandsMore: signals.length };
}

/** The signals that systemd sends one after the other while a main process is there, in the states stop-watchdog or stop-sigterm, stop-sigkill, final-sigterm and final-sigkill. */
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
  // systemd starts the watchdog when ExecStart= is done (`service_enter_start_post()`). The processes of a oneshot have exited
  // by then; only a keep-alive from one of them could start the watchdog earlier, and commands send none.
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
    const main: ProcessEnd | null = mainIsKnown(settings) ? { code: 'killed', signal: sigkill } : null;
    return ended('oom-kill', main, [{ code: 'oom-stops', ...policy }]);
  }
  const fall = mainEnds(settings, { code: 'killed', signal: sigkill });
  return { ...fall, because: [unseen, ...fall.because] };
}

/** Why systemd takes a kill for lack of memory for an ordinary SIGKILL; undefined when it recognises the OOM kill. */
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
 * Whether systemd runs the next command of a oneshot although it is stopping the unit. It does so when the signal that ended
 * the command before counts as a success, and it gives the next command the time of a start, which by default has no end
 * (`service_sigchld_event()`, "Running next main command"; `service_run_next_main()`).
 *
 * @param index of the command that has ended
 */
function runsNextCommand(settings: ServiceSettings, index: number, end: ProcessEnd | null): boolean {
  const [command, next] = settings.ExecStart.value.slice(index);
  if (settings.Type.value !== 'oneshot' || command === undefined || next === undefined) return false;
  return end !== null && classifyMain(settings, [command], end).result === 'success';
}

/**
 * Whether systemd waits for a main process that it has not signalled. With KillMode=none it leaves the process running, and
 * after ExecStopPost= it still waits for the end of the process, for up to TimeoutStopSec= (`service_sigchld_event()`,
 * stop-post).
 */
export function waitsForLeftMain(settings: ServiceSettings): boolean {
  return (
    settings.KillMode.value === 'none' && settings.ExecStopPost.value.length > 0 && mainIsKnown(settings)
  );
}

/**
 * Whether systemd leaves the main process running when a start takes too long. With TimeoutStartFailureMode=kill and
 * SendSIGKILL=no it sends no signal: it runs ExecStopPost= and then waits as with KillMode=none (`service_dispatch_timer()`,
 * "Skipping SIGKILL").
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

/** The limit that ends a running service which no longer answers: the shorter of the two, undefined when the service has none. */
export function hangLimit(settings: ServiceSettings): 'WatchdogSec' | 'RuntimeMaxSec' | undefined {
  const watched = hasWatchdog(settings);
  if (!hasRuntimeLimit(settings)) return watched ? 'WatchdogSec' : undefined;
  return watched && settings.WatchdogSec.value <= settings.RuntimeMaxSec.value
    ? 'WatchdogSec'
    : 'RuntimeMaxSec';
}

/** How the main process ends when systemd signals it; null when KillMode=none leaves it running, or systemd does not know the process. */
function killedBy(settings: ServiceSettings, signal: number): ProcessEnd | null {
  return settings.KillMode.value === 'none' || !mainIsKnown(settings) ? null : { code: 'killed', signal };
}

function ended(result: ServiceResult, main: ProcessEnd | null, because: readonly Reason[]): Fall {
  return { kind: 'ended', result, main, because, stopped: false };
}

function impossible(...because: readonly Reason[]): Fall {
  return { kind: 'impossible', because };
}

function failureIgnored(directive: string, commands: readonly ExecCommand[]): Reason {
  const first = commands[0];
  return {
    code: 'failure-ignored',
    command: first?.path ?? '',
    setting: directive,
    value: `-${first?.path ?? ''}`,
    source: first?.source ?? null,
  };
}

/** For a reason that is systemd's own rule: no directive decides. */
const ownRule = { setting: null, value: null, source: null } as const;

function named(
  settings: ServiceSettings,
  setting: keyof ServiceSettings,
  value: string,
): Pick<Reason, 'setting' | 'value' | 'source'> {
  return { setting, value, source: settings[setting].source };
}
