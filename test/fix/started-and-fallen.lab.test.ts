/** A real manager: what a fix starts and what falls again is not told as settled, however long each of its runs lasts. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';

const daruma = ['node', '/opt/daruma/src/cli/main.ts'];

describe.each(usualVersions)('systemd %i', systemd => {
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
        'Started, but did not stay up, so not settled: broken.service. The log: $ journalctl --user-unit=broken.service --lines=50',
      );
      expect(text).toMatch(/Done in part\. .* Started, and up for \d+ s: well\.service Started, but/);
      expect(text).toMatch(
        /✗ broken\.service waits for its next restart: it exited with status 1 Its last log lines: the configuration is broken \$ journalctl --user-unit=broken\.service --lines=50/,
      );
    });
  });
});
