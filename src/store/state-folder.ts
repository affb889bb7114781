/** Where daruma keeps what it must not forget. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Host } from '../systemd/host/host.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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
export function stateFolder(host: Host, environment: Environment): string | undefined {
  if (!isForeign(host)) return stateFolderOf(host.scope, host.environment);
  const own =
    stateFolderOf('user', environment) ?? (process.geteuid?.() === 0 ? systemStateFolder : undefined);
  return own === undefined ? undefined : `${own}/trees/${identityOf(host)}`;
}

/** Whether it is looked at from outside. A folder of units belongs to nobody: what is asked of it is asked of the machine. */
export function isForeign({ kind, reach }: Host): boolean {
  return kind === 'offline' && reach !== 'units';
}

/** Where the daruma of that very host would keep it; a path of this machine. */
export function stateFolderInside(host: Host): string | undefined {
  const folder = stateFolderOf(host.scope, host.environment);
  return folder === undefined ? undefined : host.files.physicalPath(folder);
}

/**
 * Of a manager of this machine, or of the user whose environment it is. Undefined for a user without a home.
 *
 * Source: XDG Base Directory Specification, which passes over relative paths.
 */
export function stateFolderOf(scope: ManagerScope, environment: Environment): string | undefined {
  if (scope === 'system') return systemStateFolder;
  const { XDG_STATE_HOME: state, HOME: home } = environment;
  const base = state?.startsWith('/') ? state : home?.startsWith('/') ? `${home}/.local/state` : undefined;
  return base === undefined ? undefined : `${base}/daruma`;
}

const systemStateFolder = '/var/lib/daruma';

/** The variables of another environment that say where state lies. */
export function stateVariables({ HOME, XDG_STATE_HOME }: Environment): Environment {
  return { ...(HOME === undefined ? {} : { HOME }), XDG_STATE_HOME };
}

/** Where the records of fixes lie. */
export function fixesFolder(folder: string): string {
  return `${folder}/fixes`;
}

/** Another image that is mounted at the same place is another tree. */
function identityOf({ scope, environment, tree: { root, within } }: Host): string {
  const [folder = root] = within;
  const { dev, ino } = fs.statSync(folder);
  const identity = [root, folder, dev, ino, scope, environment['HOME']];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
