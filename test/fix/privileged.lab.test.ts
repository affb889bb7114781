/** What a fix needs privilege for, and what interrupts a service: on a real host. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';

const timeout = 60_000;
const agent =
  '[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=multi-user.target default.target\n';
const main = '/opt/daruma/bin/daruma.cjs';

describeLab('system units', { name: 'system', users: ['kuma'] }, lab => {
  const file = '/etc/systemd/system/agent.service';

  test('are left alone by a user, who is told so before anything is asked or done', { timeout }, async () => {
    const host = await lab.host();
    await host.writeFile(file, agent);
    await host.exec(['systemctl', 'daemon-reload']);
    const { code, stderr } = await host.exec(['node', main, 'fix', '--system', 'agent', '--yes'], {
      user: 'kuma',
    });
    expect(code).toBe(3);
    expect(stderr).toBe(
      'daruma: the drop-ins of system services belong to root (run it again with sudo, or with --dry-run to see it only)\n',
    );
    expect(await restartPolicy(host)).toBe('no');
  });

  test('are put right by root with a drop-in in /etc, and taken back', { timeout }, async () => {
    const host = await lab.host();
    await host.writeFile(file, agent);
    await host.exec(['systemctl', 'daemon-reload']);
    expect(await host.exec(['node', main, 'fix', '--system', 'agent', '--yes'])).toMatchObject({ code: 0 });
    expect(await restartPolicy(host)).toBe('always');
    const { stdout } = await host.exec(['systemctl', 'show', '-P', 'DropInPaths', 'agent']);
    expect(stdout).toBe('/etc/systemd/system/agent.service.d/zz-daruma.conf\n');
    expect(await host.exec(['node', main, 'undo', '--system'])).toMatchObject({ code: 0 });
    expect(await restartPolicy(host)).toBe('no');
  });
});

describeLab('a change that counts only from the next start', { name: 'restart', users: ['kuma'] }, lab => {
  const unit = 'agent.service';
  // Its program never sends keep-alives: the fix takes the watchdog away.
  const watched =
    '[Service]\nExecStart=/home/kuma/.local/bin/litellm --host 127.0.0.1\nRestart=always\nRestartSec=5\nWatchdogSec=1h\n';

  test('is told of, and made to count with --restart, but not for a service that is stopped', {
    timeout,
  }, async () => {
    const host = await lab.host();
    const user = 'kuma';
    const program = '#!/bin/sh\nexec sleep infinity\n';
    await host.writeFile('/home/kuma/.local/bin/litellm', program, { user, mode: 0o755 });
    for (const name of [unit, 'stopped.service']) {
      await host.writeFile(`/home/kuma/.config/systemd/user/${name}`, watched, { user });
    }
    await host.exec(['systemctl', '--user', 'daemon-reload'], { user });
    await host.exec(['systemctl', '--user', 'start', unit], { user });
    const before = await pidOf(host, unit);

    const told = await host.exec(['node', main, 'fix', '--yes', '--dry-run'], { user });
    expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'agent.service: part of this counts only once it is restarted, which interrupts it. Add --restart, or run "systemctl --user restart agent.service" when it suits.',
    );
    expect(told.stdout).not.toContain('stopped.service: part');

    const done = await host.exec(['node', main, 'fix', '--yes', '--restart'], { user });
    expect(done.stdout).toMatch(/Restarted, and up for \d+ s: agent\.service/);
    const after = await pidOf(host, unit);
    expect(after).not.toBe('0');
    expect(after).not.toBe(before);
    expect(await pidOf(host, 'stopped.service')).toBe('0');
  });

  test('is not called done where the service does not come up again', { timeout }, async () => {
    const host = await lab.host();
    const user = 'kuma';
    const file = '/home/kuma/.config/systemd/user/changed.service';
    await host.writeFile(file, '[Service]\nExecStart=/bin/sleep infinity\n', { user });
    await host.exec(['systemctl', '--user', 'daemon-reload'], { user });
    await host.exec(['systemctl', '--user', 'start', 'changed'], { user });
    // The start of a process is known to the second.
    await host.exec(['sleep', '2']);
    await host.writeFile(file, '[Service]\nExecStart=/bin/sh -c "exit 3"\n', { user });
    const rules = ['--only', 'daemon-reload-needed', '--only', 'restart-needed'];
    const fix = ['node', main, 'fix', '--yes', '--restart', ...rules, 'changed'];
    const { code, stdout } = await host.exec(fix, { user });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Restarted, but fallen again or not up, so not settled: changed.service. "daruma undo" takes the change back. The log: $ journalctl --user-unit=changed.service --lines=50',
    );
    expect(code).toBe(3);
  });
});

async function restartPolicy(host: Host): Promise<string> {
  const { stdout } = await host.exec(['systemctl', 'show', '-P', 'Restart', 'agent']);
  return stdout.trim();
}

async function pidOf(host: Host, unit: string): Promise<string> {
  const { stdout } = await host.exec(['systemctl', '--user', 'show', '-P', 'MainPID', unit], {
    user: 'kuma',
  });
  return stdout.trim();
}
