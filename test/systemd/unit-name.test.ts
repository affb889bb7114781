import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dropInNames,
  parseUnitName,
  templateOf,
  unescapeUnitName,
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
