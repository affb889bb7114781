import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkedUnit } from '../../src/check/checked-unit.ts';
import { defaultUnitPolicy } from '../../src/check/policy.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { followedService } from '../../src/notify/readiness.ts';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { renderExplanation } from '../../src/report/explanation.ts';
import { renderStatus, statusRow } from '../../src/report/status-table.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';

const own = 'home/kuma/.config/systemd/user';
const packaged = 'usr/lib/systemd/user';
const enabled = `${own}/default.target.wants`;
const lingers: Tree = { 'var/lib/systemd/linger/kuma': '' };
const to = (link: string) => ({ link });

function service(lines = '', command = '/usr/local/bin/job'): string {
  return `[Service]\nExecStart=${command}\n${lines}`;
}

const daily = '[Timer]\nOnCalendar=daily\n';
const timer: Tree = { [`${own}/a.timer`]: daily, [`${own}/timers.target.wants/a.timer`]: to('../a.timer') };
const alone: Tree = { [`${own}/a.service`]: service() };
const litellm = '/usr/bin/litellm --config c.yaml';

/** A socket that starts one unit, which pulls in another by way of a third. */
const calling: Tree = {
  [`${own}/c.socket`]: '[Socket]\nListenStream=1234\n',
  [`${own}/sockets.target.wants/c.socket`]: to('../c.socket'),
  [`${own}/c.service`]: `[Unit]\nRequires=b.service\n${service()}`,
  [`${own}/b.service`]: `[Unit]\nWants=a.service c.service\n${service()}`,
};

/** Every kind of service, each `a.service` unless another is named. */
const cases: readonly (readonly [string, boolean, Tree, string?, RootOptions?])[] = [
  ['one that runs', true, { ...alone, [`${enabled}/a.service`]: to('../a.service') }],
  ['one that nobody has enabled yet', true, alone],
  ["a timer's simple job", false, { ...alone, ...timer }],
  [
    "a timer's job that is to be restarted",
    false,
    { [`${own}/a.service`]: service('Restart=on-failure\n'), ...timer },
  ],
  [
    "a timer's job that is started at boot besides",
    false,
    { ...alone, ...timer, [`${enabled}/a.service`]: to('../a.service') },
  ],
  [
    'a known server that a timer starts, too',
    true,
    { [`${own}/a.service`]: service('', litellm), ...timer, [`${enabled}/a.service`]: to('../a.service') },
  ],
  [
    'one that a socket calls',
    false,
    {
      ...alone,
      [`${own}/a.socket`]: '[Socket]\nListenStream=1234\n',
      [`${own}/sockets.target.wants/a.socket`]: to('../a.socket'),
    },
  ],
  [
    'one that a socket calls and that is started at boot',
    true,
    {
      ...alone,
      [`${own}/a.socket`]: '[Socket]\nListenStream=1234\n',
      [`${enabled}/a.service`]: to('../a.service'),
    },
  ],
  ['one that a called unit pulls in', false, { ...alone, ...calling }],
  [
    'a server that a called unit pulls in',
    true,
    { [`${own}/a.service`]: service('Restart=always\n'), ...calling },
  ],
  ['one that a path calls', false, { ...alone, [`${own}/a.path`]: '[Path]\nPathExists=/run/x\n' }],
  [
    'one that a bus name calls',
    false,
    {
      [`${own}/a.service`]: service('Type=dbus\nBusName=org.example.A\n'),
      'usr/share/dbus-1/services/org.example.A.service':
        '[D-BUS Service]\nName=org.example.A\nExec=/bin/false\nSystemdService=a.service\n',
    },
  ],
  [
    'a oneshot',
    false,
    { [`${own}/a.service`]: service('Type=oneshot\n'), [`${enabled}/a.service`]: to('../a.service') },
  ],
  ['one that remains after its exit', false, { [`${own}/a.service`]: service('RemainAfterExit=yes\n') }],
  [
    'an instance',
    true,
    { [`${own}/a@.service`]: service(), [`${enabled}/a@b.service`]: to('../a@.service') },
    'a@b.service',
  ],
  [
    'an instance for one connection of a socket',
    false,
    {
      [`${own}/a@.service`]: service('Restart=always\n', litellm),
      [`${own}/a.socket`]: '[Socket]\nListenStream=1234\nAccept=yes\n',
    },
    'a@0-127.0.0.1:7782-127.0.0.1:46092.service',
  ],
  [
    'another instance of such a template',
    true,
    {
      [`${own}/a@.service`]: service(),
      [`${own}/a.socket`]: '[Socket]\nListenStream=1234\nAccept=yes\n',
      [`${enabled}/a@b.service`]: to('../a@.service'),
    },
    'a@b.service',
  ],
  [
    "an instance of a timer's job",
    false,
    { [`${own}/a@.service`]: service(), [`${own}/a@b.timer`]: daily },
    'a@b.service',
  ],
  ['a static unit of a package', false, { [`${packaged}/a.service`]: service() }],
  [
    'a static unit of a package that another one pulls in at boot',
    true,
    {
      [`${packaged}/a.service`]: service(),
      [`${own}/b.service`]: `[Unit]\nWants=a.service\n${service()}`,
      [`${enabled}/b.service`]: to('../b.service'),
    },
  ],
  [
    "a person's unit that another one pulls in at boot",
    true,
    {
      ...alone,
      [`${own}/b.service`]: `[Unit]\nRequires=a.service\n${service()}`,
      [`${enabled}/b.service`]: to('../b.service'),
    },
  ],
  [
    'one that another upholds',
    true,
    {
      ...alone,
      [`${own}/b.target`]: '[Unit]\nUpholds=a.service\n',
      [`${enabled}/b.target`]: to('../b.target'),
    },
    'a.service',
    { version: 257 },
  ],
  ['one that is not loaded', false, { [`${own}/a.service`]: '[Service]\nRestart=always\n' }],
];

