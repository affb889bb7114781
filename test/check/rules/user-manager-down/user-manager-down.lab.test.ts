/** Real managers: that of the user is dead, and each format of check tells it once, with what brings it back. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

describe.each(usualVersions)('systemd %i', systemd => {
  describeLab('user-manager-down', { name: 'dead-manager', systemd, users: ['kuma'] }, lab => {
    test('is a finding in all formats, once and not for each service', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for name in one two; do
           printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=always\\n[Install]\\nWantedBy=default.target\\n' > $name.service
         done
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now one two`,
      );
      expect(await findingsOf(host, 'user-manager-down')).toEqual([]);
      const uid = (await asKuma(host, 'id -u')).trim();
      const unit = `user@${uid}.service`;
      await host.exec(['systemctl', 'kill', '--signal=KILL', unit]);
      await host.exec(['bash', '-c', `until systemctl --quiet is-failed ${unit}; do sleep 0.1; done`]);
      // A session would start the manager again, so this one has none.
      const bare = ['setpriv', `--reuid=${uid}`, '--clear-groups', 'env', 'HOME=/home/kuma', 'COLUMNS=400'];
      const daruma = [...bare, 'node', '/opt/daruma/src/cli/main.ts'];
      const remedy = `sudo systemctl reset-failed ${unit} && sudo systemctl start ${unit}`;
      for (const options of [[], ['--quiet'], ['--format=github'], ['--format=markdown']]) {
        const { stdout, stderr, code } = await host.exec([...daruma, 'check', ...options]);
        expect(stdout.match(/The manager of kuma's services does not run/g)).toHaveLength(1);
        // Markdown escapes what is special to it.
        expect(stdout.replaceAll('&amp;', '&').replaceAll('<!-- -->', '')).toContain(remedy);
        expect(stderr).not.toContain('does not run');
        expect(code).toBe(1);
      }
      const json = await host.exec([...daruma, 'check', '--json']);
      expect(JSON.parse(json.stdout).findings).toContainEqual(
        expect.objectContaining({ rule: 'user-manager-down', severity: 'critical', unit: null }),
      );
      const fix = await host.exec([...daruma, 'fix', '--dry-run']);
      expect(fix.stdout).toContain(remedy);
      await host.exec(['systemctl', 'reset-failed', unit]);
      await host.exec(['systemctl', 'start', unit]);
      expect(await findingsOf(host, 'user-manager-down')).toEqual([]);
    });
  });
});
