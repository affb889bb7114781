/** `daruma status` and `explain` on real hosts, held against systemctl and loginctl. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import type { Document } from './daruma.ts';

const sleeper = '[Service]\nExecStart=/bin/sleep 10000\nRestart=always\nRestartSec=1\n';
const install = '[Install]\nWantedBy=default.target\n';
const units = {
  'plain.service': sleeper + install,
  'fallen.service': '[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=0\n' + install,
  'failed.service': '[Service]\nExecStart=/bin/false\n',
  'changed.service': sleeper,
  'disabled.service': sleeper + install,
  'refused.service': '[Service]\nRestart=always\n',
  'called.service': '[Service]\nExecStart=/bin/sleep 10000\n',
  'called.socket': '[Socket]\nListenStream=%t/called.sock\n[Install]\nWantedBy=sockets.target\n',
  'mapped@.service': sleeper + install,
} as const;
const services = [
  'plain.service',
  'fallen.service',
  'failed.service',
  'changed.service',
  'disabled.service',
  'refused.service',
  'called.service',
  'masked.service',
  'mapped@one.service',
];

/** A manager: whose, where its units lie, and how to speak to it. */
interface Side {
  readonly user: string;
  readonly flag: '--user' | '--system';
  readonly folder: string;
}

const sides: readonly Side[] = [
  { user: 'kuma', flag: '--user', folder: '/home/kuma/.config/systemd/user' },
  { user: 'root', flag: '--system', folder: '/etc/systemd/system' },
];

async function systemctl(host: Host, { user, flag }: Side, ...args: readonly string[]): Promise<string> {
  return (await host.exec(['systemctl', flag, ...args], { user })).stdout;
}

/** Units in every state that a person meets. */
async function furnish(host: Host, side: Side): Promise<void> {
  for (const [name, text] of Object.entries(units)) {
    await host.writeFile(`${side.folder}/${name}`, text, { user: side.user });
  }
  await host.exec(['ln', '-sf', '/dev/null', `${side.folder}/masked.service`], { user: side.user });
  await systemctl(host, side, 'daemon-reload');
  await systemctl(host, side, 'enable', 'plain', 'fallen', 'called.socket', 'mapped@one');
  await systemctl(host, side, 'start', 'plain', 'fallen', 'failed', 'changed', 'called.socket', 'mapped@one');
  await host.exec(['sh', '-c', 'kill -9 $0', await pidOf(host, side, 'plain.service')]);
  await waitFor('what falls to be up again, or to have failed', 30_000, async () => {
    const shown = await systemctl(
      host,
      side,
      'show',
      '-p',
      'ActiveState,NRestarts',
      'plain',
      'fallen',
      'failed',
    );
    const [plain = '', ...others] = shown.split('\n\n');
    const isBack = plain.includes('NRestarts=1') && plain.includes('ActiveState=active');
    return (isBack && others.every(each => each.includes('ActiveState=failed'))) || undefined;
  });
  await host.writeFile(`${side.folder}/changed.service`, `${sleeper}TimeoutStopSec=5\n`, { user: side.user });
}

async function pidOf(host: Host, side: Side, unit: string): Promise<string> {
  return (await systemctl(host, side, 'show', '--value', '-p', 'MainPID', unit)).trim();
}

async function daruma(host: Host, user: string, ...args: readonly string[]): Promise<string> {
  const argv = ['node', '/opt/daruma/bin/daruma.cjs', ...args];
  const { code, stdout, stderr } = await host.exec(argv, { user });
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function documentOf(host: Host, user: string, ...args: readonly string[]): Promise<Document> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- test/report/schema.test.ts holds it to its schema
  return JSON.parse(await daruma(host, user, ...args, '--json')) as Document;
}

/** What systemctl says, in daruma's words. */
async function systemctlSays(host: Host, side: Side, unit: string): Promise<object> {
  const shown = await systemctl(host, side, 'show', unit);
  const property = new Map(
    shown.split('\n').map(line => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]),
  );
  const pid = Number(property.get('MainPID'));
  return {
    unit,
    load: property.get('LoadState'),
    active: property.get('ActiveState'),
    sub: property.get('SubState'),
    enabled: property.get('UnitFileState') || null,
    pid: pid === 0 ? null : pid,
    nRestarts: Number(property.get('NRestarts')),
    needDaemonReload: property.get('NeedDaemonReload') === 'yes',
  };
}

