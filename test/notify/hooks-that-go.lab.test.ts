/** What is left of daruma on a real host when the hooks of services go, and what a later installation believes. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const state = `${home}/.local/state/daruma`;
const told = `${home}/told`;

for (const systemd of [247, 257]) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      // It is down for as long as the test takes, and followed all the while.
      const service = '[Service]\nExecStart=/bin/sleep 100000\nRestart=always\nRestartSec=3600\n';
      await write(`${units}/web.service`, `${service}[Install]\nWantedBy=default.target\n`);
      await write(`${home}/tell`, `#!/bin/sh\ncat >> ${told}\n`);
      await host.exec(['chmod', '+x', `${home}/tell`]);
      await write(
        `${home}/.config/daruma/config.yaml`,
        `notify:\n  channels:\n    - {type: command, command: [${home}/tell]}\n`,
      );
      await systemctl('daemon-reload');
      await systemctl('enable', '--now', 'web');
    }, 120_000);

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await host.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    async function daruma(...args: readonly string[]): Promise<string> {
      const command = ['node', '/opt/daruma/bin/daruma.cjs', ...args];
      const { code, stdout, stderr } = await host.exec(command, { user: 'kuma' });
      // What is pending of a fall is not told without hooks, which is said.
      const untold = /^(?:daruma: what was seen of [^\n]* was not told yet[^\n]*\n)?$/;
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: expect.stringMatching(untold) });
      return stdout;
    }

    const activeState = async (unit: string) =>
      (await systemctl('show', '-p', 'ActiveState', '--value', unit)).trim();
    const untilState = (unit: string, wanted: string, limitMs: number) =>
      waitFor(
        `${unit} to be ${wanted}`,
        limitMs,
        async () => (await activeState(unit)) === wanted || undefined,
      );
    const exists = async (file: string) => (await host.exec(['ls', '-d', file])).code === 0;
    const text = () => fs.readFileSync(path.join(host.rootDir, told), 'utf8');
    const followed = async () => {
      await systemctl('kill', '--kill-who=main', '--signal=KILL', 'web');
      await untilState('daruma-outbox', 'active', 30_000);
      await waitFor('the sign to be taken', 30_000, async () => {
        const status = JSON.parse(await daruma('notify', 'status', '--json'));
        return status.incidents.length === 1 ? true : undefined;
      });
    };

    test('that nothing wakes daruma is said, with the command that starts what does', {
      timeout: 120_000,
    }, async () => {
      await daruma('notify', 'install', 'web', '--yes');
      expect(JSON.parse(await daruma('notify', 'status', '--json')).stopped).toBeUndefined();
      const wakers = ['daruma-outbox.path', 'daruma-outbox.timer'] as const;
      await systemctl('stop', ...wakers);
      expect(JSON.parse(await daruma('notify', 'status', '--json')).stopped).toEqual(wakers);
      const command = ['node', '/opt/daruma/bin/daruma.cjs', 'notify', 'install', 'web', '--yes'];
      const { code, stdout } = await host.exec(command, { user: 'kuma' });
      const [, start = ''] = /: "(.*)"$/m.exec(stdout.replaceAll(/\s+/g, ' ').trim()) ?? [];
      expect([code, start]).toEqual([3, `systemctl --user start ${wakers.join(' ')}`]);
      await host.exec(['sh', '-c', start], { user: 'kuma' });
      expect(await Promise.all(wakers.map(activeState))).toEqual(['active', 'active']);
      // What somebody has stopped before is not started by the undo of the removal.
      await systemctl('stop', 'daruma-outbox.timer');
      await daruma('notify', 'uninstall', '--yes');
      await daruma('undo');
      expect(await Promise.all(wakers.map(activeState))).toEqual(['active', 'inactive']);
      await daruma('notify', 'uninstall', '--yes');
    });

    test('the undo of the first installation leaves what the second needs, and its falls are told', {
      timeout: 240_000,
    }, async () => {
      const late = '[Service]\nExecStart=/bin/sleep 100000\nRestart=always\n';
      await host.writeFile(`${units}/late.service`, late, { user: 'kuma' });
      await systemctl('daemon-reload');
      await systemctl('start', 'late');
      for (const unit of ['web', 'late']) await daruma('notify', 'install', unit, '--yes');
      const { fixes } = JSON.parse(await daruma('undo', '--list', '--json'));
      const command = ['node', '/opt/daruma/bin/daruma.cjs', 'undo', fixes.at(-2).id];
      const { code, stdout } = await host.exec(command, { user: 'kuma' });
      expect([code, stdout]).toEqual([3, expect.stringMatching(/late\.service\.d\/\S+ needs\s+it/)]);
      const wakers = ['daruma-outbox.path', 'daruma-outbox.timer'];
      expect(await Promise.all(wakers.map(activeState))).toEqual(['active', 'active']);
      await systemctl('kill', '--kill-who=main', '--signal=KILL', 'late');
      await waitFor(
        'the message',
        60_000,
        async () => ((await exists(told)) && text().includes('late restarted')) || undefined,
      );
      for (const _ of ['late', 'the rest']) await daruma('undo');
      expect(await Promise.all(wakers.map(activeState))).toEqual(['inactive', 'inactive']);
      expect((await host.exec(['sh', '-c', `ls -R ${units} | grep -c daruma`])).stdout.trim()).toBe('0');
      await systemctl('stop', 'late');
    });

    test.each(['undo', 'notify uninstall --yes'])(
      'nothing of daruma runs after %s, and nothing is believed later',
      {
        timeout: 240_000,
      },
      async command => {
        await daruma('notify', 'install', 'web', '--yes');
        await followed();
        expect(await activeState('daruma-outbox')).toBe('active');
        await daruma(...command.split(' '));
        // Otherwise it follows the service for minutes.
        await untilState('daruma-outbox', 'inactive', 20_000);
        const { stdout } = await host.exec([
          'sh',
          '-c',
          'cat /proc/[0-9]*/cmdline | tr "\\0" "\\n" | grep -cx "[a]wait"',
        ]);
        expect(stdout.trim()).toBe('0');
        const uid = (await host.exec(['id', '-u'], { user: 'kuma' })).stdout.trim();
        const seen = `/run/user/${uid}/daruma-seen`;
        for (const file of [`${state}/spool`, `${state}/waiting`, `${state}/states`, seen]) {
          expect([file, await exists(file)]).toEqual([file, false]);
        }
        const failed = await systemctl('list-units', '--failed', '--no-legend', 'daruma*');
        expect(failed).toBe('');

        await host.reboot();
        fs.rmSync(path.join(host.rootDir, told), { force: true });
        await daruma('notify', 'install', 'web', '--yes');
        // The minute's look, without the wait for it.
        await systemctl('start', 'daruma-outbox');
        await waitFor('a look of daruma', 60_000, async () => (await exists(seen)) || undefined);
        const status = JSON.parse(await daruma('notify', 'status', '--json'));
        expect(status).toMatchObject({ incidents: [], channels: [{ waiting: 0 }], signs: 0 });
        // What comes afterwards is told, and nothing before it.
        await daruma('notify', 'send', 'the', 'first', 'word');
        expect(text()).toContain('the first word');
        expect(text()).not.toMatch(/machine|neko was|web/);
        await daruma('notify', 'uninstall', '--yes');
      },
    );
  });
}