describe('whether a service is meant to run all the time', () => {
  it.each(cases.map(([title, expected, ...given]) => ({ title, expected, given })))(
    '$title: $expected, whoever asks',
    async ({ expected, given: [tree, name = 'a.service', options] }) => {
      const inventory = await takeInventory(hostOf({ ...lingers, ...tree }, options));
      for await (const entry of inventory.services([name])) {
        expect(entry.purpose?.isMeantToStay ?? false).toBe(expected);
        expect(statusRow(entry, inventory).meantToStay).toBe(expected);
        // How bad it is when it is down is another question.
        for (const critical of [true, false]) {
          const { service: checked } = checkedUnit(entry, { ...defaultUnitPolicy, critical }, inventory);
          expect(checked?.isMeantToStay ?? false).toBe(expected);
        }
        const followed = await followedService(name, inventory, undefined, {});
        expect(followed.purpose.isMeantToStay).toBe(expected || entry.facts === undefined);
      }
    },
  );

  it("no table is red about a timer's job, and no remedy offered", async () => {
    const inventory = await takeInventory(hostOf({ ...lingers, ...alone, ...timer }));
    const catalogue = await loadCatalogue('en');
    for await (const entry of inventory.services(['a.service'])) {
      const text = renderStatus(inventory, [statusRow(entry, inventory)], undefined, '', catalogue, {
        columns: 80,
        color: false,
        unicode: true,
      });
      expect(text).not.toMatch(/✗|enable/);
    }
  });
});

const terminal = { columns: 200, color: false, unicode: true } as const;

describe('what starts a service again that Restart= does not', () => {
  const socket: Tree = {
    [`${own}/a.socket`]: '[Socket]\nListenStream=1234\n',
    [`${own}/sockets.target.wants/a.socket`]: to('../a.socket'),
  };
  const upheld: Tree = {
    [`${own}/b.target`]: '[Unit]\nUpholds=a.service\n',
    [`${enabled}/b.target`]: to('../b.target'),
  };
  it.each([
    ['a timer', { ...alone, ...timer }, 257, ['a.timer']],
    ['a timer and a socket', { ...alone, ...timer, ...socket }, 257, ['a.socket', 'a.timer']],
    ['a timer that nobody enabled', { ...alone, [`${own}/a.timer`]: daily }, 257, []],
    ['an upholder', { ...alone, ...upheld }, 257, ['b.target']],
    ['an upholder that systemd does not know', { ...alone, ...upheld }, 247, []],
    ['nothing', alone, 257, []],
  ] as const)('%s', async (_, tree: Tree, version, expected) => {
    const inventory = await takeInventory(hostOf({ ...lingers, ...tree }, { version }));
    const { purpose } = await followedService('a.service', inventory, undefined, {});
    expect(purpose.startedBy.toSorted()).toEqual(expected);
    // The model tells the same.
    for await (const { facts } of inventory.services(['a.service'])) {
      const outcome = facts && predictOutcome(facts, { kind: 'exit', status: 1 }, inventory.machine);
      expect(outcome?.restarts === true || (outcome?.onDemand.length ?? 0) > 0).toBe(expected.length > 0);
    }
  });
});

