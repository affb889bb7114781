/** That hooks neither keep a unit from being loaded nor others from starting: on real hosts. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const timeout = 120_000;
const units = '/home/kuma/.config/systemd/user';

for (const systemd of [247, 257]) {
  describeLab(`systemd ${systemd}`, { name: 'unharmed', systemd, users: ['kuma'] }, lab => {
    let host: Host;

    const write = (name: string, content: string) =>
      host.writeFile(`${units}/${name}`, content, { user: 'kuma' });
    const systemctl = (...args: readonly string[]) =>
      host.exec(['systemctl', '--user', ...args], { user: 'kuma' });
    const daruma = (...args: readonly string[]) =>
      host.exec(['node', '/opt/daruma/bin/daruma.cjs', ...args], { user: 'kuma' });
    const show = async (unit: string, property: string) =>
      (await systemctl('show', '-p', property, '--value', unit)).stdout.trim();

    beforeAll(async () => {
      host = await lab.host();
    }, timeout);

    test('a unit that isolates another one when it fails is loaded, started again, and told of', {
      timeout,
    }, async () => {
      await write('rescue2.target', '[Unit]\nAllowIsolate=yes\n');
      const sole = '[Unit]\nOnFailure=rescue2.target\nOnFailureJobMode=isolate\n';
      await write(
        'web.service',
        `${sole}[Service]\nExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=1\n`,
      );
      await systemctl('daemon-reload');
      await systemctl('start', 'web');
      const { code, stdout } = await daruma('notify', 'install', 'web', '--yes');
      expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
        0,
        expect.stringContaining('web.service: no OnFailure=, since its OnFailureJobMode='),
      ]);
      expect(await show('web', 'LoadState')).toBe('loaded');
      expect(await show('web', 'OnFailure')).toBe('rescue2.target');
      const run = await show('web', 'InvocationID');
      await systemctl('kill', '--signal=KILL', 'web');
      await waitFor('the restart', 10_000, async () => {
        const isNew = (await show('web', 'InvocationID')) !== run;
        return (isNew && (await show('web', 'ActiveState')) === 'active') || undefined;
      });
      await daruma('notify', 'uninstall', '--yes');
    });

    test('what systemd refuses after a change is taken back at once, and that is said', {
      timeout,
    }, async () => {
      await write('stale.service', '[Service]\nExecStart=/bin/sleep infinity\n');
      await systemctl('daemon-reload');
      await systemctl('start', 'stale');
      // The manager has not read this yet, and refuses it when it does.
      await write('stale.service', '[Service]\nExecStart=/bin/sleep infinity\nExecStart=/bin/sleep 1\n');
      const { code, stderr } = await daruma('notify', 'install', 'stale', '--yes');
      expect(code).toBe(3);
      expect(stderr.trim().split('\n')).toEqual([
        'daruma: stale.service: systemd no longer loads it after the change (LoadState=bad-setting); everything is as it was before',
      ]);
      expect((await host.exec(['ls', `${units}/stale.service.d`])).code).not.toBe(0);
      expect((await daruma('notify', 'status')).code).toBe(0);
      await systemctl('stop', 'stale');
      await host.exec(['rm', `${units}/stale.service`]);
      await systemctl('daemon-reload');
    });

    test('a start waits for the hook, so that it fails with a process that fails at once, and that is said', {
      timeout,
    }, async () => {
      await write('brief.service', "[Service]\nExecStart=/bin/sh -c 'exit 1'\n");
      await write('later.service', "[Service]\nExecStart=/bin/sh -c 'sleep 2; exit 1'\n");
      await systemctl('daemon-reload');
      expect((await systemctl('start', 'brief')).code).toBe(0);
      const { code, stdout } = await daruma('notify', 'install', 'brief', 'later', '--yes');
      expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
        0,
        expect.stringContaining('"systemctl start" and "restart" now wait for the hook, and fail where'),
      ]);
      await systemctl('reset-failed', 'brief');
      expect((await systemctl('start', 'brief')).code).toBe(1);
      expect((await systemctl('start', 'later')).code).toBe(0);
      await daruma('notify', 'uninstall', '--yes');
    });

    test('what requires a service that ends at its first start is started with hooks as it is without', {
      timeout,
    }, async () => {
      const first = 'test -e %t/second && exec sleep infinity; touch %t/second; exit 1';
      await write(
        'flaky.service',
        `[Service]\nExecStart=/bin/sh -c '${first}'\nRestart=always\nRestartSec=2\n`,
      );
      await write(
        'dep.service',
        '[Unit]\nRequires=flaky.service\nAfter=flaky.service\n[Service]\nExecStart=/bin/sleep infinity\n',
      );
      await systemctl('daemon-reload');
      const outcome = async () => {
        await systemctl('stop', 'dep', 'flaky');
        await host.exec(['sh', '-c', 'rm -f $XDG_RUNTIME_DIR/second'], { user: 'kuma' });
        const { code } = await systemctl('start', 'dep');
        // The first run may still be up when it is looked at, and with the restart dep is restarted, too.
        await waitFor('both after the restart', 15_000, async () => {
          const restarts = Number(await show('flaky', 'NRestarts'));
          const { code: notUp } = await systemctl('is-active', 'flaky', 'dep');
          return (restarts > 0 && notUp === 0) || undefined;
        }).catch(() => {});
        return [code, await show('dep', 'ActiveState')];
      };
      expect(await outcome()).toEqual([0, 'active']);
      await host.writeFile(
        '/home/kuma/.config/daruma/config.yaml',
        'notify: {channels: [{type: command, command: [sh, -c, "cat >> ~/told"]}]}\n',
        { user: 'kuma' },
      );
      const { code, stdout } = await daruma('notify', 'install', 'flaky', 'dep', '--yes');
      expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
        0,
        expect.stringContaining('flaky.service: no ExecStartPost=, since other units require it'),
      ]);
      expect(await show('flaky', 'ExecStartPost')).toBe('');
      expect(await show('dep', 'ExecStartPost')).not.toBe('');
      expect(await outcome()).toEqual([0, 'active']);
      const told = await waitFor('the restart to be told', 60_000, async () => {
        const { stdout: letters } = await host.exec(['cat', '/home/kuma/told']);
        return /flaky restarted\n/.test(letters) ? letters : undefined;
      });
      expect(told).toContain('flaky.service exited with status 1.\n');
    });
  });
}
