/**
 * `daruma fix` on real hosts: the example that started it all, ended in every way that a unit file can cover, before and
 * after.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bootHost } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';
import {
  all,
  askToExit,
  daruma,
  type ExampleHost,
  exec,
  installExample,
  ports,
  services,
  show,
  snapshot,
  uncovered,
  untilAnswered,
  untilUp,
} from './example-host.ts';

const user = 'azureuser';
/** More than the five starts that systemd allows by default. */
const crashes = 6;
/** The systemd that brought RestartSteps=; an older one would complain of it. */
const growingWaitsSince = 254;

describe.concurrent.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('a fixed example', { name: 'neko', systemd, users: [user] }, lab => {
    test('gets up from every fall that is really done to it', { timeout: 400_000 }, async () => {
      // Waits that grow are long in the end: a host of its own for the crash loop, at the same time.
      await using second = await bootHost({ name: 'loop', systemd, users: [user] });
      const fallen = installExample(await lab.host(), 'neko', user).then(fallsAndGetsUp);
      await Promise.all([fallen, installExample(second, 'neko', user).then(crashesAndGetsUp)]);
    });
  });
});

async function fallsAndGetsUp(there: ExampleHost): Promise<void> {
  await start(there);
  await staysDownWithoutTheFix(there);
  const before = await snapshot(there);
  await fixIt(there);
  await fixAgainChangesNothing(there);

  await untilUp(there);
  for (const signal of ['TERM', 'KILL']) {
    const old = await untilUp(there);
    await exec(there, 'kill', `-${signal}`, ...old);
    await untilUp(there, old);
  }
  for (const status of ['0', '1']) {
    const old = await untilUp(there);
    await askToExit(there, status);
    await untilUp(there, old);
  }
  // The gateway's count began with its falls before the fix.
  expect((await show(there, 'NRestarts')).slice(0, 2)).toEqual(['4', '4']);

  const running = await untilUp(there);
  await logInAndOut(there);
  expect(await untilUp(there)).toEqual(running);

  await there.host.reboot();
  await untilUp(there);

  expect(await daruma(there, 'undo')).toMatchObject({ code: 0, stderr: '' });
  expect(await snapshot(there)).toEqual(before);
  expect(await show(there, 'Restart')).toEqual(['on-failure', 'on-failure', 'always']);
  expect(await show(there, 'NeedDaemonReload')).toEqual(all('no'));
}

async function crashesAndGetsUp(there: ExampleHost): Promise<void> {
  const { systemd } = there.host;
  await start(there);
  await fixIt(there);
  await exec(there, 'systemctl', '--user', 'restart', ...services);
  for (const [index, port] of ports.entries()) {
    // The hook of the gateway waits half a minute after every start that fails.
    const count = services[index] === 'openclaw-gateway' ? 1 : crashes;
    await there.host.writeFile(`${there.home}/crashes/${port}`, String(count), { user });
  }
  const old = await untilUp(there);
  await exec(there, 'kill', '-KILL', ...old);
  await untilUp(there, old);
  const [first, second, gateway] = await show(there, 'NRestarts');
  expect([first, second]).toEqual([String(crashes + 1), String(crashes + 1)]);
  // On a busy machine its hook gives up on a start that only takes long, and it is started once more.
  expect(Number(gateway)).toBeGreaterThanOrEqual(2);
  const waits = await waitsOfLoop(there, '4000');
  expect(waits).toHaveLength(crashes);
  for (const [index, wait] of waits.entries()) {
    // RestartSteps=10, RestartMaxDelaySec=30: ten equal factors from 5 s to 30 s (systemd.service(5)).
    const growth = systemd < growingWaitsSince ? 1 : 6 ** ((index + 1) / 10);
    expect(wait).toBeGreaterThan(5 * growth - 0.5);
    // A busy machine may be late, never early.
    expect(wait).toBeLessThan(5 * growth + 15);
  }
}

async function start(there: ExampleHost): Promise<void> {
  await exec(there, 'systemctl', '--user', 'daemon-reload');
  await exec(there, 'systemctl', '--user', 'start', '--no-block', ...services);
  await untilAnswered(there);
}

/** What happened on 2026-03-27; and the hook, which cannot reach Telegram here, takes the gateway down again and again. */
async function staysDownWithoutTheFix(there: ExampleHost): Promise<void> {
  const [litellm = ''] = await untilAnswered(there);
  await exec(there, 'kill', '-TERM', litellm);
  await sleep(1_500);
  expect((await show(there, 'ActiveState')).slice(0, 2)).toEqual(['inactive', 'active']);
  await exec(there, 'systemctl', '--user', 'start', 'litellm');
  await waitFor('the gateway to fail', 10_000, async () => {
    return (await show(there, 'Result'))[2] === 'exit-code' || undefined;
  });
}

/** The manager has the new values at once, and `status` says that they cover all that they can. */
async function fixIt(there: ExampleHost): Promise<void> {
  expect(await daruma(there, 'fix', '--yes')).toMatchObject({ code: 0, stderr: '' });
  expect(await uncovered(there)).toEqual([]);
  expect(await show(there, 'NeedDaemonReload')).toEqual(all('no'));
  expect(await show(there, 'Restart')).toEqual(all('always'));
  expect(await show(there, 'RestartUSec')).toEqual(all('5s'));
  if (there.host.systemd < growingWaitsSince) return;
  expect(await show(there, 'RestartSteps')).toEqual(['10', '10', '0']);
  expect(await show(there, 'RestartMaxDelayUSec')).toEqual(['30s', '30s', 'infinity']);
}

async function fixAgainChangesNothing(there: ExampleHost): Promise<void> {
  const after = await snapshot(there);
  const again = await daruma(there, 'fix', '--yes');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).not.toMatch(/This settles|Done/);
  expect(await snapshot(there)).toEqual(after);
}

/** A session that logind knows of, and its end. */
async function logInAndOut({ host }: ExampleHost): Promise<void> {
  const { stdout } = await host.exec(['su', '-', user, '-c', 'echo "session=$XDG_SESSION_ID"']);
  const session = /^session=(\w+)$/m.exec(stdout)?.[1] ?? '';
  expect(session).not.toBe('');
  await waitFor('the end of the session', 20_000, async () => {
    const { code } = await host.exec(['loginctl', 'show-session', session]);
    return code !== 0 || undefined;
  });
  // Long enough for the manager to have ended, if it were to.
  await sleep(2_000);
}

/** Seconds between the starts of the loop: one by hand, one by the restart, and the fall come before. */
async function waitsOfLoop(there: ExampleHost, port: string): Promise<readonly number[]> {
  const { stdout } = await exec(there, 'cat', `${there.home}/starts/${port}`);
  const times = stdout.trim().split('\n').map(Number);
  return times.slice(1).flatMap((time, index) => (index < 2 ? [] : [(time - (times[index] ?? 0)) / 1000]));
}
