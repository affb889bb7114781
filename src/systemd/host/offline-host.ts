/** {@link Host} of files alone: an unpacked root, a home, or a folder of unit files. No running program is asked. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { unitSearchPath } from '../search-path.ts';
import type { ManagerScope } from '../search-path.ts';
import { filesFrom, localFiles, rootedFiles } from './files.ts';
import { givenPath } from './given-path.ts';
import type { Host, HostFiles, HostUser, Linger } from './host.ts';
import { lingerFolder, lingerFromFile } from './linger.ts';
import { OfflineHostError, ownerOfHome, userInside } from './offline-user.ts';
import { currentUser } from './passwd.ts';
import { wholeMachine } from './tree.ts';
import { installedVersion, newestKnownVersion } from './version.ts';

export { OfflineHostError } from './offline-user.ts';

/** How {@link openOfflineHost} opens an unpacked root. */
export interface OfflineHostOptions extends Given {
  /** The unpacked root file system, a directory of this machine. */
  readonly root: string;
  /** Home of the user, as the root itself sees it (`/home/kuma`). Without it, the only regular user is meant. */
  readonly home?: string;
  /** Whose manager is meant: that of this user, or that of the system. */
  readonly scope: ManagerScope;
  /** The major version to assume in place of the installed one. */
  readonly systemdVersion?: number;
}

