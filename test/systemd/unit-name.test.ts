import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dropInNames,
  parseUnitName,
  templateOf,
  unescapeUnitName,
  unescapeUnitPath,
  unitTypes,
  withInstance,
} from '../../src/systemd/unit-name.ts';

describe('parseUnitName', () => {
  it('takes names apart', () => {
    expect(parseUnitName('foo.bar.service')).toMatchObject({
      type: 'service',
      prefix: 'foo.bar',
      kind: 'plain',
    });
    expect(parseUnitName('proxy@.socket')).toMatchObject({
      type: 'socket',
      prefix: 'proxy',
      kind: 'template',
    });
    expect(parseUnitName('proxy@a@b.service')).toMatchObject({
      prefix: 'proxy',
      instance: 'a@b',
      kind: 'instance',
    });
    expect(parseUnitName('-.slice')).toMatchObject({ prefix: '-', kind: 'plain' });
    expect(parseUnitName(String.raw`dev-disk-by\x2duuid.swap`)?.type).toBe('swap');
  });

  it('refuses what is no name', () => {
    for (const name of [
      '',
      'foo',
      'foo.',
      '.service',
      'foo.Service',
      'foo.bogus',
      '@.service',
      '@x.service',
    ]) {
      expect(parseUnitName(name)).toBeUndefined();
    }
    for (const name of ['a b.service', 'a/b.service', 'ä.service', 'a%i.service', 'a\n.service']) {
      expect(parseUnitName(name)).toBeUndefined();
    }
    expect(parseUnitName(`${'x'.repeat(247)}.service`)).toBeDefined();
    expect(parseUnitName(`${'x'.repeat(248)}.service`)).toBeUndefined();
  });

  it('puts templates and instances together again', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9:_.\\-]{1,20}$/);
    fc.assert(
      fc.property(word, word, fc.constantFrom(...unitTypes), (prefix, instance, type) => {
        const name = parseUnitName(`${prefix}@${instance}.${type}`);
        const template = parseUnitName(`${prefix}@.${type}`);
        if (name === undefined || template === undefined) throw new Error('no name');
        expect(name).toMatchObject({ prefix, instance, type, kind: 'instance' });
        expect(templateOf(name)).toBe(template.name);
        expect(withInstance(template, instance)).toBe(name.name);
      }),
    );
  });
});

describe('unescapeUnitName', () => {
  it('makes slashes of dashes and bytes of escapes', () => {
    expect(unescapeUnitName(String.raw`home-kuma-a\x20b`)).toBe('home/kuma/a b');
    expect(unescapeUnitName(String.raw`\xc3\xa4`)).toBe('ä');
    expect(unescapeUnitName(String.raw`\x2`)).toBeUndefined();
    expect(unescapeUnitName(String.raw`\y41`)).toBeUndefined();
  });

  it('ends at a NUL, as C does, which does not excuse a broken escape behind it', () => {
    expect(unescapeUnitName(String.raw`a\x00b`)).toBe('a');
    expect(unescapeUnitName(String.raw`a\x00\y`)).toBeUndefined();
  });
});

// The cases of TEST(unit_name_is_valid), (unit_name_to_instance), (unit_name_to_prefix) and (unit_name_template) in systemd's
// src/test/test-unit-name.c.
describe("systemd's own cases of names", () => {
  it.each<[name: string, kind: string, prefix: string, instance?: string]>([
    ['foo.service', 'plain', 'foo'],
    ['foobar.service', 'plain', 'foobar'],
    ['.test.service', 'plain', '.test'],
    ['_strange::::.service', 'plain', '_strange::::'],
    ['quux-quux.mount', 'plain', 'quux-quux'],
    ['foo@.service', 'template', 'foo'],
    ['.test@.service', 'template', '.test'],
    ['quux-@.mount', 'template', 'quux-'],
    ['foo@bar.service', 'instance', 'foo', 'bar'],
    ['foo@bar@bar.service', 'instance', 'foo', 'bar@bar'],
    ['fo0-stUff_b@b.service', 'instance', 'fo0-stUff_b', 'b'],
    ['user@1000.slice', 'instance', 'user', '1000'],
    ['foo@fOo123.stuff.service', 'instance', 'foo', 'fOo123.stuff'],
    ['foo@@f_oo123.Stuff.service', 'instance', 'foo', '@f_oo123.Stuff'],
  ])('%s is a name: %s, prefix %s, instance %s', (text, kind, prefix, instance) => {
    const name = parseUnitName(text);
    expect(name).toMatchObject({ kind, prefix, instance });
    expect(name && templateOf(name)).toBe(
      kind === 'instance' ? text.replace(/@.*(\..*)$/, '@$1') : undefined,
    );
  });

  it.each([
    '',
    '.service',
    'foobar',
    'foo.waldo',
    'quux.quux',
    '@.service',
    '@.mount',
    '@piep.service',
    'fooj@unk',
    'foo@',
    'foo@%i.service',
    'foo@%%i.service',
    'foo@%%i%f.service',
    'foo@$¢£.service',
    'foo@foo bar.service',
    '$¢£.service',
    'foo/bar.service',
    'foo.target.wants/plain.service',
    'foo.target.conf/foo.conf',
    'foo.target.requires/plain.socket',
  ])('%j is no name', text => {
    expect(parseUnitName(text)).toBeUndefined();
  });
});

// The cases of TEST(unit_name_path_unescape) and (unit_name_to_path) there.
describe('unescapeUnitPath', () => {
  it.each([
    ['foo', '/foo'],
    ['foo-bar', '/foo/bar'],
    ['foo-.bar', '/foo/.bar'],
    ['foo-bar-baz', '/foo/bar/baz'],
    ['home-lennart', '/home/lennart'],
    ['-', '/'],
    [String.raw`\x2d\x2d`, '/--'],
    [String.raw`a\x00b`, '/a'],
    ['...', '/...'],
  ])('%s is the path %s', (text, unescaped) => {
    expect(unescapeUnitPath(text)).toBe(unescaped);
  });

  it.each([
    '',
    '--',
    '-foo-bar',
    'foo--bar',
    'foo-bar-',
    '.-bar',
    'foo-.-bar',
    'foo-..',
    '..',
    String.raw`\x2e\x2e`,
    'home-lennart-',
    '-home--lennart',
    'home-..-lennart',
    String.raw`a\y`,
  ])('%j is no path', text => {
    expect(unescapeUnitPath(text)).toBeUndefined();
  });
});

describe('dropInNames', () => {
  const names = (name: string) => {
    const unit = parseUnitName(name);
    return unit && dropInNames(unit);
  };

  it('goes from the name up its prefixes', () => {
    expect(names('a-b-c.service')).toEqual(['a-b-c.service', 'a-b-.service', 'a-.service']);
    expect(names('abc.service')).toEqual(['abc.service']);
    expect(names('a-.service')).toEqual(['a-.service']);
    expect(names('-a.service')).toEqual(['-a.service']);
    expect(names('-.slice')).toEqual(['-.slice']);
  });

  it('knows templates, and that the prefix of a template is a plain name', () => {
    expect(names('a-b@x.service')).toEqual([
      'a-b@x.service',
      'a-b@.service',
      'a-.service',
      'a-@x.service',
      'a-@.service',
    ]);
    expect(names('a-b@.service')).toEqual(['a-b@.service', 'a-.service']);
  });

  it('chops one dash at a time off names with several in a row', () => {
    expect(names('a--d.service')).toEqual(['a--d.service', 'a--.service', 'a-.service']);
  });
});
