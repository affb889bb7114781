/** A real manager: what a fix enables and what had fallen before is started with it; what somebody stopped is enabled alone. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';
import { schemaErrors } from '../report/schema-errors.ts';

const daruma = ['node', '/opt/daruma/bin/daruma.cjs'];

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('a fix that enables', { name: 'enables', systemd, users: ['kuma'] }, lab => {
    test('starts what had fallen, also what its manager has forgotten, and nothing that was stopped', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      const service = '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=on-failure\\n';
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for unit in fallen stopped; do printf '${service}[Install]\\nWantedBy=default.target\\n' > $unit.service; done
         printf '${service}[Install]\\nWantedBy=multi-user.target\\n' > aimless.service
         printf '${service}' > static.service
         systemctl --user daemon-reload
         systemctl --user start fallen stopped aimless static
         for unit in fallen aimless static; do kill -TERM $(systemctl --user show --property=MainPID --value $unit); done
         systemctl --user stop stopped
         while systemctl --user --quiet is-active fallen || systemctl --user --quiet is-active aimless || systemctl --user --quiet is-active static; do sleep 0.1; done`,
      );
      const rules = ['not-enabled', 'wanted-by-missing-target'].flatMap(rule => ['--only', rule]);
      const offered = await host.exec([...daruma, 'fix', '--dry-run', ...rules], { user: 'kuma' });
      expect(offered.stdout.replaceAll(/\s+/g, ' ')).toContain(
        'Down, and not started by this: aimless.service, fallen.service.',
      );
      const check = await host.exec([...daruma, 'check', 'fallen'], { user: 'kuma' });
      expect(check.stdout.replaceAll(/\s+/g, ' ')).toContain('"daruma fix --restart fallen"');
      const { code, stdout } = await host.exec([...daruma, 'fix', '--yes', '--restart', '--json'], {
        user: 'kuma',
      });
      const document = JSON.parse(stdout);
      expect(schemaErrors('fix', document)).toEqual([]);
      expect(code).toBe(0);
      expect(document.applied).toMatchObject({
        started: ['aimless.service', 'fallen.service', 'static.service'],
        notUp: [],
      });
      const states = await asKuma(
        host,
        `for verb in is-enabled is-active; do systemctl --user $verb aimless fallen stopped || true; done`,
      );
      expect(states.trim().split('\n')).toEqual([
        'enabled',
        'enabled',
        'enabled',
        'active',
        'active',
        'inactive',
      ]);
      // An undo leaves it running, and says so.
      const undone = JSON.parse((await host.exec([...daruma, 'undo', '--json'], { user: 'kuma' })).stdout);
      expect(undone.runsOn).toContainEqual({ unit: 'fallen.service', kind: 'was-down' });
    });
  });
});
