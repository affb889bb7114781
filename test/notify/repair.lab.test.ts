/** What is told of a service that somebody brings back, on real hosts. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { home, type TellingHost, tellingHost } from './telling-host.ts';

/** How often each may be started within a minute. */
const services = { loops: 1_000, 'gives-up': 3 } as const;

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    let host: Host;
    let telling: TellingHost;

    beforeAll(async () => {
      host = await lab.host();
      const texts = Object.entries(services).map(([name, burst]) => [
        name,
        `[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=${burst}\n[Service]\nExecStart=/bin/sh -c 'test -e %h/mended-${name} || exit 3; exec sleep 100000'\nRestart=always\nRestartSec=1\n`,
      ]);
      telling = await tellingHost(host, Object.fromEntries(texts));
      await telling.daruma('notify', 'install', '--yes', ...Object.keys(services));
    }, 120_000);

    const mend = (name: string) => host.exec(['touch', `${home}/mended-${name}`]);

    test('the last message says how often it fell, and that Restart= did not bring it back', {
      timeout: 400_000,
    }, async () => {
      await telling.systemctl('start', ...Object.keys(services));
      await telling.next('gives-up stays down');
      await mend('gives-up');
      await telling.systemctl('reset-failed', 'gives-up');
      await telling.systemctl('start', 'gives-up');
      // Between two falls it may be up: the message says what it does as it leaves.
      expect(await telling.next('loops keeps falling')).toMatch(/\nNow, at [\d-]+ [\d:]+ UTC: \S/);
      // Between two restarts nothing runs that could tell of the stop.
      await telling.systemctl('stop', 'loops');
      const stoppedMs = Date.now();
      await waitFor('looks at what is stopped', 20_000, () => Date.now() - stoppedMs > 5_000 || undefined);
      await mend('loops');
      await telling.systemctl('start', 'loops');
      for (const name of Object.keys(services)) {
        expect(await telling.next(`${name} is up again`)).toMatch(
          /exited with status 3\.\nIt has fallen \d+ times[^]*\nAfter the last fall it was down for [^]*\nIt was not Restart= that started it again/,
        );
      }
      expect(telling.messages().filter(text => / restarted\n/.test(text))).toEqual([]);
    });

    test('a fall after that is told as the first of another story', { timeout: 200_000 }, async () => {
      await telling.systemctl('kill', '--signal=KILL', 'gives-up');
      const message = await telling.next('gives-up restarted');
      expect(message).toContain('\nIt was down for ');
      expect(message).not.toContain('has fallen');
      const status = await telling.daruma('notify', 'status', '--json');
      expect(JSON.parse(status)).toMatchObject({
        incidents: expect.arrayContaining([expect.objectContaining({ unit: 'gives-up.service', falls: 1 })]),
      });
    });
  });
}
