/** Where daruma keeps what it must not forget. */
import type { Host } from '../systemd/host/host.ts';

/**
 * `$XDG_STATE_HOME/daruma`, else `~/.local/state/daruma`; of the system manager `/var/lib/daruma`. Inside the root of an
 * unpacked system. Undefined for a user without a home.
 *
 * Source: XDG Base Directory Specification; systemd.exec(5) StateDirectory=.
 */
export function stateFolder({ scope, environment, files }: Host): string | undefined {
  if (scope === 'system') return files.physicalPath('/var/lib/daruma');
  const { XDG_STATE_HOME: state, HOME: home } = environment;
  const base = state || (home === undefined ? undefined : `${home}/.local/state`);
  return base === undefined ? undefined : files.physicalPath(`${base}/daruma`);
}
