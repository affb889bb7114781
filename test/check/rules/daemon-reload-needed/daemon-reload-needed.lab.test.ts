import { describe, expect, test } from 'vitest';
import { describeLab } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf, startService } from '../../live-findings.ts';

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('daemon-reload-needed', { name: 'reload', systemd, users: ['kuma'] }, lab => {
    test('is told from the change of a file until the reload', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await startService(host);
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
      await asKuma(
        host,
        `mkdir ~/.config/systemd/user/agent.service.d
         printf '[Service]\\nRestartSec=5\\n' > ~/.config/systemd/user/agent.service.d/override.conf`,
      );
      expect(await findingsOf(host, 'daemon-reload-needed')).toMatchObject([{ unit: 'agent.service' }]);
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
    });
  });
});
