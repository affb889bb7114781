/** Users: those in the user database of a file system, passwd(5), and the user who runs this process. */
import os from 'node:os';
import type { HostFiles, HostUser } from './host.ts';

/** The entries of /etc/passwd in order; none when the file does not exist. Invalid lines are skipped. */
export function readPasswd(files: HostFiles): readonly HostUser[] {
  if (files.status('/etc/passwd')?.kind !== 'file') return [];
  return files
    .read('/etc/passwd')
    .toString('utf8')
    .split('\n')
    .map(entryOf)
    .filter(entry => entry !== undefined);
}

/** The user of this process; for a user id without an account (`podman --user 1234`), the environment provides the rest. */
export function currentUser(environment: Readonly<Record<string, string | undefined>>): HostUser {
  try {
    const { username, uid, gid, homedir, shell } = os.userInfo();
    return { name: username, uid, gid, home: homedir, shell: shell ?? defaultShell };
  } catch {
    const uid = process.getuid?.() ?? 0;
    return {
      name: environment['USER'] ?? String(uid),
      uid,
      gid: process.getgid?.() ?? uid,
      home: environment['HOME'] ?? '/',
      shell: environment['SHELL'] ?? defaultShell,
    };
  }
}

/** Whether a user is a person: not root, not the account of a service, not `nobody` (65534). */
export function isRegularUser(user: HostUser): boolean {
  return user.uid >= firstRegularUid && user.uid < nobody;
}

/** The first user id that distributions give to people (`UID_MIN` in login.defs(5)). */
export const firstRegularUid = 1000;

const nobody = 65_534;

function entryOf(line: string): HostUser | undefined {
  const [name, , uid, gid, , home, shell] = line.split(':');
  // Some files are named after users: with such a name, their paths would lead elsewhere.
  if (!name || name.startsWith('#') || name.includes('/') || name === '.' || name === '..') return undefined;
  if (!home?.startsWith('/')) return undefined;
  if (!isNumber(uid) || !isNumber(gid)) return undefined;
  return {
    name,
    uid: Number(uid),
    gid: Number(gid),
    home: home.replace(/(?<=[^/]|^\/)\/+$/, ''),
    shell: shell || defaultShell,
  };
}

/** The meaning of an empty field (passwd(5)). */
export const defaultShell = '/bin/sh';

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}
