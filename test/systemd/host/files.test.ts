import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { localFiles, rootedFiles } from '../../../src/systemd/host/files.ts';
import { folderWith } from './folder.ts';

describe('files of an unpacked root', () => {
  test('an absolute link means a path inside the root', () => {
    const root = folderWith({
      'usr/lib/systemd/user/a.service': 'inside',
      lib: { link: '/usr/lib' },
      'etc/systemd/user/a.service': { link: '/lib/systemd/user/a.service' },
    });
    const files = rootedFiles(root);
    expect(files.resolve('/etc/systemd/user/a.service')).toBe('/usr/lib/systemd/user/a.service');
    expect(files.read('/etc/systemd/user/a.service').toString()).toBe('inside');
    expect(files.list('/lib/systemd')).toEqual([{ name: 'user', kind: 'directory' }]);
    expect(files.status('/lib/systemd/user/../user/a.service')).toMatchObject({ kind: 'file', size: 6 });
  });

  test('no link and no path leads out of the root', () => {
    const outside = folderWith({ 'secret/key': 'outside' });
    const root = folderWith({
      up: { link: '../../../../../../../../../../..' },
      secret: { link: path.join(outside, 'secret') },
      'deep/down/climb': { link: `../../../..${outside}/secret/key` },
      key: { link: path.join(outside, 'secret/key') },
    });
    const files = rootedFiles(root);
    expect(files.resolve('/up')).toBe('/');
    for (const file of [
      '/key',
      '/secret/key',
      '/deep/down/climb',
      `/up${outside}/secret/key`,
      `/..${outside}/secret/key`,
    ]) {
      expect(files.status(file)).toBeUndefined();
      expect(files.resolve(file)).toBeUndefined();
      expect(() => files.read(file)).toThrow(expect.objectContaining({ code: 'ENOENT', path: file }));
    }
    expect(files.list('/secret')).toBeUndefined();
    expect(files.physicalPath('/secret/key').startsWith(`${root}/`)).toBe(true);
  });

  test('a loop of links leads nowhere', () => {
    const files = rootedFiles(folderWith({ a: { link: 'b' }, b: { link: '/a' } }));
    for (const file of ['/a', '/b', '/a/deeper']) {
      expect(files.status(file)).toBeUndefined();
      expect(files.resolve(file)).toBeUndefined();
      expect(files.list(file)).toBeUndefined();
    }
  });

  test('a link through itself leads nowhere', () => {
    const files = rootedFiles(folderWith({ self: { link: 'self/x' }, 'd/up': { link: '../d/up/.' } }));
    for (const file of ['/self', '/self/deeper', '/d/up', '/d/up/x']) {
      expect(files.status(file)).toBeUndefined();
    }
  });

  test('forty links in a row are followed, as the kernel does', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 41 }, (_, index) => [
        `l${index}`,
        { link: index === 0 ? '/end' : `l${index - 1}` },
      ]),
    );
    const files = rootedFiles(folderWith({ ...chain, end: 'here' }));
    expect(files.resolve('/l39')).toBe('/end');
    expect(files.resolve('/l40')).toBeUndefined();
  });

  test('a dangling link can still be read as a link', () => {
    const root = folderWith({
      'etc/systemd/user/masked.service': { link: '/dev/null' },
      conf: { link: '/etc/systemd' },
    });
    const files = rootedFiles(root);
    expect(files.readLink('/conf/user/masked.service')).toBe('/dev/null');
    expect(files.status('/conf/user/masked.service')).toBeUndefined();
    expect(files.list('/conf/user')).toEqual([{ name: 'masked.service', kind: 'symlink' }]);
    expect(files.physicalPath('/conf/user/masked.service')).toBe(`${root}/etc/systemd/user/masked.service`);
  });

  test('errors name the path that the host sees', () => {
    const files = rootedFiles(folderWith({ 'a/b': 'text' }));
    expect(() => files.read('/a/none')).toThrow(expect.objectContaining({ code: 'ENOENT', path: '/a/none' }));
    expect(() => files.read('/a')).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    expect(() => files.list('/a/b')).not.toThrow();
    expect(files.list('/a/b')).toBeUndefined();
  });
});

describe('files of this machine', () => {
  test('are read where they are', () => {
    const folder = folderWith({ a: 'text', link: { link: 'a' }, loop: { link: 'loop' } });
    const files = localFiles();
    expect(files.read(`${folder}/link`).toString()).toBe('text');
    expect(files.resolve(`${folder}/link`)).toBe(`${folder}/a`);
    expect(files.status(`${folder}/loop`)).toBeUndefined();
    expect(files.physicalPath(`${folder}/link`)).toBe(`${folder}/link`);
    fs.rmSync(`${folder}/a`);
    expect(files.resolve(`${folder}/link`)).toBeUndefined();
    expect(files.readLink(`${folder}/link`)).toBe('a');
  });
});
