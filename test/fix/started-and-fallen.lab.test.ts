/** A real manager: what a fix starts and what falls again is not told as settled, however long each of its runs lasts. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';

/** Port 4001 is heard after a while; the other one ends before. */
const server = `#!/usr/bin/env node
const port = Number(process.argv[3]);
setTimeout(() => {
  if (port !== 4001) process.exit(1);
  require('node:net').createServer(() => {}).listen(port, '127.0.0.1');
}, port === 4001 ? 12_000 : 20_000);
`;

const daruma = ['node', '/opt/daruma/bin/daruma.cjs'];

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('a start that does not help', { name: 'aloop', systemd, users: ['kuma'] }, lab => {
    test('is told with its end, its log and the command for more, and what stays up ends the look', {
      timeout: 180_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         install='[Install]\\nWantedBy=default.target\\n'
         printf '[Unit]\\nStartLimitIntervalSec=1min\\nStartLimitBurst=2\\n[Service]\\nExecStart=/bin/sh -c "sleep 6; echo the configuration is broken; exit 1"\\nRestart=on-failure\\n'$install > broken.service
         printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=on-failure\\n'$install > well.service
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now broken well
         kill -TERM $(systemctl --user show --property=MainPID --value well)
         until systemctl --user --quiet is-failed broken; do sleep 0.2; done`,
      );
      const plan = await host.exec([...daruma, 'fix', '--dry-run', '--restart'], { user: 'kuma' });
      expect(plan.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /broken\.service ended within \d s of each of its last starts\. Without its start limit systemd goes on trying, and it goes on ending until the cause is mended, which its log may show: \$ journalctl --user-unit=broken\.service --lines=50/,
      );
      const beganMs = Date.now();
      const { code, stdout, stderr } = await host.exec([...daruma, 'fix', '--yes', '--restart'], {
        user: 'kuma',
      });
      expect(Date.now() - beganMs).toBeLessThan(40_000);
      expect(code).toBe(3);
      expect(stderr).toContain(
        'looking whether it stays up, for a minute at most: broken.service, well.service ...',
      );
      const text = stdout.replaceAll(/\s+/g, ' ');
      expect(text).toContain(
        'Started, but fallen again or not up, so not settled: broken.service. The log: $ journalctl --user-unit=broken.service --lines=50',
      );
      expect(text).toMatch(/Done in part\. .* Started, and up for \d+ s: well\.service Started, but/);
      expect(text).toMatch(
        /✗ broken\.service waits for its next restart: it exited with status 1 Its last log lines: the configuration is broken \$ journalctl --user-unit=broken\.service --lines=50/,
      );
    });

    test('is awaited until it listens, where its port is known', { timeout: 180_000 }, async () => {
      const host = await lab.host();
      await host.writeFile('/home/kuma/bin/litellm', server, { user: 'kuma' });
      await asKuma(
        host,
        `chmod +x ~/bin/litellm
         echo 'model_list: [' > ~/litellm.yaml
         cd ~/.config/systemd/user
         systemctl --user stop broken well
         for port in 4001 4002; do
           printf '[Service]\\nExecStart=%%h/bin/litellm --port '$port' --config %%h/litellm.yaml\\n[Install]\\nWantedBy=default.target\\n' > on$port.service
         done
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now on4001 on4002
         systemctl --user kill --signal=KILL on4001 on4002
         while systemctl --user --quiet is-active on4001 || systemctl --user --quiet is-active on4002; do sleep 0.1; done`,
      );
      const beganMs = Date.now();
      const { code, stdout } = await host.exec([...daruma, 'fix', '--yes', '--restart', 'on4001', 'on4002'], {
        user: 'kuma',
      });
      const seconds = (Date.now() - beganMs) / 1_000;
      expect(code).toBe(3);
      const text = stdout.replaceAll(/\s+/g, ' ');
      const [, upSeconds = ''] = /Started, and up for (\d+) s: on4001\.service/.exec(text) ?? [];
      expect(Number(upSeconds)).toBeGreaterThanOrEqual(12);
      expect(text).toContain('Started, but fallen again or not up, so not settled: on4002.service.');
      // As before the fix, the table names what keeps it down.
      expect(text).toMatch(
        /✗ on4002\.service waits for its next restart: .* \S*litellm\.yaml:\d+: \S*litellm\.yaml ends before its YAML is complete.* \$ daruma check on4002\.service /,
      );
      // The look ends with the last that was to be seen.
      expect(seconds).toBeGreaterThan(20);
      expect(seconds).toBeLessThan(45);
    });
  });
});
