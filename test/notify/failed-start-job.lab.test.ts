/** What is told of starts whose job alone fails, on real hosts: systemd triggers OnFailure= for them as well. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const command = ['node', '/opt/daruma/src/cli/main.ts', 'notify'];

const services = {
  slow: `[Unit]\nJobTimeoutSec=4\n[Service]\nType=notify\nNotifyAccess=all\nTimeoutStartSec=600\nExecStart=/bin/sh -c 'until test -e %h/go; do sleep 0.1; done; systemd-notify --ready; sleep 100000'`,
  waits: `[Unit]\nJobTimeoutSec=4\nRequires=long.service\nAfter=long.service\n[Service]\nExecStart=/bin/sleep 100000`,
  needs: `[Unit]\nRequires=broken.service\nAfter=broken.service\n[Service]\nExecStart=/bin/sleep 100000`,
} as const;
const required = {
  long: '[Service]\nType=oneshot\nTimeoutStartSec=600\nExecStart=/bin/sleep 600',
  broken: '[Service]\nType=oneshot\nExecStart=/bin/false',
} as const;

for (const systemd of usualVersions) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      for (const [name, text] of Object.entries({ ...services, ...required })) {
        await write(`${units}/${name}.service`, `${text}\n`);
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

    test('they are told as what they are, and not as a fall', { timeout: 300_000 }, async () => {
      await systemctl('start', '--no-block', ...Object.keys(services));
      expect(await next('slow did not become ready')).toMatch(
        /\nThe job of its start timed out \(JobTimeoutSec= or JobRunningTimeoutSec=\)\. That ended the job alone: systemd goes on/,
      );
      expect(await next('waits stays down')).toContain(
        'waits.service was not started: the job of its start timed out',
      );
      expect(await next('needs stays down')).toContain(
        'needs.service was not started: a unit that it requires could not be started.\n',
      );
      await host.exec(['touch', `${home}/go`]);
      await next('slow has started');
      expect(messages().filter(text => /fell|fallen|is down\n|restarted|nobody saw/.test(text))).toEqual([]);
    });
  });
}
