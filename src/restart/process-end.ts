/** What systemd calls the end of one process: a success, or one of its failures. */
import type { ExitStatusSet } from '../systemd/values/exit-status.ts';
import { signalName } from '../systemd/values/signal.ts';
import type { Reason } from './reason.ts';

/** How a process ended, as waitid(2) reports it: `exited` with a status, `killed` by a signal, or `dumped` core after a signal. */
export type ProcessEnd =
  | { readonly code: 'exited'; readonly status: number }
  | { readonly code: 'killed' | 'dumped'; readonly signal: number };

/** The `Result` property of a service, in systemd's own words. Source: org.freedesktop.systemd1(5), `service_result_table`. */
export type ServiceResult =
  | 'success'
  | 'resources'
  | 'protocol'
  | 'timeout'
  | 'exit-code'
  | 'signal'
  | 'core-dump'
  | 'watchdog'
  | 'start-limit-hit'
  | 'oom-kill'
  | 'exec-condition';

/**
 * What a process is for, which decides what its end by a signal means. A `daemon` runs until somebody tells it to end: HUP,
 * INT, PIPE and TERM end it cleanly. A `command` should finish by itself: every signal is a failure. The processes of
 * `Type=oneshot` and all control processes are commands; only the ExecStart= of `Type=forking` counts as a daemon.
 * Source: `is_clean_exit()`, `service_sigchld_event()`.
 */
export type ProcessRole = 'daemon' | 'command';

/** The signals that end a daemon cleanly: SIGHUP, SIGINT, SIGPIPE, SIGTERM. */
const cleanSignals: ReadonlySet<number> = new Set([1, 2, 13, 15]);

/**
 * Decides what systemd calls the end of a process. Without more, exit status 0 and, for a daemon, SIGHUP, SIGINT, SIGPIPE and
 * SIGTERM are successes; `SuccessExitStatus=` adds others.
 *
 * Source: `is_clean_exit()` in `src/shared/exit-status.c`; systemd.service(5), SuccessExitStatus=.
 *
 * @param role decides what the end by a signal means
 * @param success the value of `SuccessExitStatus=` and the line that sets it
 * @returns systemd's `Result` for this process, and why
 * @example
 * import { classifyProcessEnd } from 'daruma/restart';
 *
 * const success = { value: { statuses: new Set([143]), signals: new Set<number>() }, source: null };
 * classifyProcessEnd({ code: 'killed', signal: 15 }, 'daemon', success).result; // 'success'
 * classifyProcessEnd({ code: 'killed', signal: 15 }, 'command', success).result; // 'signal'
 * classifyProcessEnd({ code: 'exited', status: 143 }, 'daemon', success).result; // 'success'
 */
export function classifyProcessEnd(
  end: ProcessEnd,
  role: ProcessRole,
  success: { readonly value: ExitStatusSet; readonly source: Reason['source'] },
): { readonly result: ServiceResult; readonly reason: Reason } {
  const what = describeEnd(end);
  const judged = (result: ServiceResult, code: ProcessEndReason) =>
    ({ result, reason: { code, what, setting: null, value: null, source: null } }) as const;
  const listed = (value: string) =>
    ({
      result: 'success',
      reason: { code: 'end-listed', what, setting: 'SuccessExitStatus', value, source: success.source },
    }) as const;

  if (end.code === 'dumped') return judged('core-dump', 'end-core-dump');
  if (end.code === 'exited') {
    if (end.status === 0) return judged('success', 'end-clean-exit');
    if (success.value.statuses.has(end.status)) return listed(String(end.status));
    return judged('exit-code', 'end-failed-exit');
  }
  if (role === 'daemon' && cleanSignals.has(end.signal)) return judged('success', 'end-clean-signal');
  if (success.value.signals.has(end.signal)) return listed(signalName(end.signal));
  return judged('signal', role === 'command' ? 'end-signal-of-command' : 'end-signal');
}

type ProcessEndReason =
  | 'end-clean-exit'
  | 'end-clean-signal'
  | 'end-failed-exit'
  | 'end-signal'
  | 'end-signal-of-command'
  | 'end-core-dump';

/** Whether a list of exit statuses and signals names this end. The end by a core dump counts as the signal that caused it. */
export function listMatches(list: ExitStatusSet, end: ProcessEnd): boolean {
  return end.code === 'exited' ? list.statuses.has(end.status) : list.signals.has(end.signal);
}

/** Writes the exit status or the signal of an end as lists of exit statuses do: `1`, `SIGKILL`. */
export function describeEnd(end: ProcessEnd): string {
  return end.code === 'exited' ? String(end.status) : signalName(end.signal);
}
