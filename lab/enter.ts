import type { Account } from './accounts.ts';
import { joinCgroup } from './cgroup.ts';

/**
 * The command line that runs `argv` inside a host as `account`, in the home folder, with a clean environment and the address of
 * the user manager (`XDG_RUNTIME_DIR`). It opens no login session: use `su - USER -c ...` for one.
 *
 * @param leader the machine's process id of the host's PID 1
 */
export function enterArgv(id: string, leader: number, account: Account, argv: readonly string[]): string[] {
  // Joins a group below the host's root group: logind refuses callers outside its cgroup namespace (systemd 257: EUNATCH).
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
    // Commands of root go to the system manager, as in a root shell from sudo.
    ...(uid === 0 ? [] : [`XDG_RUNTIME_DIR=${runtime}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus`]),
  ];
}
