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
