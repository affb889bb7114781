/** What is told of a whole machine, and of the run that ended, on real hosts. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const home = '/home/kuma';
const units = `${home}/.config/systemd/user`;
const told = `${home}/told`;
const command = ['node', '/opt/daruma/bin/daruma.cjs', 'notify'];

for (const systemd of [247, 257]) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'], slow: systemd === 247 }, lab => {
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      await write(
        `${units}/web.service`,
        '[Service]\nExecStart=/bin/sh -c \'printf "\\\\033[31mrun of $$$$\\\\033[0m\\\\n"; exec sleep 100000\'\nRestart=always\nRestartSec=1\n[Install]\nWantedBy=default.target\n',
      );
      await write(`${home}/tell`, `#!/bin/sh\ncat >> ${told}\n`);
      await host.exec(['chmod', '+x', `${home}/tell`]);
      await write(
        `${home}/.config/daruma/config.yaml`,
        `notify:\n  log: 20\n  channels:\n    - {type: command, command: [${home}/tell]}\n`,
      );
      await systemctl('daemon-reload');
      await systemctl('enable', '--now', 'web');
      await host.exec([...command, 'install', '--yes', 'web'], { user: 'kuma' });
      await host.exec([...command, 'flush'], { user: 'kuma' });
    }, 120_000);

    async function systemctl(...args: readonly string[]): Promise<string> {
      return (await host.exec(['systemctl', '--user', ...args], { user: 'kuma' })).stdout;
    }

    function text(): string {
      const file = path.join(host.rootDir, told);
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    }

    async function next(what: string, pattern: RegExp): Promise<string> {
      return waitFor(what, 150_000, () => (pattern.test(text()) ? text() : undefined));
    }

    function forget(): void {
      fs.rmSync(path.join(host.rootDir, told), { force: true });
    }

    const mainPid = async () => (await systemctl('show', '-p', 'MainPID', '--value', 'web')).trim();

    test('a fall is told with the lines of the run that ended alone, and without its wait', {
      timeout: 240_000,
    }, async () => {
      forget();
      const pid = await mainPid();
      await systemctl('kill', '--kill-who=main', '--signal=KILL', 'web');
      const message = await next('the message', /web restarted/);
      expect(message).toContain(`run of ${pid}\n`);
      expect(message.match(/run of/g)).toHaveLength(1);
      expect(message).not.toContain('\u001B');
      const [, seconds] = /It was down for ([\d.]+) s\./.exec(message) ?? [];
      expect(Number(seconds)).toBeLessThan(4);
    });

    test('falls within seconds are all counted', { timeout: 240_000 }, async () => {
      forget();
      for (let count = 1; count <= 2; count += 1) {
        const pid = await mainPid();
        await systemctl('kill', '--kill-who=main', '--signal=KILL', 'web');
        await waitFor('another run', 20_000, async () => {
          const now = await mainPid();
          return now !== pid && now !== '0' ? true : undefined;
        });
      }
      // The first fall of the test before belongs to the same story.
      expect(await next('the message', /It has fallen/)).toContain('It has fallen 3 times, first at ');
    });

    test('a reboot and a power cut are each told once, and so is the end of a user manager', {
      timeout: 400_000,
    }, async () => {
      forget();
      await host.reboot();
      expect(await next('the reboot', /was rebooted[^]*UTC$/m)).toMatch(
        /was shut down[^]*at most\.\nRunning: web\.\n/,
      );
      forget();
      await host.powerOff();
      await host.boot();
      expect(await next('the power cut', /went down, and is back/)).toMatch(
        /without a shutdown[^]*Running: web\.\n/,
      );
      forget();
      const uid = (await host.exec(['id', '-u', 'kuma'])).stdout.trim();
      // What was written soon after daruma's last look is not the last that was written.
      const toldMs = Date.now();
      await waitFor(
        'time between the look and the end',
        20_000,
        () => Date.now() - toldMs > 8_000 || undefined,
      );
      const killedMs = Date.now();
      // The manager writes a line of it.
      await systemctl('daemon-reload');
      await host.exec(['systemctl', 'kill', '--signal=KILL', `user@${uid}.service`]);
      await waitFor('the manager to be gone', 20_000, async () => {
        const { stdout } = await host.exec([
          'systemctl',
          'show',
          '-p',
          'ActiveState',
          '--value',
          `user@${uid}`,
        ]);
        return /failed|inactive/.test(stdout) ? true : undefined;
      });
      // The system manager then forgets when it saw the manager end.
      await host.exec(['systemctl', 'reset-failed', `user@${uid}.service`]);
      await host.exec(['systemctl', 'start', `user@${uid}.service`]);
      const downMs = Date.now() - killedMs;
      const message = await next('the manager', /user manager/);
      expect(message).toMatch(/crashed or was killed/);
      // From the last line of the manager, and not from daruma's last look or the first line after that.
      const [, seconds] = /It was down for ([\d.]+) s/.exec(message) ?? [];
      expect(Number(seconds) * 1_000).toBeLessThan(downMs + 2_000);
      expect(text().match(/user manager of/g)).toHaveLength(1);
    });

    test('what runs after a reboot and does not answer is not told to be back', {
      timeout: 400_000,
    }, async () => {
      const write = (file: string, content: string) => host.writeFile(file, content, { user: 'kuma' });
      const config = `${home}/.config/daruma/config.yaml`;
      const before = (await host.exec(['cat', config])).stdout;
      const install = '[Install]\nWantedBy=default.target\n';
      await write(`${units}/deaf.service`, `[Service]\nExecStart=/bin/sleep 100000\n${install}`);
      await write(`${home}/program`, '#!/bin/sh\nexec sleep 100000\n');
      await host.exec(['chmod', '+x', `${home}/program`]);
      await write(`${units}/gone.service`, `[Service]\nExecStart=${home}/program\n${install}`);
      await write(
        `${units}/falls.service`,
        `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sh -c '[ -e %h/wanted ] && exec sleep 100000; exit 3'\nRestart=always\nRestartSec=1\n${install}`,
      );
      const unexpected = ['disabled', 'stopped'];
      for (const name of unexpected) {
        await write(
          `${units}/${name}.service`,
          `[Unit]\nConditionPathExists=%h/wanted\n[Service]\nExecStart=/bin/sleep 100000\n${install}`,
        );
      }
      await write(`${home}/wanted`, '');
      // What lies in the user's own folder cannot be masked.
      await host.writeFile(
        '/etc/systemd/user/masked.service',
        `[Service]\nExecStart=/bin/sleep 100000\n${install}`,
      );
      await write(config, `${before}units: {deaf: {probe: {command: ['false'], grace: 20s}}}\n`);
      await systemctl('daemon-reload');
      const all = ['deaf', 'falls', 'gone', 'masked', ...unexpected];
      await systemctl('enable', '--now', ...all);
      await host.exec([...command, 'install', '--yes', ...all], { user: 'kuma' });
      await host.exec([...command, 'flush'], { user: 'kuma' });
      // Enabled, and its program is missing after the boot; the others are not expected to be back.
      await host.exec(['rm', `${home}/program`]);
      await systemctl('disable', 'disabled');
      // It is enabled, and its condition does not hold after the boot.
      await systemctl('stop', 'stopped');
      await host.exec(['rm', `${home}/wanted`]);
      await systemctl('mask', 'masked');
      // That it was stopped is known once its sign is taken.
      await host.exec([...command, 'flush'], { user: 'kuma' });
      forget();
      await host.powerOff();
      await host.boot();
      const message = await waitFor('the power cut', 300_000, () => {
        return /went down, and is back/.test(text()) ? text() : undefined;
      });
      expect(message).toMatch(
        /without a shutdown[^]*Running: web\.\nStarted, but not answering yet: deaf\.\nNot staying up: falls\.\nNot running: gone\.\n/,
      );
      expect(text()).not.toMatch(/disabled|stopped\b|masked/);
      await host.exec([...command, 'uninstall', '--yes', ...all], { user: 'kuma' });
      await systemctl('disable', '--now', 'deaf', 'falls');
      await write(config, before);
    });

    test('what others wrote, and a manager that was shut down earlier in a boot, count for nothing', {
      timeout: 400_000,
    }, async () => {
      await host.exec(['usermod', '-a', '-G', 'adm', 'kuma']);
      const uid = (await host.exec(['id', '-u', 'kuma'])).stdout.trim();
      const manager = `user@${uid}.service`;
      // A logout without lingering ends in the same way.
      await host.exec(['systemctl', 'restart', manager]);
      await systemctl('is-system-running', '--wait');
      await host.exec([...command, 'flush'], { user: 'kuma' });
      forget();
      await host.powerOff();
      await host.boot();
      expect(await next('the power cut', /was rebooted|is back/)).toMatch(/without a shutdown/);
      forget();
      const { stdout: pid } = await host.exec(['systemctl', 'show', '-p', 'MainPID', '--value', manager]);
      await systemctl('daemon-reload');
      await host.exec(['kill', '-9', pid.trim()]);
      const killedMs = Date.now();
      await waitFor('time in which others write', 20_000, () => Date.now() - killedMs > 4_000 || undefined);
      const { stdout: status } = await host.exec([...command, 'status'], { user: 'kuma' });
      expect(status).toContain('nothing is told by itself until the manager runs again');
      expect(status).not.toContain('within a minute');
      await host.exec(['logger', 'a line of somebody else']);
      await host.exec(['systemctl', 'reset-failed', manager]);
      const downMs = Date.now() - killedMs;
      await host.exec(['systemctl', 'start', manager]);
      const message = await next('the manager', /user manager/);
      // What `daruma status` says of its unit while it is down.
      expect(message).toContain(
        `without a shutdown: ${manager} was ended by SIGKILL, sent by itself or from outside.`,
      );
      const [, seconds] = /It was down for ([\d.]+) s/.exec(message) ?? [];
      expect(Number(seconds) * 1_000).toBeGreaterThan(downMs - 500);
    });
  });
}
