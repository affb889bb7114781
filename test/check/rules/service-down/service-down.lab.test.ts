/** A real manager: what fell is told and started again, what was stopped is left alone. */
import { describe, expect, test } from 'vitest';
import { describeLab } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

describe.each([252, 257, 262])('systemd %i', systemd => {
  describeLab('service-down', { name: 'down', systemd, users: ['kuma'] }, lab => {
    test('is told of a fall, not of a stop, and a start is looked at', { timeout: 90_000 }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for unit in fallen stopped; do
           printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=on-failure\\n[Install]\\nWantedBy=default.target\\n' > $unit.service
         done
         printf '[Service]\\nExecStart=/bin/false\\nRestart=always\\nRestartSec=10ms\\n[Install]\\nWantedBy=default.target\\n' > looping.service
         systemctl --user daemon-reload
         systemctl --user --quiet enable fallen stopped looping
         systemctl --user start fallen stopped looping
         kill -TERM $(systemctl --user show --property=MainPID --value fallen)
         systemctl --user stop stopped
         until systemctl --user --quiet is-failed looping && ! systemctl --user --quiet is-active fallen; do sleep 0.1; done`,
      );
      const found = await findingsOf(host, 'service-down');
      expect(found.map(({ unit }) => unit)).toEqual(['fallen.service', 'looping.service']);
      const fix = [
        'node',
        '/opt/daruma/src/cli/main.ts',
        'fix',
        '--yes',
        '--restart',
        '--only',
        'service-down',
      ];
      const { code, stdout } = await host.exec(fix, { user: 'kuma' });
      expect(code).toBe(3);
      expect(stdout).toContain('Started, and running: fallen.service');
      expect(stdout).toContain('Started, and not up: looping.service');
      expect((await asKuma(host, 'systemctl --user is-active stopped || true')).trim()).toBe('inactive');
    });
  });
});
