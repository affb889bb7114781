/** A real manager: what fell is told and started again, what was stopped is left alone. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';
import { schemaErrors } from '../../../report/schema-errors.ts';

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('service-down', { name: 'down', systemd, users: ['kuma'] }, lab => {
    test('is told of a fall, not of a stop, and a start is looked at', { timeout: 240_000 }, async () => {
      const host = await lab.host();
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for unit in fallen stopped; do
           printf '[Service]\\nExecStart=/bin/sleep infinity\\nRestart=on-failure\\n[Install]\\nWantedBy=default.target\\n' > $unit.service
         done
         printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=default.target\\n' > ended.service
         printf '[Service]\\nExecStart=/bin/sh -c "echo no such model; sleep 0.1; exit 3"\\nRestart=always\\nRestartSec=10ms\\n[Install]\\nWantedBy=default.target\\n' > looping.service
         printf '[Service]\\nExecStart=/bin/sh -c "exit 7"\\nRestart=always\\nRestartSec=1h\\n[Install]\\nWantedBy=default.target\\n' > waiting.service
         printf '[Service]\\nExecStart=%%h/gone\\nRestart=always\\nRestartSec=1h\\n[Install]\\nWantedBy=default.target\\n' > hopeless.service
         systemctl --user daemon-reload
         systemctl --user --quiet enable ended fallen stopped looping waiting hopeless
         systemctl --user start ended fallen stopped looping waiting hopeless
         kill -TERM $(systemctl --user show --property=MainPID --value fallen)
         systemctl --user stop stopped
         until systemctl --user --quiet is-failed looping && ! systemctl --user --quiet is-active ended fallen && [ "$(systemctl --user show --property=SubState --value waiting)" = auto-restart ]; do sleep 0.1; done`,
      );
      const found = await findingsOf(host, 'service-down');
      expect(found.map(({ unit }) => unit)).toEqual([
        'ended.service',
        'fallen.service',
        'hopeless.service',
        'looping.service',
        'waiting.service',
      ]);
      expect(found.map(({ severity }) => severity)).toEqual([
        'warning',
        'critical',
        'warning',
        'critical',
        'warning',
      ]);
      const status = ['node', '/opt/daruma/bin/daruma.cjs', 'status', '--json'];
      const shown = await host.exec(status, { user: 'kuma' });
      const { down } = JSON.parse(shown.stdout);
      expect(schemaErrors('status', JSON.parse(shown.stdout))).toEqual([]);
      expect(down.find(({ how }: { how: string }) => how === 'gave-up').log).toContainEqual(
        expect.stringContaining('no such model'),
      );
      const rows: readonly { readonly unit: string; readonly stoppedSince?: string }[] = JSON.parse(
        shown.stdout,
      ).units;
      expect(rows.filter(row => row.stoppedSince !== undefined).map(({ unit }) => unit)).toEqual([
        'stopped.service',
      ]);
      const [waiting, hopeless] = ['waiting', 'hopeless'].map(name =>
        down.find(({ unit }: { unit: string }) => unit === `${name}.service`),
      );
      expect(waiting).toMatchObject({ how: 'waiting', restarts: 0, status: '7' });
      expect(Date.parse(waiting.startsAgain) - Date.parse(waiting.since)).toBe(3_600_000);
      expect(waiting.command).toMatch(/systemctl --user restart waiting\.service$/);
      expect(hopeless).toMatchObject({
        how: 'waiting',
        cannotStart: expect.stringContaining('/home/kuma/gone'),
      });
      expect(hopeless.command).toMatch(/systemctl --user status hopeless\.service$/);
      const status60 = await host.exec(['env', 'COLUMNS=60', ...status.slice(0, -1)], { user: 'kuma' });
      expect(status60.stdout.trimEnd().replaceAll(/\s+/g, ' ')).toMatch(
        /"daruma fix --restart" shows what daruma would change and start, and asks first\.$/,
      );
      expect(status60.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /Stopped by "systemctl stop" or another job, and not fallen: stopped \(since [\d-]+ [\d:]+ UTC\)/,
      );
      const fix = ['node', '/opt/daruma/bin/daruma.cjs', 'fix', '--only', 'service-down'];
      const plan = await host.exec([...fix, '--dry-run'], { user: 'kuma' });
      expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain(
        'by hand: $ systemctl --user start fallen.service; systemctl --user reset-failed looping.service && systemctl --user start looping.service; systemctl --user restart waiting.service',
      );
      const { code, stdout } = await host.exec([...fix, '--yes', '--restart'], { user: 'kuma' });
      expect(code).toBe(3);
      // What ended at once each time is started, but not counted as settled by that.
      expect(stdout).toContain('This settles 2 findings');
      expect(stdout).toMatch(/It ended within \d s of each of its last starts/);
      expect(stdout).toContain('Done in part.');
      // What may be meant to end is not started.
      expect(stdout).not.toContain('--user start --no-block ended.service');
      expect(stdout).toMatch(/Started, and up for \d+ s: fallen\.service/);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        'Started, but fallen again or not up, so not settled: looping.service, waiting.service. The log: $ journalctl --user-unit=looping.service --lines=50 $ journalctl --user-unit=waiting.service --lines=50',
      );
      const json = await host.exec([...fix, '--yes', '--restart', '--json'], { user: 'kuma' });
      const { applied } = JSON.parse(json.stdout);
      expect(applied).toMatchObject({
        started: ['looping.service', 'waiting.service'],
        notUp: ['looping.service', 'waiting.service'],
      });
      expect(schemaErrors('fix', JSON.parse(json.stdout))).toEqual([]);
      expect((await asKuma(host, 'systemctl --user is-active stopped || true')).trim()).toBe('inactive');
      const channel = String.raw`notify:\n  channels:\n    - {type: command, command: [/bin/true]}\n`;
      await asKuma(
        host,
        `mkdir -p ~/.config/daruma
         printf '${channel}' > ~/.config/daruma/config.yaml
         node /opt/daruma/bin/daruma.cjs notify install --yes fallen`,
      );
      // A session would start the manager again, so this one has none.
      const uid = (await asKuma(host, 'id -u')).trim();
      const unit = `user@${uid}.service`;
      const bare = ['setpriv', `--reuid=${uid}`, '--clear-groups', 'env', 'HOME=/home/kuma'];
      await host.exec(['systemctl', 'stop', unit]);
      const dead = await host.exec([...bare, 'node', '/opt/daruma/bin/daruma.cjs', 'check']);
      expect(dead.stdout).toContain("The manager of kuma's services does not run");
      expect(dead.code).toBe(1);
      const deadStatus = JSON.parse((await host.exec([...bare, ...status])).stdout);
      expect(schemaErrors('status', deadStatus)).toEqual([]);
      expect(deadStatus.managerDown).toMatchObject({ unit, state: 'inactive' });
      const check = ['node', '/opt/daruma/bin/daruma.cjs', 'check', '--json'];
      const deadCheck = JSON.parse((await host.exec([...bare, ...check])).stdout);
      expect(schemaErrors('check', deadCheck)).toEqual([]);
      expect(deadCheck.managerDown).toEqual(deadStatus.managerDown);
      const deaf = await host.exec([...bare, 'node', '/opt/daruma/bin/daruma.cjs', 'notify', 'status']);
      expect(deaf.stdout).toMatch(/The manager of kuma's services does not run.*[^]*hooks: fallen\.service/);
      const byRoot = await host.exec(['node', '/opt/daruma/bin/daruma.cjs', 'check']);
      expect(byRoot.stderr).toContain(`"su - kuma -c 'daruma check'"`);
    });
  });
});
