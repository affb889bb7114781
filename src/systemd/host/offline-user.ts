/** Whose manager is meant where no process can be asked: in an unpacked root, or by a home directory. */
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
  /** The directory it is about. */
  readonly path: string;
  /** Of `several-users`: those who could be meant, their `home` to choose by. */
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
 * The user that is meant inside a root: the owner of `home`; without it the only regular user who has a home there, or
 * the only one of several who has units of their own.
 *
 * @returns undefined when nobody lives there
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
 * The owner of a home: the account that names it, else somebody called like the directory.
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
 * Regular users with a home; where there is none, the homes that no account names, and at last root if it has units.
 * One after the other: /home/lost+found is nobody's rival.
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

/** Who owns it on disk, when that may be who owned it where it came from: files unpacked by root keep their owner. */
function ownerOf(files: HostFiles, directory: string): { readonly uid: number; readonly gid: number } {
  const owner = fs.lstatSync(files.physicalPath(directory), { throwIfNoEntry: false });
  return owner !== undefined && owner.uid >= firstRegularUid
    ? { uid: owner.uid, gid: owner.gid }
    : { uid: firstRegularUid, gid: firstRegularUid };
}
