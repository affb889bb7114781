/** Where compiled code may be kept: only where nobody else can write, since it is run as it lies there. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, hasRoom } from '../../src/cli/compiled-code.ts';
import { unpackedRoot } from '../support/root.ts';

const isRoot = process.geteuid?.() === 0;

function home(): string {
  const folder = unpackedRoot({});
  fs.chmodSync(folder, 0o755);
  return folder;
}

describe('cacheFolder', () => {
  it('is made below the home, closed to others', () => {
    const HOME = home();
    expect(cacheFolder({ HOME })).toBe(`${HOME}/.cache/daruma`);
    for (const made of ['.cache', '.cache/daruma']) {
      expect(fs.statSync(path.join(HOME, made)).mode & 0o777).toBe(0o700);
    }
    expect(cacheFolder({ HOME })).toBe(`${HOME}/.cache/daruma`);
  });

  it('is $XDG_CACHE_HOME before that, unless this is relative', () => {
    const HOME = home();
    const XDG_CACHE_HOME = home();
    expect(cacheFolder({ HOME, XDG_CACHE_HOME })).toBe(`${XDG_CACHE_HOME}/daruma`);
    expect(cacheFolder({ HOME, XDG_CACHE_HOME: 'cache' })).toBe(`${HOME}/.cache/daruma`);
    expect(fs.readdirSync(HOME)).toEqual(['.cache']);
  });

  it.each([
    ['no home', {}],
    ['a relative home', { HOME: 'home' }],
    ['a home that does not exist', { HOME: '/nonexistent/home' }],
    ['a cache that does not exist', { XDG_CACHE_HOME: '/nonexistent/cache' }],
    ['a cache that is no folder', { XDG_CACHE_HOME: '/dev/null' }],
  ])('is nowhere with %s', (_, environment) => {
    expect(cacheFolder(environment)).toBeUndefined();
  });

  it.each(['', '.cache', '.cache/daruma'])('is nowhere when others can write to the home/%s', place => {
    const HOME = home();
    fs.mkdirSync(`${HOME}/.cache/daruma`, { recursive: true });
    for (const mode of [0o777, 0o775, 0o1777]) {
      fs.chmodSync(path.join(HOME, place), mode);
      expect(cacheFolder({ HOME })).toBeUndefined();
    }
  });

  it.runIf(isRoot).each(['', '.cache', '.cache/daruma'])(
    'is nowhere when the home/%s belongs to another user',
    place => {
      const HOME = home();
      fs.mkdirSync(`${HOME}/.cache/daruma`, { recursive: true });
      fs.chownSync(path.join(HOME, place), 65_534, 65_534);
      expect(cacheFolder({ HOME })).toBeUndefined();
    },
  );

  it.runIf(isRoot)('makes nothing in the home of another user', () => {
    const HOME = home();
    fs.chownSync(HOME, 65_534, 65_534);
    expect(cacheFolder({ HOME })).toBeUndefined();
    expect(fs.readdirSync(HOME)).toEqual([]);
  });
});

describe('hasRoom', () => {
  it('begins anew where too much has been left', () => {
    const folder = home();
    const left = (version: string, count: number) => {
      fs.mkdirSync(`${folder}/${version}`);
      for (let index = 0; index < count; index += 1) fs.writeFileSync(`${folder}/${version}/${index}`, '');
    };
    left('v24.0.0', 700);
    left('v24.1.0', 700);
    expect(hasRoom(folder)).toBe(true);
    expect(fs.readdirSync(folder)).toHaveLength(2);
    left('v24.2.0', 200);
    expect(hasRoom(folder)).toBe(true);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('is false where the folder cannot be read', () => {
    expect(hasRoom('/nonexistent')).toBe(false);
  });
});
