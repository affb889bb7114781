/** Commands inside texts, quoted for a shell; they are the same in all languages. */
import { shellText } from '../programs/command.ts';
import { lingerCommand, systemctlCommand } from '../systemd/commands.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

/** @example systemctl('user', 'enable', '-a.service') // 'systemctl --user enable -- -a.service' */
export function systemctl(scope: ManagerScope, verb: string | readonly string[], ...units: string[]): string {
  return shellText(systemctlCommand(scope, [verb].flat(), units));
}

export function enableLinger(user: string): string {
  return shellText(lingerCommand(user, 'on'));
}

/** A daruma command about units. */
export function daruma(command: string, scope: ManagerScope, ...units: string[]): string {
  const flags = scope === 'system' ? ['--system'] : [];
  return shellText({ program: 'daruma', options: [command, ...flags], operands: units });
}
