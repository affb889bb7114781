/** What a fix needs privilege for, and what interrupts a service: on a real host. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const timeout = 60_000;
const agent =
  '[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=multi-user.target default.target\n';
const main = '/opt/daruma/src/cli/main.ts';

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
    expect(done.stdout).toContain('Restarting: agent.service.');
    await waitFor('the restart', 10_000, async () => {
      const pid = await pidOf(host, unit);
      return (pid !== '0' && pid !== before) || undefined;
    });
    expect(await pidOf(host, 'stopped.service')).toBe('0');
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
