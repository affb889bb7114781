/** The manager of a host, as commands name it that are printed for pasting. */
import type { ShownManager } from '../i18n/shown-commands.ts';
import { inShell } from '../programs/command.ts';
import type { Host } from '../systemd/host/host.ts';

/** With the variables that its commands need where daruma runs. */
export function shownManager({
  scope,
  missingVariables = {},
}: Pick<Host, 'scope' | 'missingVariables'>): ShownManager {
  const variables = Object.entries(missingVariables).map(([name, value]) => `${name}=${inShell(value)} `);
  return { scope, prefix: variables.join('') };
}
