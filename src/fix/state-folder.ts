/** Where daruma keeps what it must not forget. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Host } from '../systemd/host/host.ts';

/**
 * `$XDG_STATE_HOME/daruma`, else `~/.local/state/daruma`; of the system manager `/var/lib/daruma`. Undefined for a user
 * without a home.
 *
 * What is done to a tree that is looked at is kept by whoever looks, a folder a tree: who owns the tree must not say what
 * is to be written by somebody else's hand.
 *
 * Source: XDG Base Directory Specification; systemd.exec(5) StateDirectory=.
 *
 * @param environment of whoever runs daruma
 */
export function stateFolder(
  host: Host,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (!isForeign(host)) return ownFolder(host);
  const own = userStateFolder(environment) ?? (process.geteuid?.() === 0 ? systemStateFolder : undefined);
  return own === undefined ? undefined : `${own}/trees/${identityOf(host)}`;
}

/** Whether it is looked at from outside. A folder of units belongs to nobody: what is asked of it is asked of the machine. */
export function isForeign({ kind, reach }: Host): boolean {
  return kind === 'offline' && reach !== 'units';
}

/** Where the daruma of that very host would keep it; a path of this machine. */
export function stateFolderInside(host: Host): string | undefined {
  const folder = ownFolder(host);
  return folder === undefined ? undefined : host.files.physicalPath(folder);
}

function ownFolder({ scope, environment }: Host): string | undefined {
  return scope === 'system' ? systemStateFolder : userStateFolder(environment);
}

const systemStateFolder = '/var/lib/daruma';

/** Of whoever runs daruma. Source: XDG Base Directory Specification, which passes over relative paths. */
export function userStateFolder({
  XDG_STATE_HOME: state,
  HOME: home,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  const base = state?.startsWith('/') ? state : home?.startsWith('/') ? `${home}/.local/state` : undefined;
  return base === undefined ? undefined : `${base}/daruma`;
}

/** Another image that is mounted at the same place is another tree. */
function identityOf({ scope, environment, tree: { root, within } }: Host): string {
  const [folder = root] = within;
  const { dev, ino } = fs.statSync(folder);
  const identity = [root, folder, dev, ino, scope, environment['HOME']];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
