/**
 * `daruma fix` on real hosts: the example that started it all, with stand-ins for its programs, ended in every way that a
 * unit file can cover; and taken back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const user = 'azureuser';
const home = `/home/${user}`;
const standIn = '/opt/daruma/test/fix/stand-in.cjs';
const programs = [
  `${home}/.local/bin/litellm`,
  `${home}/.local/bin/copilot-api`,
  '/usr/lib/node_modules/openclaw/dist/index.js',
  '/usr/local/bin/curl',
];
const services = ['litellm', 'copilot-api', 'openclaw-gateway'];
const ports = ['4000', '4141', '18789'];

describe.concurrent.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('a fixed example', { name: 'neko', systemd, users: [user] }, lab => {
    test('gets up from every fall that is really done to it, and is as before when it is taken back', {
      timeout: 400_000,
    }, async () => {
      const host = await lab.host();
      await install(host);
      const before = await snapshot(host);
      await staysDownWithoutTheFix(host);

      const fixed = await daruma(host, 'fix', '--yes');
      expect(fixed).toMatchObject({ code: 0, stderr: '' });
      expect(await uncovered(host)).toEqual([]);
      expect(await show(host, 'Restart')).toEqual(['always', 'always', 'always']);
      expect(await show(host, 'NeedDaemonReload')).toEqual(['no', 'no', 'no']);
      const after = await snapshot(host);
      expect((await daruma(host, 'fix', '--yes')).stdout).toContain('nothing that daruma can put right');
      expect(await snapshot(host)).toEqual(after);

      for (const signal of ['TERM', 'KILL']) {
        await comesBack(host, signal, async pids => void (await exec(host, 'kill', `-${signal}`, ...pids)));
      }
      for (const status of ['0', '1']) {
        await comesBack(host, `exit ${status}`, () => askAll(host, `/exit/${status}`));
      }
      // More than the five starts that systemd allows by default; the gateway's hook waits half a minute at each.
      await comesBack(host, 'a crash loop', async pids => {
        for (const [index, port] of ports.entries()) {
          await host.writeFile(`${home}/crashes/${port}`, index === 2 ? '2' : '6', { user });
        }
        await exec(host, 'kill', '-KILL', ...pids);
      });

      const running = await allUp(host, 'before the logout');
      const login = await host.exec(['su', '-', user, '-c', 'echo in']);
      expect(login.stdout).toContain('in');
      await sleep(2_000);
      expect(await pidsOf(host)).toEqual(running);

      await host.reboot();
      await allUp(host, 'after the reboot');

      expect(await daruma(host, 'undo')).toMatchObject({ code: 0, stderr: '' });
      expect(await snapshot(host)).toEqual(before);
      expect(await show(host, 'Restart')).toEqual(['on-failure', 'on-failure', 'always']);
      expect(await show(host, 'NeedDaemonReload')).toEqual(['no', 'no', 'no']);
    });
  });
});

describeLab('lingering', { name: 'linger' }, lab => {
  test('is turned on and off again where that is allowed', { timeout: 60_000 }, async () => {
    const host = await lab.host();
    await host.exec(['systemctl', 'start', 'user@0.service']);
    await host.writeFile('/root/.config/systemd/user/agent.service', agent);
    const asRoot = (...args: readonly string[]) =>
      host.exec([
        'env',
        'XDG_RUNTIME_DIR=/run/user/0',
        'node',
        '/opt/daruma/src/cli/main.ts',
        '--user',
        ...args,
      ]);
    expect(await asRoot('fix', '--yes')).toMatchObject({ code: 0 });
    expect(await lingers(host, 'root')).toBe('yes');
    expect(await asRoot('undo')).toMatchObject({ code: 0 });
    expect(await lingers(host, 'root')).toBe('no');
  });

  test('is left to an administrator where it is refused, and all else is done', {
    timeout: 60_000,
  }, async () => {
    const host = await lab.host();
    await host.addUser('kuma', { linger: false });
    await host.writeFile(
      '/etc/systemd/system/systemd-logind.service.d/refuse.conf',
      '[Service]\nReadOnlyPaths=/var/lib/systemd/linger\n',
    );
    await host.exec(['mkdir', '-p', '/var/lib/systemd/linger']);
    await host.exec(['systemctl', 'daemon-reload']);
    await host.exec(['systemctl', 'restart', 'systemd-logind']);
    const { stdout: uid } = await host.exec(['id', '-u', 'kuma']);
    await host.exec(['systemctl', 'start', `user@${uid.trim()}.service`]);
    await host.writeFile('/home/kuma/.config/systemd/user/agent.service', agent, { user: 'kuma' });
    const command = ['node', '/opt/daruma/src/cli/main.ts', 'fix', '--yes'];
    const { code, stdout } = await host.exec(command, { user: 'kuma' });
    expect(code).toBe(3);
    expect(stdout).toContain('Run it yourself: sudo loginctl enable-linger kuma');
    expect(await lingers(host, 'kuma')).toBe('no');
    const shown = await host.exec(['systemctl', '--user', 'show', '-P', 'Restart', 'agent'], {
      user: 'kuma',
    });
    expect(shown.stdout).toBe('always\n');
    await host.exec(['touch', '/var/lib/systemd/linger/kuma']);
    expect(await host.exec(command, { user: 'kuma' })).toMatchObject({ code: 0 });
  });
});

const agent = '[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=default.target\n';

async function lingers(host: Host, name: string): Promise<string> {
  const { stdout } = await host.exec([
    'sh',
    '-c',
    `test -e /var/lib/systemd/linger/${name} && echo yes || echo no`,
  ]);
  return stdout.trim();
}

async function install(host: Host): Promise<void> {
  await host.exec(['cp', '-a', `/opt/daruma/examples/neko${home}/.`, home]);
  await host.exec(['ln', '-sf', '/usr/local/bin/node', '/usr/bin/node']);
  for (const program of programs) await host.exec(['install', '-D', '-m', '755', standIn, program]);
  await host.exec(['chown', '-R', `${user}:`, home]);
  await exec(host, 'systemctl', '--user', 'daemon-reload');
  await exec(host, 'systemctl', '--user', 'start', ...services);
  await allUp(host, 'after the start');
}

async function staysDownWithoutTheFix(host: Host): Promise<void> {
  const [pid = ''] = await allUp(host, 'before the fix');
  await exec(host, 'kill', '-TERM', pid);
  await sleep(1_500);
  expect((await show(host, 'ActiveState'))[0]).toBe('inactive');
  await exec(host, 'systemctl', '--user', 'start', 'litellm');
}

/** Ends all three at once, and waits until others answer in their place. */
async function comesBack(
  host: Host,
  what: string,
  end: (pids: readonly string[]) => Promise<void>,
): Promise<void> {
  const old = await allUp(host, `before ${what}`);
  await end(old);
  await waitFor(`all of them after ${what}`, 150_000, async () => {
    const pids = await pidsOf(host);
    return pids?.every(pid => !old.includes(pid)) || undefined;
  });
}

