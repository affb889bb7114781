/** Real managers: services that only the manager knows, beside those that have files. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma, findingsOf } from '../check/live-findings.ts';

const sleeper =
  '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n[Install]\nWantedBy=default.target\n';

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('services of the manager', { name: 'loaded', systemd, users: ['kuma'] }, lab => {
    test('are instances that run or have failed, and what runs without its file', {
      timeout: 60_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for name in llm@ removed deleted plain; do printf '${sleeper.replaceAll('\n', '\\n')}' > $name.service; done
         printf '[Service]\\nExecStart=/bin/false\\n' > broken@.service
         systemctl --user daemon-reload
         systemctl --user start llm@a llm@stopped removed deleted plain
         systemctl --user start broken@b
         systemctl --user stop llm@stopped
         rm removed.service
         systemctl --user daemon-reload
         rm deleted.service
         # It is there for the moment alone, by its own command.
         systemd-run --user --quiet --unit=passing sleep infinity
         until systemctl --user --quiet is-failed broken@b; do sleep 0.1; done`,
      );
      const daruma = ['node', '/opt/daruma/bin/daruma.cjs'];
      const { units } = JSON.parse(
        (await host.exec([...daruma, 'status', '--json'], { user: 'kuma' })).stdout,
      );
      expect(units.map(({ unit }: { unit: string }) => unit)).toEqual([
        'broken@b.service',
        'deleted.service',
        'llm@a.service',
        'plain.service',
        'removed.service',
      ]);
      const human = await host.exec([...daruma, 'status'], { user: 'kuma' });
      expect(human.stdout).toMatch(/^● llm@a /m);
      expect(human.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /● removed its unit file is gone: it runs on, and/,
      );
      const hooks = await host.exec([...daruma, 'notify', 'install', '--dry-run', '--json'], {
        user: 'kuma',
      });
      expect(hooks.stdout).toContain('llm@a.service');
      expect(hooks.stdout).not.toContain('removed.service');
      expect(await findingsOf(host, 'unit-load-error')).toMatchObject([
        { unit: 'deleted.service', severity: 'critical' },
        { unit: 'removed.service', severity: 'critical' },
      ]);
      expect((await findingsOf(host, 'not-enabled')).map(({ unit }) => unit)).toContain('llm@a.service');
      const explained = await host.exec([...daruma, 'explain', 'removed'], { user: 'kuma' });
      expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('its unit file is gone') });
    });
  });
});
