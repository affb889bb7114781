import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Host as LabHost } from '../../../lab/host.ts';
import { describeLab, usualVersions } from '../../../lab/vitest.ts';
import type { Host, LiveUnit, Manager } from '../../../src/systemd/host/host.ts';
import type { ManagerScope } from '../../../src/systemd/search-path.ts';

/** What ask-live-host.ts prints. */
interface Facts
  extends Pick<Host, 'managerProblem' | 'unitPath' | 'systemd' | 'cgroups' | 'user' | 'environment'> {
  readonly transport?: Manager['transport'];
  readonly linger?: { readonly enabled: boolean; readonly origin: string; readonly path: string };
  readonly loaded?: readonly string[];
  readonly units?: Readonly<Record<string, LiveUnit>>;
  readonly openMs: number;
  readonly unitsMs: number;
}

const sleeper = '[Service]\nExecStart=/bin/sleep 10000\nRestart=always\n[Install]\nWantedBy=default.target\n';
const unitFiles = {
  'plain.service': sleeper,
  'proxy@.service': sleeper,
  'proxy@blue.service.d/10 blue.conf': '[Unit]\nDescription=a drop-in with a space in its name\n',
  'proxy@.service.d/all.conf': '[Unit]\nDocumentation=man:sleep(1)\n',
  'changed.service': sleeper,
  'crash.service': '[Service]\nExecStart=/bin/false\nRestart=always\nStartLimitBurst=3\n',
  'refused.service': '[Service]\nRestart=always\n',
  'empty.service': '',
  'tick.timer': '[Timer]\nOnCalendar=yearly\nUnit=plain.service\n',
};
const asked = [
  'plain.service',
  'proxy@blue.service',
  'proxy@red.service',
  'changed.service',
  'crash.service',
  'refused.service',
  'empty.service',
  'alias.service',
  'missing.service',
  'tick.timer',
  'default.target',
];

async function ask(
  lab: LabHost,
  options: { user: string; scope?: ManagerScope; environment?: readonly string[] },
  names: readonly string[] = [],
): Promise<Facts> {
  const { user, scope = 'user', environment = [] } = options;
  const { stdout, stderr } = await lab.exec(
    ['env', ...environment, 'node', inLab(new URL('./ask-live-host.ts', import.meta.url)), scope, ...names],
    { user },
  );
  if (stdout === '') throw new Error(stderr);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own script's word
  return JSON.parse(stdout) as Facts;
}

/** Where a host of the lab sees a file of this checkout. */
function inLab(file: URL): string {
  const checkout = fileURLToPath(new URL('../../..', import.meta.url));
  return path.join('/opt/daruma', path.relative(checkout, fileURLToPath(file)));
}

