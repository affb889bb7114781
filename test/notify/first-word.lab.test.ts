/** What the first message of an outage says on real hosts, where the next start takes long or hangs. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const command = ['node', '/opt/daruma/src/cli/main.ts', 'notify'];

/** Is up unless it is held up, and ends with a last word when it is told to. */
const program = `#!/bin/sh
name=$1
echo "$name: a run begins"
while [ -e "$HOME/held-up-$name" ]; do sleep 0.1; done
[ "$name" = announced ] && systemd-notify --ready
touch "$HOME/up-$name"
while [ ! -e "$HOME/fall-$name" ]; do sleep 0.1; done
rm "$HOME/fall-$name" "$HOME/up-$name"
echo "$name: the database is gone"
exit 3
`;

const services = {
  announced: `Type=notify\nNotifyAccess=all\nTimeoutStartSec=600\nExecStart=${home}/program announced`,
  awaited: `TimeoutStartSec=600\nExecStart=${home}/program awaited\nExecStartPost=/bin/sh -c 'while [ ! -e %h/up-awaited ]; do sleep 0.1; done'`,
  asked: `ExecStart=${home}/program asked`,
} as const;

for (const systemd of usualVersions) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      for (const [name, lines] of Object.entries(services)) {
        await write(`${units}/${name}.service`, `[Service]\n${lines}\nRestart=always\nRestartSec=1\n`);
      }
      await write(`${home}/program`, program);
      await write(`${home}/tell`, `#!/bin/sh\n{ cat; echo; echo ----; } >> ${home}/told\n`);
      await host.exec(['chmod', '+x', `${home}/tell`, `${home}/program`]);
      const probe = `{command: [/usr/bin/test, -e, ${home}/up-asked], grace: 15s}`;
      await write(
        `${home}/.config/daruma/config.yaml`,
        `notify:\n  log: 5\n  channels:\n    - {type: command, command: [${home}/tell]}\nunits:\n  asked:\n    probe: ${probe}\n`,
      );
      const names = Object.keys(services);
      await systemctl('daemon-reload');
      await systemctl('start', ...names);
      await host.exec([...command, 'install', '--yes', ...names], { user: 'kuma' });
    }, 120_000);

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await host.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    function messages(): readonly string[] {
      const file = path.join(host.rootDir, home, 'told');
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('----\n').slice(0, -1) : [];
    }

    test('a fall whose next start hangs is told with its end, its own last lines, and that start', {
      timeout: 240_000,
    }, async () => {
      const names = Object.keys(services);
      const touch = (kind: string) => host.exec(['touch', ...names.map(name => `${home}/${kind}-${name}`)]);
      await touch('held-up');
      await touch('fall');
      const first = await waitFor('the first message of each', 150_000, () => {
        const found = names.map(name => messages().find(text => text.includes(`${name}.service`)));
        return found.every(text => text !== undefined) ? found : undefined;
      });
      for (const [index, text = ''] of first.entries()) {
        const name = names[index];
        expect(text).toContain(`${name}.service exited with status 3.\n`);
        expect(text).toContain(`\n${name}: a run begins\n${name}: the database is gone\n`);
        expect(text).not.toMatch(/Start(?:ed|ing) \w+\.service/);
        expect(text).toMatch(
          name === 'asked'
            ? /^⏳ asked fell, and has not become ready since\n[^]*It was started again: systemd calls it active, but[^]*The last log lines of the run that ended:\n/
            : /is down\n[^]*systemd has been starting it again since [\d-]+ [\d:]+ UTC; it is not ready yet\.\n/,
        );
      }
    });
  });
}
