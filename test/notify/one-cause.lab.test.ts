/** One end has one cause: a message and `daruma status` name the same, on real hosts. The hook tells the one, the journal and the manager the other. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { type TellingHost, tellingHost } from './telling-host.ts';

/** Each falls again and again, by another end. */
const services = {
  'before-start': "ExecStartPre=/bin/sh -c 'exit 4'\nExecStart=/bin/sleep 1000",
  'after-start': "ExecStart=/bin/sleep 1000\nExecStartPost=/bin/sh -c 'sleep 1; exit 7'",
  protocol: 'Type=notify\nExecStart=/bin/sleep 1',
  'start-timeout': 'Type=notify\nTimeoutStartSec=2\nExecStart=/bin/sleep 1000',
  watchdog: 'WatchdogSec=2\nExecStart=/bin/sleep 1000',
  killed: "ExecStart=/bin/sh -c 'sleep 1; kill -KILL $$$$'",
  crashed: "ExecStart=/bin/sh -c 'sleep 1; kill -SEGV $$$$'",
  failed: "ExecStart=/bin/sh -c 'sleep 1; exit 3'",
} as const;

/** Which command of those it was. */
const failed = new Map([
  ['before-start', 'its ExecStartPre= exited with status 4'],
  ['after-start', 'its ExecStartPost= exited with status 7'],
]);

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    let host: Host;
    let telling: TellingHost;

    beforeAll(async () => {
      host = await lab.host();
      const texts = Object.entries(services).map(([name, lines]) => [
        name,
        `[Unit]\nStartLimitIntervalSec=0\n[Service]\n${lines}\nRestart=always\nRestartSec=1\n`,
      ]);
      telling = await tellingHost(host, Object.fromEntries(texts));
      await telling.daruma('notify', 'install', '--yes', ...Object.keys(services));
    }, 120_000);

    test('names it in the message as in the table', { timeout: 300_000 }, async () => {
      await telling.systemctl('start', '--no-block', ...Object.keys(services));
      for (const name of Object.keys(services)) {
        const message = await waitFor(name, 180_000, () =>
          telling
            .messages()
            .find(text => new RegExp(`^🔁 ${name} keeps (?:falling|failing to start)\\n`).test(text)),
        );
        const [, cause = ''] = new RegExp(`^${name}\\.service (.+)\\.$`, 'm').exec(message) ?? [];
        expect(cause).not.toMatch(/nobody saw/);
        expect(cause).toContain(failed.get(name) ?? '');
        // Between two falls it may be up.
        const shown = await waitFor(`${name} in the table`, 60_000, async () => {
          const stdout = await telling.daruma('status');
          const blocks = stdout.replaceAll(/\s+/g, ' ').split(/[✗?] /);
          return blocks.find(text => text.startsWith(`${name}.service `));
        });
        expect(shown).toContain(`it ${cause}`);
      }
    });
  });
}
