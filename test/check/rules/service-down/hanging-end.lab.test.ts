/** Real managers: what is said of a service whose process has ended, while what follows its end takes long, and after that was too long. */
import { expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { waitFor } from '../../../../lab/wait.ts';
import { tellingHost } from '../../../notify/telling-host.ts';

const hangs = 'ExecStopPost=/bin/sleep 1000\nTimeoutStopSec=12\n';
const services = {
  'ends-well': `[Service]\nExecStart=/bin/sh -c 'sleep 2; exit 0'\n${hangs}`,
  fails: `[Service]\nExecStart=/bin/sh -c 'sleep 2; exit 1'\n${hangs}`,
  'fails-to-start': `[Service]\nType=notify\nExecStart=/bin/sh -c 'sleep 2; exit 7'\n${hangs}`,
  'fails-before': `[Service]\nExecStartPre=/bin/sh -c 'sleep 2; exit 4'\nExecStart=/bin/sleep 900\n${hangs}`,
  'starts-too-long': `[Service]\nType=notify\nExecStart=/bin/sleep 900\nTimeoutStartSec=2\n${hangs}`,
  'runs-too-long': `[Service]\nExecStart=/bin/sleep 900\nRuntimeMaxSec=2\n${hangs}`,
  waits: `[Service]\nExecStart=/bin/sh -c 'sleep 2; exit 0'\nRestart=always\nRestartSec=10min\n${hangs}`,
} as const;
const names = Object.keys(services);

/** How each is told to have ended. */
const ends: Readonly<Record<keyof typeof services, string>> = {
  'ends-well': 'it exited with status 0: by itself, or because of a SIGTERM; after that the rest of its end',
  fails: 'it exited with status 1',
  'fails-to-start': 'it exited with status 7',
  'fails-before': 'it did not start: its ExecStartPre= exited with status 4',
  'starts-too-long': 'it took longer to start than TimeoutStartSec=2s',
  'runs-too-long': 'it ran for longer than RuntimeMaxSec=2s',
  waits: 'it exited with status 0: by itself, or because of a SIGTERM; after that the rest of its end',
};

interface Told {
  readonly unit: string;
  readonly how: string;
  readonly since: string | null;
  readonly text: string;
}

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { name: 'hanging-end', systemd, users: ['kuma'] }, lab => {
    test('it is down since its process ended, by that end, in each state, and nobody has stopped it', {
      timeout: 180_000,
    }, async () => {
      const host = await lab.host();
      const telling = await tellingHost(
        host,
        Object.fromEntries(
          Object.entries(services).map(([name, text]) => [
            name,
            `${text}[Install]\nWantedBy=default.target\n`,
          ]),
        ),
      );
      await telling.systemctl('--quiet', 'enable', ...names);
      await telling.daruma('notify', 'install', '--yes', ...names);
      const look = async () => {
        const printed = await telling.daruma('status', '--json');
        const { down }: { readonly down: readonly Told[] } = JSON.parse(printed);
        return { printed, down: new Map(down.map(told => [told.unit.replace('.service', ''), told])) };
      };
      const statesOf = async () =>
        (await telling.systemctl('show', '--value', '-p', 'SubState', ...names)).trim().split(/\n+/);
      const beganMs = Math.floor(Date.now() / 1_000) * 1_000;
      await telling.systemctl('start', '--no-block', ...names);
      await waitFor('what follows their ends', 30_000, async () =>
        (await statesOf()).every(state => state === 'stop-post') ? true : undefined,
      );
      const ending = await look();
      expect(ending.printed).not.toContain('"stopped"');
      for (const name of names) expect(ending.down.get(name)).toMatchObject({ how: 'ending' });

      await waitFor('their failures', 60_000, async () =>
        (await statesOf()).every(state => /failed|auto-restart/.test(state)) ? true : undefined,
      );
      const { down } = await look();
      for (const [name, end] of Object.entries(ends)) {
        const told = down.get(name);
        expect(told?.how).toBe(name === 'waits' ? 'waiting' : 'fell');
        expect(told?.text).toContain(end);
        const afterMs = Date.parse(told?.since ?? '') - beganMs;
        expect(afterMs).toBeGreaterThanOrEqual(1_000);
        expect(afterMs).toBeLessThan(10_000);
        if (name === 'waits') continue;
        const message = await waitFor(`the message about ${name}`, 90_000, () =>
          telling.messages().find(text => text.includes(`${name}.service`)),
        );
        const [, time = ''] = /([\d-]+ [\d:]+) UTC/.exec(message.slice(message.indexOf('🕐'))) ?? [];
        const secondsApart = Math.abs(Date.parse(`${time}Z`) - Date.parse(told?.since ?? '')) / 1_000;
        expect({ name, secondsApart }).toEqual({
          name,
          secondsApart: expect.toSatisfy((is: number) => is <= 1),
        });
      }
    });
  });
}
