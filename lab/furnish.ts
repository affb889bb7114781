import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Units that only cost time in a host, or that belong to the machine whose root it borrows. */
const MASKED_UNITS = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'caddy.service',
  'console-getty.service',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'ldconfig.service',
  'man-db.timer',
  'nginx.service',
  'postgresql.service',
  'systemd-journal-catalog-update.service',
  'systemd-networkd.service',
];

/** Makes a root file system somebody's own before its first boot: its name, its machine id, no work that does not belong. */
export function furnish(rootDir: string, hostName: string): void {
  replaceFile(rootDir, '/etc/hostname', `${hostName}\n`);
  // A missing id would make this a "first boot", in which systemd enables units by preset (machine-id(5)).
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

/** By rename, which also replaces a symbolic link: its target would be looked for on the machine. */
function replaceFile(rootDir: string, path: string, text: string): void {
  const fresh = join(rootDir, `${path}.daruma-lab`);
  writeFileSync(fresh, text);
  renameSync(fresh, join(rootDir, path));
}
