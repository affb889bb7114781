/** A real manager: what a start does to other units is known before, and `fix --restart` does no harm to them. */
import { expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';
import { schemaErrors } from '../report/schema-errors.ts';

const fix = ['node', '/opt/daruma/bin/daruma.cjs', 'fix', '--only', 'service-down', '--yes', '--restart'];

describeLab(
  'a start that would do something to others',
  { name: 'effects', systemd: 257, users: ['kuma'] },
  lab => {
    test('is left to a person: it would stop what runs, or start what was stopped', {
      timeout: 90_000,
    }, async () => {
      const host = await lab.host();
      const sleeper = '[Service]\\nExecStart=/bin/sleep infinity\\n';
      const install = '[Install]\\nWantedBy=default.target\\n';
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
       cd ~/.config/systemd/user
       printf '[Unit]\\nConflicts=running.service\\n${sleeper}${install}' > says.service
       printf '${sleeper}${install}' > told.service
       printf '[Unit]\\nConflicts=told.service\\n${sleeper}' > rival.service
       printf '${sleeper}' > running.service
       printf '[Unit]\\nWants=middle.service\\n${sleeper}${install}' > puller.service
       printf '[Unit]\\nRequires=stopped.service\\n${sleeper}' > middle.service
       printf '${sleeper}' > stopped.service
       printf '[Unit]\\nWants=stopped-too.service\\n${sleeper}Restart=always\\n${install}' > restarted.service
       printf '${sleeper}' > stopped-too.service
       printf '${sleeper}${install}' > harmless.service
       systemctl --user daemon-reload
       systemctl --user --quiet enable says told puller restarted harmless
       for unit in says told puller harmless; do
         systemctl --user start $unit
         kill -KILL $(systemctl --user show --property=MainPID --value $unit)
         until systemctl --user --quiet is-failed $unit; do sleep 0.1; done
       done
       systemctl --user start running rival restarted
       systemctl --user stop stopped stopped-too
       sleep 2
       printf '[Unit]\\nWants=stopped-too.service\\n${sleeper}Restart=always\\nNice=1\\n${install}' > restarted.service`,
      );
      const { code, stdout } = await host.exec(
        [...fix, '--only', 'daemon-reload-needed', '--only', 'restart-needed'],
        {
          user: 'kuma',
        },
      );
      const said = stdout.replaceAll(/\s+/g, ' ');
      expect(said).toContain(
        'says.service is not started: that would also stop running.service, which runs.',
      );
      expect(said).toContain('told.service is not started: that would also stop rival.service, which runs.');
      expect(said).toContain(
        'puller.service is not started: that would also start middle.service, stopped.service, which somebody may have stopped.',
      );
      expect(said).toContain('restarted.service is not restarted: that would also start stopped-too.service');
      expect(said).toMatch(/Started, and up for \d+ s: harmless\.service/);
      expect(code).toBe(3);
      const states = await asKuma(
        host,
        'systemctl --user is-active says told puller running rival stopped stopped-too harmless || true',
      );
      expect(states.trim().split('\n')).toEqual([
        'failed',
        'failed',
        'failed',
        'active',
        'active',
        'inactive',
        'inactive',
        'active',
      ]);
      const json = JSON.parse((await host.exec([...fix, '--json'], { user: 'kuma' })).stdout);
      expect(schemaErrors('fix', json)).toEqual([]);
      expect(json.plan.held).toContainEqual({
        unit: 'says.service',
        verb: 'start',
        stops: ['running.service'],
        startsStopped: [],
      });
      // The command that is named does what was said of it.
      await asKuma(host, 'systemctl --user start says puller restarted');
      await asKuma(
        host,
        'systemctl --user is-active says puller stopped && ! systemctl --user -q is-active running',
      );
    });
  },
);
