/** `daruma fix` on real hosts where lingering is off, and `daruma undo`: what is refused, what is brought back, what is left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import {
  all,
  asRoot,
  daruma,
  type ExampleHost,
  exec,
  installExample,
  isEnabled,
  lingers,
  services,
  show,
  snapshot,
  uncovered,
  untilUp,
} from '../fix/example-host.ts';

const user = 'kuma';
const units = `/home/${user}/.config/systemd/user`;

describe.concurrent.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('a user who may not turn lingering on', { name: 'kuma', systemd }, lab => {
    test('gets all else, the command for an administrator, and what was there before', {
      timeout: 300_000,
    }, async () => {
      const host = await lab.host();
      await forbidLingering(host);
      await host.addUser(user, { linger: false });
      await stopManagersSoon(host);
      const there = await installExample(host, 'kuma', user);
      await logIn(there);
      await logOut(host);
      await waitFor('the user manager to end with the last session', 30_000, async () => {
        const { stdout } = await host.exec([
          'systemctl',
          'show',
          '--value',
          '-p',
          'ActiveState',
          await managerOf(host),
        ]);
        return stdout === 'inactive\n' || undefined;
      });
      await logIn(there);
      const before = await snapshot(there);
      expect(before).toMatchObject({ enabled: ['enabled', 'enabled', 'enabled'], linger: false });

      const refused = await daruma(there, 'fix', '--yes');
      expect(refused).toMatchObject({ code: 3, stderr: '' });
      const byHand = /sudo (loginctl enable-linger kuma)$/m.exec(refused.stdout)?.[1] ?? '';
      expect(refused.stdout).toContain('Done in part.');
      const nothing = await daruma(there, 'fix', '--yes', '--only', 'linger-off');
      expect(nothing.code).toBe(3);
      expect(nothing.stdout).toContain('Nothing was changed.\nNot done (');
      expect(nothing.stdout).not.toMatch(/Done|settled/);
      expect(await lingers(host, user)).toBe(false);
      expect(await show(there, 'Restart')).toEqual(all('always'));
      expect(await show(there, 'NeedDaemonReload')).toEqual(all('no'));
      const ofSessions = services.flatMap(name => [`${name}.service logout`, `${name}.service reboot`]);
      expect((await uncovered(there)).toSorted()).toEqual(ofSessions.toSorted());

      await asRoot(host, ...byHand.split(' '));
      expect(await uncovered(there)).toEqual([]);
      const again = await daruma(there, 'fix', '--yes');
      expect(again.code).toBe(0);
      expect(again.stdout).not.toMatch(/This settles|Done/);

      await logOut(host);
      await host.reboot();
      const running = await untilUp(there);
      await logIn(there);
      await logOut(host);
      await sleep(4_000);
      expect(await untilUp(there)).toEqual(running);

      expect(await daruma(there, 'undo')).toMatchObject({ code: 0, stderr: '' });
      // Lingering is the administrator's.
      expect(await snapshot(there)).toEqual({ ...before, linger: true });
      expect(await show(there, 'Restart')).toEqual(['on-failure', 'on-failure', 'always']);
      expect(await show(there, 'NeedDaemonReload')).toEqual(all('no'));

      await changedSince(there);
    });
  });
});

/** What somebody has changed after a fix is theirs; all else goes back. */
async function changedSince(there: ExampleHost): Promise<void> {
  const { host } = there;
  const fixed = await daruma(there, 'fix', '--yes');
  expect(fixed).toMatchObject({ code: 0, stderr: '' });
  const ownDropIn = `${units}/litellm.service.d/zz-daruma.conf`;
  const secret = '/home/kuma/.openclaw/openclaw.json';
  await host.writeFile(ownDropIn, '[Service]\nRestart=on-abort\n', { user });
  await exec(there, 'chmod', '0640', secret);
  await exec(there, 'rm', `${units}/openclaw-gateway.service.d/zz-daruma.conf`);
  await exec(there, 'sh', '-c', `echo TimeoutStopSec=7 >> ${units}/copilot-api.service`);

  const undone = await daruma(there, 'undo');
  expect(undone).toMatchObject({ code: 3, stderr: '' });
  expect(undone.stdout).toContain('taken back in part only');
  const spoken = undone.stdout.split('\n').filter(line => line.includes('changed since'));
  expect(spoken.map(line => /\/\S+?(?=[\s:,]|$)/.exec(line)?.[0])).toEqual([secret, ownDropIn]);
  expect(await exec(there, 'cat', ownDropIn)).toMatchObject({ stdout: '[Service]\nRestart=on-abort\n' });
  expect(await exec(there, 'stat', '-c', '%a', secret)).toMatchObject({ stdout: '640\n' });
  const [, copilotWants] = await isEnabled(there);
  expect(copilotWants).toBe('enabled');
  const dropIns = await exec(there, 'find', units, '-name', '*.conf');
  expect(dropIns.stdout).toBe(`${ownDropIn}\n`);
  expect(
    await exec(there, 'test', '-e', `${units}/multi-user.target.wants/openclaw-gateway.service`),
  ).toMatchObject({ code: 0 });
  expect(
    await exec(there, 'test', '-e', `${units}/default.target.wants/openclaw-gateway.service`),
  ).toMatchObject({ code: 1 });
  expect(await show(there, 'Restart')).toEqual(['on-abort', 'on-failure', 'always']);
  expect(await show(there, 'NeedDaemonReload')).toEqual(all('no'));
}

