/** Settings in systemd's own spelling: the text that `systemctl show` prints for the property of the same meaning. */
import type { ServiceSettings, SourceLine } from './service-settings.ts';
import { formatExitStatusSet } from './values/exit-status.ts';
import { formatTimeSpan } from './values/time-span.ts';

/** A setting as `systemctl show` prints it, and the line that sets it; `source` is null for systemd's own default. */
export interface ShownSetting {
  readonly value: string;
  readonly source: SourceLine | null;
}

/**
 * The directives of {@link shownSettings}: those that decide about restarts, in the order in which `daruma explain` shows them.
 *
 * @example
 * import { shownDirectives } from 'daruma/systemd';
 *
 * shownDirectives.slice(0, 3); // [ 'Type', 'Restart', 'RestartSec' ]
 */
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

/** The name of a directive that {@link shownSettings} has. */
export type ShownDirective = (typeof shownDirectives)[number];

/**
 * Writes the settings that decide about restarts as `systemctl show` prints them. Directives that the version does not know
 * are missing.
 *
 * Source: `print_property()` in `src/systemctl/systemctl-show.c`.
 *
 * @param version systemd's major version, such as 252
 * @example
 * import { createUnitLoader, openOfflineHost, resolveService, shownSettings } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * shownSettings(settings, 252).RestartSec?.value; // '100ms'
 * shownSettings(settings, 252).RestartSteps; // undefined
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
