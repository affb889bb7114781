import { describe, expect, test } from 'vitest';
import { takeInventory, type ServiceEntry } from '../../src/inventory/inventory.ts';
import { parseEnding } from '../../src/restart/ending.ts';
import { type Outcome, predictOutcome } from '../../src/restart/outcome.ts';
import type { Surroundings } from '../../src/restart/surroundings.ts';
import { openUnitFolder } from '../../src/systemd/host/offline-host.ts';
import { hostOf, type RootOptions, type Tree, unpackedRoot } from '../support/root.ts';

const own = 'home/kuma/.config/systemd/user';
const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n';
const to = (link: string) => ({ link });
const lingers: Tree = { 'var/lib/systemd/linger/kuma': '' };

/** Files of kuma's unit folder, beside those of the root. */
function units(files: Tree): Tree {
  return Object.fromEntries(Object.entries(files).map(([name, entry]) => [`${own}/${name}`, entry]));
}

async function entryOf(tree: Tree, name: string, options?: RootOptions): Promise<ServiceEntry> {
  const inventory = await takeInventory(hostOf(tree, options));
  for await (const entry of inventory.services([name])) return entry;
  throw new Error(`nothing is said about ${name}`);
}

test('of a daemon that forks and of which no file tells, files do not say whether its main process is known', async () => {
  const mainProcessOf = async (lines: string) => {
    const unit = `[Service]\nExecStart=/bin/d\n${lines}\n`;
    return (await entryOf(units({ 'a.service': unit }), 'a.service')).factsNow?.mainProcess;
  };
  expect(await mainProcessOf('Type=forking')).toBe('unsure');
  for (const known of ['Type=simple', 'Type=forking\nPIDFile=/run/d.pid', 'Type=forking\nGuessMainPID=no']) {
    expect(await mainProcessOf(known)).toBeUndefined();
  }
});

async function surroundingsOf(tree: Tree, name = 'a.service', options?: RootOptions): Promise<Surroundings> {
  const { facts, service } = await entryOf(tree, name, options);
  if (facts === undefined) throw new Error(`${name} is not loaded: ${service.unit.load}`);
  return facts.surroundings;
}

async function bootOf(files: Tree, name = 'a.service', version = 252): Promise<Surroundings['boot']> {
  const { boot } = await surroundingsOf({ ...lingers, ...units(files) }, name, { version });
  return boot;
}

async function after(files: Tree, ending: string, options?: RootOptions): Promise<Outcome> {
  const inventory = await takeInventory(hostOf({ ...lingers, ...units(files) }, options));
  const parsed = parseEnding(ending);
  if (parsed === undefined) throw new Error(ending);
  for await (const { facts } of inventory.services(['a.service'])) {
    if (facts !== undefined) return predictOutcome(facts, parsed, inventory.machine);
  }
  throw new Error('a.service is not loaded');
}

describe('services of a host', () => {
  const tree = {
    ...units({
      'a.service': sleeper,
      'nick.service': to('a.service'),
      'linked.service': to('/opt/linked.service'),
      'many@.service': sleeper,
      'default.target.wants/many@one.service': to('../many@.service'),
      'a.timer': '[Timer]\nOnCalendar=daily\n',
    }),
    'opt/linked.service': sleeper,
    'etc/systemd/user/for-all.service': sleeper,
    'usr/lib/systemd/user/packaged.service': sleeper,
    'home/kuma/.local/share/systemd/user/shared.service': sleeper,
  };

  test('are the own ones: files, links to units elsewhere, enabled instances; no aliases, no templates', async () => {
    const inventory = await takeInventory(hostOf(tree));
    expect(inventory.ownServices()).toEqual([
      'a.service',
      'for-all.service',
      'linked.service',
      'many@one.service',
      'shared.service',
    ]);
  });

  test('are those of a folder, templates too', async () => {
    const inventory = await takeInventory(hostOf(tree));
    expect(inventory.servicesIn('/usr/lib/systemd/user')).toEqual(['packaged.service']);
    expect(inventory.servicesIn(`/${own}`)).toEqual(['a.service', 'linked.service', 'many@.service']);
  });

  test('of the system are those of the administrator', async () => {
    const system = { 'etc/systemd/system/a.service': sleeper, 'usr/lib/systemd/system/b.service': sleeper };
    const inventory = await takeInventory(hostOf(system, { scope: 'system' }));
    expect(inventory.ownServices()).toEqual(['a.service']);
  });

  test('have no facts when systemd does not load them', async () => {
    const masked = await entryOf(units({ 'a.service': to('/dev/null') }), 'a.service');
    expect(masked).toMatchObject({
      service: { unit: { load: 'masked' } },
      facts: undefined,
      enabled: 'masked',
    });
    const refused = await entryOf(units({ 'a.service': '[Service]\nRestart=always\n' }), 'a.service');
    expect(refused).toMatchObject({ service: { unit: { load: 'bad-setting' } }, facts: undefined });
  });
});

