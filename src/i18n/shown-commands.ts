/** Commands inside texts, quoted for a shell; they are the same in all languages. */
import { shellText } from '../programs/command.ts';
import { lingerCommand, systemctlCommand } from '../systemd/commands.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

/** The manager that a shown command asks. */
export interface ShownManager {
  readonly scope: ManagerScope;
  /** Goes before each command: `sudo `, or a variable with which it finds the manager. */
  readonly prefix?: string;
}

/** @example systemctl({ scope: 'user' }, 'enable', '-a.service') // 'systemctl --user enable -- -a.service' */
export function systemctl(
  { scope, prefix = '' }: ShownManager,
  verb: string | readonly string[],
  ...units: string[]
): string {
  return prefix + shellText(systemctlCommand(scope, [verb].flat(), units));
}

/**
 * What has a service started at boot: the command, and before it what [Install] needs, without which the command does nothing.
 *
 * @param target what starts services at boot
 */
export function enabling(
  manager: ShownManager,
  unit: string,
  { isInstallable, target }: { readonly isInstallable: boolean; readonly target: string },
): { readonly install: string | undefined; readonly command: string } {
  const install = isInstallable ? undefined : `WantedBy=${target}`;
  return { install, command: systemctl(manager, 'enable', unit) };
}

/**
 * The command that brings a unit back; after a failure for good, with what a start limit needs first.
 *
 * @param beside what has failed with it, and is not started itself
 */
export function startAgain(
  manager: ShownManager,
  unit: string,
  hasGivenUp: boolean,
  beside: readonly string[] = [],
): string {
  const reset = hasGivenUp ? [systemctl(manager, 'reset-failed', ...beside, unit)] : [];
  return [...reset, systemctl(manager, 'start', unit)].join(' && ');
}

/** The command that brings a user's own manager back; only root may. */
export function startManager(manager: string, hasFailed: boolean): string {
  return startAgain({ scope: 'system', prefix: 'sudo ' }, manager, hasFailed);
}

/** The command that shows how a user's own manager is, as anybody may ask. */
export function showManager(manager: string): string {
  return systemctl({ scope: 'system' }, 'status', manager);
}

/**
 * What a service and its manager wrote last, which says why it fell. `--user-unit=` finds it for root as well, and where users have no
 * journals of their own.
 */
export function lastEntries({ scope, prefix = '' }: ShownManager, unit: string): string {
  const options = [`--${scope === 'user' ? 'user-' : ''}unit=${unit}`, '--lines=50'];
  return prefix + shellText({ program: 'journalctl', options, operands: [] });
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

/** A daruma command as another user, in a session of theirs; for root. */
export function darumaAs(user: string, command: string): string {
  return shellText({ program: 'su', options: ['-', user, '-c', `daruma ${command}`], operands: [] });
}

/** Shows which program listens on a port (ss(8)). */
export function whoListens(port: number): string {
  return shellText({ program: 'ss', options: ['-ltnp'], operands: ['sport', '=', `:${port}`] });
}

/** A daruma command about the files in a home. */
export function darumaFrom(home: string, command: string): string {
  return shellText({ program: 'daruma', options: [command, '--home', home], operands: [] });
}

/** A daruma command about units. */
export function daruma(command: string, scope: ManagerScope, ...units: string[]): string {
  const flags = scope === 'system' ? ['--system'] : [];
  return shellText({ program: 'daruma', options: [...command.split(' '), ...flags], operands: units });
}
