import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Units that only cost time in a host, or that belong to the machine whose root file system the host uses. */
const MASKED_UNITS = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'caddy.service',
  'console-getty.service',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'ldconfig.service',
  'man-db.timer',
  'haproxy.service',
  'nginx.service',
  'postgresql.service',
  'systemd-journal-catalog-update.service',
  'systemd-networkd.service',
];

/** Prepares a root file system for its first boot as a new host: name, machine id, masked units. */
export function furnish(rootDir: string, hostName: string): void {
  replaceFile(rootDir, '/etc/hostname', `${hostName}\n`);
  // Without an id systemd would treat this as a "first boot" and enable units by preset (machine-id(5)).
  replaceFile(rootDir, '/etc/machine-id', `${randomBytes(16).toString('hex')}\n`);
  writeHosts(rootDir, [['127.0.1.1', hostName]]);
  const units = join(rootDir, 'etc/systemd/system');
  mkdirSync(units, { recursive: true });
  for (const unit of MASKED_UNITS) {
    rmSync(join(units, unit), { force: true });
    symlinkSync('/dev/null', join(units, unit));
  }
}

/** Writes /etc/hosts: localhost and the given addresses with their names. */
export function writeHosts(
  rootDir: string,
  entries: readonly (readonly [address: string, name: string])[],
): void {
  const lines = [['127.0.0.1', 'localhost'] as const, ...entries].map(
    ([address, name]) => `${address} ${name}\n`,
  );
  replaceFile(rootDir, '/etc/hosts', lines.join(''));
}

/** Replaces a file by rename, which also replaces a symbolic link. Writing through the link would reach a file of the machine. */
function replaceFile(rootDir: string, path: string, text: string): void {
  const fresh = join(rootDir, `${path}.daruma-lab`);
  writeFileSync(fresh, text);
  renameSync(fresh, join(rootDir, path));
}
