import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootHost } from '../../lab/host.ts';
import { cachedRoot, machineSystemd } from '../../lab/root-file-system.ts';
import { describeLab } from '../../lab/vitest.ts';
import { tracesOf } from './traces.ts';

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('a host', { name: 'daruma', systemd, users: ['kuma'] }, lab => {
    test('runs that systemd as PID 1, with nothing failed', async () => {
      const host = await lab.host();
      const { stdout } = await host.exec(['systemctl', '--version']);
      expect(stdout).toMatch(new RegExp(`^systemd ${systemd} `));
      expect(await host.exec(['systemctl', 'is-system-running'])).toMatchObject({
        stdout: 'running\n',
        code: 0,
      });
      expect(await host.exec(['hostname'])).toMatchObject({ stdout: 'daruma\n' });
    });

    test('gives a user a manager that lingers', async () => {
      const host = await lab.host();
      const asKuma = { user: 'kuma' };
      const waited = ['systemctl', '--user', 'is-system-running', '--wait'];
      expect(await host.exec(waited, asKuma)).toMatchObject({ stdout: 'running\n' });
      await host.writeFile(
        '/home/kuma/.config/systemd/user/hello.service',
        '[Service]\nType=oneshot\nExecStart=/usr/bin/touch %h/hello\n',
        asKuma,
      );
      expect(await host.exec(['systemctl', '--user', 'start', 'hello'], asKuma)).toMatchObject({ code: 0 });
      expect(existsSync(join(host.rootDir, 'home/kuma/hello'))).toBe(true);
    });

    test('opens a login session for su', async () => {
      const host = await lab.host();
      const { stdout } = await host.exec(['su', '-', 'kuma', '-c', 'cat /proc/self/cgroup']);
      expect(stdout).toMatch(/\/user\.slice\/user-\d+\.slice\/session-\w+\.scope/);
    });

    test('has this Node and this checkout, read-only', async () => {
      const host = await lab.host();
      const { stdout } = await host.exec(['node', '--version'], { user: 'kuma' });
      expect(stdout.trim()).toBe(process.version);
      expect(await host.exec(['test', '-f', '/opt/daruma/package.json'])).toMatchObject({ code: 0 });
      expect(await host.exec(['touch', '/opt/daruma/package.json'])).toMatchObject({ code: 1 });
    });

    test('keeps files and users over a reboot', async () => {
      const host = await lab.host();
      await host.writeFile('/var/lib/mark', 'before');
      const bootedAt = async () =>
        (await host.exec(['systemctl', 'show', '-P', 'UserspaceTimestampMonotonic'])).stdout;
      const first = await bootedAt();
      await host.reboot();
      expect(await bootedAt()).not.toBe(first);
      expect(readFileSync(join(host.rootDir, 'var/lib/mark'), 'utf8')).toBe('before');
      const waited = ['systemctl', '--user', 'is-system-running', '--wait'];
      expect(await host.exec(waited, { user: 'kuma' })).toMatchObject({ stdout: 'running\n' });
    });

    test('writes nothing to the root file system below it', async () => {
      const host = await lab.host();
      await host.writeFile('/var/lib/daruma-lab-mark', 'above');
      const below = systemd === machineSystemd() ? '/' : cachedRoot(systemd);
      expect(existsSync(join(below, 'var/lib/daruma-lab-mark'))).toBe(false);
      expect(existsSync(join(below, 'home/kuma'))).toBe(false);
    });
  });
});

describeLab('a host of the lab', {}, lab => {
  test('answers with output and exit code, whatever the code', async () => {
    const host = await lab.host();
    const result = await host.exec(['sh', '-c', 'cat; echo no >&2; exit 3'], { input: 'yes' });
    expect(result).toEqual({ stdout: 'yes', stderr: 'no\n', code: 3 });
    expect(await host.exec(['sh', '-c', 'kill -KILL $$'])).toMatchObject({ code: 137 });
  });

  test('ends a command that outlasts its time', async () => {
    const host = await lab.host();
    await expect(host.exec(['sleep', '4711'], { timeoutMs: 200 })).rejects.toThrow('not done after 200 ms');
    expect(await host.exec(['pgrep', '-f', 'sleep 4711'])).toMatchObject({ code: 1 });
  });

  test('comes back after a loss of power with the files it had', async () => {
    const host = await lab.host();
    await host.writeFile('/root/draft', 'half', { mode: 0o600 });
    await host.powerOff();
    expect(host.isRunning()).toBe(false);
    await expect(host.exec(['true'])).rejects.toThrow('is off');
    await host.boot();
    expect(await host.exec(['stat', '-c', '%a %s', '/root/draft'])).toMatchObject({ stdout: '600 4\n' });
  });
});

describeLab('the end of a host', {}, () => {
  test('leaves no process, mount, network namespace or file', async () => {
    const host = await bootHost();
    expect(tracesOf(host.id)).not.toEqual([]);
    await host[Symbol.asyncDispose]();
    expect(tracesOf(host.id)).toEqual([]);
  });

  test('is complete when the host could not be made', async () => {
    await expect(bootHost({ id: 'misfit', users: ['not a name'] })).rejects.toThrow('useradd');
    expect(tracesOf('misfit')).toEqual([]);
  });
});
