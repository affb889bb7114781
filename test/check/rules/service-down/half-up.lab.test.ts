/** Real managers and kernels: a service that systemd calls active and that does not work, or that has just fallen. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { waitFor } from '../../../../lab/wait.ts';
import { schemaErrors } from '../../../report/schema-errors.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

const always = 'Restart=always\nRestartSec=100ms\n';
const limitless = '[Unit]\nStartLimitIntervalSec=0\n';

/** By the port it is known what they should do. `deaf` never listens. */
const server = `#!/usr/bin/env node
const port = Number(process.argv[3]);
if (port !== 4002) require('node:net').createServer(() => {}).listen(port, '127.0.0.1');
setInterval(() => {}, 60_000);
`;
const units = {
  fine: `[Service]\nExecStart=%h/bin/litellm --port 4000\n${always}`,
  halted: `[Service]\nExecStart=/bin/sleep infinity\n${always}`,
  // Its main process is a shell.
  wrapped: `[Service]\nExecStart=/bin/sh -c "%h/bin/litellm --port 4001; exit 1"\n${always}`,
  deaf: `[Service]\nExecStart=%h/bin/litellm --port 4002\n${always}`,
  fell: `[Service]\nExecStart=/bin/sleep infinity\n${always}`,
  // It ends without a fault each time, and may work in this way.
  rounds: `${limitless}[Service]\nExecStart=/bin/sleep 1\n${always}`,
} as const;

interface Told {
  readonly unit: string;
  readonly how: string;
  readonly text: string;
  readonly command: string;
}

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('service-down', { name: 'half-up', systemd, users: ['kuma'] }, lab => {
    const daruma = ['node', '/opt/daruma/bin/daruma.cjs'];

    test('is said of what is active and halted, does not listen, or has fallen some minutes ago', {
      timeout: 180_000,
    }, async () => {
      const host = await lab.host();
      await host.writeFile('/home/kuma/bin/litellm', server, { user: 'kuma' });
      const files = Object.entries(units).map(
        ([name, text]) => `cat > ${name}.service <<'END'\n${text}[Install]\nWantedBy=default.target\nEND\n`,
      );
      await asKuma(
        host,
        `chmod +x ~/bin/litellm
         mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
${files.join('')}
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now ${Object.keys(units).join(' ')}
         fallen() {
           systemctl --user kill --signal=KILL $1
           until [ "$(systemctl --user show --property=NRestarts --value $1)" = $2 ]; do sleep 0.1; done
           until [ "$(systemctl --user show --property=SubState --value $1)" = running ]; do sleep 0.1; done
         }
         fallen fell 1
         sleep 1.1
         fallen fell 2
         fallen deaf 1
         kill -STOP $(systemctl --user show --property=MainPID --value halted)
         kill -STOP $(pgrep --full 'litellm --port 4001' --newest)
         until [ "$(systemctl --user show --property=NRestarts --value rounds)" -ge 4 ]; do sleep 0.2; done`,
      );
      const document = await waitFor('a look at what ends well while it runs', 60_000, async () => {
        const seen = JSON.parse((await host.exec([...daruma, 'status', '--json'], { user: 'kuma' })).stdout);
        const rounds = seen.units.find(({ unit }: Told) => unit === 'rounds.service');
        return rounds.active === 'active' ? seen : undefined;
      });
      expect(schemaErrors('status', document)).toEqual([]);
      const down: Readonly<Record<string, Told>> = Object.fromEntries(
        document.down.map((told: Told) => [told.unit.replace('.service', ''), told]),
      );
      expect(down).toMatchObject({
        halted: { how: 'halted', halt: 'stopped', command: expect.stringContaining('--signal=CONT') },
        wrapped: { how: 'halted', halt: 'stopped' },
        deaf: { how: 'not-listening-yet', port: 4002, listensOn: [], restarts: 1 },
        fell: { how: 'fell-lately', restarts: 2, code: 'killed', status: 'KILL' },
        rounds: { how: 'ends-again', result: 'success' },
      });
      expect(Object.keys(down)).toHaveLength(5);
      const human = (await host.exec([...daruma, 'status'], { user: 'kuma' })).stdout;
      const words = human.replaceAll(/\s+/g, ' ');
      expect(words).toContain('halted.service runs, but its process is stopped (as by SIGSTOP)');
      expect(words).toContain(
        'deaf.service runs, but nobody listens on its port 4002 yet; it fell once since its last start by hand or at boot',
      );
      expect(words).toMatch(
        /fell\.service runs, and fell 2 times since its last start by hand or at boot, first at .* and last at .*; at its last end it was ended by SIGKILL/,
      );
      expect(human).toMatch(/^● fine /m);
      for (const name of ['halted', 'wrapped', 'deaf', 'fell'])
        expect(human).toMatch(RegExp(`^◐ ${name} `, 'm'));
      expect(await findingsOf(host, 'service-down')).toMatchObject([
        { unit: 'halted.service', severity: 'critical' },
        { unit: 'rounds.service', severity: 'info' },
        { unit: 'wrapped.service', severity: 'critical' },
      ]);
      // The command that is named helps.
      await asKuma(host, down['halted']?.command ?? 'false');
      await asKuma(host, down['wrapped']?.command ?? 'false');
      expect((await findingsOf(host, 'service-down')).map(({ unit }) => unit)).toEqual(['rounds.service']);
      const { stdout: mounted } = await host.exec(['stat', '--file-system', '--format=%T', '/sys/fs/cgroup']);
      if (mounted.trim() !== 'cgroup2fs') return;
      await asKuma(host, 'systemctl --user freeze fine');
      const frozen = JSON.parse((await host.exec([...daruma, 'status', '--json'], { user: 'kuma' })).stdout);
      const fine = frozen.down.find(({ unit }: Told) => unit === 'fine.service');
      expect(fine).toMatchObject({ how: 'halted', halt: 'frozen' });
      await asKuma(host, fine.command);
      expect((await findingsOf(host, 'service-down')).map(({ unit }) => unit)).toEqual(['rounds.service']);
    });
  });
});
