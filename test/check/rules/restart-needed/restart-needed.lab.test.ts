import { describe, expect, test } from 'vitest';
import { describeLab } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf, startService } from '../../live-findings.ts';

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('restart-needed', { name: 'older', systemd, users: ['kuma'] }, lab => {
    test('is told from the reload after a change until the restart', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await startService(host);
      expect(await findingsOf(host, 'restart-needed')).toEqual([]);
      await asKuma(
        host,
        `sleep 2
         mkdir ~/.config/systemd/user/agent.service.d
         printf '[Service]\\nEnvironment=MODE=new\\n' > ~/.config/systemd/user/agent.service.d/override.conf`,
      );
      // First it is the reload that is due.
      expect(await findingsOf(host, 'restart-needed')).toEqual([]);
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await findingsOf(host, 'restart-needed')).toMatchObject([
        {
          unit: 'agent.service',
          source: { file: '/home/kuma/.config/systemd/user/agent.service.d/override.conf' },
        },
      ]);
      await asKuma(host, 'sleep 1; systemctl --user restart agent.service');
      expect(await findingsOf(host, 'restart-needed')).toEqual([]);
    });
  });
});
