/** What becomes of a socket when the service that it starts falls right after each start, held against what daruma says of it. */
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, versionsAtHand } from '../../lab/vitest.ts';

const services = {
  'limit-alone': { restart: 'no', unit: '' },
  'limit-and-restarts': { restart: 'on-failure', unit: '' },
  'no-limit-no-restart': { restart: 'no', unit: 'StartLimitIntervalSec=0' },
  'as-daruma-writes-it': { restart: 'on-failure\nRestartSec=5', unit: 'StartLimitIntervalSec=0' },
} as const;

describe.each(versionsAtHand())('systemd %s', systemd => {
  describeLab('of a host', systemd === undefined ? {} : { systemd }, lab => {
    test('a start limit takes the socket with it', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      for (const [name, { restart, unit }] of Object.entries(services)) {
        const write = (type: string, text: string) =>
          host.writeFile(`/etc/systemd/system/${name}.${type}`, text);
        await write('socket', `[Socket]\nListenStream=/run/${name}\n[Install]\nWantedBy=sockets.target\n`);
        await write(
          'service',
          `[Unit]\n${unit}\n[Service]\nExecStart=/bin/sh -c 'exit 1'\nRestart=${restart}\n`,
        );
      }
      const sockets = Object.keys(services).map(name => `${name}.socket`);
      await host.exec(['systemctl', 'daemon-reload']);
      await host.exec(['systemctl', 'start', ...sockets]);
      const said = await loopsSaid(host);
      const callers = Object.keys(services).map(name => caller(host, name));
      await expect
        .poll(() => results(host), { timeout: 20_000 })
        .toEqual({
          'limit-alone': 'failed service-start-limit-hit',
          'limit-and-restarts': 'failed service-start-limit-hit',
          'no-limit-no-restart': 'failed trigger-limit-hit',
          'as-daruma-writes-it': 'active success',
        });
      await Promise.all(callers);
      expect(said).toEqual({
        'limit-alone': [false, 'socket-fails'],
        'limit-and-restarts': [false, 'socket-fails'],
        'no-limit-no-restart': [false, 'socket-may-fail'],
        'as-daruma-writes-it': [true, 'limit-off'],
      });
    });
  });
});

/** Somebody who calls and waits; ends after some seconds. */
async function caller(host: Host, name: string): Promise<void> {
  const script = `require('node:net').connect('/run/${name}').on('error', () => {}); setTimeout(() => process.exit(), 5000)`;
  await host.exec(['node', '-e', script]);
}

async function results(host: Host): Promise<Readonly<Record<string, string>>> {
  const shown = await Promise.all(
    Object.keys(services).map(async name => {
      const argv = ['systemctl', 'show', '-p', 'ActiveState,Result', `${name}.socket`];
      const { stdout } = await host.exec(argv);
      const [, result] = /^Result=(.*)$/m.exec(stdout) ?? [];
      const [, state] = /^ActiveState=(.*)$/m.exec(stdout) ?? [];
      return [name, `${state} ${result}`] as const;
    }),
  );
  return Object.fromEntries(shown);
}

interface Said {
  readonly units: readonly {
    readonly unit: string;
    readonly falls: {
      readonly crashLoop: {
        readonly getsUp: boolean | string;
        readonly because: readonly { readonly code: string }[];
      };
    };
  }[];
}

/** By service: whether it gets up from a crash loop, and the reason that decides. */
async function loopsSaid(host: Host): Promise<Readonly<Record<string, unknown>>> {
  const names = Object.keys(services).map(name => `${name}.service`);
  const argv = ['node', '/opt/daruma/bin/daruma.cjs', 'status', '--system', '--json', ...names];
  const { stdout } = await host.exec(argv);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
  const said = JSON.parse(stdout) as Said;
  return Object.fromEntries(
    said.units.map(({ unit, falls: { crashLoop } }) => [
      unit.replace('.service', ''),
      [crashLoop.getsUp, crashLoop.because.at(-1)?.code],
    ]),
  );
}
