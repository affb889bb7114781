/** What the first message of an outage says on real hosts, where the next start takes long or hangs. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { home, type TellingHost, tellingHost } from './telling-host.ts';

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

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    let host: Host;
    let telling: TellingHost;

    beforeAll(async () => {
      host = await lab.host();
      await host.writeFile(`${home}/program`, program, { user: 'kuma', mode: 0o755 });
      const texts = Object.entries(services).map(([name, lines]) => [
        name,
        `[Service]\n${lines}\nRestart=always\nRestartSec=1\n`,
      ]);
      const probe = `{command: [/usr/bin/test, -e, ${home}/up-asked], grace: 15s}`;
      telling = await tellingHost(host, Object.fromEntries(texts), {
        notify: '  log: 5\n',
        more: `units:\n  asked:\n    probe: ${probe}\n`,
      });
      const names = Object.keys(services);
      await telling.systemctl('start', ...names);
      await telling.daruma('notify', 'install', '--yes', ...names);
    }, 120_000);

    test('a fall whose next start hangs is told with its end, its own last lines, and that start', {
      timeout: 240_000,
    }, async () => {
      const names = Object.keys(services);
      const touch = (kind: string) => host.exec(['touch', ...names.map(name => `${home}/${kind}-${name}`)]);
      await touch('held-up');
      await touch('fall');
      const first = await waitFor('the first message of each', 150_000, () => {
        const found = names.map(name => telling.messages().find(text => text.includes(`${name}.service`)));
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
