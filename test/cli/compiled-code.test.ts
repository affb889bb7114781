/** Compiled code: it is kept only where nobody else can write, since it is run as it lies there, and it is never what counts. */
import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/cli/cache-folder.ts';
import { CompiledCode } from '../../src/cli/compiled-code.ts';
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

describe('CompiledCode', () => {
  const source =
    "module.exports = { called: () => ['called', __filename, __dirname, this === exports], other: () => 'other' };";

  function folderWith(files: Readonly<Record<string, string>>): {
    readonly folder: string;
    readonly kept: string;
  } {
    const folder = home();
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
    return { folder, kept: path.join(folder, 'test.code') };
  }

  interface Exports {
    readonly called: () => unknown;
  }

  /** Runs files as a process does that loads them one after the other, and ends. */
  function runAll(
    kept: string,
    files: readonly string[],
    use: (exports: Exports) => unknown = exports => exports,
  ) {
    const code = new CompiledCode(kept);
    const results = files.map(file => {
      const loaded = new Module(file);
      code.run(loaded, file);
      return use(loaded.exports);
    });
    code.keep();
    return results;
  }

  const call = ({ called }: Exports): unknown => called();

  it('runs a file as require() does, the first time and from what is kept', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    const renewals = [1, 2, 3].map((): unknown => {
      expect(runAll(kept, [file], call)).toEqual([['called', file, folder, true]]);
      return JSON.parse(fs.readFileSync(kept, 'latin1').split('\n', 1)[0] ?? '').renewals;
    });
    expect(renewals).toEqual([0, 1, 1]);
    expect(fs.readdirSync(folder)).toEqual(['a.cjs', 'test.code']);
    expect(fs.statSync(kept).mode & 0o777).toBe(0o600);
  });

  it('has the functions that were called, which are compiled at their first call', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    runAll(kept, [file]);
    const loadedOnly = fs.statSync(kept).size;
    fs.rmSync(kept);
    runAll(kept, [file], call);
    expect(fs.statSync(kept).size).toBeGreaterThan(loadedOnly + 100);
  });

  it('collects what runs come to, and forgets files that are gone', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source, 'b.cjs': source, 'c.cjs': source });
    const [a = '', b = '', c = ''] = ['a.cjs', 'b.cjs', 'c.cjs'].map(name => path.join(folder, name));
    const names = () =>
      [...fs.readFileSync(kept, 'latin1').matchAll(/"[^"]*\/(\w)\.cjs"/g)].map(([, name]) => name);
    runAll(kept, [a]);
    runAll(kept, [b]);
    expect(names()).toEqual(['a', 'b']);
    fs.rmSync(a);
    runAll(kept, [c]);
    expect(names()).toEqual(['b', 'c']);
  });

  it('is renewed in the second run, and then ever more seldom, at last once a day', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    const isRenewed = (ageSeconds: number) => {
      const seconds = Math.floor(Date.now() / 1_000) - ageSeconds;
      fs.utimesSync(kept, seconds, seconds);
      runAll(kept, [file]);
      return fs.statSync(kept).mtimeMs > (seconds + 1) * 1_000 || ageSeconds === 0;
    };
    runAll(kept, [file]);
    runAll(kept, [file]);
    const days = 24 * 3_600;
    for (const seconds of [10, 100, 1_000, 10_000, days, days])
      expect([seconds, isRenewed(seconds * 0.9), isRenewed(seconds + 1)]).toEqual([seconds, false, true]);
    // A file that is not kept begins anew.
    const other = path.join(folder, 'b.cjs');
    fs.writeFileSync(other, source);
    runAll(kept, [other]);
    expect([isRenewed(2), isRenewed(2)]).toEqual([true, false]);
  });

  it('runs what is there now, when a file of the same name was another one', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    runAll(kept, [file]);
    fs.writeFileSync(file, "module.exports = 'changed';");
    expect(runAll(kept, [file])).toEqual(['changed']);
    expect(runAll(kept, [file])).toEqual(['changed']);
  });

  it('is made anew where it was not written whole', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    runAll(kept, [file], call);
    const whole = fs.readFileSync(kept);
    const head = whole.indexOf('\n');
    const broken = [
      Buffer.alloc(0),
      Buffer.alloc(whole.length),
      whole.subarray(0, head),
      whole.subarray(0, head + 1),
      whole.subarray(0, -1),
      Buffer.concat([whole, whole]),
      Buffer.from('null\n'),
      Buffer.from('[["a.cjs",-5]]\n'),
      Buffer.from('{"renewals":1,"parts":[["a.cjs",-5]]}\n'),
      Buffer.from(`${JSON.stringify({ renewals: 1, parts: [[file, 'x']] })}\n`),
      Buffer.concat([whole.subarray(0, head + 1), Buffer.alloc(whole.length - head - 1)]),
    ];
    for (const bytes of broken) {
      fs.writeFileSync(kept, bytes);
      expect(runAll(kept, [file], call)).toEqual([['called', file, folder, true]]);
      expect(fs.statSync(kept).size).toBe(whole.length);
    }
  });

  it('is made anew where it was damaged, of which V8 would die', () => {
    const { folder, kept } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    runAll(kept, [file], call);
    const whole = fs.readFileSync(kept);
    const start = whole.indexOf('\n') + 1;
    for (let at = start; at < whole.length; at += 37) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(255 - damaged.readUInt8(at), at);
      fs.writeFileSync(kept, damaged);
      expect(runAll(kept, [file], call)).toEqual([['called', file, folder, true]]);
      expect(fs.readFileSync(kept).equals(damaged)).toBe(false);
    }
  });

  it('is not needed', () => {
    const { folder } = folderWith({ 'a.cjs': source });
    const file = path.join(folder, 'a.cjs');
    for (const kept of ['/nonexistent/test.code', folder, '/proc/self/test.code'])
      expect(runAll(kept, [file], call)).toEqual([['called', file, folder, true]]);
    expect(fs.readdirSync(folder)).toEqual(['a.cjs']);
  });
});
