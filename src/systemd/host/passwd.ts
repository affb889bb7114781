/** Users: those in the database of a file system, passwd(5), and the one who runs this process. */
import os from 'node:os';
import type { HostFiles, HostUser } from './host.ts';

/** The entries of /etc/passwd in order; none when there is no such file. Lines that are no entry are passed over. */
export function readPasswd(files: HostFiles): readonly HostUser[] {
  if (files.status('/etc/passwd')?.kind !== 'file') return [];
  return files
    .read('/etc/passwd')
    .toString('utf8')
    .split('\n')
    .map(entryOf)
    .filter(entry => entry !== undefined);
}

/** The user of this process; with what the environment says for a number that no account has (`podman --user 1234`). */
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

/** Whether a person stands behind it: not root, not a service's account, not `nobody` (65534). */
export function isRegularUser(user: HostUser): boolean {
  return user.uid >= firstRegularUid && user.uid < nobody;
}

/** Where distributions begin to number people (`UID_MIN` in login.defs(5)). */
export const firstRegularUid = 1000;

const nobody = 65_534;

function entryOf(line: string): HostUser | undefined {
  const [name, , uid, gid, , home, shell] = line.split(':');
  // Files are called like users.
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

/** What an empty field means (passwd(5)). */
export const defaultShell = '/bin/sh';

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}
