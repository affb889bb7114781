import { expect, it } from 'vitest';
import { findActivation } from '../../src/systemd/triggers.ts';
import { createUnitLoader } from '../../src/systemd/unit.ts';
import { hostOf } from '../support/root.ts';

const lib = 'usr/lib/systemd/user';
const command = '[Service]\nExecStart=/bin/true\n';

it('finds the sockets, paths, timers and bus names that start a service', () => {
  const activation = findActivation(
    createUnitLoader(
      hostOf({
        [`${lib}/a.service`]: command,
        [`${lib}/b.service`]: { link: 'a.service' },
        [`${lib}/a.timer`]: '[Timer]\nOnCalendar=daily\n',
        [`${lib}/x.timer`]: '[Timer]\nOnCalendar=daily\nUnit=b.service\n',
        [`${lib}/x.path`]: '[Path]\nPathExists=/x\nUnit=c.service\n',
        [`${lib}/a.socket`]: '[Socket]\nListenStream=/x\nService=c.service\n',
        'usr/share/dbus-1/services/org.example.A.service':
          '[D-BUS Service]\nName=org.example.A\nExec=/bin/false\nSystemdService=b.service\n',
      }),
    ),
  );
  expect(activation('a.service')).toEqual([
    { kind: 'timer', name: 'a.timer', source: { file: '/usr/lib/systemd/user/a.timer', line: 1 } },
    { kind: 'timer', name: 'x.timer', source: { file: '/usr/lib/systemd/user/x.timer', line: 3 } },
    {
      kind: 'dbus',
      name: 'org.example.A',
      source: { file: '/usr/share/dbus-1/services/org.example.A.service', line: 4 },
    },
  ]);
  expect(
    activation('c.service')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['a.socket', 'x.path']);
  expect(activation('d.service')).toEqual([]);
});

it('finds what starts one service in time that grows with their number', () => {
  const count = 40_000;
  const names = Array.from({ length: count }, (_, n) => `t${n}.timer`);
  const host = hostOf({ [`${lib}/a.service`]: command });
  const listed = [
    { name: 'a.service', kind: 'file' } as const,
    ...names.map(name => ({ name, kind: 'file' }) as const),
  ];
  const timer = Buffer.from('[Timer]\nOnCalendar=daily\nUnit=a.service\n');
  const activation = findActivation(
    createUnitLoader({
      ...host,
      files: {
        ...host.files,
        list: folder => (folder === `/${lib}` ? listed : host.files.list(folder)),
        read: file => (file.endsWith('.timer') ? timer : host.files.read(file)),
      },
    }),
  );
  expect(activation('a.service').map(({ name }) => name)).toEqual(names);
});