describe('linger', () => {
  const files = units({ 'a.service': sleeper });

  test('is on with the flag file, off without', async () => {
    const path = '/var/lib/systemd/linger/kuma';
    const on = await surroundingsOf({ ...files, ...lingers });
    expect(on.linger).toEqual({ user: 'kuma', enabled: true, source: { file: path, line: null } });
    expect((await surroundingsOf(files)).linger).toMatchObject({ user: 'kuma', enabled: false });
  });

  test('is not known of a folder of units, and is nothing to the system', async () => {
    const folder = unpackedRoot({ 'a.service': sleeper });
    const inventory = await takeInventory(openUnitFolder(folder, { scope: 'user', systemdVersion: 252 }));
    for await (const { facts } of inventory.services(['a.service']))
      expect(facts?.surroundings.linger).toBeNull();
    const system = { 'etc/systemd/system/a.service': sleeper, ...lingers };
    const { linger, userManager } = await surroundingsOf(system, 'a.service', { scope: 'system' });
    expect([linger, userManager]).toEqual([null, null]);
  });

  test('decides what logout and reboot do', async () => {
    const enabled = units({ 'a.service': sleeper, 'default.target.wants/a.service': to('../a.service') });
    for (const [tree, survives] of [
      [{ ...enabled, ...lingers }, true],
      [enabled, false],
    ] as const) {
      const { facts } = await entryOf(tree, 'a.service');
      const endings = ['logout', 'reboot'] as const;
      const restarts = endings.map(
        kind => facts && predictOutcome(facts, { kind }, { version: 252, cgroups: 'unified' }).restarts,
      );
      expect(restarts).toEqual([survives, survives]);
    }
  });
});

describe('a boot starts', () => {
  test('what default.target pulls in, whoever made the link', async () => {
    expect(
      await bootOf({ 'a.service': sleeper, 'default.target.wants/a.service': to('../a.service') }),
    ).toEqual({
      started: true,
      by: 'default.target',
      source: { file: `/${own}/default.target.wants/a.service`, line: null },
    });
    expect(
      await bootOf({ 'a.service': sleeper, 'default.target.requires/a.service': to('../a.service') }),
    ).toMatchObject({ started: true });
  });

  test('what a target or service that is started pulls in', async () => {
    expect(
      await bootOf({
        'a.service': sleeper,
        'b.target': '[Unit]\n',
        'b.target.wants/a.service': to('../a.service'),
        'default.target.wants/b.target': to('../b.target'),
      }),
    ).toMatchObject({ started: true, by: 'b.target' });
    expect(
      await bootOf({
        'a.service': sleeper,
        'b.service': `[Unit]\nWants=a.service\n${sleeper}`,
        'default.target.wants/b.service': to('../b.service'),
      }),
    ).toEqual({ started: true, by: 'b.service', source: { file: `/${own}/b.service`, line: 2 } });
  });

  test('what is pulled in by another of its names, and instances of templates', async () => {
    expect(
      await bootOf({
        'a.service': sleeper,
        'nick.service': to('a.service'),
        'default.target.wants/nick.service': to('../a.service'),
      }),
    ).toMatchObject({ started: true });
    const many = {
      'many@.service': sleeper,
      'default.target.wants/many@one.service': to('../many@.service'),
    };
    expect(await bootOf(many, 'many@one.service')).toMatchObject({ started: true });
    expect(await bootOf(many, 'many@two.service')).toMatchObject({ started: false, why: 'not-enabled' });
  });

  test('what is upheld, since 249', async () => {
    const upheld = {
      'a.service': sleeper,
      'b.service': `[Unit]\nUpholds=a.service\n${sleeper}`,
      'default.target.wants/b.service': to('../b.service'),
    };
    expect(await bootOf(upheld, 'a.service', 249)).toMatchObject({ started: true, by: 'b.service' });
    expect(await bootOf(upheld, 'a.service', 248)).toMatchObject({ started: false });
    expect(await surroundingsOf(units(upheld))).toMatchObject({ upheldBy: [{ unit: 'b.service' }] });
    const folder = {
      'a.service': sleeper,
      'b.service': sleeper,
      'b.service.upholds/a.service': to('../a.service'),
      'default.target.wants/b.service': to('../b.service'),
    };
    expect(await bootOf(folder, 'a.service', 254)).toMatchObject({ started: true, by: 'b.service' });
    expect(await bootOf(folder, 'a.service', 253)).toMatchObject({ started: false });
  });

  test('the sockets that a service names', async () => {
    const { triggers } = await surroundingsOf(
      units({
        'a.service': `${sleeper}Sockets=b.socket\n`,
        'b.socket': '[Socket]\nListenStream=%t/b\nService=a.service\n',
        'default.target.wants/a.service': to('../a.service'),
      }),
    );
    expect(triggers).toMatchObject([{ name: 'b.socket', atBoot: true }]);
  });
});

