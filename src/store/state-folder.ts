/** Where daruma stores its state. */
import fs from 'node:fs';
import type { Host } from '../systemd/host/host.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `$XDG_STATE_HOME/daruma`, else `~/.local/state/daruma`; of the system manager `/var/lib/daruma`. Undefined for a user
 * without a home.
 *
 * For a foreign tree (`isForeign`) it is a folder of the user who runs daruma, one for each tree: the owner of the tree must
 * not decide what another user writes.
 *
 * Source: XDG Base Directory Specification; systemd.exec(5) StateDirectory=.
 *
 * @param environment of the user who runs daruma
 */
export function stateFolder(host: Host, environment: Environment): string | undefined {
  if (!isForeign(host)) return stateFolderOf(host.scope, host.environment);
  const own =
    stateFolderOf('user', environment) ?? (process.geteuid?.() === 0 ? systemStateFolder : undefined);
  return own === undefined ? undefined : `${own}/trees/${identityOf(host)}`;
}

/** Whether the host is a tree of another system. A bare folder of units (`units`) is not: facts about it come from this machine. */
export function isForeign({ kind, reach }: Host): boolean {
  return kind === 'offline' && reach !== 'units';
}

/** The state folder that the host's own daruma would use, as a path on this machine. */
export function stateFolderInside(host: Host): string | undefined {
  const folder = stateFolderOf(host.scope, host.environment);
  return folder === undefined ? undefined : host.files.physicalPath(folder);
}

/**
 * The state folder for a manager: of the system, or of the user who has this environment. Undefined for a user without a home.
 *
 * Source: XDG Base Directory Specification, which ignores relative paths.
 */
export function stateFolderOf(scope: ManagerScope, environment: Environment): string | undefined {
  if (scope === 'system') return systemStateFolder;
  const { XDG_STATE_HOME: state, HOME: home } = environment;
  const base = state?.startsWith('/') ? state : home?.startsWith('/') ? `${home}/.local/state` : undefined;
  return base === undefined ? undefined : `${base}/daruma`;
}

const systemStateFolder = '/var/lib/daruma';

/** The variables of another environment that determine the state folder. */
export function stateVariables({ HOME, XDG_STATE_HOME }: Environment): Environment {
  return { ...(HOME === undefined ? {} : { HOME }), XDG_STATE_HOME };
}

/** The folder with the records of fixes. */
export function fixesFolder(folder: string): string {
  return `${folder}/fixes`;
}

/** Identifies a tree, also by device and inode: another image mounted at the same path is another tree. */
function identityOf({ scope, environment, tree: { root, within } }: Host): string {
  const [folder = root] = within;
  const { dev, ino } = fs.statSync(folder);
  // Loaded here, since it takes a tenth of the time of a short command, which never gets here.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const identity = [root, folder, dev, ino, scope, environment['HOME']];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
