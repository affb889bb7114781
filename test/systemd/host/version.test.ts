import { describe, expect, test } from 'vitest';
import { rootedFiles } from '../../../src/systemd/host/files.ts';
import { installedVersion, majorVersion } from '../../../src/systemd/host/version.ts';
import { folderWith } from './folder.ts';

describe('the installed version', () => {
  test.each([
    ['Debian', 'usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so', 252],
    ['Debian on arm', 'usr/lib/aarch64-linux-gnu/systemd/libsystemd-shared-257.so', 257],
    ['Ubuntu 20.04', 'lib/systemd/libsystemd-shared-245.so', 245],
    ['Fedora', 'usr/lib64/systemd/libsystemd-shared-258.1-1.fc43.so', 258],
    ['Arch', 'usr/lib/systemd/libsystemd-shared-257.9-1-arch.so', 257],
    ['a release candidate', 'usr/lib/systemd/libsystemd-core-262~rc2.so', 262],
  ])('is in the name of the private library: %s', (_, library, version) => {
    expect(installedVersion(rootedFiles(folderWith({ [library]: '' })))).toBe(version);
  });

  test('is that of the package where there is no library', () => {
    const status = [
      'Package: libsystemd0\nStatus: install ok installed\nVersion: 254.1-1',
      'Package: systemd\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:252.38-1~deb12u1\nDescription: x\n y',
    ].join('\n\n');
    expect(installedVersion(rootedFiles(folderWith({ 'var/lib/dpkg/status': status })))).toBe(252);
  });

  test('is not that of a package that was removed', () => {
    const status = 'Package: systemd\nStatus: deinstall ok config-files\nVersion: 252.38-1\n';
    expect(installedVersion(rootedFiles(folderWith({ 'var/lib/dpkg/status': status })))).toBeUndefined();
  });

  test('is the newest of several that an upgrade left', () => {
    const root = folderWith({
      'usr/lib/systemd/libsystemd-shared-252.so': '',
      'usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so': '',
    });
    expect(installedVersion(rootedFiles(root))).toBe(257);
  });
});

test.each([
  ['252.38-1~deb12u1', 252],
  ['systemd 247 (247.3-7+deb11u6)\n+PAM +AUDIT', 247],
  ['v255', 255],
  ['', undefined],
])('the major version of %j is %j', (text, version) => {
  expect(majorVersion(text)).toBe(version);
});
