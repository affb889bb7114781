/** Ends that no hook tells on real hosts: the journal has them, and they are told as that. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const again = 'Restart=always\nRestartSec=2\n';
const services = {
  'bad-hook': `[Service]\nExecStart=/bin/sleep infinity\nExecStopPost=/bin/false\n${again}`,
  'slow-hook': `[Service]\nExecStart=/bin/sleep infinity\nExecStopPost=/bin/sleep 60\nTimeoutStopSec=2\n${again}`,
  'no-first-file': `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironmentFile=%h/no-environment\nExecStart=/bin/sleep infinity\n${again}`,
  'not-ready': '[Service]\nType=notify\nTimeoutStartSec=infinity\nExecStart=/bin/sleep infinity\n',
  'no-file': `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironmentFile=%h/environment\nExecStart=/bin/sleep infinity\n${again}`,
} as const;

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { name: 'unseen', systemd, users: ['kuma'] }, lab => {
    let host: Host;
    const run = async (...argv: readonly string[]) => (await host.exec(argv, { user: 'kuma' })).stdout;
    const told = async (unit: string) =>
      (await run('cat', `${home}/told`)).split('----\n').find(text => text.includes(`${unit}.service`));

    beforeAll(async () => {
      host = await lab.host();
      for (const [name, text] of Object.entries(services)) {
        await host.writeFile(`${units}/${name}.service`, text, { user: 'kuma' });
      }
      await host.writeFile(`${home}/environment`, 'A=1\n', { user: 'kuma' });
      await host.writeFile(
        `${home}/.config/daruma/config.yaml`,
        'notify: {channels: [{type: command, command: [sh, -c, "cat >> ~/told; echo ---- >> ~/told"]}]}\n',
        { user: 'kuma' },
      );
      await run('systemctl', '--user', 'daemon-reload');
      await run('systemctl', '--user', 'start', 'bad-hook', 'slow-hook', 'no-file');
      await run('node', '/opt/daruma/bin/daruma.cjs', 'notify', 'install', ...Object.keys(services), '--yes');
      // What is down by then is known to whoever installs hooks.
      const looked = path.join(host.rootDir, home, '.local/state/daruma/states');
      await waitFor('the first look', 90_000, () => fs.existsSync(looked) || undefined);
    }, 180_000);

    test('a first start that runs no hook, or goes on, is told while it lasts', {
      timeout: 240_000,
    }, async () => {
      await run('systemctl', '--user', 'start', '--no-block', 'no-first-file', 'not-ready');
      const goesOn = await waitFor('the message', 200_000, () => told('not-ready'));
      expect(goesOn).toMatch(
        /⏳ not-ready is still starting\nsystemd has been starting it since [\d-]+ [\d:]+ UTC; it is not ready yet\.\n/,
      );
      const fails = await waitFor('the message', 200_000, () => told('no-first-file'));
      expect(fails).toMatch(/no-first-file\.service could not be run: a file or a resource .*\n/);
      expect(fails).not.toMatch(/fallen/);
      await run('systemctl', '--user', 'stop', 'no-first-file', 'not-ready');
    });

    test.each(['bad-hook', 'slow-hook'])(
      'where a command before the hook does not let it run: %s',
      {
        timeout: 240_000,
      },
      async unit => {
        await run('systemctl', '--user', 'kill', '--kill-who=main', '--signal=KILL', unit);
        const text = await waitFor('the message', 150_000, () => told(unit));
        expect(text).toContain(`${unit} restarted\n`);
        expect(text).toContain(`${unit}.service was ended by SIGKILL`);
        expect(text).toMatch(/It was down for \d/);
      },
    );

    test('where what the service needs is missing, and no command is run', { timeout: 480_000 }, async () => {
      await run('mv', `${home}/environment`, `${home}/away`);
      await run('systemctl', '--user', 'kill', '--kill-who=main', '--signal=KILL', 'no-file');
      // Before it is a loop, too, the kill is named beside the starts that failed since.
      await waitFor('the kill in the table', 30_000, async () => {
        const shown = (await run('node', '/opt/daruma/bin/daruma.cjs', 'status')).replaceAll(/\s+/g, ' ');
        const isNamed =
          /no-file\.service is down, and its last start failed: [^✗?]*; before th(?:at|ose) starts?, at [^✗?]*it was ended by SIGKILL/;
        return isNamed.test(shown) || undefined;
      });
      await waitFor('failed starts', 60_000, async () => {
        const shown = await run('systemctl', '--user', 'show', '-p', 'NRestarts', 'no-file');
        return /=(?:9|\d{2})/.test(shown) || undefined;
      });
      const lasting = await waitFor('the message while it lasts', 150_000, () => told('no-file'));
      expect(lasting).toMatch(
        /^(?:⚠️ no-file is down|🔁 no-file keeps failing to start)\n[^]*was ended by SIGKILL/m,
      );
      expect(lasting).not.toMatch(/Scheduled restart|^St(?:opped|arting|arted) no-file/m);
      await run('mv', `${home}/away`, `${home}/environment`);
      // Since 254 OnFailure= tells of each failed start, and of the last one's cause; starts that failed are no falls. Of a loop that was told
      // it is told ten minutes later that it is over.
      const text =
        systemd < 254 && !lasting.startsWith('🔁')
          ? await waitFor('the message that it is back', 240_000, async () =>
              (await run('cat', `${home}/told`))
                .split('----\n')
                .find(each => each.includes('🔄 no-file restarted')),
            )
          : lasting;
      const words =
        text !== lasting
          ? /was ended by SIGKILL.*\nAfter that \d\d starts failed.*\nIt was down for \d/
          : /could not be run: .*\nAt .* the last run before that was ended by SIGKILL.*\nIt has fallen once, and its start has failed \d\d times, the first of these at /;
      expect(text).toMatch(words);
      expect(text).not.toContain('nobody saw');
      expect(text).not.toMatch(/fallen (?:[2-9]|\d\d) times/);
    });
  });
}