async function asKuma(lab: LabHost, script: string): Promise<string> {
  const { stdout, stderr, code } = await lab.exec(['sh', '-ec', script], { user: 'kuma' });
  if (code !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

async function prepare(lab: LabHost): Promise<void> {
  for (const [name, text] of Object.entries(unitFiles)) {
    await lab.writeFile(`/home/kuma/.config/systemd/user/${name}`, text, { user: 'kuma' });
  }
  await asKuma(
    lab,
    `systemctl --user daemon-reload
     systemctl --user enable --quiet plain.service proxy@blue.service
     ln -s plain.service .config/systemd/user/alias.service
     systemctl --user daemon-reload
     systemctl --user start plain.service proxy@blue.service changed.service tick.timer crash.service
     while test "$(systemctl --user is-active crash.service)" != failed; do sleep 0.1; done
     echo '# changed' >> .config/systemd/user/changed.service`,
  );
}

/** As the manager's own client reads it, taken from its text without any code of ours. */
async function shown(lab: LabHost, name: string): Promise<LiveUnit> {
  const value = async (property: string) =>
    (await asKuma(lab, `systemctl --user show --value -p ${property} -- '${name}'`)).trim();
  const isService = name.endsWith('.service');
  return {
    id: await value('Id'),
    loadState: await value('LoadState'),
    activeState: await value('ActiveState'),
    subState: await value('SubState'),
    unitFileState: await value('UnitFileState'),
    fragmentPath: await value('FragmentPath'),
    dropInPaths: ((await value('DropInPaths')).match(/"[^"]+"|\S+/g) ?? []).map(word =>
      word.replaceAll('"', ''),
    ),
    needDaemonReload: (await value('NeedDaemonReload')) === 'yes',
    mainPid: isService ? Number(await value('MainPID')) : 0,
    mainStartedSeconds: isService ? await secondsAt(lab, name, 'ExecMainStartTimestamp') : null,
    mainEndedUsec: isService ? Number(await value('ExecMainExitTimestampMonotonic')) : 0,
    mainEndedSeconds: isService ? await secondsAt(lab, name, 'ExecMainExitTimestamp') : null,
    leftActiveUsec: Number(await value('ActiveExitTimestampMonotonic')),
    leftActiveSeconds: await secondsAt(lab, name, 'ActiveExitTimestamp'),
    leftInactiveUsec: Number(await value('InactiveExitTimestampMonotonic')),
    enteredInactiveUsec: Number(await value('InactiveEnterTimestampMonotonic')),
    enteredInactiveSeconds: await secondsAt(lab, name, 'InactiveEnterTimestamp'),
    stateChangedSeconds: await secondsAt(lab, name, 'StateChangeTimestamp'),
    mainCode: isService ? Number(await value('ExecMainCode')) : 0,
    mainStatus: isService ? Number(await value('ExecMainStatus')) : 0,
    invocation: await value('InvocationID'),
    conditionsHeld: (await value('ConditionResult')) === 'yes',
    conditionsUsec: Number(await value('ConditionTimestampMonotonic')),
    assertsHeld: (await value('AssertResult')) === 'yes',
    assertsUsec: Number(await value('AssertTimestampMonotonic')),
    hasJob: Number(await value('Job')) !== 0,
    nRestarts: isService ? Number(await value('NRestarts')) : 0,
    result: isService ? await value('Result') : '',
    restart: isService ? await value('Restart') : '',
    type: isService ? await value('Type') : '',
    remainsAfterExit: isService && (await value('RemainAfterExit')) === 'yes',
  };
}

/** As date(1) reads what systemctl prints. */
async function secondsAt(lab: LabHost, name: string, property: string): Promise<number | null> {
  const show = `systemctl --user show --value -p ${property} -- '${name}'`;
  const text = (await asKuma(lab, `date -d "$(${show})" +%s 2> /dev/null || true`)).trim();
  return (await asKuma(lab, show)).trim() === '' ? null : Number(text);
}

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('the manager of a user', { name: 'live-host', systemd, users: ['kuma'] }, lab => {
    test('says over each transport what systemctl shows', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await prepare(host);
      const expected = Object.fromEntries(
        await Promise.all(asked.map(async name => [name, await shown(host, name)] as const)),
      );
      expect(expected).toMatchObject({
        'plain.service': { activeState: 'active', unitFileState: 'enabled', needDaemonReload: false },
        'proxy@blue.service': { dropInPaths: [expect.any(String), expect.any(String)] },
        'changed.service': { needDaemonReload: true },
        'crash.service': { activeState: 'failed' },
        'refused.service': { loadState: 'bad-setting' },
        'empty.service': { loadState: 'masked' },
        'alias.service': { id: 'plain.service' },
        'missing.service': { loadState: 'not-found' },
        'tick.timer': { activeState: 'active', result: '' },
      });

      const { stdout: mounted } = await host.exec(['stat', '--file-system', '--format=%T', '/sys/fs/cgroup']);
      const overPrivate = await ask(host, { user: 'kuma' }, asked);
      expect(overPrivate).toMatchObject({
        transport: 'private-socket',
        systemd: { version: systemd, origin: 'manager' },
        units: expected,
        user: { name: 'kuma', home: '/home/kuma', shell: '/bin/bash' },
        environment: { HOME: '/home/kuma', XDG_RUNTIME_DIR: expect.stringMatching(/^\/run\/user\/\d+$/) },
        linger: { enabled: true, origin: 'logind', path: '/var/lib/systemd/linger/kuma' },
        cgroups: { layout: mounted.trim() === 'cgroup2fs' ? 'unified' : 'legacy', assumed: false },
      });
      expect(overPrivate.unitPath).toContain('/home/kuma/.config/systemd/user');
      expect(overPrivate.loaded).toEqual(expect.arrayContaining(['plain.service', 'default.target']));
      // Asking made the manager read it; it must not stay.
      expect(overPrivate.loaded).not.toContain('missing.service');

      const runtimeDirectory = overPrivate.environment['XDG_RUNTIME_DIR'] ?? '';
      const bus = `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtimeDirectory}/bus.away`;
      await asKuma(host, 'cd $XDG_RUNTIME_DIR; mv systemd/private systemd/private.away');
      const overBus = await ask(host, { user: 'kuma' }, asked);
      await asKuma(host, 'cd $XDG_RUNTIME_DIR; mv bus bus.away');
      const overSystemctl = await ask(host, { user: 'kuma', environment: [bus] }, asked);
      const unreachable = await ask(host, { user: 'kuma' });
      await asKuma(host, 'cd $XDG_RUNTIME_DIR; mv bus.away bus; mv systemd/private.away systemd/private');

      expect(overBus).toMatchObject({ transport: 'bus', units: expected });
      expect(overBus.unitPath).toEqual(overPrivate.unitPath);
      expect(overSystemctl).toMatchObject({ transport: 'systemctl', units: expected });
      expect(overSystemctl.unitPath).toEqual(overPrivate.unitPath);
      expect(overSystemctl.environment).toEqual(overPrivate.environment);
      expect(overSystemctl.loaded?.toSorted()).toEqual(overPrivate.loaded?.toSorted());
      expect(unreachable.transport).toBeUndefined();
      expect(unreachable).toMatchObject({
        managerProblem: { code: 'no-socket', tried: `${runtimeDirectory}/systemd/private` },
        systemd: { version: systemd, origin: 'command' },
      });
      expect(unreachable.unitPath).toEqual(expect.arrayContaining([...overPrivate.unitPath]));
    });

    test('is found where the runtime directory of the environment is not its own', async () => {
      const host = await lab.host();
      for (const wrong of ['/run/user/0', '/nonexistent', 'relative', '/home/kuma', '/etc/passwd', '']) {
        const environment = [`XDG_RUNTIME_DIR=${wrong}`, `DBUS_SESSION_BUS_ADDRESS=unix:path=${wrong}/bus`];
        const facts = await ask(host, { user: 'kuma', environment });
        expect([wrong, facts.transport]).toEqual([wrong, 'private-socket']);
        expect(facts.environment['XDG_RUNTIME_DIR']).toMatch(/^\/run\/user\/[1-9]\d*$/);
      }
    });

    test('is told apart by names that no manager can load', async () => {
      const names = ['proxy@.service', 'no unit.service', 'nothing', ''];
      const { units } = await ask(await lab.host(), { user: 'kuma' }, names);
      expect(Object.keys(units ?? {})).toEqual(names);
      expect(Object.values(units ?? {}).map(unit => unit.loadState)).toEqual(names.map(() => 'error'));
    });

    test('is asked over the bus when its socket is mute, or stale', async () => {
      const host = await lab.host();
      const listen = `require('net').createServer(() => {}).listen(process.env.XDG_RUNTIME_DIR + '/systemd/mute')`;
      await host.writeFile('/home/kuma/mute.cjs', listen, { user: 'kuma' });
      await asKuma(
        host,
        `systemd-run --user --quiet --unit=mute node $HOME/mute.cjs
         cd $XDG_RUNTIME_DIR/systemd
         while ! test -S mute; do sleep 0.1; done
         mv private private.away; mv mute private`,
      );
      const mute = await ask(host, { user: 'kuma' });
      await asKuma(host, 'SYSTEMCTL_FORCE_BUS=1 systemctl --user kill --signal=KILL mute');
      const stale = await ask(host, { user: 'kuma' });
      await asKuma(host, 'cd $XDG_RUNTIME_DIR/systemd; test -S private; mv private.away private');

      expect(mute.transport).toBe('bus');
      expect(mute.openMs).toBeGreaterThan(2900);
      expect(mute.openMs).toBeLessThan(5000);
      expect(stale.transport).toBe('bus');
      expect(stale.openMs).toBeLessThan(1500);
    });

    test('answers a first call that it reads together with the end of the authentication', async () => {
      const host = await lab.host();
      const script = inLab(new URL('./call-once.ts', import.meta.url));
      expect(await asKuma(host, `node ${script} 50`)).toBe('50 answered\n');
    });

    test('sends signals over both sockets', async () => {
      const host = await lab.host();
      await host.writeFile('/home/kuma/.config/systemd/user/heard.service', sleeper, { user: 'kuma' });
      expect(
        await asKuma(host, `node ${inLab(new URL('./hear-signals.ts', import.meta.url))} heard.service`),
      ).toBe('private-socket true\nbus true\n');
    });

    test('answers for the system as well, root over its own socket', async () => {
      const host = await lab.host();
      const names = ['dbus.service', 'missing.service'];
      const root = await ask(host, { user: 'root', scope: 'system' }, names);
      expect(root).toMatchObject({
        transport: 'private-socket',
        systemd: { version: systemd, origin: 'manager' },
        units: { 'dbus.service': { activeState: 'active' }, 'missing.service': { loadState: 'not-found' } },
      });
      expect(root.unitPath).toContain('/etc/systemd/system');
      expect(root.user).toBeUndefined();
      expect(root.linger).toBeUndefined();
      const kuma = await ask(host, { user: 'kuma', scope: 'system' }, names);
      expect(kuma).toMatchObject({ transport: 'bus', units: root.units });
    });

    test('is not there for a user who is not logged in', async () => {
      const host = await lab.host();
      await host.addUser('guest', { linger: false });
      const facts = await ask(host, { user: 'guest' });
      expect(facts).toMatchObject({
        managerProblem: { code: 'no-runtime-directory', tried: expect.stringMatching(/^\/run\/user\/\d+$/) },
        systemd: { version: systemd, origin: 'command' },
        linger: { enabled: false, origin: 'file', path: '/var/lib/systemd/linger/guest' },
        environment: { HOME: '/home/guest' },
      });
      expect(facts.unitPath).toContain('/home/guest/.config/systemd/user');
    });
  });
});
