/** Settings in systemd's own spelling: what `systemctl show` prints for the matching property. */
import type { ServiceSettings, Source } from './service-settings.ts';
import { formatExitStatusSet } from './values/exit-status.ts';
import { formatTimeSpan } from './values/time-span.ts';

export interface ShownSetting {
  readonly value: string;
  readonly source: Source | null;
}

/** The directives that decide about restarts, in the order in which they are shown. */
export const shownDirectives = [
  'Type',
  'Restart',
  'RestartSec',
  'RestartSteps',
  'RestartMaxDelaySec',
  'RestartMode',
  'SuccessExitStatus',
  'RestartPreventExitStatus',
  'RestartForceExitStatus',
  'RemainAfterExit',
  'StartLimitIntervalSec',
  'StartLimitBurst',
  'TimeoutStartSec',
  'TimeoutStopSec',
  'RuntimeMaxSec',
  'WatchdogSec',
  'KillMode',
  'OOMPolicy',
  'ExitType',
  'SendSIGKILL',
] as const satisfies readonly (keyof ServiceSettings)[];

export type ShownDirective = (typeof shownDirectives)[number];

/**
 * The restart-relevant settings as `systemctl show` prints them; directives that the version does not know are left
 * out.
 *
 * @example shownSettings(settings, 252).RestartSec?.value // '100ms'
 */
export function shownSettings(
  settings: ServiceSettings,
  version: number,
): Readonly<Partial<Record<ShownDirective, ShownSetting>>> {
  return Object.fromEntries(
    shownDirectives
      .filter(name => version >= (firstVersion[name] ?? 0))
      .map(name => [name, { value: show(settings, name), source: settings[name].source }]),
  );
}

const firstVersion: Partial<Record<ShownDirective, number>> = {
  RestartSteps: 254,
  RestartMaxDelaySec: 254,
  RestartMode: 254,
  ExitType: 250,
};

function show(settings: ServiceSettings, name: ShownDirective): string {
  switch (name) {
    case 'RestartSec':
    case 'RestartMaxDelaySec':
    case 'StartLimitIntervalSec':
    case 'TimeoutStartSec':
    case 'TimeoutStopSec':
    case 'RuntimeMaxSec':
    case 'WatchdogSec':
      return formatTimeSpan(settings[name].value);
    case 'SuccessExitStatus':
    case 'RestartPreventExitStatus':
    case 'RestartForceExitStatus':
      return formatExitStatusSet(settings[name].value);
    case 'RemainAfterExit':
    case 'SendSIGKILL':
      return settings[name].value ? 'yes' : 'no';
    default:
      return String(settings[name].value);
  }
}