describe('a boot does not start', () => {
  test('what is not enabled', async () => {
    const nothing = { started: false, why: 'not-enabled', isInstallable: true, target: null, source: null };
    expect(await bootOf({ 'a.service': `${sleeper}[Install]\nWantedBy=default.target\n` })).toEqual(nothing);
  });

  test('what is enabled for a target that is missing', async () => {
    const file = 'multi-user.target.wants/a.service';
    expect(await bootOf({ 'a.service': sleeper, [file]: to('../a.service') })).toEqual({
      started: false,
      why: 'missing-target',
      target: 'multi-user.target',
      source: { file: `/${own}/${file}`, line: null },
    });
  });

  test('what is enabled for a target that nothing starts, that is masked, or that cannot be started', async () => {
    const idle = { started: false, why: 'idle-target', target: 'b.target' };
    const hung = { 'a.service': sleeper, 'b.target.wants/a.service': to('../a.service') };
    const pulled = { ...hung, 'default.target.wants/b.target': to('../b.target') };
    expect(await bootOf({ ...hung, 'b.target': '[Unit]\n' })).toMatchObject(idle);
    expect(await bootOf({ ...pulled, 'b.target': to('/dev/null') })).toMatchObject(idle);
    const lacking = { ...pulled, 'b.target': '[Unit]\nRequires=gone.service\n' };
    expect(await bootOf(lacking, 'a.service', 254)).toMatchObject(idle);
    expect(await bootOf(lacking, 'a.service', 253)).toMatchObject({ started: false });
  });

  test('what hangs on a service that is refused', async () => {
    expect(
      await bootOf({
        'a.service': sleeper,
        'b.service': '[Unit]\nWants=a.service\n[Service]\nRestart=always\n',
        'default.target.wants/b.service': to('../b.service'),
      }),
    ).toMatchObject({ started: false });
  });

  test.each([
    ['Requires=gone.service', 'gone.service'],
    ['Requires=masked.service', 'masked.service'],
    ['Requires=refused.service', 'refused.service'],
    ['Requires=lacking.service', 'lacking.service'],
    ['Requisite=idle.service', 'idle.service'],
    ['BindsTo=gone.service', 'gone.service'],
  ])('what has %s', async (line, target) => {
    const files = {
      'a.service': `[Unit]\n${line}\n${sleeper}`,
      'default.target.wants/a.service': to('../a.service'),
      'masked.service': to('/dev/null'),
      'refused.service': '[Service]\nRestart=always\n',
      'lacking.service': `[Unit]\nRequires=gone.service\n${sleeper}`,
      'idle.service': sleeper,
    };
    const stays = { started: false, why: 'missing-requirement', target, source: { line: 2 } };
    expect(await bootOf(files, 'a.service', 254)).toMatchObject(stays);
    // Until 253 the start went on without what was required; what is bound to it does not stay up since 249.
    const kind = line.slice(0, line.indexOf('='));
    expect(await bootOf(files, 'a.service', 253)).toMatchObject({ started: kind === 'Requires' });
    expect(await bootOf(files, 'a.service', 248)).toMatchObject({ started: kind !== 'Requisite' });
  });

  test('anything when default.target itself requires a unit that is gone', async () => {
    const files = {
      'a.service': sleeper,
      'default.target.wants/a.service': to('../a.service'),
      'default.target.requires/gone.service': to('../gone.service'),
    };
    for (const version of [247, 252, 257, 262]) {
      expect(await bootOf(files, 'a.service', version)).toMatchObject({ started: false, why: 'idle-target' });
    }
  });
});

