import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationPlace, configurationPlaces } from '../../src/config/lookup.ts';
import type { Host } from '../../src/systemd/host/host.ts';
import { openLiveHost } from '../../src/systemd/host/live-host.ts';
import { openFolder, openOfflineHost, openUnitFolder } from '../../src/systemd/host/offline-host.ts';
import { unpackedRoot } from '../support/root.ts';

type Environment = Readonly<Record<string, string>>;

function places(host: Host, environment: Environment = {}, option?: string): readonly string[] {
  return configurationPlaces(host, option, environment, process.cwd()).map(
    place => `${place.origin} ${place.path}`,
  );
}

async function livePlaces(environment: Environment, option?: string): Promise<readonly string[]> {
  await using host = await openLiveHost({ scope: 'user', environment: { HOME: '/nonexistent' } });
  return places(host, environment, option);
}

describe('on the live machine', () => {
  it.each([
    [
      'the home',
      { HOME: '/home/kuma' },
      ['user /home/kuma/.config/daruma/config.yaml', 'machine /etc/daruma/config.yaml'],
    ],
    [
      'XDG_CONFIG_HOME',
      { HOME: '/home/kuma', XDG_CONFIG_HOME: '/srv/kuma' },
      ['user /srv/kuma/daruma/config.yaml', 'machine /etc/daruma/config.yaml'],
    ],
    [
      'a relative XDG_CONFIG_HOME, which is invalid',
      { HOME: '/home/kuma', XDG_CONFIG_HOME: 'config' },
      ['user /home/kuma/.config/daruma/config.yaml', 'machine /etc/daruma/config.yaml'],
    ],
    ['DARUMA_CONFIG', { HOME: '/home/kuma', DARUMA_CONFIG: '/srv/a.yaml' }, ['environment /srv/a.yaml']],
    [
      'an empty DARUMA_CONFIG',
      { HOME: '/home/kuma', DARUMA_CONFIG: '' },
      ['user /home/kuma/.config/daruma/config.yaml', 'machine /etc/daruma/config.yaml'],
    ],
  ])('by %s', async (_, environment, expected) => {
    expect(await livePlaces(environment)).toEqual(expected);
  });

  it('by --config before all else', async () => {
    expect(await livePlaces({ DARUMA_CONFIG: '/srv/a.yaml' }, 'b.yaml')).toEqual([
      `option ${path.resolve('b.yaml')}`,
    ]);
  });
});

describe('elsewhere', () => {
  const mine = { HOME: '/home/me', XDG_CONFIG_HOME: '/home/me/.config', DARUMA_CONFIG: '/home/me/a.yaml' };

  it('an unpacked root has its own, and the variables of whoever looks do not count', () => {
    const root = unpackedRoot({ 'home/kuma/': '' });
    expect(places(openOfflineHost({ root, scope: 'user' }), mine)).toEqual([
      'user /home/kuma/.config/daruma/config.yaml',
      'machine /etc/daruma/config.yaml',
    ]);
    expect(places(openOfflineHost({ root, scope: 'system' }), mine)).toEqual([
      'machine /etc/daruma/config.yaml',
    ]);
  });

  it('a home from elsewhere has left its machine behind', () => {
    const home = unpackedRoot({ '.config/systemd/user/': '' });
    expect(places(openFolder(home, { scope: 'user' }), mine)).toEqual([
      `user ${home}/.config/daruma/config.yaml`,
    ]);
  });

  it('a folder of units has none but what is named', () => {
    const host = openUnitFolder(unpackedRoot({}), { scope: 'user' });
    expect(places(host)).toEqual([]);
    expect(places(host, mine)).toEqual(['environment /home/me/a.yaml']);
    expect(places(host, mine, '/x.yaml')).toEqual(['option /x.yaml']);
  });
});

describe('which one counts', () => {
  const of = (tree: Readonly<Record<string, string>>, option?: string) => {
    const host = openOfflineHost({ root: unpackedRoot({ 'home/kuma/': '', ...tree }), scope: 'user' });
    return configurationPlace(configurationPlaces(host, option, {}, process.cwd()))?.path;
  };
  const own = 'home/kuma/.config/daruma/config.yaml';
  const shared = 'etc/daruma/config.yaml';

  it("the user's own before the machine's", () => {
    expect(of({ [own]: '', [shared]: '' })).toBe(`/${own}`);
    expect(of({ [shared]: '' })).toBe(`/${shared}`);
    expect(of({})).toBeUndefined();
  });

  it('one that was named, there or not', () => {
    expect(of({ [own]: '' }, '/nonexistent/x.yaml')).toBe('/nonexistent/x.yaml');
  });
});
