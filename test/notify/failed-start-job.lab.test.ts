/** What is told of starts whose job alone fails, on real hosts: systemd triggers OnFailure= for them as well. */
import fs from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { home, type TellingHost, tellingHost } from './telling-host.ts';

const services = {
  slow: `[Unit]\nJobTimeoutSec=4\n[Service]\nType=notify\nNotifyAccess=all\nTimeoutStartSec=600\nExecStart=/bin/sh -c 'until test -e %h/go; do sleep 0.1; done; systemd-notify --ready; sleep 100000'`,
  waits: `[Unit]\nJobTimeoutSec=4\nRequires=long.service\nAfter=long.service\n[Service]\nExecStart=/bin/sleep 100000`,
  needs: `[Unit]\nRequires=broken.service\nAfter=broken.service\n[Service]\nExecStart=/bin/sleep 100000`,
  refused: `[Unit]\nAssertPathExists=%h/model\n[Service]\nExecStart=/bin/sleep 100000\n[Install]\nWantedBy=default.target`,
  restarted: `[Unit]\nAssertPathExists=!%h/gone\n[Service]\nExecStart=/bin/sleep 100000\n[Install]\nWantedBy=default.target`,
} as const;
const required = {
  long: '[Service]\nType=oneshot\nTimeoutStartSec=600\nExecStart=/bin/sleep 600',
  broken: '[Service]\nType=oneshot\nExecStart=/bin/false',
} as const;

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    let host: Host;
    let telling: TellingHost;

    beforeAll(async () => {
      host = await lab.host();
      telling = await tellingHost(host, { ...services, ...required });
      await telling.daruma('notify', 'install', '--yes', ...Object.keys(services));
    }, 120_000);

    test('they are told as what they are, and not as a fall', { timeout: 300_000 }, async () => {
      await telling.systemctl('enable', 'refused', 'restarted');
      // What is refused when hooks are installed is known.
      const states = `${host.rootDir}${home}/.local/state/daruma/states`;
      await waitFor('the first look', 30_000, () => fs.existsSync(states) || undefined);
      await telling.systemctl('start', '--no-block', ...Object.keys(services));
      await host.exec(['touch', `${home}/gone`]);
      await telling.systemctl('restart', 'restarted');
      expect(await telling.next('slow did not become ready')).toMatch(
        /\nThe job of its start timed out \(Job\w*TimeoutSec=\d+s? \(slow\.service:\d+\)\)\. That ended the job alone: systemd goes on/,
      );
      expect(await telling.next('waits stays down')).toMatch(
        /^waits\.service was not started: the job of its start timed out \(Job\w*TimeoutSec=\d+s? \(waits\.service:\d+\)\), and/m,
      );
      expect(await telling.next('needs stays down')).toContain(
        'needs.service was not started: it requires broken.service, which is down.\n',
      );
      await host.exec(['touch', `${home}/go`]);
      await telling.next('slow has started');
      const refused = await telling.next('refused stays down');
      expect(refused).toContain(
        'refused.service was not started: systemd refused it, since AssertPathExists=%h/model did not hold.\n',
      );
      expect(refused).toContain('\nsystemd refuses each start until AssertPathExists=%h/model holds.\n');
      expect(refused).not.toContain('systemctl --user start');
      expect(await telling.next('restarted stays down')).toContain(
        'restarted.service was not started: systemd refused it, since AssertPathExists=!%h/gone did not hold.\n',
      );
      expect(telling.messages().filter(text => /fell|fallen|is down\n|🔄|nobody saw/.test(text))).toEqual([]);
    });
  });
}
