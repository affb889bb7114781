/** What is told of a service that somebody brings back, on real hosts. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const command = ['node', '/opt/daruma/src/cli/main.ts', 'notify'];

/** How often each may be started within a minute. */
const services = { loops: 1_000, 'gives-up': 3 } as const;

for (const systemd of usualVersions) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      for (const [name, burst] of Object.entries(services)) {
        await write(
          `${units}/${name}.service`,
          `[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=${burst}\n[Service]\nExecStart=/bin/sh -c 'test -e %h/mended-${name} || exit 3; exec sleep 100000'\nRestart=always\nRestartSec=1\n`,
        );
      }
      await write(`${home}/tell`, `#!/bin/sh\n{ cat; echo; echo ----; } >> ${home}/told\n`);
      await host.exec(['chmod', '+x', `${home}/tell`]);
      await write(
        `${home}/.config/daruma/config.yaml`,
        `notify:\n  channels:\n    - {type: command, command: [${home}/tell]}\n`,
      );
      await systemctl('daemon-reload');
      await host.exec([...command, 'install', '--yes', ...Object.keys(services)], { user: 'kuma' });
    }, 120_000);

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await host.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    function messages(): readonly string[] {
      const file = path.join(host.rootDir, home, 'told');
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('----\n').slice(0, -1) : [];
    }

    const next = (title: string) =>
      waitFor(title, 180_000, () => messages().find(text => text.includes(title)));
    const mend = (name: string) => host.exec(['touch', `${home}/mended-${name}`]);

    test('the last message says how often it fell, and that Restart= did not bring it back', {
      timeout: 400_000,
    }, async () => {
      await systemctl('start', ...Object.keys(services));
      await next('gives-up stays down');
      await mend('gives-up');
      await systemctl('reset-failed', 'gives-up');
      await systemctl('start', 'gives-up');
      await next('loops keeps falling');
      // Between two restarts nothing runs that could tell of the stop.
      await systemctl('stop', 'loops');
      const stoppedMs = Date.now();
      await waitFor('looks at what is stopped', 20_000, () => Date.now() - stoppedMs > 5_000 || undefined);
      await mend('loops');
      await systemctl('start', 'loops');
      for (const name of Object.keys(services)) {
        expect(await next(`${name} is up again`)).toMatch(
          /exited with status 3\.\nIt has fallen \d+ times[^]*\nAfter the last fall it was down for [^]*\nIt was not Restart= that started it again/,
        );
      }
      expect(messages().filter(text => / restarted\n/.test(text))).toEqual([]);
    });
  });
}