describe('the table and the explanation agree', () => {
  it.each(cases.map(([title, , ...given]) => ({ title, given })))(
    '$title',
    async ({ given: [tree, name = 'a.service', options] }) => {
      const inventory = await takeInventory(hostOf({ ...lingers, ...tree }, options));
      const catalogue = await loadCatalogue('en');
      for await (const entry of inventory.services([name])) {
        if (entry.factsNow === undefined) continue;
        const row = statusRow(entry, inventory);
        const table = renderStatus(inventory, [row], undefined, '', catalogue, { ...terminal, columns: 16 });
        for (const [fall, on] of [
          ['hang', { kind: 'hang' }],
          ['managerKill', { kind: 'manager-kill' }],
          ['exit0', { kind: 'exit', status: 0 }],
          ['exit1', { kind: 'exit', status: 1 }],
          ['sigkill', { kind: 'signal', signal: 9 }],
          ['logout', { kind: 'logout' }],
          ['reboot', { kind: 'reboot' }],
        ] as const) {
          const outcomes = [predictOutcome(entry.factsNow, on, inventory.machine)];
          const explanation = { entry, now: undefined, outcomes, loops: [], asked: true };
          const text = renderExplanation(explanation, inventory, catalogue, terminal);
          const said = outcomes[0]?.possible
            ? /^ {2}\S.*? {2}([✓✗◐?–]|\S+)/mu.exec(text.slice(text.indexOf(catalogue.explain.endings)))?.[1]
            : '–';
          const shown = table
            .split('\n')
            .find(line => line.trim().startsWith(`${catalogue.fallHeads[fall]} `));
          expect({ fall, mark: said }).toEqual({
            fall,
            mark: shown?.trim().slice(catalogue.fallHeads[fall].length).trim().slice(0, 1),
          });
        }
      }
    },
  );
});

describe('who stays down', () => {
  const hangs = (name: string): Tree => ({
    [`${own}/${name}.service`]: service('Restart=always\n'),
    [`${enabled}/${name}.service`]: to(`../${name}.service`),
  });
  const shown = async (trees: readonly Tree[], names: readonly string[]) => {
    const inventory = await takeInventory(hostOf(Object.assign({}, lingers, ...trees)));
    const rows = [];
    for await (const entry of inventory.services(names.map(name => `${name}.service`))) {
      rows.push(statusRow(entry, inventory));
    }
    return renderStatus(inventory, rows, undefined, '', await loadCatalogue('en'), terminal);
  };
  const running = ['b', 'c', 'd', 'e'];

  it('is every service only where each row is so; else they are named, or counted', async () => {
    const trees = [alone, timer, ...running.map(hangs)];
    expect(await shown(trees, running)).toMatch(/✗ every service: .*hang/);
    expect(await shown(trees, ['b', 'c'])).toMatch(/✗ every service: .*hang/);
    expect(await shown(trees, ['a', 'b', 'c'])).toMatch(/✗ b, c: .*hang/);
    expect(await shown(trees, ['a', ...running])).toMatch(/✗ 4 services: .*hang/);
    expect(await shown(trees, ['a', ...running])).not.toContain('every service');
  });
});

describe('a command that puts into the background what it is for', () => {
  const detached = (lines: string) => ({ [`${own}/a.service`]: `[Service]\n${lines}` });
  const rowOf = async (lines: string) => {
    const programs = { 'usr/bin/setsid': 'ELF', 'srv/bot': 'ELF' };
    const host = hostOf({ ...lingers, ...detached(lines), ...programs });
    for (const program of Object.keys(programs)) fs.chmodSync(host.files.physicalPath(`/${program}`), 0o755);
    const inventory = await takeInventory(host);
    return statusRow(inventory.service('a.service'), inventory);
  };

  it.each([
    ['killed', 'ExecStart=/usr/bin/setsid -f /srv/bot\nRestart=always\n'],
    ['unwatched', 'ExecStart=/usr/bin/setsid -f /srv/bot\nKillMode=process\nRestart=always\n'],
    ['stopped', 'ExecStart=/usr/bin/docker run -d web\nExecStop=/usr/bin/docker stop web\nRestart=always\n'],
    ['hidden', 'Type=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/tmux new-session -d /srv/bot\n'],
  ])('gets up from nothing: %s', async (effect, lines) => {
    const { entry, falls, meantToStay } = await rowOf(lines);
    expect(entry.background?.effect).toBe(effect);
    expect(meantToStay).toBe(true);
    for (const fall of ['exit0', 'sigkill', 'crashLoop'] as const) expect(falls?.[fall].getsUp).toBe(false);
  });

  it('gets up from a fall that systemd sees', async () => {
    const { entry, falls } = await rowOf('ExecStart=/usr/bin/setsid -w /srv/bot\nRestart=always\n');
    expect(entry.background).toBeUndefined();
    expect(falls?.sigkill.getsUp).toBe(true);
  });
});
