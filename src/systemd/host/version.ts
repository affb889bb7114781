/** Versions of systemd: those that daruma knows, and the one that is installed in a file system. */
import type { HostFiles } from './host.ts';

/**
 * The oldest major version of systemd whose behaviour the library knows.
 *
 * @example
 * import { oldestKnownVersion } from 'daruma/systemd';
 *
 * oldestKnownVersion; // 245
 */
export const oldestKnownVersion = 245;

/**
 * The newest major version of systemd whose behaviour the library knows. A host on which no systemd is found counts as this version.
 *
 * @example
 * import { newestKnownVersion } from 'daruma/systemd';
 *
 * newestKnownVersion; // 262
 */
export const newestKnownVersion = 262;

/**
 * The major version in a text of systemd.
 *
 * @param text the manager's `Version` (`252.39-1~deb12u2`), a package version, or the output of `systemctl --version`
 * @returns undefined when there is no number in it
 * @example majorVersion('systemd 257 (257.13-1~deb13u1)') // 257
 */
export function majorVersion(text: string): number | undefined {
  const digits = /\d+/.exec(text)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The major version of the systemd that is installed in a file system, running or not. The name of its private library
 * contains the version on every distribution; without the library, Debian's package database is read.
 *
 * @returns undefined when no systemd is found
 */
export function installedVersion(files: HostFiles): number | undefined {
  const fromLibraries = libraryDirectories(files)
    .flatMap(directory => files.list(directory) ?? [])
    .map(entry => privateLibrary.exec(entry.name)?.[1])
    .filter(digits => digits !== undefined)
    .map(Number);
  return fromLibraries.length > 0 ? Math.max(...fromLibraries) : packagedVersion(files);
}

/** `libsystemd-shared-252.so`, `libsystemd-shared-253.5-1.fc38.so` (Fedora), `libsystemd-core-257.so`. */
const privateLibrary = /^libsystemd-(?:shared|core)-(\d+).*\.so$/; // bounded: 255 bytes, the name of a file

function libraryDirectories(files: HostFiles): readonly string[] {
  // Debian has the library in a multi-arch folder, such as /usr/lib/x86_64-linux-gnu/systemd.
  const multiArch = (files.list('/usr/lib') ?? [])
    .filter(entry => entry.name.includes('-linux-'))
    .map(entry => `/usr/lib/${entry.name}/systemd`);
  return ['/usr/lib/systemd', '/usr/lib64/systemd', '/lib/systemd', ...multiArch];
}

function packagedVersion(files: HostFiles): number | undefined {
  const database = '/var/lib/dpkg/status';
  if (files.status(database)?.kind !== 'file') return undefined;
  const stanza = files
    .read(database)
    .toString('utf8')
    .split(/\n{2,}/)
    .find(text => /^Package: systemd$/m.test(text) && /^Status: .* installed$/m.test(text));
  const version = stanza && /^Version: (?:\d+:)?(.+)$/m.exec(stanza)?.[1];
  return version === undefined ? undefined : majorVersion(version);
}
