import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rootedFiles } from '../../../src/systemd/host/files.ts';
import {
  enter,
  enterOrMake,
  foldersToMake,
  LeadsOut,
  lookAt,
  wholeMachine,
} from '../../../src/systemd/host/tree.ts';
import { openOfflineHost } from '../../../src/systemd/host/offline-host.ts';
import { unpackedRoot } from '../../support/root.ts';

afterEach(() => vi.restoreAllMocks());

/** How many files this process holds open. */
function open(): number {
  return fs.readdirSync('/proc/self/fd').length;
}

function inside(root: string) {
  return { root, within: [root] };
}

describe('a folder of a tree', () => {
  it('is found through links as those inside see them', () => {
    const root = unpackedRoot({
      'a/b/file': 'x',
      absolute: { link: '/a/b' },
      'a/up': { link: '../../../../../../a/b' },
      'a/twice': { link: '../absolute/../up/.' },
    });
    for (const name of ['a/b', 'absolute', 'a/up', 'a/twice', 'a/./b/../b']) {
      using folder = enter(inside(root), path.join(root, name));
      expect(folder && fs.readdirSync(folder.at('.'))).toEqual(['file']);
    }
  });

  it.each([
    'a/new',
    'a/new/below/it',
    'gone/below',
    'gone',
    'far/below',
    'to/gone/below',
    'up/below',
    'winding/below',
    'a/there',
    'a/none/../new',
    'a/none/../../b/new',
  ])('is known to be made, with those above it, before it is: %s', name => {
    const root = unpackedRoot({
      'a/there/': '',
      'b/': '',
      gone: { link: 'none' },
      far: { link: '/a/none/at/all' },
      to: { link: 'b' },
      'b/gone': { link: '../a/none' },
      up: { link: '../../../b/none' },
      winding: { link: 'a/none/../other/../there/none' },
    });
    const folders = () =>
      fs
        .readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => path.join(entry.parentPath, entry.name))
        // Node looks into folders by links, too.
        .filter(folder => fs.realpathSync(folder) === folder);
    const before = folders();
    const made = foldersToMake(inside(root), `${root}/${name}`);
    expect(folders()).toEqual(before);
    enterOrMake(inside(root), `${root}/${name}`)[Symbol.dispose]();
    const after = folders().filter(folder => !before.includes(folder));
    expect([...new Set(made)].toSorted()).toEqual(after.toSorted());
  });

  it('is none where a path leads nowhere, or round in a circle', () => {
    const root = unpackedRoot({ file: 'x', loop: { link: 'loop' }, gone: { link: '/none' } });
    for (const name of ['none', 'file', 'file/below', 'gone', 'gone/below']) {
      expect(enter(inside(root), path.join(root, name))).toBeUndefined();
    }
    expect(() => enter(inside(root), path.join(root, 'loop'))).toThrow('ELOOP');
  });

  it('lies below those in which something may be written', () => {
    const elsewhere = unpackedRoot({ 'kept/': '' });
    const home = unpackedRoot({ out: { link: elsewhere } });
    const tree = { root: '/', within: [home] };
    for (const make of [
      () => enter(tree, `${home}/out`),
      () => enterOrMake(tree, `${home}/out/made/below`),
    ]) {
      expect(make).toThrow(LeadsOut);
    }
    expect(() => enter(inside(home), '/etc')).toThrow(LeadsOut);
    expect(fs.readdirSync(elsewhere)).toEqual(['kept']);
  });

  it('is entered in no other root than the one that was meant', () => {
    const other = unpackedRoot({ 'etc/': '' });
    const above = unpackedRoot({ 'root/etc/': '' });
    fs.renameSync(`${above}/root`, `${above}/before`);
    fs.symlinkSync(other, `${above}/root`);
    expect(() => enter(inside(`${above}/root`), `${above}/root/etc`)).toThrow(/ELOOP|ENOTDIR|EXDEV/);
  });

  it('is let go, whatever comes of it', () => {
    const root = unpackedRoot({ 'a/b/file': 'x', loop: { link: 'loop' }, out: { link: '/none' } });
    const before = open();
    for (let round = 0; round < 50; round += 1) {
      for (const name of ['a/b', 'a/b/file', 'none', 'loop', 'out', `${'deep/'.repeat(300)}x`]) {
        try {
          using folder = enter(inside(root), path.join(root, name));
          folder?.act(() => fs.mkdirSync(folder.at(`made${round}`)));
        } catch {}
        expect(lookAt(inside(root), path.join(root, 'a/b/file'), ({ status }) => status.size)).toBe(1);
      }
    }
    expect(open()).toBe(before);
  });

  it('is named in errors as it was asked for', () => {
    const root = unpackedRoot({ 'a/': '' });
    using folder = enter(wholeMachine, `${root}/a`);
    const make = () => folder?.act(() => fs.mkdirSync(folder.at('none/below')));
    expect(make).toThrow(`ENOENT: no such file or directory, mkdir '${root}/a/none/below'`);
  });
});

describe('files of a tree that somebody changes while it is read', () => {
  it('are not read from where a folder was swapped for a link to', () => {
    const outside = unpackedRoot({ 'a.service': 'secret', 'only-outside': '' });
    const root = unpackedRoot({ 'units/a.service': 'own' });
    const files = rootedFiles(root);
    expect(files.read('/units/a.service').toString()).toBe('own');
    fs.renameSync(`${root}/units`, `${root}/before`);
    fs.symlinkSync(outside, `${root}/units`);
    const seen = [
      () => files.read('/units/a.service').toString(),
      () => files.list('/units'),
      () => files.status('/units/only-outside'),
    ].map(ask => {
      try {
        return ask();
      } catch {
        return undefined;
      }
    });
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  it('are not read from where a file was swapped for a link to', () => {
    const outside = unpackedRoot({ key: 'secret' });
    const root = unpackedRoot({ 'a.service': 'own' });
    const files = rootedFiles(root);
    const { openSync } = fs;
    // By now it is known what the path leads to.
    vi.spyOn(fs, 'openSync').mockImplementationOnce((file, flags, mode) => {
      fs.renameSync(`${root}/a.service`, `${root}/before`);
      fs.symlinkSync(`${outside}/key`, `${root}/a.service`);
      return openSync(file, flags, mode);
    });
    expect(() => files.read('/a.service')).toThrow('ENOENT');
  });

  it('do not keep their reader waiting, and fill no memory', () => {
    const root = unpackedRoot({ 'sparse.service': '', zero: { link: '/dev/zero' } });
    execFileSync('bash', ['-c', 'mkfifo "$1"', 'bash', `${root}/pipe.service`]);
    fs.truncateSync(`${root}/sparse.service`, 2 ** 42);
    const files = rootedFiles(root);
    expect(() => files.read('/pipe.service')).toThrow('ENXIO');
    expect(() => files.read('/sparse.service')).toThrow('EFBIG');
    expect(() => files.read('/zero')).toThrow('ENOENT');
  });
});

describe('a user of a tree', () => {
  it('is not called like a path', () => {
    const name = '../../../../etc/shadow';
    const root = unpackedRoot({
      'etc/passwd': `${name}:x:1000:1000::/home/kuma:/bin/sh\n`,
      'home/kuma/': '',
    });
    expect(openOfflineHost({ root, scope: 'user' }).user?.name).toBe('kuma');
  });
});
