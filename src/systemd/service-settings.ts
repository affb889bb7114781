/**
 * What a service's settings mean once systemd has read them all: typed, defaulted, with the line that made each one so.
 * Time spans are microseconds, systemd's own unit; `Infinity` is its `infinity`.
 */
import type { CommandLine } from './values/command-line.ts';
import type { ExitStatusSet } from './values/exit-status.ts';

/** A line of a file on the host. */
export interface Source {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** A value and the line that set it; null for systemd's own default. */
export interface Setting<T> {
  readonly value: T;
  readonly source: Source | null;
}

export const serviceTypes = [
  'simple',
  'exec',
  'forking',
  'oneshot',
  'dbus',
  'notify',
  'notify-reload',
  'idle',
] as const;
export type ServiceType = (typeof serviceTypes)[number];

export const restartPolicies = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
  'always',
] as const;
export type RestartPolicy = (typeof restartPolicies)[number];

export const restartModes = ['normal', 'direct', 'debug'] as const;
export const timeoutFailureModes = ['terminate', 'abort', 'kill'] as const;
export const killModes = ['control-group', 'mixed', 'process', 'none'] as const;
export const oomPolicies = ['continue', 'stop', 'kill'] as const;
export const exitTypes = ['main', 'cgroup'] as const;

/** The settings that decide a service's fate, by directive name. Those a version does not know hold its behaviour. */
export interface ServiceSettings {
  readonly Type: Setting<ServiceType>;
  readonly Restart: Setting<RestartPolicy>;
  readonly RestartSec: Setting<number>;
  readonly RestartSteps: Setting<number>;
  readonly RestartMaxDelaySec: Setting<number>;
  readonly RestartRandomizedDelaySec: Setting<number>;
  readonly RestartMode: Setting<(typeof restartModes)[number]>;
  readonly SuccessExitStatus: Setting<ExitStatusSet>;
  readonly RestartPreventExitStatus: Setting<ExitStatusSet>;
  readonly RestartForceExitStatus: Setting<ExitStatusSet>;
  readonly RemainAfterExit: Setting<boolean>;
  readonly GuessMainPID: Setting<boolean>;
  readonly PIDFile: Setting<string | undefined>;
  readonly StartLimitIntervalSec: Setting<number>;
  readonly StartLimitBurst: Setting<number>;
  readonly TimeoutStartSec: Setting<number>;
  readonly TimeoutStopSec: Setting<number>;
  readonly TimeoutStartFailureMode: Setting<(typeof timeoutFailureModes)[number]>;
  readonly RuntimeMaxSec: Setting<number>;
  readonly WatchdogSec: Setting<number>;
  readonly WatchdogSignal: Setting<number>;
  readonly KillMode: Setting<(typeof killModes)[number]>;
  readonly KillSignal: Setting<number>;
  readonly SendSIGKILL: Setting<boolean>;
  readonly OOMPolicy: Setting<(typeof oomPolicies)[number]>;
  readonly MemoryAccounting: Setting<boolean>;
  readonly ExitType: Setting<(typeof exitTypes)[number]>;
  readonly ExecCondition: Setting<readonly Command[]>;
  readonly ExecStartPre: Setting<readonly Command[]>;
  readonly ExecStart: Setting<readonly Command[]>;
  readonly ExecStartPost: Setting<readonly Command[]>;
  readonly ExecStop: Setting<readonly Command[]>;
  readonly ExecStopPost: Setting<readonly Command[]>;
}

/** A command with the line it stands in. */
export interface Command extends CommandLine {
  readonly source: Source;
}
