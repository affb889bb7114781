/** Real managers: when and how a run of a server ended is told of that run, whatever the next one does. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { waitFor } from '../../../../lab/wait.ts';
import type { Host as LabHost } from '../../../../lab/host.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

/** It fails to start without a file, and otherwise listens as late as it is told, and handles SIGTERM. */
const server = `#!/usr/bin/env node
const fs = require('node:fs');
if (!fs.existsSync(process.env.HOME + '/config')) { console.error('ParserError in line 3'); process.exit(1); }
process.on('SIGTERM', () => { console.log('Finished'); process.exit(0); });
const late = fs.existsSync(process.env.HOME + '/late') ? 30_000 : 0;
setTimeout(() => require('node:http').createServer().listen(4000), late);
console.log('Loading');
`;

const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=%h/bin/litellm --port 4000
Restart=always
RestartSec=3
[Install]
WantedBy=default.target
`;

interface Told {
  readonly unit: string;
  readonly how: string;
  readonly since: string | null;
  readonly lastFall: string | null;
  readonly lastRestart: string | null;
  readonly text: string;
  readonly log: readonly string[];
}

async function toldOf(host: LabHost, name = 'litellm'): Promise<Told | undefined> {
  const argv = ['node', '/opt/daruma/bin/daruma.cjs', 'status', '--json'];
  const { down }: { readonly down: readonly Told[] } = JSON.parse(
    (await host.exec(argv, { user: 'kuma' })).stdout,
  );
  return down.find(told => told.unit === `${name}.service`);
}

/** Waits for the state in which a look finds the server so, and gives that. */
function waitUntilTold(host: LabHost, how: string): Promise<Told> {
  return waitFor(`a look that finds ${how}`, 60_000, async () => {
    const told = await toldOf(host);
    return told?.how === how ? told : undefined;
  });
}

const listens = 'until exec 3<>/dev/tcp/127.0.0.1/4000; do sleep 0.2; done 2> /dev/null';

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('service-down', { name: 'which-run', systemd, users: ['kuma'] }, lab => {
    test('tells of a SIGTERM that a server handles when it ended, and by what it may have', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      await host.writeFile('/home/kuma/bin/litellm', server, { user: 'kuma' });
      await host.writeFile('/home/kuma/.config/systemd/user/litellm.service', unit, { user: 'kuma' });
      const before = Number(
        await asKuma(
          host,
          `chmod +x ~/bin/litellm; touch ~/config
           systemctl --user daemon-reload
           systemctl --user --quiet enable --now litellm
           ${listens}
           date +%s
           kill "$(systemctl --user show --property=MainPID --value litellm)"
           until [ "$(systemctl --user show --property=NRestarts --value litellm)" = 1 ]; do sleep 0.2; done
           ${listens}`,
        ),
      );
      const told = await waitUntilTold(host, 'ended-lately');
      expect(told.text).toContain(
        'it ended without an error: by itself, or because of a SIGHUP, SIGINT, SIGPIPE or SIGTERM',
      );
      const [ended, restarted] = [told.lastFall, told.lastRestart].map(
        time => Date.parse(time ?? '') / 1_000,
      );
      expect(ended).toBeGreaterThanOrEqual(before);
      expect(ended).toBeLessThanOrEqual(before + 2);
      expect(restarted).toBeGreaterThanOrEqual(before + 3);
      expect(told).toMatchObject({ since: told.lastFall, log: ['Loading', 'Finished'] });
    });

    test('shows below a fall the lines of the run that fell, also while the next one is not ready', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `touch ~/late
         systemctl --user restart litellm
         rm ~/config
         systemctl --user kill --signal=KILL litellm
         # It has begun the run that fails, and then waits for the next one.
         until [ "$(systemctl --user show --property=NRestarts --value litellm)" = 1 ]; do sleep 0.1; done
         until [ "$(systemctl --user show --property=SubState --value litellm)" = auto-restart ]; do sleep 0.1; done
         touch ~/config`,
      );
      const told = await waitUntilTold(host, 'not-listening-yet');
      expect(told.log).toContain('ParserError in line 3');
      expect(told.log).not.toContain('Loading');
      expect(told.text).toContain('nobody listens on its port 4000 yet; it fell');
      expect(told.text).toContain('it exited with status 1');
    });

    test('does not go on to call it a loop once it listens for longer than it was up before', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `rm ~/late ~/config
         systemctl --user restart litellm
         until [ "$(systemctl --user show --property=NRestarts --value litellm)" = 4 ]; do sleep 0.1; done`,
      );
      const loop = await waitUntilTold(host, 'looping');
      expect(loop.log).toContain('ParserError in line 3');
      await asKuma(host, `touch ~/config; ${listens}; sleep 1`);
      const human = await host.exec(['node', '/opt/daruma/bin/daruma.cjs', 'status'], { user: 'kuma' });
      expect(human.stdout).toContain('Worth a look now:\n? litellm.service is up again');
    });

    test('has it down from the death of its process on, while what follows its end still runs, and after', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      const text = '[Service]\nExecStart=/bin/sleep infinity\nExecStopPost=/bin/sleep 30\n';
      const file = `${text}[Install]\nWantedBy=default.target\n`;
      await host.writeFile('/home/kuma/.config/systemd/user/slow.service', file, { user: 'kuma' });
      const before = Number(
        await asKuma(
          host,
          `systemctl --user daemon-reload
           systemctl --user --quiet enable --now slow
           date +%s
           systemctl --user kill --signal=KILL slow
           until [ "$(systemctl --user show --property=SubState --value slow)" = stop-post ]; do sleep 0.1; done`,
        ),
      );
      const ending = await toldOf(host, 'slow');
      expect(ending).toMatchObject({ how: 'ending', standing: 'down', phase: 'stopping', status: 'KILL' });
      expect(ending?.text).toContain('it was ended by SIGKILL');
      const since = Date.parse(ending?.since ?? '') / 1_000;
      expect(since).toBeGreaterThanOrEqual(before);
      expect(since).toBeLessThanOrEqual(before + 2);
      expect(await findingsOf(host, 'service-down')).toContainEqual(
        expect.objectContaining({ unit: 'slow.service', severity: 'warning' }),
      );
      await asKuma(host, 'until systemctl --user --quiet is-failed slow; do sleep 0.2; done');
      expect(await toldOf(host, 'slow')).toMatchObject({ how: 'fell', since: ending?.since });
      // Somebody's own stop is no fall, however long it takes.
      await asKuma(
        host,
        `systemctl --user start slow
         systemctl --user stop --no-block slow
         until [ "$(systemctl --user show --property=SubState --value slow)" = stop-post ]; do sleep 0.1; done`,
      );
      expect(await toldOf(host, 'slow')).toBeUndefined();
    });

    test('tells a start that failed with what it requires from the stop before it', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      const folder = '/home/kuma/.config/systemd/user';
      const base =
        '[Service]\nType=exec\nExecStartPre=/usr/bin/test -e %h/base\nExecStart=/bin/sleep infinity\n';
      const needy =
        '[Unit]\nRequires=base.service\nAfter=base.service\n[Service]\nExecStart=/bin/sleep infinity\n';
      await host.writeFile(`${folder}/base.service`, base, { user: 'kuma' });
      await host.writeFile(`${folder}/needy.service`, `${needy}[Install]\nWantedBy=default.target\n`, {
        user: 'kuma',
      });
      await asKuma(
        host,
        `touch ~/base
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now needy
         systemctl --user stop needy base
         rm ~/base`,
      );
      expect(await toldOf(host, 'needy')).toBeUndefined();
      await asKuma(host, '! systemctl --user start needy 2> /dev/null');
      expect(await toldOf(host, 'needy')).toMatchObject({ how: 'start-failed', other: 'base.service' });
      const fix = await host.exec(
        ['node', '/opt/daruma/bin/daruma.cjs', 'fix', '--restart', '--dry-run', 'needy'],
        { user: 'kuma' },
      );
      expect(fix.stdout).toContain('systemctl --user start --no-block needy.service');
      await asKuma(host, 'touch ~/base; systemctl --user start needy; systemctl --user stop needy');
      expect(await toldOf(host, 'needy')).toBeUndefined();
    });

    test('finds the lines of a run that was gone before journald knew whose they were', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      const unitOfQuick =
        '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=%h/quick\nRestart=always\nRestartSec=300ms\n';
      await host.writeFile('/home/kuma/.config/systemd/user/quick.service', unitOfQuick, { user: 'kuma' });
      await host.writeFile('/home/kuma/quick', '#!/bin/sh\necho Odd >&2\nexit 1\n', { user: 'kuma' });
      await asKuma(
        host,
        `chmod +x ~/quick
         systemctl --user daemon-reload
         systemctl --user start quick
         until [ "$(systemctl --user show --property=NRestarts --value quick)" -ge 4 ]; do sleep 0.1; done`,
      );
      // On a busy machine journald may have the lines too late for them to be those of this run for certain: then a look shows none of them.
      const logs: (readonly string[] | undefined)[] = [];
      for (let look = 0; look < 8; look += 1) logs.push((await toldOf(host, 'quick'))?.log);
      expect(logs).toContainEqual(['Odd']);
    });

    test('takes no lines of another unit whose program has the same name', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const unitOf = (command: string) =>
        `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sh -c '${command}'\nRestart=always\nRestartSec=`;
      const folder = '/home/kuma/.config/systemd/user';
      await host.writeFile(`${folder}/noisy.service`, `${unitOf('echo NotOurs; exit 1')}300ms\n`, {
        user: 'kuma',
      });
      await host.writeFile(`${folder}/calm.service`, `${unitOf('sleep 1000')}60s\n`, { user: 'kuma' });
      await asKuma(
        host,
        `systemctl --user daemon-reload
         systemctl --user stop quick
         systemctl --user start calm noisy
         until [ "$(systemctl --user show --property=NRestarts --value noisy)" -ge 3 ]; do sleep 0.1; done
         systemctl --user kill --signal=KILL calm`,
      );
      const log = await waitFor('the fall', 30_000, async () => (await toldOf(host, 'calm'))?.log);
      expect(log.join()).not.toContain('NotOurs');
      await asKuma(host, 'systemctl --user stop noisy calm');
    });
  });
});
