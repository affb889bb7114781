import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  folderKind,
  OfflineHostError,
  openFolder,
  openOfflineHost,
} from '../../../src/systemd/host/offline-host.ts';
import { newestKnownVersion } from '../../../src/systemd/host/version.ts';
import { folderWith } from './folder.ts';

const examples = fileURLToPath(new URL('../../../examples', import.meta.url));
const scope = 'user';

describe('an unpacked root', () => {
  test('is known by what its files say', async () => {
    const host = openOfflineHost({ root: `${examples}/neko`, scope });
    expect(host).toMatchObject({
      kind: 'offline',
      scope: 'user',
      hostName: 'neko',
      user: { name: 'azureuser', uid: 1000, gid: 1000, home: '/home/azureuser', shell: '/bin/bash' },
      systemd: { version: 252, origin: 'root' },
      cgroups: { layout: 'unified', assumed: true },
      environment: { HOME: '/home/azureuser', XDG_RUNTIME_DIR: '/run/user/1000' },
      manager: undefined,
      managerProblem: { code: 'offline', tried: `${examples}/neko` },
    });
    expect(host.unitPath[0]).toBe('/home/azureuser/.config/systemd/user.control');
    expect(host.unitPath).toContain('/run/user/1000/systemd/transient');
    expect(host.files.list('/home/azureuser/.config/systemd/user')?.map(entry => entry.name)).toContain(
      'litellm.service',
    );
    await host[Symbol.asyncDispose]();
  });

  test('may be the whole machine, from files alone', async () => {
    const { files, ...host } = openOfflineHost({ root: '/', scope: 'system' });
    const here = fs.realpathSync(import.meta.dirname);
    expect(files.status(here)?.kind).toBe('directory');
    expect(files.list(here)?.map(entry => entry.name)).toContain(path.basename(import.meta.filename));
    expect(files.read(`${here}/folder.ts`).equals(fs.readFileSync(`${here}/folder.ts`))).toBe(true);
    expect(files.physicalPath(`${here}/folder.ts`)).toBe(`${here}/folder.ts`);
    await host[Symbol.asyncDispose]();
  });

  test('has linger as its flag files say', async () => {
    const flags = '/var/lib/systemd/linger';
    expect(await openOfflineHost({ root: `${examples}/neko`, scope }).linger()).toEqual({
      enabled: true,
      origin: 'file',
      path: `${flags}/azureuser`,
    });
    expect(await openOfflineHost({ root: `${examples}/kuma`, scope }).linger()).toEqual({
      enabled: false,
      origin: 'file',
      path: `${flags}/kuma`,
    });
  });

  test('has no user in the system scope', async () => {
    const host = openOfflineHost({ root: `${examples}/neko`, scope: 'system' });
    expect(host.user).toBeUndefined();
    expect(host.unitPath).toContain('/etc/systemd/system');
    expect(await host.linger()).toBeUndefined();
  });

  test('is judged by the wanted version, else by the newest known where it has no systemd', () => {
    const root = folderWith({ 'home/kuma/': '' });
    expect(openOfflineHost({ root, scope, systemdVersion: 247 }).systemd).toEqual({
      version: 247,
      origin: 'option',
    });
    expect(openOfflineHost({ root, scope }).systemd).toEqual({
      version: newestKnownVersion,
      origin: 'newest-known',
    });
  });

  test('that is not there is an error with a code', () => {
    expect(() => openOfflineHost({ root: '/nowhere/at/all', scope })).toThrow(
      expect.objectContaining({ name: 'OfflineHostError', code: 'no-directory' }),
    );
  });
});

