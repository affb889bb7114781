/** Commands inside texts, quoted for a shell; they are the same in all languages. */
import { shellText } from '../programs/command.ts';
import { lingerCommand, systemctlCommand } from '../systemd/commands.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

/** @example systemctl('user', 'enable', '-a.service') // 'systemctl --user enable -- -a.service' */
export function systemctl(scope: ManagerScope, verb: string | readonly string[], ...units: string[]): string {
  return shellText(systemctlCommand(scope, [verb].flat(), units));
}

/**
 * The command that brings a service back; after a failure for good, with what a start limit needs first.
 *
 * @param prefix goes before each command: `sudo `, or a variable with which it finds the manager
 */
export function startAgain(scope: ManagerScope, unit: string, hasGivenUp: boolean, prefix = ''): string {
  const verbs = hasGivenUp ? ['reset-failed', 'start'] : ['start'];
  return verbs.map(verb => prefix + systemctl(scope, verb, unit)).join(' && ');
}

export function enableLinger(user: string): string {
  return shellText(lingerCommand(user, 'on'));
}

/** The fix that `status` and `check` offer, with the options that they were given. */
export function offeredFix(
  scope: ManagerScope,
  { root, home, config, systemd }: Readonly<Partial<Record<'root' | 'home' | 'config' | 'systemd', string>>>,
  isStarting: boolean,
  names: readonly string[],
): string {
  const options = [
    'fix',
    ...(scope === 'system' ? ['--system'] : []),
    ...(root === undefined ? [] : ['--root', root]),
    ...(home === undefined ? [] : ['--home', home]),
    ...(config === undefined ? [] : ['--config', config]),
    ...(systemd === undefined ? [] : ['--systemd', systemd]),
    ...(isStarting ? ['--restart'] : []),
  ];
  return shellText({ program: 'daruma', options, operands: names });
}

/** A daruma command about units. */
export function daruma(command: string, scope: ManagerScope, ...units: string[]): string {
  const flags = scope === 'system' ? ['--system'] : [];
  return shellText({ program: 'daruma', options: [command, ...flags], operands: units });
}
