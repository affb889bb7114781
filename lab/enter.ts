import type { Account } from './accounts.ts';
import { joinCgroup } from './cgroup.ts';

/**
 * The command line that, run on the machine, runs `argv` inside a host as `account`, in its home, with a clean environment
 * and the way to its user manager (`XDG_RUNTIME_DIR`). It opens no login session: use `su - USER -c ...` for one.
 *
 * @param leader the process outside that is the host's PID 1
 */
export function enterArgv(id: string, leader: number, account: Account, argv: readonly string[]): string[] {
  // In a group below the host's own root: logind refuses callers from outside its cgroup namespace (systemd 257: EUNATCH).
  return joinCgroup(id, 'payload/exec', [
    'nsenter',
    `--target=${leader}`,
    '--all',
    '--',
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--init-groups',
    '--',
    'env',
    '--ignore-environment',
    `--chdir=${account.home}`,
    ...environment(account),
    ...argv,
  ]);
}

function environment({ name, uid, home, shell }: Account): string[] {
  const runtime = `/run/user/${uid}`;
  return [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'LANG=C.UTF-8',
    `HOME=${home}`,
    `USER=${name}`,
    `LOGNAME=${name}`,
    `SHELL=${shell}`,
    // root's commands are for the system manager, as in a root shell that came by sudo.
    ...(uid === 0 ? [] : [`XDG_RUNTIME_DIR=${runtime}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus`]),
  ];
}
