/** One end has one cause: a message and `daruma status` name the same, on real hosts. The hook tells the one, the journal and the manager the other. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const daruma = ['node', '/opt/daruma/src/cli/main.ts'];

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

for (const systemd of usualVersions) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      for (const [name, lines] of Object.entries(services)) {
        await write(
          `${units}/${name}.service`,
          `[Unit]\nStartLimitIntervalSec=0\n[Service]\n${lines}\nRestart=always\nRestartSec=1\n`,
        );
      }
      await write(`${home}/tell`, `#!/bin/sh\n{ cat; echo; echo ----; } >> ${home}/told\n`);
      await host.exec(['chmod', '+x', `${home}/tell`]);
      await write(
        `${home}/.config/daruma/config.yaml`,
        `notify:\n  channels:\n    - {type: command, command: [${home}/tell]}\n`,
      );
      await systemctl('daemon-reload');
      await host.exec([...daruma, 'notify', 'install', '--yes', ...Object.keys(services)], { user: 'kuma' });
    }, 120_000);

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await host.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    function messages(): readonly string[] {
      const file = path.join(host.rootDir, home, 'told');
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('----\n').slice(0, -1) : [];
    }

    test('names it in the message as in the table', { timeout: 300_000 }, async () => {
      await systemctl('start', '--no-block', ...Object.keys(services));
      for (const name of Object.keys(services)) {
        const message = await waitFor(name, 180_000, () =>
          messages().find(text => text.includes(`🔁 ${name} keeps falling\n`)),
        );
        const [, cause = ''] = new RegExp(`^${name}\\.service (.+)\\.$`, 'm').exec(message) ?? [];
        expect(cause).not.toMatch(/nobody saw/);
        // Between two falls it may be up.
        const shown = await waitFor(`${name} in the table`, 60_000, async () => {
          const { stdout } = await host.exec([...daruma, 'status'], { user: 'kuma' });
          const blocks = stdout.replaceAll(/\s+/g, ' ').split(/[✗?] /);
          return blocks.find(text => text.startsWith(`${name}.service `));
        });
        expect(shown).toContain(`it ${cause}`);
      }
    });
  });
}