describe('the targets of the system', () => {
  const options = { scope: 'system' } as const;
  const boot = async (target: string) => {
    const folder = 'etc/systemd/system';
    const tree = {
      [`${folder}/a.service`]: sleeper,
      [`${folder}/${target}.wants/a.service`]: to(`/${folder}/a.service`),
    };
    return (await surroundingsOf(tree, 'a.service', options)).boot;
  };

  test('are those of a usual boot, where only a part of the machine was unpacked', async () => {
    expect(await boot('multi-user.target')).toMatchObject({ started: true });
    expect(await boot('rescue.target')).toMatchObject({ started: false });
  });
});

describe('a service is started on demand', () => {
  const at = (kind: 'socket' | 'path' | 'timer') => `${kind}s.target.wants`;

  test.each([
    ['socket', '[Socket]\nListenStream=%t/a\n', 'Service'],
    ['path', '[Path]\nPathExists=%h/a\n', 'Unit'],
    ['timer', '[Timer]\nOnCalendar=daily\n', 'Unit'],
  ] as const)('by a %s of its own name or one that names it', async (kind, text, key) => {
    const named = {
      'a.service': sleeper,
      [`a.${kind}`]: text,
      [`${at(kind)}/a.${kind}`]: to(`../a.${kind}`),
      [`b.${kind}`]: `${text}${key}=a.service\n`,
      [`c.${kind}`]: `${text}${key}=other.service\n`,
    };
    const { triggers } = await surroundingsOf(units(named));
    expect(triggers).toMatchObject([
      { kind, name: `a.${kind}`, active: true, atBoot: true, source: { line: 1 } },
      { kind, name: `b.${kind}`, active: false, atBoot: false, source: { line: 3 } },
    ]);
    const { restarts, onDemand } = await after(named, 'reboot');
    expect({ restarts, onDemand }).toMatchObject({ restarts: false, onDemand: [{ name: `a.${kind}` }] });
  });

  test('by an enabled instance of a timer', async () => {
    const { triggers } = await surroundingsOf(
      units({
        'beat@.service': sleeper,
        'beat@.timer': '[Timer]\nOnCalendar=daily\n',
        'timers.target.wants/beat@x.timer': to('../beat@.timer'),
      }),
      'beat@x.service',
    );
    expect(triggers).toMatchObject([{ name: 'beat@x.timer', atBoot: true }]);
  });

  test('not by a socket that accepts, one that listens nowhere, nor one that is masked', async () => {
    for (const socket of [
      '[Socket]\nListenStream=%t/a\nAccept=yes\n',
      '[Socket]\nBacklog=1\n',
      '[Socket]\nListenStream=%t/a\nListenStream=\n',
      to('/dev/null'),
    ]) {
      const { triggers } = await surroundingsOf(units({ 'a.service': sleeper, 'a.socket': socket }));
      expect(triggers).toEqual([]);
    }
  });

  test('by a bus name, with SystemdService=', async () => {
    const bus = 'home/kuma/.local/share/dbus-1/services';
    const text = '[D-BUS Service]\nName=org.example.A\nExec=/bin/false\n';
    const { triggers } = await surroundingsOf({
      ...units({ 'a.service': sleeper }),
      [`${bus}/a.service`]: `${text}SystemdService=a.service\n`,
      [`${bus}/b.service`]: text,
    });
    expect(triggers).toMatchObject([
      { kind: 'dbus', name: 'org.example.A', active: true, source: { line: 4 } },
    ]);
  });
});