function allUp(host: Host, when: string): Promise<readonly string[]> {
  return waitFor(`all services ${when}`, 60_000, async () => (await pidsOf(host)) ?? undefined);
}

/** The processes that answer, in the order of `services`; undefined when one of them does not. */
async function pidsOf(host: Host): Promise<readonly string[] | undefined> {
  const { stdout } = await exec(host, 'node', standIn, 'ask', ...ports);
  const pids = stdout.trim().split(' ');
  return pids.length === ports.length && pids.every(pid => /^\d+$/.test(pid)) ? pids : undefined;
}

async function askAll(host: Host, path: string): Promise<void> {
  await exec(host, 'node', standIn, 'ask', ...ports.map(port => `${port}${path}`));
}

/** Falls that leave a service down, but for a hang and the end of the user manager, which no unit of the user's covers. */
async function uncovered(host: Host): Promise<readonly string[]> {
  const { stdout } = await daruma(host, 'status', '--json');
  const { units }: { units: readonly { unit: string; falls: Record<string, { getsUp: unknown }> }[] } =
    JSON.parse(stdout);
  expect(units).toHaveLength(services.length);
  return units.flatMap(({ unit, falls }) =>
    Object.entries(falls)
      .filter(([fall, { getsUp }]) => getsUp !== true && fall !== 'hang' && fall !== 'managerKill')
      .map(([fall]) => `${unit} ${fall}`),
  );
}

/** Every file of the home that a fix could touch: kind, permissions, target, content. */
async function snapshot(host: Host): Promise<string> {
  const { stdout } = await exec(
    host,
    'sh',
    '-c',
    'cd && find .config .openclaw -printf "%p %y %m %l\\n" -type f -exec sha256sum {} + | sort',
  );
  return stdout;
}

async function show(host: Host, property: string): Promise<readonly string[]> {
  const values = services.map(async service => {
    const { stdout } = await exec(host, 'systemctl', '--user', 'show', '-P', property, service);
    return stdout.trim();
  });
  return Promise.all(values);
}

function daruma(host: Host, ...args: readonly string[]) {
  return exec(host, 'node', '/opt/daruma/src/cli/main.ts', ...args);
}

function exec(host: Host, ...argv: readonly string[]) {
  return host.exec(argv, { user });
}
