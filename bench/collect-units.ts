/** Collects real unit files from well-known Debian packages, which are downloaded once into a cache. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Packages of many kinds that ship services; together about 55 MB. */
const packages = `
  accountsservice apache2 apt at avahi-daemon bind9 bluez chrony cloud-init colord cron cups-daemon dbus
  dnsmasq dovecot-core e2fsprogs fail2ban firewalld gdm3 haproxy hostapd libvirt-daemon-system lightdm
  logrotate lvm2 lxc man-db mdadm memcached modemmanager mosquitto multipath-tools network-manager
  nfs-common nfs-kernel-server nftables nginx-common open-iscsi openssh-server openvpn packagekit plymouth
  polkitd postfix postgresql-common qemu-guest-agent redis-server rsync rsyslog rtkit samba smartmontools
  systemd systemd-resolved systemd-timesyncd tor transmission-daemon udisks2 ufw unattended-upgrades
  unbound upower util-linux wpasupplicant
`
  .trim()
  .split(/\s+/);

/** Where packages put the units of the system manager. */
const unitFolders = ['lib/systemd/system', 'usr/lib/systemd/system'];

/**
 * The folder with the collected service files, which is made when it is missing.
 *
 * @throws Error on machines without apt, or when a package cannot be downloaded
 */
export function collectedUnits(): string {
  const collected = join(cacheFolder(), 'units');
  if (existsSync(collected)) return collected;
  const work = join(cacheFolder(), 'unfinished');
  rmSync(work, { recursive: true, force: true });
  const downloads = join(work, 'downloads');
  const root = join(work, 'root');
  const flat = join(work, 'units');
  for (const folder of [downloads, flat]) mkdirSync(folder, { recursive: true });
  runIn(downloads, ['apt-get', 'download', '--quiet', ...packages]);
  for (const archive of readdirSync(downloads)) {
    runIn(downloads, ['dpkg-deb', '--extract', archive, root]);
  }
  for (const folder of unitFolders) copyServices(join(root, folder), flat);
  renameSync(flat, collected);
  rmSync(work, { recursive: true });
  return collected;
}

/** Runs a command in a folder. Its output, such as apt-get's note about its sandbox, is shown only on failure. */
function runIn(folder: string, [command = '', ...args]: readonly string[]): void {
  execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
}

/** Copies service files without symbolic links, which are aliases and masks. */
function copyServices(from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    const file = join(from, name);
    if (name.endsWith('.service') && lstatSync(file).isFile()) copyFileSync(file, join(to, name));
  }
}

/** The folder in which the benchmarks keep downloads and generated files. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: xdg } = process.env;
  return xdg ? join(xdg, 'daruma-bench') : '/var/cache/daruma-bench';
}
