/** Whose manager is meant when no process can be asked: in an unpacked root, or for a home directory. */
import fs from 'node:fs';
import path from 'node:path';
import type { HostFiles, HostUser } from './host.ts';
import { defaultShell, firstRegularUid, isRegularUser, readPasswd } from './passwd.ts';

/**
 * The error of {@link openOfflineHost}, {@link openFolder} and {@link folderKind} for files that cannot be opened as a host.
 *
 * @example
 * import { OfflineHostError, openOfflineHost } from 'daruma/systemd';
 *
 * try {
 *   openOfflineHost({ root: 'examples/neko', home: '/home/nobody', scope: 'user' });
 * } catch (error) {
 *   if (error instanceof OfflineHostError) [error.code, error.path]; // [ 'no-home', '/home/nobody' ]
 * }
 */
export class OfflineHostError extends Error {
  readonly code: 'no-directory' | 'no-home' | 'several-users';
  /** The directory that the error is about. */
  readonly path: string;
  /** For `several-users`: the possible users, from whose `home` the caller can choose. */
  readonly candidates: readonly HostUser[];

  constructor(
    code: OfflineHostError['code'],
    directory: string,
    message: string,
    candidates: readonly HostUser[] = [],
  ) {
    super(message);
    this.name = 'OfflineHostError';
    this.code = code;
    this.path = directory;
    this.candidates = candidates;
  }
}

/**
 * The user that is meant inside a root: the owner of `home`; without `home` the only regular user who has a home there,
 * or of several the only one who has units.
 *
 * @returns undefined when the root has no user
 * @throws OfflineHostError
 */
export function userInside(files: HostFiles, home: string | undefined): HostUser | undefined {
  if (home !== undefined) {
    const inside = path.posix.resolve('/', home);
    if (!isDirectory(files, inside))
      throw new OfflineHostError('no-home', inside, `there is no directory ${inside}`);
    return ownerOfHome(files, inside).user;
  }
  const users = inhabitants(files);
  if (users.length <= 1) return users[0];
  const withUnits = users.filter(user => hasUnits(files, user));
  if (withUnits.length === 1) return withUnits[0];
  const candidates = withUnits.length === 0 ? users : withUnits;
  const names = candidates.map(user => `${user.name} (${user.home})`).join(', ');
  throw new OfflineHostError('several-users', '/home', `several users could be meant: ${names}`, candidates);
}

/**
 * The owner of a home: the account that names it, else a user with the name of the directory.
 *
 * @returns `isAccount` is false for a home that no entry of the user database names
 */
export function ownerOfHome(
  files: HostFiles,
  home: string,
): { readonly user: HostUser; readonly isAccount: boolean } {
  const physical = files.resolve(home);
  const account = readPasswd(files).find(
    entry => entry.home === home || (physical !== undefined && files.resolve(entry.home) === physical),
  );
  if (account !== undefined) return { user: account, isAccount: true };
  const { uid, gid } = ownerOf(files, physical ?? home);
  return { user: { name: path.posix.basename(home), uid, gid, home, shell: defaultShell }, isAccount: false };
}

/**
 * Regular users with a home; when there are none, the homes that no account names; at last root, if it has units. Each
 * group is used only when the earlier ones are empty, so that /home/lost+found never counts beside a user.
 */
function inhabitants(files: HostFiles): readonly HostUser[] {
  const accounts = readPasswd(files);
  const regular = accounts.filter(user => isRegularUser(user) && isDirectory(files, user.home));
  if (regular.length > 0) return regular;
  const homes = (files.list('/home') ?? []).map(entry => `/home/${entry.name}`);
  const strays = homes.filter(home => isDirectory(files, home)).map(home => ownerOfHome(files, home).user);
  if (strays.length > 0) return strays;
  return accounts.filter(user => user.uid === 0 && hasUnits(files, user));
}

function hasUnits(files: HostFiles, user: HostUser): boolean {
  return isDirectory(files, `${user.home}/.config/systemd/user`);
}

function isDirectory(files: HostFiles, directory: string): boolean {
  return files.status(directory)?.kind === 'directory';
}

/**
 * The owner of a directory on disk, if that may be its owner on the original machine: files that root unpacks keep
 * their owners.
 */
function ownerOf(files: HostFiles, directory: string): { readonly uid: number; readonly gid: number } {
  const owner = fs.lstatSync(files.physicalPath(directory), { throwIfNoEntry: false });
  return owner !== undefined && owner.uid >= firstRegularUid
    ? { uid: owner.uid, gid: owner.gid }
    : { uid: firstRegularUid, gid: firstRegularUid };
}
