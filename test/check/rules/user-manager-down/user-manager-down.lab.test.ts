/** Real managers: that of the user is dead, and each format of check tells it once, with what brings it back. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { schemaErrors } from '../../../report/schema-errors.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

const commands = [
  ['explain', 'one'],
  ['failover', 'status'],
  ['failover', 'check'],
  ['failover', 'test', '--dry-run'],
  ['failover', 'plan'],
  ['failover', 'apply', '--dry-run'],
  ['fix', '--dry-run'],
  ['notify', 'status'],
  ['notify', 'install', '--dry-run'],
  ['new', 'three', '/bin/true', '--dry-run'],
] as const;

const documents = [
  [['explain', 'one'], 'explain'],
  [['failover', 'status'], 'failover-status'],
  [['failover', 'check'], 'failover-check'],
  [['failover', 'test', '--dry-run'], 'failover-test'],
  [['failover', 'plan'], 'failover-plan'],
  [['failover', 'apply', '--dry-run'], 'failover-apply'],
  [['notify', 'status'], 'notify-status'],
] as const;

const nodes = (own: string) => `nodes:
  - {name: ${own}, url: "https://127.0.0.1:1/litellm", key: "file:~/.config/daruma/key"}
  - {name: neko, url: "https://127.0.0.1:2/litellm", key: "file:~/.config/daruma/key"}
`;

const openclaw = JSON.stringify({
  gateway: { mode: 'local' },
  models: {
    providers: {
      litellm: {
        baseUrl: 'http://127.0.0.1:4000',
        api: 'openai-completions',
        apiKey: 'sk-1234567890',
        models: [{ id: 'opus', name: 'Opus' }],
      },
    },
  },
  agents: { defaults: { model: { primary: 'litellm/opus' } } },
});

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('user-manager-down', { name: 'dead-manager', systemd, users: ['kuma'] }, lab => {
    test('is a finding in all formats, once and not for each service', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const hostName = (await host.exec(['hostname'])).stdout.trim();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user ~/.config/daruma ~/.openclaw
         cat > ~/.config/daruma/config.yaml <<'END'
${nodes(hostName)}END
         printf sk-1234567890 > ~/.config/daruma/key
         chmod 600 ~/.config/daruma/key
         cat > ~/.openclaw/openclaw.json <<'END'
${openclaw}
END
         cd ~/.config/systemd/user
         for name in one two; do
           printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=always\\n[Install]\\nWantedBy=default.target\\n' > $name.service
         done
         printf '[Service]\\nExecStart=/usr/bin/env openclaw gateway run\\n' > openclaw-gateway.service
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now one two`,
      );
      expect(await findingsOf(host, 'user-manager-down')).toEqual([]);
      const uid = (await asKuma(host, 'id -u')).trim();
      const unit = `user@${uid}.service`;
      await host.exec(['systemctl', 'kill', '--signal=KILL', unit]);
      await host.exec(['bash', '-c', `until systemctl --quiet is-failed ${unit}; do sleep 0.1; done`]);
      // A session would start the manager again, so this one has none.
      const bare = [
        'setpriv',
        `--reuid=${uid}`,
        '--clear-groups',
        'env',
        'HOME=/home/kuma',
        'COLUMNS=400',
        'LANG=C.UTF-8',
      ];
      const daruma = [...bare, 'node', '/opt/daruma/bin/daruma.cjs'];
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
      expect(JSON.parse(json.stdout).findings[0].rule).toBe('user-manager-down');
      const fix = await host.exec([...daruma, 'fix', '--dry-run', '--json']);
      expect(JSON.parse(fix.stdout).plan.left[0].rule).toBe('user-manager-down');
      // Everything else that a command shows is about services that do not run: each says it first, once, in the same words.
      const { managerDown } = JSON.parse((await host.exec([...daruma, 'status', '--json'])).stdout);
      for (const command of commands) {
        const { stdout } = await host.exec([...daruma, ...command]);
        const said = stdout.split('\n').slice(1, 3).join('\n');
        expect({ command, said }).toEqual({ command, said: `✗ ${managerDown.text}\n  $ ${remedy}` });
        expect(stdout.match(/The manager of kuma's services does not run/g)).toHaveLength(1);
      }
      for (const [command, schema] of documents) {
        const document = JSON.parse((await host.exec([...daruma, ...command, '--json'])).stdout);
        const found = { managerDown: document.managerDown, errors: schemaErrors(schema, document) };
        expect({ schema, ...found }).toEqual({ schema, managerDown, errors: [] });
      }
      await host.exec(['systemctl', 'reset-failed', unit]);
      await host.exec(['systemctl', 'start', unit]);
      expect(await findingsOf(host, 'user-manager-down')).toEqual([]);
    });

    test.each(['enable', 'disable'])('%s-linger: a login starts the killed manager', async action => {
      const host = await lab.host();
      const unit = `user@${(await asKuma(host, 'id -u')).trim()}.service`;
      await host.exec(['loginctl', `${action}-linger`, 'kuma']);
      await host.exec(['systemctl', 'start', unit]);
      await host.exec(['systemctl', 'kill', '--signal=KILL', unit]);
      await host.exec(['bash', '-c', `until systemctl --quiet is-failed ${unit}; do sleep 0.1; done`]);
      const { stdout } = await host.exec(['su', '-', 'kuma', '-c', `systemctl is-active ${unit}`]);
      expect(stdout.trim()).toBe('active');
      await host.exec(['loginctl', 'enable-linger', 'kuma']);
    });
  });
});
