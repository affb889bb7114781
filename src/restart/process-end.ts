/** What systemd calls the end of one process: clean, or which failure. */
import type { ExitStatusSet } from '../systemd/values/exit-status.ts';
import { signalName } from '../systemd/values/signal.ts';
import type { Reason } from './reason.ts';

/** How a process ended, as waitid(2) tells it. */
export type ProcessEnd =
  | { readonly code: 'exited'; readonly status: number }
  | { readonly code: 'killed' | 'dumped'; readonly signal: number };

/** `Result` of a service, in systemd's own words. */
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
 * A long-running main process may be told to go by HUP, INT, TERM or PIPE; for a command that should finish, any signal
 * is a failure. `Type=oneshot` and all control processes but a forking ExecStart are commands.
 * Source: `is_clean_exit()`, `service_sigchld_event()`.
 */
export type ProcessRole = 'daemon' | 'command';

/** The signals that end a daemon cleanly: SIGHUP, SIGINT, SIGPIPE, SIGTERM. */
const cleanSignals: ReadonlySet<number> = new Set([1, 2, 13, 15]);

/**
 * Judges the end of a process.
 *
 * @param success `SuccessExitStatus=`, with its line for the reason
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

/** Whether a list of exit statuses and signals names this end. A dumped core counts as its signal. */
export function listMatches(list: ExitStatusSet, end: ProcessEnd): boolean {
  return end.code === 'exited' ? list.statuses.has(end.status) : list.signals.has(end.signal);
}

/** `exit status 1`'s argument or the signal's name, as lists of exit statuses write it: `1`, `SIGKILL`. */
export function describeEnd(end: ProcessEnd): string {
  return end.code === 'exited' ? String(end.status) : signalName(end.signal);
}
