/** Real managers: a service that falls again and again is told whether it is looked at while it runs or while it waits. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { waitFor } from '../../../../lab/wait.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';
import { schemaErrors } from '../../../report/schema-errors.ts';

const install = '[Install]\nWantedBy=default.target\n';
const limitless = '[Unit]\nStartLimitIntervalSec=0\n';

/** What is read of a service in the document. */
interface Told {
  readonly unit: string;
  readonly active?: string;
  readonly restarts?: number;
  readonly since?: string;
  readonly lastFall?: string;
  readonly lastRestart?: string;
}

/** `falls`: it runs long and waits shortly, so that it is mostly seen in its runs; `waits`: the other way round. */
const units = {
  falls: `${limitless}[Service]\nExecStart=/bin/sh -c "sleep 4; exit 7"\nRestart=always\nRestartSec=100ms\n`,
  waits: `${limitless}[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=2\n`,
  // It works in this way.
  rounds: `${limitless}[Service]\nExecStart=/bin/sleep 1\nRestart=always\nRestartSec=100ms\n`,
  // It has fallen until somebody mends and restarts it, while it waits for a restart.
  mended: `${limitless}[Service]\nExecStart=/bin/sh -c "test -e %h/well || exit 7; exec sleep infinity"\nRestart=always\nRestartSec=1500ms\n`,
  hopeless: `[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n[Service]\nExecStart=/bin/sh -c "sleep 1; exit 7"\nRestart=always\nRestartSec=3\n`,
  steady: '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=100ms\n',
} as const;

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('service-down', { name: 'crash-loop', systemd, users: ['kuma'] }, lab => {
    test('tells a crash loop in both of its halves, and nothing else for one', {
      timeout: 240_000,
    }, async () => {
      const host = await lab.host();
      const files = Object.entries(units).map(
        ([name, text]) => `cat > ${name}.service <<'END'\n${text}${install}END\n`,
      );
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
${files.join('')}
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now ${Object.keys(units).join(' ')}
         systemctl --user kill --signal=KILL steady
         until [ "$(systemctl --user show --property=NRestarts --value mended)" -ge 3 ]; do sleep 0.2; done
         until [ "$(systemctl --user show --property=SubState --value mended)" = auto-restart ]; do sleep 0.05; done
         touch ~/well
         systemctl --user restart mended`,
      );
      const looked = await findingsOf(host, 'service-down');
      expect(looked.map(({ unit }) => unit)).not.toContain('mended.service');
      const show = 'systemctl --user show --property=NRestarts,SubState --value falls';
      await waitFor('a run of what has fallen four times', 60_000, async () => {
        const [count, state] = (await asKuma(host, show)).trim().split('\n').toSorted();
        return (Number(count) >= 4 && state === 'running') || undefined;
      });
      const status = ['node', '/opt/daruma/bin/daruma.cjs', 'status', '--json'];
      const about = (list: readonly Told[], name: string) =>
        list.find(({ unit }) => unit === `${name}.service`);
      // On a busy machine a look may take as long as a run.
      const document = await waitFor('a look at it while it runs', 60_000, async () => {
        const seen = JSON.parse((await host.exec(status, { user: 'kuma' })).stdout);
        expect(schemaErrors('status', seen)).toEqual([]);
        return about(seen.units, 'falls')?.active === 'active' ? seen : undefined;
      });
      const falls = about(document.down, 'falls');
      expect(falls).toMatchObject({ how: 'looping', result: 'exit-code', code: 'exited', status: '7' });
      expect(falls).toMatchObject({ log: expect.arrayContaining([expect.stringContaining('status=7')]) });
      const { restarts, since, lastRestart } = falls ?? {};
      expect(restarts).toBeGreaterThanOrEqual(4);
      expect(Date.parse(lastRestart ?? '') - Date.parse(since ?? '')).toBeGreaterThanOrEqual(8_000);
      await asKuma(host, 'until systemctl --user --quiet is-failed hopeless; do sleep 0.2; done');
      const { down } = JSON.parse((await host.exec(status, { user: 'kuma' })).stdout);
      const hopeless = about(down, 'hopeless');
      expect(hopeless).toMatchObject({ how: 'gave-up', mayHaveBegunEarlier: false });
      // Three falls, four seconds apart, and three seconds later systemd gave up.
      const between = Date.parse(hopeless?.lastFall ?? '') - Date.parse(hopeless?.since ?? '');
      expect(between).toBeGreaterThanOrEqual(7_000);
      expect(between).toBeLessThan(10_500);
      const gaveUp = await asKuma(
        host,
        'date --date="$(systemctl --user show --property=InactiveEnterTimestamp --value hopeless)" +%s',
      );
      expect(Number(gaveUp) - Date.parse(hopeless?.lastFall ?? '') / 1_000).toBeGreaterThanOrEqual(2);
      await waitFor('four restarts of the other', 30_000, async () => {
        const count = await asKuma(host, 'systemctl --user show --property=NRestarts --value waits');
        return Number(count) >= 4 || undefined;
      });
      expect(await findingsOf(host, 'service-down')).toMatchObject([
        { unit: 'falls.service', severity: 'critical' },
        { unit: 'hopeless.service', severity: 'critical' },
        { unit: 'rounds.service', severity: 'info' },
        { unit: 'waits.service', severity: 'critical' },
      ]);
      const human = await host.exec(status.slice(0, -1), { user: 'kuma' });
      expect(human.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /falls\.service keeps falling, first at [\d-]+ [\d:]+ UTC and last at [\d-]+ [\d:]+ UTC: systemd has restarted it \d+ times; at its last end it exited with status 7/,
      );
    });

    test('tells a kill from the starts that fail after it, and check agrees with status', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      const unit = `${limitless}[Service]\nEnvironmentFile=%h/environment\nExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=5\n`;
      await asKuma(
        host,
        `touch ~/environment
         cat > ~/.config/systemd/user/lacking.service <<'END'\n${unit}${install}END
         systemctl --user daemon-reload
         systemctl --user --quiet enable --now lacking
         sleep 1
         rm ~/environment
         systemctl --user kill --kill-who=main --signal=KILL lacking`,
      );
      const told = async () =>
        (await findingsOf(host, 'service-down')).find(each => each.unit === 'lacking.service');
      expect(await told()).toMatchObject({ severity: 'critical' });
      expect((await told())?.message).toMatch(/is down.*(?:was ended by SIGKILL|its last start failed)/);
      await waitFor('three restarts', 60_000, async () => {
        const count = await asKuma(host, 'systemctl --user show --property=NRestarts --value lacking');
        return Number(count) >= 3 || undefined;
      });
      const loop = await told();
      expect(loop).toMatchObject({ severity: 'critical' });
      expect(loop?.message).toMatch(
        /keeps failing to start, first at .* it could not be run: .*; before those starts, at [\d-]+ [\d:]+ UTC, it was ended by SIGKILL/,
      );
      await asKuma(
        host,
        `systemctl --user stop lacking; touch ~/environment; systemctl --user start lacking; sleep 1
         systemctl --user kill --kill-who=main --signal=KILL lacking; sleep 2; systemctl --user stop lacking`,
      );
      const document = JSON.parse(
        (await host.exec(['node', '/opt/daruma/bin/daruma.cjs', 'status', '--json'], { user: 'kuma' }))
          .stdout,
      );
      expect(schemaErrors('status', document)).toEqual([]);
      expect(document.units.find((each: Told) => each.unit === 'lacking.service')).toMatchObject({
        fallBeforeStop: { at: expect.any(String), result: 'signal', code: 'killed', status: 'KILL' },
      });
    });
  });
});