for (const systemd of [252, 262]) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    test.each(sides)('status says what systemctl $flag says', { timeout: 60_000 }, async side => {
      const host = await lab.host();
      await furnish(host, side);
      const document = await documentOf(host, side.user, 'status', side.flag, ...services);
      for (const [index, unit] of services.entries()) {
        expect(document.units[index]).toMatchObject(await systemctlSays(host, side, unit));
      }
      // The states are those that were meant, not nine units alike.
      const state = (name: string) => document.units.find(({ unit }) => unit === name);
      expect(state('plain.service')).toMatchObject({ sub: 'running', nRestarts: 1, enabled: 'enabled' });
      expect(state('fallen.service')).toMatchObject({ active: 'failed', nRestarts: 5 });
      expect(state('changed.service')).toMatchObject({ sub: 'running', needDaemonReload: true });
      expect(state('called.service')).toMatchObject({ active: 'inactive', enabled: 'static' });
      expect(document.manager).toEqual({ transport: 'private-socket', version: systemd, problem: null });
      expect(document.linger).toBe(side.flag === '--user' ? true : null);
      const falls = Object.fromEntries(document.units.map(unit => [unit.unit, unit.falls]));
      expect(falls['called.service']).toMatchObject({ sigterm: { getsUp: 'on-demand' } });
      expect(falls['plain.service']).toMatchObject({ reboot: { getsUp: true }, sigterm: { getsUp: true } });
      expect(falls['disabled.service']).toMatchObject({ reboot: { getsUp: false } });
    });

    test('a name that is none is said, and the program ends', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      for (const args of [
        ['explain', 'nosuch'],
        ['explain', 'plain.service', '/nonexistent'],
        ['notify', 'mute', 'nosuch', '2h'],
      ]) {
        const argv = ['timeout', '20', 'node', '/opt/daruma/bin/daruma.cjs', ...args];
        const { code, stderr } = await host.exec(argv, { user: 'kuma' });
        expect({ args, code }).toEqual({ args, code: 2 });
        expect(stderr).toMatch(/^daruma: .*no/);
      }
    });

    test.each(sides)(
      'the table of $user shows what runs, and what was changed',
      { timeout: 60_000 },
      async ({ user, flag }) => {
        const host = await lab.host();
        const table = await daruma(host, user, flag);
        expect(table).toContain(`systemd ${systemd}`);
        expect(table).not.toContain('from files alone');
        // It was killed a moment ago, and is up again.
        expect(table).toMatch(/^◐ plain /m);
        expect(table).toMatch(/^● /m);
        expect(table).toMatch(/^○ disabled /m);
        expect(table).toMatch(/^× fallen /m);
        expect(table).toMatch(/^ {2}masked|^○ masked/m);
        expect(table).toMatch(/◌/);
        expect(table).toContain('changed: files changed');
      },
    );

    test.each(sides)(
      'explain of $user tells state, enablement and the reload that is due',
      { timeout: 60_000 },
      async ({ user, flag }) => {
        const host = await lab.host();
        expect(await daruma(host, user, 'explain', flag, 'plain')).toMatch(
          /^plain\.service {2}active\/running · enabled · systemd/,
        );
        expect(await daruma(host, user, 'explain', flag, 'changed')).toContain('daemon-reload');
        const {
          units: [fallen],
        } = await documentOf(host, user, 'explain', flag, 'fallen');
        expect(fallen?.crashLoop).toMatchObject([{ on: 'exit:1', givesUp: 'yes', starts: 5 }]);
      },
    );

    test('a user without a manager gets the table of the files, and is told so', {
      timeout: 60_000,
    }, async () => {
      const host = await lab.host();
      await host.addUser('usagi', { linger: false });
      await host.writeFile('/home/usagi/.config/systemd/user/plain.service', sleeper + install, {
        user: 'usagi',
      });
      const {
        units: [plain],
        manager,
        linger,
      } = await documentOf(host, 'usagi', 'status');
      expect(manager).toMatchObject({ transport: null, problem: { code: expect.any(String) } });
      expect(linger).toBe(false);
      expect(plain).toMatchObject({
        unit: 'plain.service',
        load: 'loaded',
        active: null,
        pid: null,
        enabled: 'disabled',
      });
      expect(await daruma(host, 'usagi')).toMatch(/linger OFF · from files alone\n {2}\S/);
      expect(await daruma(host, 'usagi', 'explain', 'plain')).toMatch(
        /The manager of usagi's services does not run[^]*\n\nplain\.service {2}disabled · systemd/,
      );
    });

    test('lingering is what loginctl says, also when it changes', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      for (const [verb, linger] of [
        ['disable-linger', false],
        ['enable-linger', true],
      ] as const) {
        await host.exec(['loginctl', verb, 'kuma']);
        expect(await documentOf(host, 'kuma', 'status')).toMatchObject({ linger });
      }
    });
  });
}