describe('the user of an unpacked root', () => {
  const passwd = [
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1::/usr/sbin:/usr/sbin/nologin',
    '# a comment',
    'neko:x:1000:1000:Neko,,,:/home/neko/:',
    'kuma:x:1001:1002::/home/kuma:/bin/zsh',
    'gone:x:1003:1003::/home/gone:/bin/bash',
    'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin',
    '+::::::',
  ].join('\n');
  const userOf = (root: string, home?: string) =>
    openOfflineHost({ root, scope, ...(home === undefined ? {} : { home }) }).user;

  test('is the only regular one with a home', () => {
    const root = folderWith({ 'etc/passwd': passwd, 'home/neko/': '', 'home/lost+found/': '', 'root/': '' });
    expect(userOf(root)).toEqual({
      name: 'neko',
      uid: 1000,
      gid: 1000,
      home: '/home/neko',
      shell: '/bin/sh',
    });
  });

  test('is the one with units where there are several', () => {
    const root = folderWith({
      'etc/passwd': passwd,
      'home/neko/': '',
      'home/kuma/.config/systemd/user/': '',
    });
    expect(userOf(root)).toMatchObject({ name: 'kuma', uid: 1001, gid: 1002, shell: '/bin/zsh' });
  });

  test('has to be chosen where several have units', () => {
    const root = folderWith({
      'etc/passwd': passwd,
      'home/neko/.config/systemd/user/': '',
      'home/kuma/.config/systemd/user/': '',
    });
    const open = () => userOf(root);
    expect(open).toThrow(OfflineHostError);
    expect(open).toThrow('several users could be meant: neko (/home/neko), kuma (/home/kuma)');
    expect(open).toThrow(
      expect.objectContaining({
        code: 'several-users',
        candidates: [expect.objectContaining({ name: 'neko' }), expect.objectContaining({ name: 'kuma' })],
      }),
    );
    expect(userOf(root, '/home/kuma')?.name).toBe('kuma');
    expect(userOf(root, '/home/kuma/')?.name).toBe('kuma');
  });

  test('is the owner of the given home, though it is a link', () => {
    const root = folderWith({ 'etc/passwd': passwd, 'var/home/kuma/': '', home: { link: 'var/home' } });
    expect(userOf(root, '/var/home/kuma')).toMatchObject({ name: 'kuma', home: '/home/kuma' });
  });

  test('may be root', () => {
    const root = folderWith({ 'etc/passwd': passwd, 'root/.config/systemd/user/': '' });
    expect(userOf(root, '/root')).toMatchObject({ name: 'root', uid: 0 });
    expect(userOf(root)).toMatchObject({ name: 'root', uid: 0 });
  });

  test('need not have an account', () => {
    const root = folderWith({ 'home/tanuki/.config/': '' });
    // Root alone gives files away; whoever else runs this test owns it.
    const { uid: own, gid } = os.userInfo();
    const owner = own === 0 ? { uid: 1234, gid: 1235 } : { uid: own, gid };
    fs.chownSync(path.join(root, 'home/tanuki'), owner.uid, owner.gid);
    expect(userOf(root)).toEqual({
      name: 'tanuki',
      ...owner,
      home: '/home/tanuki',
      shell: '/bin/sh',
    });
  });

  test('is nobody where nobody lives', async () => {
    const host = openOfflineHost({ root: folderWith({ 'etc/systemd/user/a.service': '' }), scope });
    expect(host.user).toBeUndefined();
    expect(host.hostName).toBe('localhost');
    expect(host.unitPath).toContain('/etc/systemd/user');
    expect(await host.linger()).toBeUndefined();
  });

  test('has to have the home that is given', () => {
    expect(() => userOf(folderWith({ 'etc/passwd': passwd }), '/home/neko')).toThrow(
      expect.objectContaining({ code: 'no-home' }),
    );
  });
});

describe('a folder', () => {
  test('with home/ is a root', () => {
    expect(folderKind(`${examples}/kuma`)).toBe('root');
    expect(openFolder(`${examples}/kuma`, { scope }).user?.name).toBe('kuma');
  });

  test('with .config/systemd/user is a home on this machine', async () => {
    const home = folderWith({ '.config/systemd/user/a.service': 'x' });
    expect(folderKind(home)).toBe('home');
    const host = openFolder(home, { scope });
    expect(host.user).toMatchObject({ name: path.basename(home), home });
    expect(host.environment['HOME']).toBe(home);
    expect(host.files.read(`${home}/.config/systemd/user/a.service`).toString()).toBe('x');
    expect(host.unitPath).toEqual(
      expect.arrayContaining([`${home}/.config/systemd/user`, '/etc/systemd/user']),
    );
    expect(host.unitPath.filter(directory => directory.startsWith('/run/user/'))).toEqual([]);
    expect(await host.linger()).toBeUndefined();
  });

  test('with neither holds units, and the directories of this machine come after it', async () => {
    const folder = folderWith({ 'a.service': '' });
    expect(folderKind(folder)).toBe('units');
    const host = openFolder(folder, { scope, systemdVersion: 257 });
    expect(host.unitPath[0]).toBe(folder);
    expect(host.unitPath).toEqual(expect.arrayContaining(['/etc/systemd/user', '/usr/lib/systemd/user']));
    expect(host.unitPath.slice(1).filter(directory => directory.startsWith(os.homedir()))).toEqual([]);
    expect(host.user?.name).toBe(os.userInfo().username);
    expect(host.managerProblem).toEqual({ code: 'offline', tried: folder });
    expect(await host.linger()).toBeUndefined();
  });

  test('of units may be given by a relative path, and hold units of the system', () => {
    const folder = folderWith({ 'a.service': '' });
    const host = openFolder(path.relative(process.cwd(), folder), { scope: 'system' });
    expect(host.unitPath[0]).toBe(folder);
    expect(host.unitPath).toContain('/etc/systemd/system');
    expect(host.user).toBeUndefined();
  });

  test('has to be there', () => {
    expect(() => openFolder('/nowhere/at/all', { scope })).toThrow(
      expect.objectContaining({ code: 'no-directory' }),
    );
    const file = path.join(folderWith({ 'a.service': '' }), 'a.service');
    expect(() => openFolder(file, { scope })).toThrow(expect.objectContaining({ code: 'no-directory' }));
  });
});
