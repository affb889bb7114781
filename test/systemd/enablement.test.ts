import { describe, expect, it } from 'vitest';
import { unitFileState } from '../../src/systemd/enablement.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';

const home = 'home/kuma/.config/systemd/user';
const lib = 'usr/lib/systemd/user';
const wanted = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=default.target\n';
const state = (tree: Tree, name = 'a.service', options: RootOptions = {}) => {
  const loader = createUnitLoader(hostOf(tree, options));
  return unitFileState(loader, loader.load(name));
};

describe('a unit file is', () => {
  it('enabled by a link in a folder that systemctl enable writes to', () => {
    const link = { link: `/${lib}/a.service` };
    expect(state({ [`${lib}/a.service`]: wanted, [`${home}/default.target.wants/a.service`]: link })).toBe(
      'enabled',
    );
    expect(
      state({ [`${lib}/a.service`]: wanted, 'etc/systemd/user/x.target.requires/a.service': link }),
    ).toBe('enabled');
    expect(
      state({ [`${lib}/a.service`]: wanted, 'run/user/1000/systemd/user/x.target.wants/a.service': link }),
    ).toBe('enabled-runtime');
    expect(state({ [`${lib}/a.service`]: wanted, [`${lib}/x.target.wants/a.service`]: link })).toBe(
      'disabled',
    );
    const upheld = { [`${lib}/a.service`]: wanted, [`${home}/x.service.upholds/a.service`]: link };
    expect(state(upheld, 'a.service', { version: 254 })).toBe('enabled');
    expect(state(upheld, 'a.service', { version: 252 })).toBe('disabled');
  });

  it('enabled by an alias that it asks for, and indirect by any other', () => {
    const unit = '[Install]\nAlias=b.service\n';
    expect(state({ [`${lib}/a.service`]: unit, [`${home}/b.service`]: { link: `/${lib}/a.service` } })).toBe(
      'enabled',
    );
    expect(state({ [`${lib}/a.service`]: unit, [`${home}/c.service`]: { link: `/${lib}/a.service` } })).toBe(
      'indirect',
    );
    expect(
      state(
        { [`${lib}/a.service`]: unit, [`${home}/b.service`]: { link: `/${lib}/a.service` } },
        'b.service',
      ),
    ).toBe('alias');
  });

  it('disabled with an [Install] section, indirect with Also= only, static without', () => {
    expect(state({ [`${lib}/a.service`]: wanted })).toBe('disabled');
    expect(state({ [`${lib}/a.service`]: '[Install]\nAlso=b.service\n' })).toBe('indirect');
    expect(state({ [`${lib}/a.service`]: '[Install]\nWantedBy=x.target\nWantedBy=\n' })).toBe('static');
    expect(state({ [`${lib}/a.service`]: '[Service]\n' })).toBe('static');
    // Drop-ins of the name count, those of prefixes do not.
    expect(
      state({
        [`${lib}/a.service`]: '[Service]\n',
        [`${lib}/a.service.d/x.conf`]: '[Install]\nAlias=b.service\n',
      }),
    ).toBe('disabled');
    expect(
      state({
        [`${lib}/a.service`]: '[Service]\n',
        [`${lib}/service.d/x.conf`]: '[Install]\nAlias=b.service\n',
      }),
    ).toBe('static');
  });

  it('masked, masked-runtime', () => {
    expect(state({ [`${home}/a.service`]: { link: '/dev/null' } })).toBe('masked');
    expect(state({ [`${lib}/a.service`]: '' })).toBe('masked');
    expect(state({ 'run/user/1000/systemd/user/a.service': { link: '/dev/null' } })).toBe('masked-runtime');
  });

  it('linked, linked-runtime', () => {
    const opt = { 'opt/a.service': wanted };
    expect(state({ ...opt, [`${home}/a.service`]: { link: '/opt/a.service' } })).toBe('linked');
    expect(state({ ...opt, 'run/user/1000/systemd/user/a.service': { link: '/opt/a.service' } })).toBe(
      'linked-runtime',
    );
  });

  it('generated, transient', () => {
    expect(state({ 'run/user/1000/systemd/generator/a.service': wanted })).toBe('generated');
    expect(state({ 'run/user/1000/systemd/transient/a.service': wanted })).toBe('transient');
  });

  it('of an instance what its own links make it', () => {
    const tree = {
      [`${lib}/t@.service`]: wanted,
      [`${home}/default.target.wants/t@x.service`]: { link: `/${lib}/t@.service` },
    };
    expect(state(tree, 't@x.service')).toBe('enabled');
    expect(state(tree, 't@y.service')).toBe('disabled');
  });

  it('bad when it, or a drop-in, cannot be read to its end, and nothing when there is none', () => {
    expect(state({ [`${lib}/a.service`]: '[Install\n' })).toBe('bad');
    expect(state({ [`${lib}/a.service`]: wanted, [`${lib}/a.service.d/x.conf`]: '[Install\n' })).toBe('bad');
    expect(state({ [`${lib}/a.service`]: '[Install]\nAlso=bad name\n' })).toBe('bad');
    expect(state({ [`${lib}/a.service`]: '[Service]\nExecStart=/bin/echo %Z\n' })).toBe('static');
    expect(state({})).toBeUndefined();
    expect(state({ [`${home}/a.service`]: { link: '/nowhere' } })).toBeUndefined();
  });
});

describe('section 5: missing targets', () => {
  it('WantedBy=multi-user.target in a user unit: is-enabled says enabled', () => {
    const tree = {
      [`${home}/a.service`]: '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n',
      [`${home}/multi-user.target.wants/a.service`]: { link: '../a.service' },
    };
    expect(state(tree)).toBe('enabled');
  });
});
