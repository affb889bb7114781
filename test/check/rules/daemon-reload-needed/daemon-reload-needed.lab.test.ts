import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf, startService } from '../../live-findings.ts';

interface JsonPlan {
  readonly restarts: readonly string[];
  readonly settled: readonly { readonly rule: string }[];
  readonly left: readonly { readonly rule: string }[];
}

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('daemon-reload-needed', { name: 'reload', systemd, users: ['kuma'] }, lab => {
    test('is told from the change of a file until the reload', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await startService(host);
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
      await asKuma(
        host,
        `mkdir ~/.config/systemd/user/agent.service.d
         printf '[Service]\\nRestartSec=5\\n' > ~/.config/systemd/user/agent.service.d/override.conf`,
      );
      expect(await findingsOf(host, 'daemon-reload-needed')).toMatchObject([{ unit: 'agent.service' }]);
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
    });

    test('is not told of a masked unit with a drop-in, of which the manager says it after any reload', {
      timeout: 60_000,
    }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.local/share/systemd/user ~/.config/systemd/user/hidden.service.d
         printf '[Service]\\nExecStart=/bin/sleep infinity\\n' > ~/.local/share/systemd/user/hidden.service
         printf '[Service]\\nRestart=always\\n' > ~/.config/systemd/user/hidden.service.d/own.conf
         systemctl --user daemon-reload
         systemctl --user start hidden.service
         systemctl --user --quiet mask hidden.service
         systemctl --user daemon-reload`,
      );
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
    });

    test('is put right together with the restart that it brings', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await startService(host);
      const write = (mode: string) =>
        asKuma(
          host,
          `sleep 2
           mkdir -p ~/.config/systemd/user/agent.service.d
           printf '[Service]\\nEnvironment=MODE=${mode}\\n' > ~/.config/systemd/user/agent.service.d/override.conf`,
        );
      const fix = async (...options: readonly string[]) => {
        const argv = ['node', '/opt/daruma/bin/daruma.cjs', 'fix', '--json', ...options, 'agent'];
        const { code, stdout } = await host.exec(argv, { user: 'kuma' });
        expect(code).toBe(0);
        const { plan }: { readonly plan: JsonPlan } = JSON.parse(stdout);
        const named = (found: JsonPlan['left']) =>
          found.flatMap(({ rule }) => (rule.endsWith('-needed') ? [rule] : []));
        return { restarts: plan.restarts, settled: named(plan.settled), left: named(plan.left) };
      };
      const rules = ['--only', 'daemon-reload-needed', '--only', 'restart-needed'];
      await write('a');
      expect(await fix('--dry-run', ...rules)).toEqual({
        restarts: ['agent.service'],
        settled: ['daemon-reload-needed'],
        left: [],
      });
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await fix('--dry-run', ...rules)).toMatchObject({ settled: [], left: ['restart-needed'] });
      expect(await fix('--restart', '--dry-run', ...rules)).toEqual({
        restarts: ['agent.service'],
        settled: ['restart-needed'],
        left: [],
      });
    });
  });
});
