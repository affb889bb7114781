/**
 * The effective settings of a service, after systemd has read all files: with types, with defaults, and with the line that sets
 * each one. Time spans are microseconds, systemd's own unit; `Infinity` is its `infinity`.
 */
import type { CommandLine } from './values/command-line.ts';
import type { ExitStatusSet } from './values/exit-status.ts';

/** A line of a file, or the file, link or folder as a whole. */
export interface Source {
  /** Absolute path, as the host itself sees it. */
  readonly file: string;
  /** Number of the line, from 1; null where no line is meant: for a link, a folder, a file that was not read. */
  readonly line: number | null;
}

/** A line of a file. */
export interface SourceLine extends Source {
  readonly line: number;
}

/** A setting that limits a time, with its value as it is written. */
export interface TimeLimit {
  readonly setting: string;
  readonly value: string;
  /** The line that sets it; null for a default. */
  readonly source: Source | null;
}

/** A value and the line that sets it; `source` is null for systemd's own default. */
export interface Setting<T> {
  readonly value: T;
  readonly source: SourceLine | null;
}

/** The values of `Type=`. Source: systemd.service(5). */
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
/** How systemd learns that a service has started, `Type=`. Source: systemd.service(5). */
export type ServiceType = (typeof serviceTypes)[number];

/** The values of `Restart=`. Source: systemd.service(5). */
export const restartPolicies = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
  'always',
] as const;
/** After which results systemd restarts a service, `Restart=`. */
export type RestartPolicy = (typeof restartPolicies)[number];

export const restartModes = ['normal', 'direct', 'debug'] as const;
export const timeoutFailureModes = ['terminate', 'abort', 'kill'] as const;
export const killModes = ['control-group', 'mixed', 'process', 'none'] as const;
export const oomPolicies = ['continue', 'stop', 'kill'] as const;
export const exitTypes = ['main', 'cgroup'] as const;

/**
 * The settings that decide what happens to a service, by the name of the directive. Every `*Sec` is in microseconds, `Infinity`
 * for `infinity` and for a time-out that is switched off; `*Signal` holds the number of a signal. A setting that the version does
 * not know has the value that describes the behaviour of that version. Source: systemd.service(5), systemd.unit(5), systemd.kill(5).
 */
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
  readonly ExecCondition: Setting<readonly ExecCommand[]>;
  readonly ExecStartPre: Setting<readonly ExecCommand[]>;
  readonly ExecStart: Setting<readonly ExecCommand[]>;
  readonly ExecStartPost: Setting<readonly ExecCommand[]>;
  readonly ExecStop: Setting<readonly ExecCommand[]>;
  readonly ExecStopPost: Setting<readonly ExecCommand[]>;
}

/** A command and the line that sets it. */
export interface ExecCommand extends CommandLine {
  readonly source: SourceLine;
}
