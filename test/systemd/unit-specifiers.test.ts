import { describe, expect, it } from 'vitest';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { hostOf, type RootOptions } from '../support/root.ts';

const name = String.raw`foo-bar@a-b\x2dc.service`;
const expand = (text: string, options: RootOptions = {}, unit = name) =>
  createUnitLoader(
    hostOf({ 'etc/systemd/user/foo-bar@.service': '[Service]\n', 'etc/hostname': 'neko.example\n' }, options),
  )
    .load(unit)
    .expand(text);

describe('section 6: specifiers in the user manager', () => {
  it('%h home, %u/%U user and uid, %s shell', () => {
    expect(expand('%h %u %U %s')).toBe('/home/kuma kuma 1000 /bin/bash');
  });

  it('%t $XDG_RUNTIME_DIR', () => {
    expect(expand('%t')).toBe('/run/user/1000');
  });

  it('%E and %S both ~/.config in 252, %L ~/.config/log; with a state directory of their own since 254', () => {
    expect(expand('%E %S %L', { version: 252 })).toBe(
      '/home/kuma/.config /home/kuma/.config /home/kuma/.config/log',
    );
    expect(expand('%E %S %L', { version: 254 })).toBe(
      '/home/kuma/.config /home/kuma/.local/state /home/kuma/.local/state/log',
    );
  });

  it('%C ~/.cache, %T /tmp, %V /var/tmp', () => {
    expect(expand('%C %T %V')).toBe('/home/kuma/.cache /tmp /var/tmp');
  });

  it('%n full name, %N without suffix, %p prefix, %j last dash part', () => {
    expect(expand('%n')).toBe(name);
    expect(expand('%N')).toBe(name.replace('.service', ''));
    expect(expand('%p %j')).toBe('foo-bar bar');
  });

  it('%i escaped instance, %I unescaped, %%', () => {
    expect(expand('%i')).toBe(String.raw`a-b\x2dc`);
    expect(expand('%I %f %%')).toBe('a/b-c /a/b-c %');
    expect(expand('[%i%I]', {}, 'plain.service')).toBe('[]');
  });

  it('of the system manager', () => {
    expect(expand('%E %S %C %L %t %h %u %U', { scope: 'system' })).toBe(
      '/etc /var/lib /var/cache /var/log /run /root root 0',
    );
  });

  it('know the host, and the file since 251', () => {
    expect(expand('%H %l')).toBe('neko.example neko');
    expect(expand('%y %Y', { version: 251 })).toBe(
      '/etc/xdg/systemd/user/foo-bar@.service /etc/xdg/systemd/user'.replaceAll('/etc/xdg', '/etc'),
    );
    expect(expand('%y', { version: 250 })).toEqual({ invalid: 'y' });
  });

  it('that cannot be known stay, those that do not exist are invalid', () => {
    expect(expand('%b %m %v')).toBe('%b %m %v');
    expect(expand('%Z')).toEqual({ invalid: 'Z' });
    expect(expand('%D', { version: 252 })).toEqual({ invalid: 'D' });
  });
});

// The cases of TEST(unit_printf) in systemd's src/test/test-unit-name.c.
describe("systemd's own cases of a unit's names", () => {
  it.each([
    ['blah.service', ['', '', 'blah', 'blah', 'blah.service', 'blah', 'blah', 'blah', '/blah']],
    [
      'blah@foo-foo.service',
      [
        'foo-foo',
        'foo/foo',
        'blah',
        'blah',
        'blah@foo-foo.service',
        'blah@foo-foo',
        'blah',
        'blah',
        '/foo/foo',
      ],
    ],
    [
      String.raw`blah-blah\x2d.slice`,
      [
        '',
        '',
        String.raw`blah\x2d`,
        'blah-',
        String.raw`blah-blah\x2d.slice`,
        String.raw`blah-blah\x2d`,
        String.raw`blah-blah\x2d`,
        'blah/blah-',
        '/blah/blah-',
      ],
    ],
  ])('%s', (unit, values) => {
    expect('iIjJnNpPf'.split('').map(letter => expand(`%${letter}`, {}, unit))).toEqual(values);
  });
});

describe('what cannot be unescaped', () => {
  it('makes %I, %J, %P and %f invalid', () => {
    expect(expand('%I', {}, String.raw`foo-bar@a\y.service`)).toEqual({ invalid: 'I' });
    expect(expand('%f', {}, String.raw`foo-bar@a\y.service`)).toEqual({ invalid: 'f' });
    expect(expand('%P', {}, String.raw`a-b\y.service`)).toEqual({ invalid: 'P' });
    expect(expand('%J', {}, String.raw`a-b\y.service`)).toEqual({ invalid: 'J' });
    expect(expand('%i %p', {}, String.raw`foo-bar@a\y.service`)).toBe(String.raw`a\y foo-bar`);
  });

  it('as a path makes %f invalid only', () => {
    expect(expand('%I', {}, 'foo-bar@a--b.service')).toBe('a//b');
    expect(expand('%f', {}, 'foo-bar@a--b.service')).toEqual({ invalid: 'f' });
    expect(expand('%f', {}, 'foo-bar@-.service')).toBe('/');
  });
});
