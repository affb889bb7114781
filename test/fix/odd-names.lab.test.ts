/** Services whose names look like options, or hold what a shell or an escape could take amiss: on a real host. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const timeout = 240_000;
const user = 'kuma';
const home = '/home/kuma';
const main = '/opt/daruma/bin/daruma.cjs';
const names = [
  '-Hevil.service',
  '--user.service',
  '-.service',
  String.raw`a\x2db.service`,
  'a@b.service',
  'a_b.service',
];

/** Its program never sends keep-alives: a fix takes the watchdog away, and that counts from the next start. */
const watched = `[Service]
ExecStart=${home}/.local/bin/litellm --host 127.0.0.1
Restart=always
RestartSec=1
WatchdogSec=1h

[Install]
WantedBy=default.target
`;

describeLab('services with odd names', { name: 'odd', users: [user] }, lab => {
  test('are fixed, restarted, told of and taken back like all others', { timeout }, async () => {
    const host = await lab.host();
    await host.exec(['loginctl', 'enable-linger', user]);
    await host.writeFile(`${home}/.local/bin/litellm`, '#!/bin/sh\nexec sleep infinity\n', {
      user,
      mode: 0o755,
    });
    const files = names.map(name => name.replace('@b', '@'));
    for (const file of files) await host.writeFile(`${home}/.config/systemd/user/${file}`, watched, { user });
    await host.writeFile(
      `${home}/.config/daruma/config.yaml`,
      `notify: {channels: [{type: command, name: '${'猫'.repeat(27)}', command: [sh, -c, 'cat >> ~/letters']}]}\n`,
      { user },
    );
    await host.exec(['systemctl', '--user', 'daemon-reload'], { user });
    for (const verb of ['enable', 'start']) {
      expect(await host.exec(['systemctl', '--user', verb, '--', ...names], { user })).toMatchObject({
        code: 0,
      });
    }
    const before = await pidsOf(host);

    const status = await daruma(host, 'status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({
      units: names.toSorted().map(unit => ({ unit, active: 'active' })),
    });
    for (const name of names) expect((await daruma(host, 'explain', '--', name)).code).toBe(0);

    const fixed = await daruma(host, 'fix', '--yes', '--restart', '--', ...names);
    expect(fixed).toMatchObject({ code: 0 });
    await waitFor('the restarts', 30_000, async () => {
      const now = await pidsOf(host);
      return names.every(name => now.get(name) !== '0' && now.get(name) !== before.get(name)) || undefined;
    });

    const installed = await daruma(host, 'notify', 'install', '--yes', '--', ...names);
    expect(installed).toMatchObject({ code: 0 });
    const restarted = await host.exec(['systemctl', '--user', 'restart', '--', ...names], { user });
    expect(restarted).toMatchObject({ code: 0 });
    for (const pid of (await pidsOf(host)).values()) await host.exec(['kill', '-9', pid]);
    await waitFor('a message about each', 120_000, async () => {
      const { stdout } = await host.exec(['cat', `${home}/letters`], { user });
      return names.every(name => stdout.includes(name.replace(/\.service$/, ''))) || undefined;
    });

    for (let undone = 0; undone < 2; undone += 1) {
      expect(await daruma(host, 'undo')).toMatchObject({ code: 0 });
    }
    const { stdout } = await host.exec(['find', `${home}/.config/systemd/user`, '-name', '*daruma*'], {
      user,
    });
    expect(stdout).toBe('');
  });
});

function daruma(host: Host, ...args: readonly string[]) {
  return host.exec(['node', main, ...args], { user });
}

async function pidsOf(host: Host): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await host.exec(['systemctl', '--user', 'show', '-P', 'MainPID', '--', ...names], {
    user,
  });
  const pids = stdout.split(/\n+/).filter(line => line !== '');
  return new Map(names.map((name, index) => [name, pids[index] ?? '']));
}
