/** Finds the runtime directory of a user, in which the sockets of the user's manager lie. */
import fs from 'node:fs';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The runtime directory of the user who runs this process: `$XDG_RUNTIME_DIR`, unless that leads to no manager of this user.
 * sudo(8) and su(1) remove the variable, or leave that of the user before. The directory that logind makes has a fixed path.
 *
 * Source: pam_systemd(8); "it MUST be owned by the user", XDG Base Directory Specification.
 */
export function runtimeDirectoryOf(uid: number, environment: Environment): string {
  const given = environment['XDG_RUNTIME_DIR'];
  const usual = `/run/user/${uid}`;
  if (given === undefined || !isOwnFolder(given, uid)) return usual;
  return hasManager(given) || !hasManager(usual) ? given : usual;
}

/**
 * The environment with which programs find the manager of the user who runs this process. The address of a bus that goes with
 * another runtime directory is left out: sd_bus_open_user(3) uses it before it looks into the directory.
 */
export function withRuntimeDirectory(uid: number, environment: Environment): Environment {
  const folder = runtimeDirectoryOf(uid, environment);
  if (environment['XDG_RUNTIME_DIR'] === folder) return environment;
  const { DBUS_SESSION_BUS_ADDRESS: _, ...rest } = environment;
  return { ...rest, XDG_RUNTIME_DIR: folder };
}

function isOwnFolder(folder: string, uid: number): boolean {
  if (!path.isAbsolute(folder)) return false;
  try {
    const status = fs.statSync(folder);
    return status.isDirectory() && status.uid === uid;
  } catch {
    return false;
  }
}

/** Whether one of the sockets of a user manager is there. */
function hasManager(folder: string): boolean {
  return fs.existsSync(`${folder}/systemd/private`) || fs.existsSync(`${folder}/bus`);
}
