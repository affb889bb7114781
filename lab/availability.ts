import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { canKillCgroups } from './cgroup.ts';
import { cachedRoot, machineSystemd } from './root-file-system.ts';

/** Programs that the lab runs on the machine, and that a host with the machine's root file system needs besides systemd. */
const COMMANDS = ['systemctl', 'systemd-nspawn', 'nsenter', 'setpriv', 'unshare', 'ip', 'mount', 'flock'];
const COMMANDS_OF_A_HOST = ['dbus-daemon', 'loginctl', 'useradd'];

/**
 * Texts about what this machine lacks for hosts with these systemd versions (an empty list: with the machine's own); empty when
 * the lab can be used. Synchronous, because tests are skipped while they are collected.
 */
export function labAvailability(systemdVersions: readonly number[] = []): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  if (process.getuid?.() !== 0) return ['root'];
  const missing = COMMANDS.filter(isNotOnPath);
  if (missing.length > 0) return missing;
  const own = machineSystemd();
  const others = systemdVersions.filter(version => version !== own);
  if (others.length < systemdVersions.length || systemdVersions.length === 0) {
    missing.push(...COMMANDS_OF_A_HOST.filter(isNotOnPath));
  }
  if (!others.every(version => existsSync(cachedRoot(version)))) {
    missing.push(...['mmdebstrap'].filter(isNotOnPath));
  }
  if (!canKillCgroups()) missing.push('a writable cgroup2 with cgroup.kill (Linux 5.14)');
  if (!canMountOverlay()) missing.push('the right to mount an overlay');
  return missing;
}

/** Whether a command is not on PATH. */
export function isNotOnPath(command: string): boolean {
  const folders = process.env['PATH']?.split(delimiter) ?? [];
  return !folders.some(folder => existsSync(join(folder, command)));
}

/** Whether an overlay can be mounted. It tries in a mount namespace that ends with the command. */
function canMountOverlay(): boolean {
  const mount = ['mount', '-t', 'overlay', '-o', 'lowerdir=/etc:/usr', 'overlay', '/mnt'];
  const [command, ...args] = ['unshare', '--mount', '--', ...mount] as const;
  return spawnSync(command, args).status === 0;
}
