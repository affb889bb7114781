/** A real logind: lingering that a fix turns on starts the manager, and what the fix shows at its end is said of that. */
import { expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';

describeLab('lingering', { name: 'linger-begins', systemd: 257, users: ['kuma'] }, lab => {
  test('is followed by a manager, for which fix waits', { timeout: 60_000 }, async () => {
    const host = await lab.host();
    await host.writeFile(
      '/root/.config/systemd/user/agent.service',
      '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n[Install]\nWantedBy=default.target\n',
    );
    // It takes its time to start.
    await host.writeFile(
      '/etc/systemd/system/user@.service.d/late.conf',
      '[Service]\nExecStartPre=+/bin/sleep 2\n',
    );
    await host.exec(['systemctl', 'daemon-reload']);
    const node = (await host.exec(['sh', '-c', 'command -v node'])).stdout.trim();
    const bare = ['env', '-i', 'HOME=/root', 'PATH=/usr/bin:/bin', 'COLUMNS=100'];
    const daruma = [...bare, node, '/opt/daruma/bin/daruma.cjs'];
    const before = JSON.parse((await host.exec([...daruma, 'status', '--json'])).stdout);
    expect(before).toMatchObject({ linger: false, manager: { problem: { code: 'no-runtime-directory' } } });
    const { code, stdout } = await host.exec([...daruma, 'fix', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain('loginctl enable-linger root');
    const table = stdout.slice(stdout.indexOf('Done.'));
    expect(table).toContain('linger on');
    expect(table).not.toMatch(/no runtime directory|from files alone/);
    expect(table).toMatch(/^[●○] agent /m);
  });
});
