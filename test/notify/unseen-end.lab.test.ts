/** Ends that no hook tells on real hosts: the journal has them, and they are told as that. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const again = 'Restart=always\nRestartSec=2\n';
const services = {
  'bad-hook': `[Service]\nExecStart=/bin/sleep infinity\nExecStopPost=/bin/false\n${again}`,
  'slow-hook': `[Service]\nExecStart=/bin/sleep infinity\nExecStopPost=/bin/sleep 60\nTimeoutStopSec=2\n${again}`,
  'no-file': `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironmentFile=%h/environment\nExecStart=/bin/sleep infinity\n${again}`,
} as const;

for (const systemd of [247, 257]) {
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
      await run('systemctl', '--user', 'start', ...Object.keys(services));
      await run(
        'node',
        '/opt/daruma/src/cli/main.ts',
        'notify',
        'install',
        ...Object.keys(services),
        '--yes',
      );
    }, 120_000);

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

    test('where what the service needs is missing, and no command is run', { timeout: 240_000 }, async () => {
      await run('mv', `${home}/environment`, `${home}/away`);
      await run('systemctl', '--user', 'kill', '--kill-who=main', '--signal=KILL', 'no-file');
      // Before it is a loop, too, the kill is named beside the starts that failed since.
      await waitFor('the kill in the table', 30_000, async () => {
        const shown = (await run('node', '/opt/daruma/src/cli/main.ts', 'status')).replaceAll(/\s+/g, ' ');
        const isNamed =
          /no-file\.service is down, and its last start failed: [^✗?]*; before th(?:at|ose) starts?, at [^✗?]*it was ended by SIGKILL/;
        return isNamed.test(shown) || undefined;
      });
      await waitFor('failed starts', 60_000, async () => {
        const shown = await run('systemctl', '--user', 'show', '-p', 'NRestarts', 'no-file');
        return /=(?:9|\d{2})/.test(shown) || undefined;
      });
      // Since 254 OnFailure= tells of each failed start.
      if (systemd < 254) {
        await waitFor('the status to name it', 30_000, async () => {
          const status = await run('node', '/opt/daruma/src/cli/main.ts', 'notify', 'status', '--json');
          return JSON.parse(status).unnoticed?.[0].unit === 'no-file.service' || undefined;
        });
      }
      await run('mv', `${home}/away`, `${home}/environment`);
      const text = await waitFor('the message', 150_000, () => told('no-file'));
      // Since 254 OnFailure= tells of each failed start, and of the last one's cause; starts that failed are no falls.
      const words =
        systemd < 254
          ? /was ended by SIGKILL.*\nAfter that (?:[89]|1\d) starts failed.*\nIt was down for [2-5]\d(?:\.\d+)? s/
          : /could not be run: .*\nAt .* the last run before that was ended by SIGKILL.*\nIt has fallen once, and its start has failed (?:[89]|1\d) times, the first of these at .*\nAfter the last fall it was down for [2-5]\d(?:\.\d+)? s/;
      expect(text).toMatch(words);
      expect(text).not.toContain('nobody saw');
      expect(text).not.toMatch(/fallen (?:[2-9]|\d\d) times/);
    });
  });
}
