/** Where the programs of a user are looked for. */
import type { Host } from '../systemd/host/host.ts';

/** The usual folders of installers, and on the live machine those of `$PATH`: sudo(8), ssh(1) and timers have shorter ones. */
export function programFolders(host: Host, searchPath: string): readonly string[] {
  const home = host.user?.home;
  const own = home === undefined ? [] : [`${home}/.local/bin`, `${home}/bin`, `${home}/.npm-global/bin`];
  const searched = host.kind === 'live' ? searchPath.split(':').filter(Boolean) : [];
  return [...new Set([...own, ...searched, '/usr/local/bin', '/usr/bin', '/bin'])];
}
