/** What systemd gives up on real hosts, and what it does not: what is told of it, and whether the command that is told starts it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { home, type TellingHost, tellingHost } from './telling-host.ts';

const limit = (burst: number) => `[Unit]\nStartLimitIntervalSec=300\nStartLimitBurst=${burst}\n[Service]\n`;
const again = 'Restart=always\nRestartSec=500ms\n';
const forever = 'ExecStart=/bin/sleep infinity\n';
const missing = `${home}/missing`;
const services = {
  // Ready between its falls.
  'was-ready': `${limit(3)}Type=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'systemd-notify --ready; sleep 8; exit 3'\n${again}`,
  // No hook is run.
  'no-folder': `${limit(5)}WorkingDirectory=${missing}\n${forever}${again}`,
  'no-file': `${limit(5)}EnvironmentFile=${missing}/environment\n${forever}${again}`,
  killed: `${limit(3)}ExecStart=/bin/sh -c 'sleep 3; exit 3'\n${again}[Install]\nWantedBy=default.target\n`,
  'not-restarted': `${limit(5)}ExecStart=/bin/sleep infinity\n${again}`,
} as const;

for (const systemd of [252, 257]) {
  describeLab(
    `systemd ${systemd}`,
    { name: 'given-up', systemd, users: ['kuma'], slow: systemd === 257 },
    lab => {
      let host: Host;
      let telling: TellingHost;

      beforeAll(async () => {
        host = await lab.host();
        telling = await tellingHost(host, services);
        await telling.daruma('notify', 'install', '--yes', ...Object.keys(services));
      }, 120_000);

      test('a restart that was refused is told with all that came before it, and its command starts it', {
        timeout: 240_000,
      }, async () => {
        const given = ['was-ready', 'no-folder', 'no-file'] as const;
        await telling.systemctl('start', '--no-block', ...given);
        const texts = Object.fromEntries(
          await Promise.all(
            given.map(async name => [name, await telling.next(`${name} stays down`)] as const),
          ),
        );
        expect(texts['was-ready']).toMatch(/\nsystemd gave up after it fell 3 times in \d/);
        expect(texts['no-folder']).toMatch(/\nsystemd gave up after its start failed 5 times in [2-9]/);
        expect(texts['no-file']).toMatch(/\nsystemd gave up after its start failed 5 times in [2-9]/);
        expect(await telling.daruma('notify', 'status')).toMatch(/no-file\.service: [^\n]*5 failed starts/);
        await host.exec(['mkdir', '-p', missing], { user: 'kuma' });
        await host.writeFile(`${missing}/environment`, 'A=1\n', { user: 'kuma' });
        for (const name of given) {
          const [, command = ''] = /\nTo start it again: (.*)/.exec(texts[name] ?? '') ?? [];
          expect(command).toContain(`reset-failed ${name}.service`);
          await host.exec(['sh', '-c', command], { user: 'kuma' });
        }
      });

      test('what fell before its manager was killed is not of the row after that', {
        timeout: 240_000,
      }, async () => {
        await telling.systemctl('enable', '--now', 'killed');
        const restarts = () => telling.systemctl('show', '-p', 'NRestarts', '--value', 'killed');
        await waitFor('a restart', 30_000, async () => Number(await restarts()) === 1 || undefined);
        const uid = (await host.exec(['id', '-u', 'kuma'])).stdout.trim();
        await host.exec(['systemctl', 'kill', '--kill-who=all', '--signal=KILL', `user@${uid}`]);
        await sleep(25_000);
        await host.exec(['systemctl', 'start', `user@${uid}`]);
        const text = await telling.next('killed stays down');
        expect(text).toMatch(/\nsystemd gave up after it fell 3 times in (?:\d|1\d)(?:\.\d)? s\.\n/);
        expect(text).toMatch(/\nIt has fallen [45] times, first at /);
      });

      test('an end after which systemd restarts nothing is no giving up, however often it restarted before', {
        timeout: 240_000,
      }, async () => {
        const restarts = () => telling.systemctl('show', '-p', 'NRestarts', '--value', 'not-restarted');
        await telling.systemctl('start', 'not-restarted');
        for (const count of [1, 2]) {
          await telling.systemctl('kill', '--signal=KILL', 'not-restarted');
          await waitFor('the restart', 30_000, async () => Number(await restarts()) === count || undefined);
        }
        const unit = services['not-restarted'].replace('always', 'no');
        await host.writeFile(`${home}/.config/systemd/user/not-restarted.service`, unit, { user: 'kuma' });
        await telling.systemctl('daemon-reload');
        await telling.systemctl('kill', '--signal=KILL', 'not-restarted');
        const text = await telling.next('not-restarted stays down');
        expect(text).toContain('\nsystemd does not restart it after this.\n');
        expect(text).toMatch(/\nIt has fallen 3 times, first at /);
        expect(text).toContain('\nTo start it again: systemctl --user start not-restarted.service\n');
      });
    },
  );
}