describe('the unit of a user manager', () => {
  const files = units({ 'a.service': sleeper, 'default.target.wants/a.service': to('../a.service') });
  const shipped = {
    'usr/lib/systemd/system/user@.service': '[Service]\nType=notify\nExecStart=/lib/systemd/systemd --user\n',
  };

  test('is not restarted as systemd ships it', async () => {
    expect((await surroundingsOf({ ...files, ...shipped })).userManager).toMatchObject({ restarts: false });
  });

  test.each(['user@.service.d', 'user@1000.service.d'])('is restarted by a drop-in in %s', async folder => {
    const file = `etc/systemd/system/${folder}/up.conf`;
    const tree = { ...files, ...shipped, [file]: '[Service]\nRestart=on-failure\n' };
    const surroundings = await surroundingsOf(tree);
    expect(surroundings.userManager).toEqual({ restarts: true, source: { file: `/${file}`, line: 2 } });
    const { facts } = await entryOf(tree, 'a.service');
    const outcome =
      facts && predictOutcome(facts, { kind: 'manager-kill' }, { version: 252, cgroups: 'unified' });
    expect(outcome?.restarts).toBe(true);
  });
});

describe('a tied service', () => {
  const keeper = (lines: string) => `${sleeper}${lines}`;
  const tied = (directive: string, lines: string) => ({
    'a.service': `[Unit]\n${directive}=k.service\nAfter=k.service\n${sleeper}`,
    'k.service': keeper(lines),
  });
  const always = 'Restart=always\n';
  const direct = `${always}RestartMode=direct\n`;
  const fall = 'fall-of:k.service';
  const code = ({ because }: Outcome) => because.at(-1)?.code;

  test('is restarted with what it requires', async () => {
    for (const directive of ['Requires', 'Requisite', 'PartOf']) {
      expect(code(await after(tied(directive, always), fall))).toBe('restarted-with');
      expect(code(await after(tied(directive, ''), fall))).toBe('unharmed-by-fall-of');
      expect(code(await after(tied(directive, direct), fall, { version: 254 }))).toBe('unharmed-by-fall-of');
      expect(code(await after(tied(directive, direct), fall, { version: 253 }))).toBe('restarted-with');
    }
  });

  test('is stopped and stays so when what it is bound to goes down', async () => {
    for (const directive of ['BindsTo', 'StopPropagatedFrom']) {
      for (const lines of [always, '', `${direct}ExecStopPost=/bin/true\n`]) {
        const outcome = await after(tied(directive, lines), fall, { version: 254 });
        expect(outcome).toMatchObject({ restarts: false, state: 'inactive/dead' });
      }
      expect(code(await after(tied(directive, direct), fall, { version: 254 }))).toBe('unharmed-by-fall-of');
      // ExecStop= is run only after a good end.
      const stopping = `${direct}ExecStop=/bin/true\n`;
      const excused = `${stopping}SuccessExitStatus=SIGKILL\n`;
      expect(code(await after(tied(directive, stopping), fall, { version: 254 }))).toBe(
        'unharmed-by-fall-of',
      );
      expect(await after(tied(directive, excused), fall, { version: 254 })).toMatchObject({
        restarts: false,
        state: 'inactive/dead',
      });
    }
    expect(await after(tied('StopPropagatedFrom', always), fall, { version: 248 })).toMatchObject({
      possible: false,
    });
  });

  test('that is up without a process stays so when the other falls and it is spared', async () => {
    const { 'a.service': unit, ...files } = tied('Requires', '');
    const exited = { ...files, 'a.service': `${unit}Type=oneshot\nRemainAfterExit=yes\n` };
    expect(await after(exited, fall)).toMatchObject({ restarts: true, state: 'active/exited' });
  });

  test('is stopped with the other by an operator', async () => {
    for (const directive of ['Requires', 'Requisite', 'BindsTo', 'PartOf', 'StopPropagatedFrom']) {
      expect(code(await after(tied(directive, always), 'stop-of:k.service'))).toBe('not-brought-back');
    }
  });

  test('is stopped as anybody would stop it, which may be a failure', async () => {
    for (const [directive, ending] of [
      ['PartOf', 'stop-of:k.service'],
      ['PartOf', fall],
      ['BindsTo', fall],
    ] as const) {
      const { 'a.service': unit, ...files } = tied(directive, always);
      const unclean = { ...files, 'a.service': `${unit}KillSignal=SIGUSR1\n` };
      expect(await after(unclean, ending)).toMatchObject({ result: 'signal', state: 'failed/failed' });
    }
  });

  test('comes back with what it is bound to when that one wants it, and is itself restarted', async () => {
    const wanted = (lines: string) => ({
      ...tied('BindsTo', lines),
      'k.service.wants/a.service': to('../a.service'),
    });
    expect(await after(wanted(always), fall)).toMatchObject({ restarts: true, state: 'inactive/dead' });
    expect(await after(wanted(''), fall)).toMatchObject({ restarts: false });
    expect(await after(wanted(always), 'stop-of:k.service')).toMatchObject({ restarts: false });
  });

  test('is not upheld by the other while that one stays down', async () => {
    const files = (lines: string) => ({
      'a.service': `[Unit]\nBindsTo=k.service\n${sleeper}`,
      'k.service': `[Unit]\nUpholds=a.service\n${keeper(lines)}`,
      'default.target.wants/k.service': to('../k.service'),
    });
    expect(await after(files(always), fall)).toMatchObject({ restarts: true, state: 'inactive/dead' });
    expect(await after(files(''), fall)).toMatchObject({ restarts: false, state: 'inactive/dead' });
  });

  test('comes back when it is upheld, unless an operator has stopped the other', async () => {
    const files = {
      ...tied('BindsTo', always),
      'u.service': `[Unit]\nUpholds=a.service\n${sleeper}`,
      'default.target.wants/u.service': to('../u.service'),
    };
    expect(await after(files, fall)).toMatchObject({ restarts: true, state: 'inactive/dead' });
    expect(await after(files, 'stop-of:k.service')).toMatchObject({ restarts: false });
  });
});

