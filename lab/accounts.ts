import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of /etc/passwd (passwd(5)). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/**
 * The account of that name in a root file system.
 *
 * @throws Error when there is none.
 */
export function accountIn(rootDir: string, name: string): Account {
  for (const line of readFileSync(join(rootDir, 'etc/passwd'), 'utf8').split('\n')) {
    const [login, , uid, gid, , home = '/', shell = '/bin/sh'] = line.split(':');
    if (login === name) return { name, uid: Number(uid), gid: Number(gid), home, shell };
  }
  throw new Error(`no user ${name} in this host`);
}
