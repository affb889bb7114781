import { describe, expect, it } from 'vitest';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';
import { serviceOf } from '../support/services.ts';

const etc = 'etc/systemd/user';
const home = 'home/kuma/.config/systemd/user';
const command = '[Service]\nExecStart=/bin/true\n';
const restart = (policy: string) => `[Service]\nRestart=${policy}\n`;
const load = (tree: Tree, name: string, options: RootOptions = {}) =>
  createUnitLoader(hostOf(tree, options)).load(name);

describe('section 5: drop-ins', () => {
  it('service.d/, dd-.service.d/, dd-x.service.d/, alias, template and instance folders all merge', () => {
    const tree = {
      [`${etc}/dd-x@.service`]: command,
      [`${etc}/q@.service`]: { link: 'dd-x@.service' },
      [`${etc}/service.d/1.conf`]: '',
      [`${etc}/dd-.service.d/2.conf`]: '',
      [`${etc}/dd-x@.service.d/3.conf`]: '',
      [`${etc}/dd-x@i.service.d/4.conf`]: '',
      [`${etc}/q@.service.d/5.conf`]: '',
      [`${etc}/dd-@i.service.d/6.conf`]: '',
      [`${etc}/dd-y@.service.d/7.conf`]: '',
    };
    const names = load(tree, 'dd-x@i.service').dropIns.map(file => file.replace(/^.*\//, ''));
    expect(names).toEqual(['1.conf', '2.conf', '3.conf', '4.conf', '5.conf', '6.conf']);
  });

  it('are applied sorted by file name across every folder: service.d/zz.conf overrides x.service.d/10.conf', () => {
    const host = hostOf({
      [`${etc}/x.service`]: command,
      [`${home}/x.service.d/10.conf`]: restart('always'),
      [`${etc}/service.d/zz.conf`]: restart('no'),
    });
    const { unit, settings } = serviceOf(host, 'x.service');
    expect(unit.dropIns).toEqual([
      '/home/kuma/.config/systemd/user/x.service.d/10.conf',
      '/etc/systemd/user/service.d/zz.conf',
    ]);
    expect(settings?.Restart).toEqual({
      value: 'no',
      source: { file: '/etc/systemd/user/service.d/zz.conf', line: 2 },
    });
  });

  it('of equal names the earlier directory of the unit path wins, then the more specific name', () => {
    const tree = {
      [`${etc}/a-b.service`]: command,
      [`${home}/a-.service.d/1.conf`]: '',
      [`${etc}/a-b.service.d/1.conf`]: '',
      [`${etc}/a-b.service.d/2.conf`]: '',
      [`${etc}/a-.service.d/2.conf`]: '',
      [`${home}/service.d/2.conf`]: '',
    };
    expect(load(tree, 'a-b.service').dropIns).toEqual([
      '/home/kuma/.config/systemd/user/a-.service.d/1.conf',
      '/etc/systemd/user/a-b.service.d/2.conf',
    ]);
  });

  it('only *.conf', () => {
    const folder = `${etc}/a.service.d`;
    const tree = {
      [`${etc}/a.service`]: command,
      [`${folder}/a.conf`]: '',
      [`${folder}/b.conf~`]: '',
      [`${folder}/c.txt`]: '',
      [`${folder}/.d.conf`]: '',
    };
    expect(load(tree, 'a.service').dropIns).toEqual(['/etc/systemd/user/a.service.d/a.conf']);
  });

  it("an alias' q.service.d applies to the real unit", () => {
    const tree = {
      [`${etc}/a.service`]: command,
      [`${etc}/q.service`]: { link: 'a.service' },
      [`${etc}/q.service.d/x.conf`]: '',
    };
    expect(load(tree, 'a.service').dropIns).toEqual(['/etc/systemd/user/q.service.d/x.conf']);
  });

  it('set-property writes to user.control/<unit>.d/50-*.conf, before all other directories', () => {
    const host = hostOf({
      [`${etc}/a.service`]: command,
      [`${etc}/a.service.d/50-Restart.conf`]: restart('always'),
      [`home/kuma/.config/systemd/user.control/a.service.d/50-Restart.conf`]: restart('no'),
    });
    expect(serviceOf(host, 'a.service').settings?.Restart.value).toBe('no');
  });

  it('are named by where their folder really is', () => {
    const tree = {
      'etc/xdg/systemd/user': { link: '../../systemd/user' },
      [`${etc}/a.service`]: command,
      [`${etc}/a.service.d/x.conf`]: '',
    };
    const unit = load(tree, 'a.service');
    expect(unit.fragment).toBe('/etc/xdg/systemd/user/a.service');
    expect(unit.dropIns).toEqual(['/etc/systemd/user/a.service.d/x.conf']);
  });

  it('in a linked folder count when the text of the link, taken from /, is a directory (since 250)', () => {
    const tree = {
      [`${etc}/a.service`]: command,
      [`${etc}/shared/x.conf`]: '',
      [`${etc}/a.service.d`]: { link: 'shared' },
    };
    expect(load(tree, 'a.service', { version: 249 }).dropIns).toEqual(['/etc/systemd/user/shared/x.conf']);
    expect(load(tree, 'a.service', { version: 252 }).dropIns).toEqual([]);
    const absolute = { ...tree, [`${etc}/a.service.d`]: { link: '/etc/systemd/user/shared' } };
    expect(load(absolute, 'a.service').dropIns).toEqual(['/etc/systemd/user/shared/x.conf']);
  });
});

describe('section 5: masks', () => {
  it('a symlink to /dev/null', () => {
    const tree = { [`${home}/a.service`]: { link: '/dev/null' }, [`${etc}/a.service`]: command };
    expect(load(tree, 'a.service')).toMatchObject({
      load: 'masked',
      fragment: '/home/kuma/.config/systemd/user/a.service',
    });
  });

  it('an empty file', () => {
    expect(load({ [`${etc}/a.service`]: '' }, 'a.service')).toMatchObject({ load: 'masked' });
    expect(load({ [`${etc}/a.service`]: '\n' }, 'a.service')).toMatchObject({ load: 'loaded' });
  });

  it('of a template leave an alias its own name', () => {
    const tree = { [`${etc}/t@.service`]: '', [`${etc}/q@.service`]: { link: 't@.service' } };
    expect(load(tree, 'q@i.service')).toMatchObject({
      id: 'q@i.service',
      names: ['q@i.service', 't@i.service'],
    });
    expect(load(tree, 'q@i.service', { version: 247 }).names).toEqual(['q@i.service']);
  });
});

describe('names', () => {
  it('of a unit are its own and all that link to it', () => {
    const tree = {
      [`${etc}/a.service`]: command,
      [`${etc}/b.service`]: { link: 'a.service' },
      [`${home}/c.service`]: { link: '/etc/systemd/user/b.service' },
    };
    for (const name of ['a.service', 'b.service', 'c.service']) {
      const unit = load(tree, name);
      expect(unit.id).toBe('a.service');
      expect([...unit.names].sort()).toEqual(['a.service', 'b.service', 'c.service']);
    }
  });

  it('of an instance include an alias made for that instance only, since 249', () => {
    const tree = { [`${etc}/t@.service`]: command, [`${etc}/q@one.service`]: { link: 't@.service' } };
    expect(load(tree, 't@one.service').names).toEqual(['t@one.service', 'q@one.service']);
    expect(load(tree, 't@two.service').names).toEqual(['t@two.service']);
    expect(load(tree, 't@one.service', { version: 248 }).names).toEqual(['t@one.service']);
  });

  it('of a link to a template keep its own first, since 249, where the instance by that name has another file', () => {
    const tree = {
      [`${etc}/a@.service`]: command,
      [`${etc}/a@x.service`]: command,
      [`${etc}/b@x.service`]: { link: 'a@.service' },
      [`${etc}/b@y.service`]: { link: 'a@.service' },
    };
    expect(load(tree, 'b@x.service').names).toEqual(['b@x.service', 'a@x.service']);
    expect(load(tree, 'b@y.service').names).toEqual(['a@y.service', 'b@y.service']);
    expect(load(tree, 'a@x.service').names).toEqual(['a@x.service', 'b@x.service']);
    expect(load(tree, 'b@x.service', { version: 247 }).id).toBe('a@x.service');
  });

  it('links that lead to another type, kind or instance, or to themselves, are no aliases', () => {
    const tree = {
      [`${etc}/a.service`]: command,
      [`${etc}/a.target`]: { link: 'a.service' },
      [`${etc}/b@x.service`]: { link: 'a.service' },
      [`${etc}/c@x.service`]: { link: 'd@y.service' },
      [`${etc}/m.mount`]: { link: 'n.mount' },
      [`${etc}/n.mount`]: '[Mount]\nWhat=a\nWhere=/n\n',
      [`${home}/a.service`]: { link: '../../../../../etc/systemd/user/a.service' },
    };
    for (const name of ['a.target', 'b@x.service', 'c@x.service', 'm.mount']) {
      expect(load(tree, name).load).toBe('not-found');
    }
    expect(load(tree, 'a.service').fragment).toBe('/etc/systemd/user/a.service');
  });

  it('that go round in a circle lead nowhere', () => {
    const tree = { [`${etc}/a.service`]: { link: 'b.service' }, [`${etc}/b.service`]: { link: 'a.service' } };
    expect(load(tree, 'a.service')).toMatchObject({
      load: 'not-found',
      problem: { code: 'alias-loop' },
      fragment: undefined,
    });
  });

  it('a link out of the unit path is a unit of its own; until 247 it went by its target', () => {
    const tree = { 'opt/x.service': command, [`${etc}/a.service`]: { link: '/opt/x.service' } };
    expect(load(tree, 'a.service')).toMatchObject({
      id: 'a.service',
      fragment: '/etc/systemd/user/a.service',
    });
    expect(load(tree, 'a.service', { version: 247 })).toMatchObject({
      id: 'a.service',
      fragment: '/opt/x.service',
    });
    const dangling = { [`${etc}/a.service`]: { link: '/nowhere/a.service' } };
    expect(load(dangling, 'a.service')).toMatchObject({ load: 'not-found', fragment: undefined });
  });

  it('are not learnt by a unit that cannot be read', () => {
    const tree = { [`${etc}/a.service`]: '[Service\n', [`${etc}/b.service`]: { link: 'a.service' } };
    expect(load(tree, 'b.service')).toMatchObject({
      load: 'error',
      id: 'b.service',
      names: ['b.service'],
      fragment: '/etc/systemd/user/a.service',
    });
  });
});

describe('folders of dependencies', () => {
  const units = { [`${etc}/a.service`]: command, [`${etc}/b.service`]: command };
  const links = (tree: Tree, name: string, options: RootOptions = {}) =>
    load({ ...units, ...tree }, name, options).links.map(({ kind, to }) => `${kind} ${to}`);

  it('pull in what links in them are called', () => {
    const tree = {
      [`${etc}/a.service.wants/b.service`]: { link: '../b.service' },
      [`${etc}/a.service.requires/c.service`]: { link: '/nowhere' },
      [`${etc}/a.service.upholds/d.service`]: { link: '../b.service' },
      [`${etc}/service.wants/e.service`]: { link: '../b.service' },
    };
    expect(links(tree, 'a.service', { version: 254 })).toEqual([
      'Wants b.service',
      'Wants e.service',
      'Requires c.service',
      'Upholds d.service',
    ]);
    expect(links(tree, 'a.service', { version: 253 })).not.toContain('Upholds d.service');
  });

  it('do not count files and masks, which hide the same name further back', () => {
    const tree = {
      [`${home}/a.service.wants/b.service`]: { link: '/dev/null' },
      [`${etc}/a.service.wants/b.service`]: { link: '../b.service' },
      [`${home}/a.service.wants/c.service`]: command,
      [`${etc}/a.service.wants/c.service`]: { link: '../b.service' },
    };
    expect(links(tree, 'a.service')).toEqual([]);
  });

  it('give a template the instance, or else the prefix, of the unit', () => {
    const tree = {
      [`${etc}/t@.service`]: `[Unit]\nWants=u@.service\n${command}`,
      [`${etc}/t@.service.wants/w@.service`]: { link: '../w@.service' },
      [`${etc}/a.service.wants/w@.service`]: { link: '../w@.service' },
    };
    expect(links(tree, 't@i.service')).toEqual(['Wants w@i.service']);
    expect(links(tree, 'a.service')).toEqual(['Wants w@a.service']);
  });
});

describe('the links that are looked at', () => {
  it('are those whose names are asked for', () => {
    const host = hostOf({
      [`${etc}/t@.socket`]: '[Socket]\nListenStream=1\n',
      [`${etc}/sockets.target.wants/t@1.socket`]: { link: '../t@.socket' },
      [`${etc}/sockets.target.wants/t@2.socket`]: { link: '/dev/null' },
      [`${etc}/default.target.wants/a.service`]: { link: '../a.service' },
    });
    const asked: string[] = [];
    const status = (file: string) => {
      asked.push(file);
      return host.files.status(file);
    };
    const { index } = createUnitLoader({ ...host, files: { ...host.files, status } });
    expect(index.linkedNames(name => name.endsWith('.socket'))).toEqual(['t@1.socket']);
    const folder = '/etc/systemd/user/sockets.target.wants';
    expect(asked.filter(file => file.includes('.wants/'))).toEqual([
      `${folder}/t@1.socket`,
      `${folder}/t@2.socket`,
    ]);
    expect(index.linkedNames(name => name.endsWith('.service'))).toEqual(['a.service']);
  });
});
