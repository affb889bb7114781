import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { canKillCgroups } from './cgroup.ts';
import { cachedRoot, machineSystemd } from './root-file-system.ts';
import { run } from './run.ts';

/** What the lab calls on the machine, and what a host over the machine's own root needs there besides systemd. */
const COMMANDS = ['systemctl', 'systemd-nspawn', 'nsenter', 'setpriv', 'unshare', 'ip', 'mount', 'flock'];
const COMMANDS_OF_A_HOST = ['dbus-daemon', 'loginctl', 'useradd'];

/**
 * What is missing on this machine, in words, for hosts of these systemd versions (none: of the machine's own);
 * empty when the lab can be used.
 */
export async function labAvailability(systemdVersions: readonly number[] = []): Promise<string[]> {
  if (process.platform !== 'linux') return ['Linux'];
  if (process.getuid?.() !== 0) return ['root'];
  const missing = COMMANDS.filter(isNotOnPath);
  if (missing.length > 0) return missing;
  const own = await machineSystemd();
  const others = systemdVersions.filter(version => version !== own);
  if (others.length < systemdVersions.length || systemdVersions.length === 0) {
    missing.push(...COMMANDS_OF_A_HOST.filter(isNotOnPath));
  }
  if (!others.every(version => existsSync(cachedRoot(version)))) {
    missing.push(...['mmdebstrap'].filter(isNotOnPath));
  }
  if (!canKillCgroups()) missing.push('a writable cgroup2 with cgroup.kill (Linux 5.14)');
  if (!(await canMountOverlay())) missing.push('the right to mount an overlay');
  return missing;
}

function isNotOnPath(command: string): boolean {
  const folders = process.env['PATH']?.split(delimiter) ?? [];
  return !folders.some(folder => existsSync(join(folder, command)));
}

/** Mounts one, in a mount namespace that is gone when the command ends. */
async function canMountOverlay(): Promise<boolean> {
  const mount = ['mount', '-t', 'overlay', '-o', 'lowerdir=/etc:/usr', 'overlay', '/mnt'];
  return (await run(['unshare', '--mount', '--', ...mount])).code === 0;
}
