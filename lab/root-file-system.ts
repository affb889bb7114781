import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock-file.ts';
import { CommandFailed, run, runOrThrow } from './run.ts';

/** The Debian release that contains each systemd version, apart from the machine's own. */
const SUITES: ReadonlyMap<number, string> = new Map([
  [247, 'bullseye'],
  [252, 'bookworm'],
  [257, 'trixie'],
  [262, 'forky'],
]);

const PACKAGES = 'systemd,systemd-sysv,dbus,libpam-systemd,dbus-user-session,procps,iproute2';

/** The systemd versions for which a root file system can be made. */
export const preparableVersions: readonly number[] = [...SUITES.keys()];

/** The systemd version of the machine, from `systemctl --version`. */
export function machineSystemd(): number {
  const stdout = execFileSync('systemctl', ['--version'], { encoding: 'utf8' });
  const version = Number(/^systemd (\d+)/.exec(stdout)?.[1]);
  if (Number.isNaN(version)) throw new Error(`systemctl --version says no version: ${stdout}`);
  return version;
}

/**
 * The root file system below a host's overlay: `/` for the machine's own version, otherwise one from the cache, which is made
 * first when it is missing (about a minute).
 *
 * @throws Error when no known Debian release contains this version.
 */
export async function rootFileSystem(systemd: number, packages: readonly string[] = []): Promise<string> {
  const isOwn = systemd === machineSystemd() && packages.length === 0;
  return isOwn ? '/' : prepareRootFileSystem(systemd, packages);
}

/** The folder in the cache for the root file system of a version, with further packages. */
export function cachedRoot(systemd: number, packages: readonly string[] = []): string {
  const digest = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  return join(cacheFolder(), packages.length === 0 ? `root-${systemd}` : `root-${systemd}-${digest}`);
}

/**
 * Makes the root file system of a version in the cache with mmdebstrap, unless it is there, and returns its folder.
 * When several processes need it at the same time, one makes it and the others wait.
 *
 * @param packages further packages of Debian; none of their services starts at boot
 * @throws Error when no known Debian release contains this version, or the known one now contains another.
 */
export async function prepareRootFileSystem(
  systemd: number,
  packages: readonly string[] = [],
): Promise<string> {
  const root = cachedRoot(systemd, packages);
  if (existsSync(root)) return root;
  const suite = SUITES.get(systemd);
  if (suite === undefined) {
    throw new Error(`no root file system for systemd ${systemd}; there are ${preparableVersions.join(', ')}`);
  }
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${root}.lock`, async () => {
    if (!existsSync(root)) await makeRootFileSystem(systemd, suite, packages, root);
  });
  return root;
}

async function makeRootFileSystem(
  systemd: number,
  suite: string,
  packages: readonly string[],
  root: string,
): Promise<void> {
  const unfinished = `${root}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const mmdebstrap = ['mmdebstrap', ...(await mmdebstrapArguments(suite, packages, unfinished))];
  await runOrThrow([...ENDING_WITH_US, ...mmdebstrap], { timeoutMs: 600_000 });
  await mustCarry(systemd, unfinished);
  renameSync(unfinished, root);
}

/**
 * When this process ends, the lock is free and the next builder begins again in the same folder. By then all processes and
 * mounts of mmdebstrap must be gone, so they are in namespaces that end with their first process.
 */
const ENDING_WITH_US = [
  'setpriv',
  '--pdeathsig=KILL',
  'unshare',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount',
  '--mount-proc',
];

/** What a package enables starts at every boot. */
const NOTHING_ENABLED = 'rm -rf "$1"/etc/systemd/system/*.wants "$1"/etc/rc?.d/S*';

/** The folder for everything that is slow to make; all checkouts of this machine share it. */
export function cacheFolder(): string {
  const { DARUMA_LAB_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  if (own) return own;
  return xdg ? join(xdg, 'daruma-lab') : '/var/cache/daruma-lab';
}

async function mmdebstrapArguments(
  suite: string,
  packages: readonly string[],
  target: string,
): Promise<string[]> {
  const mirror = await debianMirror();
  return [
    '--quiet',
    '--variant=minbase',
    `--include=${[PACKAGES, ...packages].join(',')}`,
    ...(packages.length === 0 ? [] : [`--customize-hook=${NOTHING_ENABLED}`]),
    // The index of an unreleased Debian expires, so apt would refuse it from a mirror that lags behind.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--format=directory',
    suite,
    target,
    // Without a mirror mmdebstrap uses Debian's own.
    ...(mirror === undefined ? [] : [`deb ${mirror} ${suite} main`]),
  ];
}

/** The Debian mirror in this machine's apt sources; undefined when the machine is not a Debian. */
async function debianMirror(): Promise<string | undefined> {
  const format = '$(ORIGIN) $(LABEL) $(REPO_URI)';
  const { stdout } = await run(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  return /^Debian Debian (\S+)$/m.exec(stdout)?.[1];
}

async function mustCarry(systemd: number, root: string): Promise<void> {
  const { stdout } = await run(['chroot', root, 'systemctl', '--version']);
  if (stdout.startsWith(`systemd ${systemd} `)) return;
  rmSync(root, { recursive: true });
  throw new CommandFailed(
    `${SUITES.get(systemd)} no longer carries systemd ${systemd}, but ${stdout.split('\n')[0]}`,
  );
}