describe('a hook that timeout(1) ends', () => {
  const late = (commands: string) =>
    after({ 'a.service': `[Service]\nExecStart=/bin/sleep 1\n${commands}` }, 'start-post-timeout');
  const impossible = { possible: false, because: [{ code: 'hook-ends-in-time' }] };

  test('is never too late for the start', async () => {
    expect(await late('ExecStartPost=-+/usr/bin/timeout -k 1 3 /bin/sh -c :')).toMatchObject(impossible);
    expect(await late('ExecStartPost=/usr/bin/nice timeout --kill-after=1 88 curl x')).toMatchObject(
      impossible,
    );
    expect(await late('Type=oneshot\nWatchdogSec=9\nExecStartPost=timeout 8 curl x')).toMatchObject(
      impossible,
    );
  });

  test('is late where the limit is, or one of its neighbours has none', async () => {
    const possible = { possible: true };
    expect(await late('ExecStartPost=timeout -k 2 88 curl x')).toMatchObject(possible);
    expect(await late('ExecStartPost=timeout 0 curl x')).toMatchObject(possible);
    expect(await late('ExecStartPost=timeout 3 curl x\nExecStartPost=curl x')).toMatchObject(possible);
    expect(await late('ExecStartPost=timeout 3 curl x\nTimeoutStartSec=3')).toMatchObject(possible);
    expect(await late('Type=oneshot\nWatchdogSec=8\nExecStartPost=timeout 8 curl x')).toMatchObject(possible);
  });
});

test('the unit of the user manager is looked for when it is asked about', async () => {
  const host = hostOf({
    ...units({ 'a.service': sleeper }),
    'usr/lib/systemd/system/user@.service': sleeper,
  });
  const listed: string[] = [];
  const list = (folder: string) => {
    listed.push(folder);
    return host.files.list(folder);
  };
  const inventory = await takeInventory({ ...host, files: { ...host.files, list } });
  const { purpose, facts } = inventory.service('a.service');
  expect(purpose?.isMeantToStay).toBe(true);
  expect(listed).toContain('/usr/lib/systemd/user');
  expect(listed).not.toContain('/usr/lib/systemd/system');
  expect(facts?.surroundings.userManager).toEqual({ restarts: false, source: null });
  expect(listed).toContain('/usr/lib/systemd/system');
});
