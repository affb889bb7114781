import { describe, expect, it } from 'vitest';
import { createUnitLoader, dependenciesOf } from '../../src/systemd/unit.ts';
import { hostOf } from '../support/root.ts';
import { service } from '../support/services.ts';

const command = '[Service]\nExecStart=/bin/true\n';
const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('section 6: whole-unit failures', () => {
  it('a line that is not UTF-8 and no comment -> LoadState=error', () => {
    const { unit } = service(bytes(`[Unit]\nDescription=\u00ff\n${command}`));
    expect(unit).toMatchObject({
      load: 'error',
      problem: {
        code: 'syntax',
        problem: 'invalid-utf8',
        source: { file: '/etc/systemd/user/a.service', line: 2 },
      },
    });
    expect(service(bytes(`# \u00ff\n${command}`)).unit.load).toBe('loaded');
  });

  it('[Service without ] -> error', () => {
    expect(service(`${command}[Service\n`).unit.load).toBe('error');
  });

  it('a line of 1 MiB -> error', () => {
    expect(service(`${command}Environment=A=${'x'.repeat(2 ** 20)}\n`).unit.load).toBe('error');
  });

  it('a bad specifier in ExecStart -> bad-setting, in Description only a warning', () => {
    expect(service('[Service]\nExecStart=/bin/echo %Z\n').unit).toMatchObject({
      load: 'bad-setting',
      problem: { code: 'bad-value', key: 'ExecStart', source: { line: 2 } },
    });
    const { unit } = service(`[Unit]\nDescription=%Z\n${command}`);
    expect(unit.load).toBe('loaded');
    expect(unit.ignored).toMatchObject([{ key: 'Description' }]);
  });

  it('a user that can have no name -> bad-setting, one that does not exist is taken', () => {
    for (const user of ['%i', 'a:b', 'a/b', '..', '65535', '007', '-1']) {
      expect(service(`${command}User=${user}\n`).unit.load).toBe('bad-setting');
    }
    for (const user of ['nobody here', '1000', 'ä@b', '-x']) {
      expect(service(`${command}User=${user}\n`).unit.load).toBe('loaded');
    }
  });

  it('a PIDFile that climbs up -> error, one with an unknown specifier is passed over', () => {
    expect(service(`${command}PIDFile=/etc/../x.pid\n`).unit).toMatchObject({
      load: 'error',
      problem: { code: 'bad-value', load: 'error' },
    });
    expect(service(`${command}PIDFile=/run/%Z\n`)).toMatchObject({
      settings: { PIDFile: { value: undefined } },
    });
  });
});

describe('section 5: System-only settings', () => {
  it('User= and AmbientCapabilities= of a user unit load without complaint: they fail when it is started', () => {
    const { unit } = service(`${command}User=kuma\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n`);
    expect(unit.load).toBe('loaded');
    expect(unit.ignored).toEqual([]);
  });
});

describe('a unit', () => {
  it('that no directory has is not found', () => {
    expect(createUnitLoader(hostOf({})).load('a.service')).toMatchObject({
      load: 'not-found',
      fragment: undefined,
    });
  });

  it('cannot be asked for by what is no name', () => {
    const loader = createUnitLoader(hostOf({}));
    expect(() => loader.load('a b.service')).toThrow(TypeError);
  });

  it('has its dependencies with the lines they stand in', () => {
    const { unit } = service(
      `[Unit]\nWants=b.service bogus c.service\nWants=d@.service "e.service" %p-f.service\nBindTo=g.service\n${command}`,
    );
    const wants = dependenciesOf(unit, 'Wants').map(({ unit: name, source }) => [name, source.line]);
    expect(wants).toEqual([
      ['b.service', 2],
      ['c.service', 2],
      ['d@a.service', 3],
      ['a-f.service', 3],
    ]);
    expect(dependenciesOf(unit, 'BindsTo')).toMatchObject([{ unit: 'g.service' }]);
  });

  it('is read through links that stay inside an unpacked root', () => {
    const tree = { 'opt/a.service': command, 'etc/systemd/user/a.service': { link: '/opt/a.service' } };
    expect(createUnitLoader(hostOf(tree)).load('a.service').load).toBe('loaded');
  });
});
