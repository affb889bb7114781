/** A unit that a real manager reads for minutes costs the state of no other. */
import { describe, expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';

interface Row {
  readonly unit: string;
  readonly active: string | null;
}

describe.each([252, 257])('systemd %i', systemd => {
  describeLab('a unit of very many lines', { name: 'huge-unit', systemd, users: ['kuma'] }, lab => {
    test('costs its own row alone', { timeout: 240_000 }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for name in agent proxy zebra; do
           printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=always\\n[Install]\\nWantedBy=default.target\\n' > $name.service
         done
         printf '[Service]\\nExecStart=/bin/sleep infinity\\n' > idle.service
         for lines in 200000 40000; do
           { echo '[Service]'; echo ExecStart=/bin/true; seq $lines | sed 's/.*/Environment=V&=x/'; } > lines-$lines.service
         done
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now agent proxy zebra`,
      );
      const command = ['node', '/opt/daruma/src/cli/main.ts', 'status'];
      const { code, stdout, stderr } = await host.exec([...command, '--json'], { user: 'kuma' });
      expect(code).toBe(0);
      const { units }: { readonly units: readonly Row[] } = JSON.parse(stdout);
      const active = Object.fromEntries(units.map(row => [row.unit, row.active]));
      expect(active).toMatchObject({
        'agent.service': 'active',
        'proxy.service': 'active',
        'zebra.service': 'active',
        'lines-200000.service': null,
        'idle.service': 'inactive',
      });
      expect(stderr).toContain(
        'lines-200000.service: the manager was not asked how it is: its files have more than',
      );
      // Whoever asks all the same loses that one answer, if any.
      const names = ['lines-40000.service', 'agent.service', 'proxy.service', 'zebra.service'];
      const asked = await host.exec(
        ['node', '/opt/daruma/test/systemd/host/ask-live-host.ts', 'user', ...names],
        {
          user: 'kuma',
        },
      );
      const answer: { readonly units: Readonly<Record<string, unknown>> } = JSON.parse(asked.stdout);
      expect(Object.keys(answer.units)).toEqual(expect.arrayContaining(names.slice(1)));
    });
  });
});
