/**
 * Why a prediction is as it is, as data: a code with its arguments, the setting that decides, and the line that sets it.
 * Catalogues of words (`i18n/`) turn it into a sentence in the reader's language.
 */
import type { Source } from '../systemd/service-settings.ts';
import type { StartFault, StartObstacle } from './start-obstacle.ts';

/** One step of a prediction: a `code` with its own arguments, and the setting that decides. Durations are seconds. */
export type Reason = ReasonArguments & {
  /** The directive that decides, such as `Restart`; null when systemd's own rule decides. */
  readonly setting: string | null;
  /** The effective value of the setting, as a person would write it in a unit file. */
  readonly value: string | null;
  /** The line that sets the value; null for a default. */
  readonly source: Source | null;
};

/** The kinds of reasons, for tables that have an entry for each. */
export type ReasonCode = ReasonArguments['code'];

/** Whether a reason leaves the outcome open: it depends on a fact that is not known here. */
export function leavesOpen({ code }: Reason): boolean {
  return open.has(code);
}

/** Whether the socket that starts the service is lost with it, or may be: then nobody can call it any more. */
export function losesSocket(because: readonly Reason[]): boolean {
  return because.some(({ code }) => code === 'socket-fails' || code === 'socket-may-fail');
}

const open: ReadonlySet<ReasonCode> = new Set([
  'linger-unknown',
  'may-not-start',
  'one-starts-at-boot',
  'main-process-not-certain',
]);

type ReasonArguments =
  // The end of a process; `what` is an exit status or the name of a signal.
  | { readonly code: 'end-clean-exit' | 'end-clean-signal' | 'end-listed'; readonly what: string }
  | { readonly code: 'end-failed-exit' | 'end-signal'; readonly what: string }
  | { readonly code: 'end-signal-of-command' | 'end-core-dump'; readonly what: string }
  | { readonly code: 'failure-ignored'; readonly command: string }
  /** `-unknown`: it may not guess it; `-not-found`: it could not; `-not-certain`: whether it can is not known. */
  | { readonly code: 'main-process-unknown' | 'main-process-not-found' | 'main-process-not-certain' }
  // Endings that systemd or the kernel causes.
  | { readonly code: 'watchdog-expired' | 'start-timed-out' | 'start-post-timed-out' | 'runtime-exceeded' }
  | { readonly code: 'oom-stops' | 'oom-continues' | 'oom-unseen-on-legacy-cgroups' | 'oom-unaccounted' }
  | { readonly code: 'hook-failed' | 'condition-skips'; readonly hook: HookName; readonly status: number }
  | { readonly code: 'start-post-kills-main' | 'protocol-before-ready' | 'name-may-go-first' }
  // What systemd does after the ending.
  | { readonly code: 'policy-restarts' | 'policy-does-not-restart'; readonly result: string }
  | { readonly code: 'restart-prevented' | 'restart-forced'; readonly what: string }
  | { readonly code: 'force-not-for-successful-oneshot' | 'skip-never-restarts' }
  | { readonly code: 'stays-exited' | 'stop-is-respected' | 'stop-runs-next-command' | 'delay-never-ends' }
  | { readonly code: 'delay' }
  // A command that puts into the background what it is for.
  | { readonly code: 'goes-to-background'; readonly effect: 'killed' | 'stopped' | 'unwatched' | 'hidden' }
  // The start limit.
  | { readonly code: 'limit-reached'; readonly burst: number; readonly intervalSeconds: number }
  | { readonly code: 'limit-undetermined'; readonly burst: number; readonly intervalSeconds: number }
  | { readonly code: 'limit-out-of-reach'; readonly burst: number; readonly intervalSeconds: number }
  | { readonly code: 'limit-off' }
  /** The socket that starts it fails with it, and nobody listens any more; `-may-`: it has a limit of its own, which is not looked at. */
  | {
      readonly code: 'socket-fails';
      readonly trigger: string;
      readonly burst: number;
      readonly intervalSeconds: number;
    }
  | { readonly code: 'socket-may-fail'; readonly trigger: string }
  // Endings that cannot occur.
  | { readonly code: 'no-watchdog' | 'no-start-timeout' | 'no-runtime-limit' | 'no-main-process' }
  | { readonly code: 'ready-at-once' }
  | { readonly code: 'hook-ends-in-time'; readonly hook: HookName; readonly seconds: number }
  | { readonly code: 'not-tied' | 'cannot-fall'; readonly other: string }
  | { readonly code: 'no-hook'; readonly hook: HookName }
  | { readonly code: 'hook-failure-is-no-end'; readonly hook: HookName; readonly status: number }
  | { readonly code: 'system-manager-cannot-be-killed' }
  // A service that runs and no longer answers.
  | { readonly code: 'hang-unnoticed' }
  // The user manager, linger, the boot, and other units.
  | { readonly code: 'linger-on' | 'linger-off' | 'linger-unknown'; readonly user: string }
  | { readonly code: 'logout-does-not-matter' | 'user-manager-stays-dead' }
  | { readonly code: 'user-manager-restarts' }
  | { readonly code: 'started-at-boot'; readonly by: string }
  /** `isInstallable`: whether [Install] names a unit that it can be enabled for; `target`: what starts services at boot. */
  | { readonly code: 'not-enabled'; readonly isInstallable: boolean; readonly target: string }
  | { readonly code: 'enabled-to-missing-target' | 'enabled-to-idle-target'; readonly target: string }
  | { readonly code: 'requires-missing-unit'; readonly target: string }
  | { readonly code: 'gives-way-at-boot' | 'one-starts-at-boot'; readonly target: string }
  // A start that fails or is skipped.
  | {
      readonly code: 'cannot-start' | 'may-not-start';
      readonly fault: StartFault;
      readonly doubt: StartObstacle['doubt'];
    }
  | { readonly code: 'upheld'; readonly by: string }
  | { readonly code: 'on-demand'; readonly trigger: string }
  | { readonly code: 'stopped-with'; readonly other: string }
  | { readonly code: 'pulled-in-with'; readonly other: string }
  | { readonly code: 'not-brought-back' }
  | { readonly code: 'restarted-with' | 'unharmed-by-fall-of'; readonly other: string };

/** The commands of a service that run before and after `ExecStart=` and can make its start fail. */
export type HookName = 'ExecCondition' | 'ExecStartPre' | 'ExecStartPost';
