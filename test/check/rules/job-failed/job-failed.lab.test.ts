/** A job of a timer that fails, on real hosts: named until its next good run. */
import { expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    test('a failed run is named with its end, until a good one', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user && cd ~/.config/systemd/user
         printf '[Service]\\nType=oneshot\\nExecStart=/bin/sh -c "test -e %%h/well"\\n' > job.service
         printf '[Timer]\\nOnActiveSec=1s\\nOnUnitInactiveSec=1h\\n' > job.timer
         systemctl --user daemon-reload
         systemctl --user start job.timer
         until systemctl --user is-failed --quiet job.service; do sleep 0.2; done`,
      );
      const jobs = await findingsOf(host, 'job-failed');
      expect(jobs.map(({ unit, message }) => [unit, message.replace(/ at .*UTC/, '')])).toEqual([
        ['job.service', 'Its last run failed: it exited with status 1; job.timer starts it again'],
      ]);
      await asKuma(host, 'touch ~/well; systemctl --user start job.service');
      expect(await findingsOf(host, 'job-failed')).toEqual([]);
    });
  });
}