/** Facts about the calling process; those of this process when they are missing. */
interface Given {
  /** The directory from which a relative path starts. */
  readonly workingDirectory?: string;
  /** The environment from which the user of a folder of units is taken when the user id has no account. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens an unpacked root file system as a host. No manager is asked, and no symlink leads out of the root.
 *
 * In the scope `user` the host has no `user` where the root has no regular user: the units for all users can still be read.
 *
 * @throws OfflineHostError when the root or the home does not exist, or several users could be meant
 * @example
 * import { openOfflineHost } from 'daruma/systemd';
 *
 * const host = openOfflineHost({ root: 'examples/neko', scope: 'user' });
 * host.user?.name; // 'azureuser'
 * host.systemd; // { version: 252, origin: 'root' }
 */
export function openOfflineHost(options: OfflineHostOptions): Host {
  const { root, home, scope, workingDirectory = process.cwd() } = options;
  expectDirectory(root, workingDirectory);
  const files = rootedFiles(givenPath(root, workingDirectory));
  const user = scope === 'user' ? userInside(files, home) : undefined;
  const systemd = versionOf(files, options.systemdVersion);
  const environment = user === undefined ? {} : environmentOf(user);
  return {
    ...offline(root),
    scope,
    reach: 'machine',
    hostName: hostNameInside(files),
    user,
    files,
    tree: { root: files.physicalPath('/'), within: [files.physicalPath('/')] },
    systemd,
    unitPath: unitSearchPath(scope, environment, systemd.version),
    environment,
    commandEnvironment: {},
    linger: async () => user && lingerFromFile(files, user.name),
  };
}

/** How {@link openFolder} opens a folder. */
export interface FolderOptions extends Given {
  readonly scope: ManagerScope;
  /** Home of the user if the folder is a root, as in {@link OfflineHostOptions}. */
  readonly home?: string;
  /** The major version to assume in place of the installed one. */
  readonly systemdVersion?: number;
}

/** What a folder holds: a root file system, the home of one user, or only unit files. */
export type FolderKind = 'root' | 'home' | 'units';

/**
 * Decides what a folder holds: with `home/` in it an unpacked root, with `.config/systemd/user` in it the home of a user, else
 * unit files.
 *
 * @param workingDirectory where a relative path begins; that of this process when it is missing
 * @throws OfflineHostError when the folder is no directory
 * @example
 * import { folderKind } from 'daruma/systemd';
 *
 * folderKind('examples/neko'); // 'root'
 * folderKind('examples/neko/home/azureuser'); // 'home'
 * folderKind('examples/neko/home/azureuser/.config/systemd/user'); // 'units'
 */
export function folderKind(folder: string, workingDirectory = process.cwd()): FolderKind {
  expectDirectory(folder, workingDirectory);
  const place = givenPath(folder, workingDirectory);
  if (isDirectory(path.join(place, 'home'))) return 'root';
  return isDirectory(path.join(place, '.config/systemd/user')) ? 'home' : 'units';
}

/**
 * Opens a folder as a host, according to its {@link folderKind}. A home and a folder of unit files count as part of this machine:
 * their symlinks lead to files of this machine, and its directories for all users complete the search path.
 *
 * @throws OfflineHostError when the folder is no directory; for a root as {@link openOfflineHost}
 * @example
 * import { openFolder } from 'daruma/systemd';
 *
 * const host = openFolder('examples/neko/home/azureuser/.config/systemd/user', { scope: 'user', systemdVersion: 252 });
 * host.reach; // 'units'
 * host.managerProblem?.code; // 'offline'
 */
export function openFolder(folder: string, options: FolderOptions): Host {
  const { workingDirectory = process.cwd() } = options;
  const kind = folderKind(folder, workingDirectory);
  if (kind === 'root') return openOfflineHost({ ...options, root: folder });
  const absolute = path.resolve(workingDirectory, folder);
  // A home contains nothing for the system manager.
  return kind === 'home' && options.scope === 'user'
    ? homeOnItsOwn(absolute, options)
    : openUnitFolder(absolute, options);
}

function homeOnItsOwn(home: string, options: FolderOptions): Host {
  // Facts about the machine itself are read with the rights of the calling user.
  const machine = localFiles();
  const { user, isAccount } = ownerOfHome(machine, home);
  const files = filesFrom(home, `${home}/.config/systemd/user`);
  const systemd = versionOf(machine, options.systemdVersion);
  return {
    ...offline(home),
    scope: 'user',
    reach: isAccount ? 'machine' : 'home',
    hostName: os.hostname(),
    user,
    files,
    // Links lead to files of this machine; files outside the user's own folders must not be written through them.
    tree: { root: '/', within: [fs.realpathSync(home), ...(isAccount ? [lingerFolder] : [])] },
    systemd,
    // Without a runtime directory: /run/user/UID of this machine may belong to another user.
    unitPath: unitSearchPath('user', { HOME: home }, systemd.version),
    environment: environmentOf(user),
    commandEnvironment: {},
    // The flag file of a home from another machine is on that machine.
    linger: async (): Promise<Linger | undefined> =>
      isAccount ? lingerFromFile(machine, user.name) : undefined,
  };
}

/** A host and its place, which begins every path of it. */
export interface SurroundingHost {
  readonly host: Host;
  /** The unpacked root; empty for a home, whose paths are those of this machine. */
  readonly root: string;
}

/**
 * Opens what a folder of units is a part of, as far as the path says it: the home of a user, in an unpacked root or not,
 * or an unpacked root with a system manager.
 *
 * @param folder absolute path
 * @returns undefined for any other folder
 * @throws OfflineHostError
 */
export function openAround(folder: string, options: FolderOptions): SurroundingHost | undefined {
  const { home: _, ...given } = options;
  const home = /^(.+)\/\.config\/systemd\/user$/.exec(folder)?.[1];
  if (options.scope === 'system') {
    const root = /^(.+?)\/(?:etc|usr\/lib|lib)\/systemd\/system$/.exec(folder)?.[1];
    return root !== undefined && isRoot(root)
      ? { host: openOfflineHost({ ...given, root }), root }
      : undefined;
  }
  if (home === undefined) return undefined;
  const parent = path.dirname(home);
  const root =
    path.basename(home) === 'root' ? parent : path.basename(parent) === 'home' ? path.dirname(parent) : '/';
  return root !== '/' && isRoot(root)
    ? { host: openOfflineHost({ ...given, root, home: home.slice(root.length) }), root }
    : { host: openFolder(home, given), root: '' };
}

/** Unlike a folder that somebody names, one that merely lies around a file is a root only with its users. */
function isRoot(folder: string): boolean {
  return folderKind(folder, '/') === 'root' && isDirectory(path.join(folder, 'etc'));
}

/** Opens the folder of a unit file, whatever else it contains. */
export function openUnitFolder(folder: string, options: FolderOptions): Host {
  const { scope, environment = process.env } = options;
  const files = filesFrom(folder);
  const systemd = versionOf(localFiles(), options.systemdVersion);
  const user = scope === 'user' ? currentUser(environment) : undefined;
  return {
    ...offline(folder),
    scope,
    reach: 'units',
    hostName: os.hostname(),
    user,
    files,
    tree: wholeMachine,
    systemd,
    unitPath: [...new Set([folder, ...unitSearchPath(scope, {}, systemd.version)])],
    environment: user === undefined ? {} : environmentOf(user),
    commandEnvironment: {},
    // It is not known whose units they will be.
    linger: () => Promise.resolve(undefined),
  };
}

function offline(tried: string) {
  return {
    kind: 'offline',
    // All versions from 258 on use it, and it was the default of all distributions for years before.
    cgroups: { layout: 'unified', assumed: true },
    manager: undefined,
    managerProblem: { code: 'offline', tried },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  } as const satisfies Partial<Host>;
}

function versionOf(files: HostFiles, wanted: number | undefined): Host['systemd'] {
  if (wanted !== undefined) return { version: wanted, origin: 'option' };
  const installed = installedVersion(files);
  return installed === undefined
    ? { version: newestKnownVersion, origin: 'newest-known' }
    : { version: installed, origin: 'root' };
}

function environmentOf(user: HostUser): Readonly<Record<string, string>> {
  return { HOME: user.home, XDG_RUNTIME_DIR: `/run/user/${user.uid}` };
}

/** Source: hostname(5); a machine without the file has the name `localhost`. */
function hostNameInside(files: HostFiles): string {
  if (files.status('/etc/hostname')?.kind !== 'file') return 'localhost';
  const lines = files.read('/etc/hostname').toString('utf8').split('\n');
  return lines.map(line => line.trim()).find(line => line !== '' && !line.startsWith('#')) ?? 'localhost';
}

function expectDirectory(folder: string, workingDirectory: string): void {
  if (isDirectory(givenPath(folder, workingDirectory))) return;
  throw new OfflineHostError('no-directory', folder, `${folder} is not a directory`);
}

function isDirectory(folder: string): boolean {
  return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
