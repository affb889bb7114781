/** Commands inside texts, quoted for a shell; they are the same in all languages. */
import { shellText } from '../programs/command.ts';
import { lingerCommand, systemctlCommand } from '../systemd/commands.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

/** @example systemctl('user', 'enable', '-a.service') // 'systemctl --user enable -- -a.service' */
export function systemctl(scope: ManagerScope, verb: string | readonly string[], ...units: string[]): string {
  return shellText(systemctlCommand(scope, [verb].flat(), units));
}

/** The command that brings a service back; after a failure for good, with what a start limit needs first. */
export function startAgain(scope: ManagerScope, unit: string, hasGivenUp: boolean): string {
  const start = systemctl(scope, 'start', unit);
  return hasGivenUp ? `${systemctl(scope, 'reset-failed', unit)} && ${start}` : start;
}

/** A command line whose commands each need a variable to find the manager. @param prefix empty when they need none */
export function withEnvironment(prefix: string, commandLine: string): string {
  return prefix === ''
    ? commandLine
    : commandLine.replaceAll(/(?<!\S)systemctl --user /g, `${prefix}systemctl --user `);
}

/** @example shownTime('2026-11-29T05:00:00Z') // '2026-11-29 05:00:00 UTC' */
export function shownTime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', ' UTC');
}

export function enableLinger(user: string): string {
  return shellText(lingerCommand(user, 'on'));
}

/** The fix that `status` and `check` offer, with the options that they were given. */
export function offeredFix(
  scope: ManagerScope,
  config: string | undefined,
  isStarting: boolean,
  names: readonly string[],
): string {
  const options = [
    'fix',
    ...(scope === 'system' ? ['--system'] : []),
    ...(config === undefined ? [] : ['--config', config]),
    ...(isStarting ? ['--restart'] : []),
  ];
  return shellText({ program: 'daruma', options, operands: names });
}

/** A daruma command about units. */
export function daruma(command: string, scope: ManagerScope, ...units: string[]): string {
  const flags = scope === 'system' ? ['--system'] : [];
  return shellText({ program: 'daruma', options: [command, ...flags], operands: units });
}
