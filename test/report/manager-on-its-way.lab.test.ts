/** Real managers: that of a user who is just shutting down or starting is not said to have forgotten its services. */
import { describe, expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import { asKuma } from '../check/live-findings.ts';
import { schemaErrors } from './schema-errors.ts';

describe.each([247, 262])('systemd %i', systemd => {
  describeLab('a user manager', { name: 'on-its-way', systemd, users: ['kuma'] }, lab => {
    test('is said to stop and to start', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         printf '[Service]\\nExecStart=/bin/sh -c "trap : TERM; while :; do sleep 1; done"\\nTimeoutStopSec=15\\n' > slow.service
         printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=default.target\\n' > new.service
         systemctl --user daemon-reload
         systemctl --user --quiet enable new
         systemctl --user start slow`,
      );
      const uid = (await asKuma(host, 'id -u')).trim();
      const unit = `user@${uid}.service`;
      const bare = ['setpriv', `--reuid=${uid}`, '--clear-groups', 'env', 'HOME=/home/kuma', 'COLUMNS=200'];
      const status = [...bare, 'node', '/opt/daruma/bin/daruma.cjs', 'status'];
      const isState = (state: string) =>
        waitFor(`${unit} to be ${state}`, 30_000, async () => {
          const { stdout } = await host.exec(['systemctl', 'show', '--value', '-p', 'ActiveState', unit]);
          return stdout.trim() === state || undefined;
        });
      await host.exec(['systemctl', 'stop', '--no-block', unit]);
      await isState('deactivating');
      const stopping = JSON.parse((await host.exec([...status, '--json'])).stdout);
      expect(schemaErrors('status', stopping)).toEqual([]);
      expect(stopping.managerDown).toMatchObject({
        state: 'deactivating',
        since: null,
        text: "The manager of kuma's services is stopping: it ends all of them, and starts none",
      });
      expect(stopping.down).toEqual([]);
      await isState('inactive');
      await host.writeFile(
        '/etc/systemd/system/user@.service.d/late.conf',
        '[Service]\nExecStartPre=+/bin/sleep 15\n',
      );
      await host.exec(['systemctl', 'daemon-reload']);
      await host.exec(['systemctl', 'start', '--no-block', unit]);
      await isState('activating');
      const starting = await host.exec(status);
      expect(starting.stdout).toContain("The manager of kuma's services is just starting");
      expect(starting.stdout).not.toContain('does not run');
    });
  });
});
