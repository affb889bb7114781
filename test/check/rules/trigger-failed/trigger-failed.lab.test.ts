/** A socket that has failed, on real hosts: what daruma says of it, and that what it advises brings it back. */
import { expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    test('a socket that fell with its service is named, and stands up by what is advised', {
      timeout: 60_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user && cd ~/.config/systemd/user
         printf '[Service]\\nExecStart=/bin/sh -c "exit 1"\\n' > called.service
         printf '[Socket]\\nListenStream=%%h/called\\n' > called.socket
         systemctl --user daemon-reload
         systemctl --user start called.socket
         node -e "require('net').connect(process.env.HOME + '/called').on('error', () => {}); setTimeout(process.exit, 1000)"
         until systemctl --user is-failed --quiet called.socket; do sleep 0.2; done
         # The limit lets starts through again.
         sleep 11
         systemctl --user start called.service || true; sleep 1`,
      );
      const [finding, ...more] = await findingsOf(host, 'trigger-failed');
      expect([finding?.unit, finding?.severity, more]).toEqual(['called.service', 'critical', []]);
      // It has no other command for the service itself.
      const [down] = await findingsOf(host, 'service-down');
      expect(down?.fix.summary).toContain('reset-failed called.service called.socket && ');
      const advice = /Then "([^"]+)"/.exec(finding?.fix.summary ?? '')?.[1] ?? '';
      await asKuma(host, advice);
      expect(await findingsOf(host, 'trigger-failed')).toEqual([]);
      expect(await asKuma(host, 'systemctl --user is-active called.socket')).toBe('active\n');
    });
  });
}
