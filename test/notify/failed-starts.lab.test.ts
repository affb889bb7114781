/** How starts that fail are counted and told on real hosts: they are no falls, and a boot begins another row of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { utcTime } from '../../src/i18n/parts.ts';
import { entryMs } from '../../src/systemd/host/journal.ts';
import { type TellingHost, tellingHost } from './telling-host.ts';

const again = 'Restart=always\nRestartSec=2\n';
const hangs = 'TimeoutStartSec=2\nExecStart=/bin/sleep infinity\n';
/** Each reports nothing that systemd could take for the end of its start. */
const services = {
  'bus-hangs': `Type=dbus\nBusName=org.example.Nobody\n${hangs}`,
  'notify-hangs': `Type=notify\n${hangs}`,
  'fork-hangs': `Type=forking\n${hangs}`,
  'post-hangs': `${hangs}ExecStartPost=/bin/sleep infinity\n`,
  'once-hangs': `Type=oneshot\nRemainAfterExit=yes\nRestart=on-failure\n${hangs}`,
  'once-ends': `Type=oneshot\nRemainAfterExit=yes\nRestart=on-failure\nExecStart=/bin/sh -c 'sleep 0.5; exit 4'\n`,
  'notify-ends': `Type=notify\nExecStart=/bin/sh -c 'sleep 0.5; exit 4'\n`,
} as const;
const names = Object.keys(services);
/** systemd runs no command of it; up to 253 no hook tells of it. */
const noFile = (seconds: number) =>
  `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironmentFile=%h/no-environment\nExecStart=/bin/true\nRestart=always\nRestartSec=${seconds}\n`;
const hooked = ['limited', 'no-file', 'no-file-once', 'no-file-late', ...names];
const install = '[Install]\nWantedBy=default.target\n';
const limited = `[Unit]\nStartLimitIntervalSec=600\nStartLimitBurst=5\n[Service]\nType=notify\nExecStart=/bin/sh -c 'sleep 0.5; exit 4'\n${again}${install}`;

for (const systemd of [252, 257]) {
  describeLab(
    `systemd ${systemd}`,
    { name: 'starts', systemd, users: ['kuma'], slow: systemd === 252 },
    lab => {
      let host: Host;
      let telling: TellingHost;

      beforeAll(async () => {
        host = await lab.host();
        const texts = Object.entries(services).map(([name, lines]) => [
          name,
          `[Unit]\nStartLimitIntervalSec=0\n[Service]\n${again}${lines}`,
        ]);
        telling = await tellingHost(host, {
          ...Object.fromEntries(texts),
          limited,
          'no-file': noFile(3),
          'no-file-once': noFile(1_000),
          'no-file-late': noFile(12),
        });
        await telling.systemctl('enable', 'limited');
        await telling.daruma('notify', 'install', '--yes', ...hooked);
      }, 120_000);

      test('starts of which no command is run are told by the first look, with the times of the journal', {
        timeout: 240_000,
      }, async () => {
        const units = ['no-file', 'no-file-once'];
        await telling.systemctl('start', '--no-block', ...units);
        const [many, one] = [
          await telling.next('no-file.service'),
          await telling.next('no-file-once.service'),
        ];
        const output = await host.exec(
          ['journalctl', '--user', '--output=json', 'UNIT_RESULT=resources', '--no-pager'],
          { user: 'kuma' },
        );
        const timesOf = (unit: string) =>
          output.stdout
            .split('\n')
            .filter(line => line.includes(`"USER_UNIT":"${unit}"`))
            .map(line => utcTime(entryMs(line) ?? 0));
        expect(one).toContain(`🕐 ${timesOf('no-file-once.service')[0]}`);
        expect(one).toContain('\nIt is not up yet.\n');
        const [, count, first] = /Its start has failed (\d+) times, first at ([^.]+)\./.exec(many) ?? [];
        const [, last = ''] = /🕐 (.*)/.exec(many) ?? [];
        const all = timesOf('no-file.service');
        expect(first).toBe(all[0]);
        expect(Number(count)).toBe(all.lastIndexOf(last) + 1);
        await telling.systemctl('stop', ...units);
        // Its last start has failed after the last that was seen, and its manager forgets it with the stop.
        await waitFor('the stop to be known', 60_000, async () => {
          const status = await telling.daruma('notify', 'status', '--json');
          return /"unit":"no-file[^"]*","state":"(?!stopped)/.test(status) ? undefined : true;
        });
        expect(telling.messages().filter(text => /no-file[-\w]* stays down/.test(text))).toEqual([]);
      });

      test('what fails on while hooks are installed again is told, though each look finds it in the same state', {
        timeout: 240_000,
      }, async () => {
        await telling.daruma('notify', 'uninstall', '--yes');
        await telling.systemctl('start', '--no-block', 'no-file-late');
        await sleep(2_000);
        await telling.daruma('notify', 'install', '--yes', ...hooked);
        const text = await telling.next('no-file-late.service');
        expect(text).toMatch(/no-file-late (?:is down|keeps failing to start)\n/);
        await telling.systemctl('stop', 'no-file-late');
      });

      test('a start that times out, or ends before it is ready, is no fall', {
        timeout: 240_000,
      }, async () => {
        // What is due at the same time comes as one message.
        for (const name of names) {
          await telling.systemctl('start', '--no-block', name);
          await sleep(4_000);
        }
        for (const name of names) {
          const text = await telling.next(`${name}.service`);
          expect(text).toMatch(/keeps failing to start\n/);
          expect(text).toMatch(/\nIts start has failed \d+ times, first at /);
          expect(text).toMatch(
            name.endsWith('-ends')
              ? /exited with status 4, before it was ready\.\n/
              : /took longer to start than it may, and systemd ended it\.\n/,
          );
          expect(text).not.toMatch(/fallen|keeps falling/);
        }
        expect(await telling.daruma('notify', 'status')).not.toMatch(/\bfalls?\b|\bfell\b/);
        await telling.systemctl('stop', ...names);
      });

      test('what systemd gave up after is counted since the boot', { timeout: 240_000 }, async () => {
        await telling.systemctl('start', '--no-block', 'limited');
        await waitFor('two restarts', 30_000, async () => {
          const count = await telling.systemctl('show', '-p', 'NRestarts', '--value', 'limited');
          return Number(count) >= 2 || undefined;
        });
        await telling.daruma('notify', 'flush');
        await host.reboot();
        const text = await telling.next('limited stays down');
        expect(text).toMatch(/\nsystemd gave up after its start failed 5 times in \d/);
        expect(text).toMatch(/\nIts start has failed [789] times, first at /);
      });
    },
  );
}
