/**
 * Linger: whether a user's manager starts at boot and outlives the last session.
 * Source: loginctl(1) "enable-linger"; logind keeps an empty file per user under /var/lib/systemd/linger.
 */
import { openDBus, DBusFailure, systemBusSocket } from './dbus.ts';
import type { HostFiles, Linger } from './host.ts';

/** Linger according to the flag file, which is the only source in an unpacked root. */
export function lingerFromFile(files: HostFiles, userName: string): Linger {
  const path = lingerPath(userName);
  return { enabled: files.status(path) !== undefined, origin: 'file', path };
}

/**
 * Linger according to logind; according to the flag file when logind does not exist, does not answer, or does not know
 * the user (it knows users who are logged in or linger).
 */
export async function lingerFromLogind(
  files: HostFiles,
  user: { readonly name: string; readonly uid: number },
): Promise<Linger> {
  try {
    await using logind = await openDBus({ socket: systemBusSocket, destination: 'org.freedesktop.login1' });
    const path = await logind.call(logindPath, `${logindInterface}.Manager`, 'GetUser', 'u', [user.uid]);
    const enabled = await logind.get(String(path), `${logindInterface}.User`, 'Linger');
    if (typeof enabled === 'boolean') return { enabled, origin: 'logind', path: lingerPath(user.name) };
  } catch (error) {
    if (!(error instanceof DBusFailure)) throw error;
  }
  return lingerFromFile(files, user.name);
}

const logindPath = '/org/freedesktop/login1';
const logindInterface = 'org.freedesktop.login1';

/** The flag file of a user. */
export function lingerPath(userName: string): string {
  return `${lingerFolder}/${userName}`;
}

/** The folder of logind's flag files. */
export const lingerFolder = '/var/lib/systemd/linger';