describe.concurrent.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('a user who may turn lingering on', { name: 'root', systemd }, lab => {
    test('has it on with the fix, and off again when it is taken back', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      await asRoot(host, 'systemctl', 'start', 'user@0.service');
      await host.writeFile('/root/.config/systemd/user/agent.service', agent);
      const own = ['env', 'XDG_RUNTIME_DIR=/run/user/0', 'node', '/opt/daruma/bin/daruma.cjs', '--user'];
      expect(await lingers(host, 'root')).toBe(false);
      await asRoot(host, ...own, 'fix', '--yes');
      expect(await lingers(host, 'root')).toBe(true);
      const logind = await asRoot(host, 'loginctl', 'show-user', '--value', '-p', 'Linger', 'root');
      expect(logind).toBe('yes\n');
      await asRoot(host, ...own, 'undo');
      expect(await lingers(host, 'root')).toBe(false);
    });
  });
});

const agent =
  '[Service]\nExecStart=/bin/sleep infinity\nRestart=always\n\n[Install]\nWantedBy=default.target\n';

/** A second after the last session, in place of ten (logind.conf(5), UserStopDelaySec=). */
async function stopManagersSoon(host: Host): Promise<void> {
  await host.writeFile('/etc/systemd/logind.conf.d/soon.conf', '[Login]\nUserStopDelaySec=1\n');
  await asRoot(host, 'systemctl', 'restart', 'systemd-logind');
}

/** Where there is a polkit, it would let a user do that for himself; where there is none, logind refuses anyway. */
async function forbidLingering(host: Host): Promise<void> {
  await host.writeFile('/etc/polkit-1/rules.d/00-lingering.rules', refusal);
  // polkit looks for changes of its rules, but only some time later.
  await host.exec(['systemctl', 'try-restart', 'polkit']);
}

const refusal = `polkit.addRule(function (action) {
  if (/^org\\.freedesktop\\.login1\\.set-(self|user)-linger$/.test(action.id)) return polkit.Result.NO;
});
`;

/** A session of the user's that stays open; with the first of them the user's manager starts. */
async function logIn({ host }: ExampleHost): Promise<void> {
  await asRoot(host, 'systemd-run', '--quiet', '--unit=login', 'su', '-', user, '-c', 'sleep infinity');
  await waitFor('a session', 20_000, async () => {
    const { stdout } = await host.exec(['loginctl', 'show-user', '--value', '-p', 'State', user]);
    return /^(active|online)$/m.test(stdout) || undefined;
  });
  await asRoot(host, 'systemctl', 'start', await managerOf(host));
}

async function logOut(host: Host): Promise<void> {
  await asRoot(host, 'systemctl', 'stop', 'login');
}

async function managerOf(host: Host): Promise<string> {
  return `user@${(await asRoot(host, 'id', '-u', user)).trim()}.service`;
}
