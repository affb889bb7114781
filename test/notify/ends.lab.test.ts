/** How ends are told on real hosts: what somebody stopped, what was reset, what killed itself, and what was held back. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { type TellingHost, tellingHost } from './telling-host.ts';

const withoutLimit = '[Unit]\nStartLimitIntervalSec=0\n';
/** systemd cannot guess which of the two is the main process. */
const forksTwo = "[Service]\nType=forking\nExecStart=/bin/sh -c 'sleep 900 & sleep 900 & exit 0'\n";
const services = {
  'loop-fails': `${withoutLimit}[Service]\nExecStart=/bin/sh -c 'sleep 0.2; exit 3'\nRestart=always\nRestartSec=3\n`,
  'loop-ends': `${withoutLimit}[Service]\nExecStart=/bin/sh -c 'sleep 0.2; exit 0'\nRestart=always\nRestartSec=3\n`,
  'failed-once': "[Service]\nExecStart=/bin/sh -c 'sleep 1; exit 3'\n",
  'failed-start': "[Service]\nType=notify\nExecStart=/bin/sh -c 'sleep 1; exit 3'\n",
  'no-end-hook': "[Service]\nKillMode=none\nExecStart=/bin/sh -c 'sleep 1; exit 3'\n",
  suicide: "[Service]\nExecStart=/bin/sh -c 'sleep 1; kill -9 $$$$'\n",
  'fork-of-two': `${forksTwo}Restart=on-failure\n`,
  'fork-of-two-always': `${forksTwo}Restart=always\n`,
  'over-time':
    '[Service]\nExecStart=/bin/sh -c \'trap "" TERM; while :; do sleep 1; done\'\nRestart=always\nRuntimeMaxSec=2\nTimeoutStopSec=6\n',
  'slow-to-end':
    "[Service]\nExecStart=/bin/sh -c 'sleep 1; exit 3'\nRestart=always\nExecStopPost=/bin/sleep 6\n",
  'stuck-before': '[Service]\nExecStartPre=/bin/sleep 900\nExecStart=/bin/sleep 900\nRestart=always\n',
  'stuck-in': '[Service]\nType=notify\nExecStart=/bin/sleep 900\nTimeoutStartSec=900\nRestart=always\n',
  witness: "[Service]\nExecStart=/bin/sh -c 'sleep 1; exit 3'\n",
  muted: "[Service]\nExecStart=/bin/sh -c 'sleep 1; exit 3'\n",
} as const;
const loops = ['loop-fails', 'loop-ends'] as const;
const stopped = ['over-time', 'slow-to-end'] as const;
const forks = ['fork-of-two', 'fork-of-two-always'] as const;
const stuck = ['stuck-before', 'stuck-in'] as const;
const reset = ['failed-once', 'failed-start', 'no-end-hook'] as const;

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    let host: Host;
    let telling: TellingHost;

    beforeAll(async () => {
      host = await lab.host();
      telling = await tellingHost(host, services);
      await telling.daruma('notify', 'install', '--yes', ...Object.keys(services));
      await telling.daruma('notify', 'mute', 'muted', '130s');
      await telling.systemctl('start', 'muted');
    }, 120_000);

    /** Whether each is up again after its processes are killed; undefined where that is not certain. */
    async function survivalOf(...names: readonly string[]): Promise<readonly (boolean | undefined)[]> {
      const shown = await telling.daruma('status', '--json', ...names);
      const cells = shown.matchAll(/"sigkill":\{"possible":true,"getsUp":(\w+),"undetermined":(\w+)/g);
      return [...cells].map(([, getsUp, isOpen]) => (isOpen === 'true' ? undefined : getsUp === 'true'));
    }

    function about(unit: string): string | undefined {
      return telling.messages().find(text => text.includes(`${unit}.service`));
    }

    test('what somebody stops in its loop has not fallen for good, also after reset-failed', {
      timeout: 120_000,
    }, async () => {
      await telling.systemctl('start', ...loops);
      await waitFor('falls', 60_000, async () => {
        const shown = await telling.systemctl('show', '-p', 'NRestarts,SubState', ...loops);
        return /NRestarts=[3-9]/.test(shown) && shown.match(/auto-restart/g)?.length === 2 ? true : undefined;
      });
      await telling.systemctl('stop', ...loops);
      await telling.systemctl('reset-failed');
      // What comes after has been looked at as long.
      await telling.systemctl('start', 'suicide');
      const suicide = await waitFor('its fall', 60_000, () => about('suicide'));
      expect(suicide).toContain('suicide.service was ended by SIGKILL, sent by itself or from outside.\n');
      await waitFor('the loops to be over', 60_000, async () =>
        /loop-\w+\.service"[^}]*"state":"(?:down|starting|up)"/.test(
          await telling.daruma('notify', 'status', '--json'),
        )
          ? undefined
          : true,
      );
      for (const loop of loops) expect(about(loop)).toBeUndefined();
    });

    test('a job that comes in a start, or when the end has begun, is of somebody who has seen it', {
      timeout: 180_000,
    }, async () => {
      await telling.systemctl('start', '--no-block', ...stopped, ...stuck);
      await waitFor('the ends to begin', 60_000, async () => {
        const states = await telling.systemctl('show', '-p', 'SubState', ...stopped, ...stuck);
        return /stop-sigterm\n+.*stop-post\n+.*start-pre\n+.*start\n/.test(states) ? true : undefined;
      });
      const runs = await telling.systemctl('show', '-p', 'InvocationID', ...stuck);
      await telling.systemctl('stop', '--no-block', ...stopped);
      await telling.systemctl('restart', '--no-block', ...stuck);
      await waitFor('the ends', 60_000, async () => {
        const states = await telling.systemctl('show', '-p', 'SubState', ...stopped, ...stuck);
        const isOver = /failed\n+.*failed\n+.*start-pre\n+.*start\n/.test(states);
        return isOver && (await telling.systemctl('show', '-p', 'InvocationID', ...stuck)) !== runs
          ? true
          : undefined;
      });
      // What comes after is told of later than all these would be.
      await telling.systemctl('start', 'witness');
      await waitFor('its fall', 90_000, () => about('witness'));
      const known = await telling.daruma('notify', 'status', '--json');
      expect(known).not.toMatch(
        /(?:over-time|slow-to-end|stuck-\w+)\.service"[^}]*"state":"(?!stopped|starting)/,
      );
      for (const name of [...stopped, ...stuck]) expect(about(name)).toBeUndefined();
      // The command before the start ends by the signal of the stop, so that systemd calls the unit failed.
      await telling.systemctl('stop', ...stuck);
      await telling.daruma('notify', 'flush');
      expect((await telling.systemctl('show', '-P', 'ActiveState', 'stuck-before')).trim()).toBe('failed');
      expect(await telling.daruma('notify', 'status', '--json')).not.toMatch(/"unnoticed":[^\]]*stuck-/);
    });

    test('what ends without a main process has ended well for systemd, and nobody saw how', {
      timeout: 120_000,
    }, async () => {
      for (const signal of ['SEGV', 'KILL']) {
        await telling.systemctl('start', ...forks);
        const foretold = await survivalOf(...forks);
        expect(foretold).toEqual([false, true]);
        const running = (
          await telling.systemctl('show', '--value', '-p', 'NRestarts', 'fork-of-two-always')
        ).trim();
        await telling.systemctl('kill', '-s', signal, ...forks);
        await waitFor('their ends', 20_000, async () => {
          const shown = await telling.systemctl(
            'show',
            '--value',
            '-p',
            'SubState,Result,NRestarts',
            ...forks,
          );
          const [first = '', second = ''] = shown
            .split('\n\n')
            .map(text => text.split('\n').sort().join(' ').trim());
          return first === '0 dead success' && second === `${Number(running) + 1} running success`
            ? true
            : undefined;
        });
      }
      const text = await waitFor('its fall', 90_000, () => about('fork-of-two'));
      expect(text).toContain('fork-of-two.service ended, and nobody saw how.\n');
    });

    test('of what failed and was reset nobody is told that it did not start, or ended well', {
      timeout: 120_000,
    }, async () => {
      await telling.systemctl('start', ...reset);
      const found = await waitFor('the failures', 60_000, async () => {
        const shown = await telling.systemctl('show', '-p', 'ActiveState', ...reset);
        return shown.match(/failed/g)?.length === reset.length ? shown : undefined;
      });
      expect(found).not.toMatch(/active\b/);
      await telling.systemctl('reset-failed');
      const shown = await telling.daruma('status', ...reset);
      for (const name of reset) {
        const words = shown.replaceAll(/\s+/g, ' ');
        expect(words).toMatch(
          new RegExp(`${name}\\.service is down since [-\\d:UTC ]+: it exited with status 3`),
        );
      }
      for (const name of reset) {
        const text = await waitFor(`the message about ${name}`, 60_000, () => about(name));
        expect(text).toMatch(/exited with status 3|ended, and nobody saw how/);
      }
    });

    // It waits until a message is late, which no version of systemd changes.
    test.runIf(systemd === 257)('what was held back says how it is now', { timeout: 240_000 }, async () => {
      const text = await waitFor('the message', 200_000, () => about('muted'));
      expect(text).toMatch(/\nNow, at [\d-]+ [\d:]+ UTC: it (?:has failed and )?does not run\.\n/);
    });
  });
}
