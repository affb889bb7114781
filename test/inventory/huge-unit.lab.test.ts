/** A unit that a real manager reads for minutes costs the state of no other. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';

interface Row {
  readonly unit: string;
  readonly active: string | null;
}

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
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
         lines() { { echo '[Service]'; echo ExecStart=/bin/true; seq $1 | sed 's/.*/Environment=V&=x/'; } > $2.service; }
         lines 200000 lines-200000
         # One that takes longer than the three seconds of a question, and not too long: with the square of its lines.
         lines 10000 probe
         systemctl --user daemon-reload
         from=$(date +%s%N); systemctl --user show --property=Id probe > /dev/null; usec=$((($(date +%s%N) - from) / 1000))
         rm probe.service
         lines $(awk "BEGIN { print int(10000 * sqrt(7000000 / $usec)) }") busy
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now agent proxy zebra`,
      );
      const command = ['node', '/opt/daruma/bin/daruma.cjs', 'status'];
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
      const names = ['busy.service', 'agent.service', 'proxy.service', 'zebra.service'];
      const asked = await host.exec(
        ['node', '/opt/daruma/test/systemd/host/ask-live-host.ts', 'user', ...names],
        {
          user: 'kuma',
        },
      );
      const answer: { readonly units: Readonly<Record<string, unknown>> } = JSON.parse(asked.stdout);
      expect(Object.keys(answer.units)).toEqual(expect.arrayContaining(names.slice(1)));
    });

    test('costs its own answer alone where only systemctl is left to ask with', {
      timeout: 240_000,
    }, async () => {
      const host = await lab.host();
      // Its answers are written in blocks: what was answered before is lost with it.
      const names = ['agent.service', 'proxy.service', 'busy.service', 'zebra.service', 'idle.service'];
      const runtime = (await asKuma(host, 'echo $XDG_RUNTIME_DIR')).trim();
      await asKuma(
        host,
        `until timeout 20 systemctl --user show --property=Version; do sleep 1; done > /dev/null
         # The manager is on the bus before the bus is hidden.
         SYSTEMCTL_FORCE_BUS=1 systemctl --user show --property=Version > /dev/null
         cd $XDG_RUNTIME_DIR; mv systemd/private systemd/private.away; mv bus bus.away`,
      );
      const asked = await host.exec(
        [
          'env',
          `DBUS_SESSION_BUS_ADDRESS=unix:path=${runtime}/bus.away`,
          'node',
          '/opt/daruma/test/systemd/host/ask-live-host.ts',
          'user',
          ...names,
        ],
        { user: 'kuma' },
      );
      await asKuma(host, 'cd $XDG_RUNTIME_DIR; mv bus.away bus; mv systemd/private.away systemd/private');
      const answer: { readonly transport: string; readonly units: Readonly<Record<string, unknown>> } =
        JSON.parse(asked.stdout);
      expect(answer.transport).toBe('systemctl');
      const others = names.filter(name => name !== 'busy.service');
      expect(Object.keys(answer.units)).toEqual(expect.arrayContaining(others));
      expect(answer.units).toMatchObject({ 'zebra.service': { activeState: 'active' } });
    });
  });
});
