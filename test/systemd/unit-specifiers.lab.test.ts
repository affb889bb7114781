/** The specifiers that are made of a unit's name, for names of every kind, held against real managers. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import type { Tree } from '../support/root.ts';
import { compare, install } from './compare-effective.ts';

const letters = ['i', 'I', 'j', 'J', 'n', 'N', 'p', 'P', 'f'];

const anyName = [
  'blah',
  'foo-foo',
  'a.b',
  '-a',
  'a--b',
  'a-..',
  '.-a',
  'a-.-b',
  'a-.b',
  '...',
  String.raw`blah-blah\x2d`,
  String.raw`a\x2fb`,
  String.raw`\x2e\x2e`,
  String.raw`a\x00b`,
  String.raw`\y`,
  String.raw`a\y`,
  String.raw`b-a\x2`,
];

/**
 * As the name of a plain unit a dash at the end is left out: since 251 PID 1 itself falls over `%J` there. An empty last
 * part comes from `specifier_string()` as a null pointer, which `unit_name_unescape()` asserts it is not.
 */
const instances = [...anyName, '-', '--', 'a-', '..', '.', 'a\\'];

const tree: Tree = Object.fromEntries(
  letters.flatMap(letter => {
    const text = `[Service]\nExecStartPre=/bin/echo <%${letter}>\nExecStart=/bin/true\n`;
    const names = [`of-${letter}@`, ...anyName.map(name => `${letter}${name}`)];
    return names.map(name => [`etc/systemd/system/${name}.service`, text] as const);
  }),
);

const units = Object.keys(tree)
  .map(file => path.basename(file))
  .flatMap(name => (name.endsWith('@.service') ? instances.map(i => name.replace('@', `@${i}`)) : [name]));

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('the specifiers', { name: 'specifiers', systemd, users: ['kuma'] }, lab => {
    test('of all kinds of names are, or are refused, as daruma says', async () => {
      const host = await lab.host();
      await install(host, tree);
      const { differences } = await compare(host, 'system', units);
      expect(differences).toEqual([]);
    });
  });
});
