/** Where daruma keeps what it must not forget. */
import type { Host } from '../systemd/host/host.ts';

/**
 * `$XDG_STATE_HOME/daruma`, else `~/.local/state/daruma`; of the system manager `/var/lib/daruma`. Inside the root of an
 * unpacked system. Undefined for a user without a home.
 *
 * Source: XDG Base Directory Specification; systemd.exec(5) StateDirectory=.
 */
export function stateFolder({ scope, environment, files }: Host): string | undefined {
  const folder = scope === 'system' ? '/var/lib/daruma' : userStateFolder(environment);
  return folder === undefined ? undefined : files.physicalPath(folder);
}

/** Of whoever runs daruma. */
export function userStateFolder({
  XDG_STATE_HOME: state,
  HOME: home,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  const base = state || (home ? `${home}/.local/state` : undefined);
  return base === undefined ? undefined : `${base}/daruma`;
}
