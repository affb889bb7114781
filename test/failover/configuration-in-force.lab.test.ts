/** What a running gateway has of its configuration, and whether it can be seen. */
import { expect, test } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import { daruma, keyOf, must, systemctl, user } from './machine.ts';
import { bootGateway, configFile, dropIn, gripOf, minuteMs, needs, writeConfig } from './squads.ts';

describeLab('the configuration that is in force of a running gateway', needs, () => {
  const gateway = bootGateway();

  test('one that was started a moment ago is waited for while it loads', {
    timeout: 10 * minuteMs,
  }, async () => {
    expect((await gripOf(gateway(), 'apply'))[1]).toBe('in-force');
    await systemctl(gateway(), 'restart', 'openclaw-gateway');
    const [, grip] = await gripOf(gateway(), 'check');
    expect(grip).toBe('in-force');
  });

  test('one that does not follow its file keeps what it has until it is restarted', {
    timeout: 20 * minuteMs,
  }, async () => {
    const config = JSON.parse(await must(gateway(), ['cat', configFile]));
    config.gateway.reload = { mode: 'off' };
    config.models.providers['kuma-litellm'].timeoutSeconds = 90;
    await writeConfig(gateway(), config);
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'reload-off']);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'reload-off']);
    const { code, stdout } = await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/openclaw-gateway\.service: in force; /),
    });
    // A mode of earlier versions: with this file it would not start again.
    config.gateway.reload = { mode: 'restart' };
    await writeConfig(gateway(), config);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'refused']);
    // It follows its file again as soon as that says so.
    config.gateway.reload = { mode: 'hybrid' };
    await writeConfig(gateway(), config);
    expect(await gripOf(gateway(), 'apply')).toEqual([0, 'in-force']);
  });

  test('a key that OpenClaw has in its own store is left there, and is in force', {
    timeout: 10 * minuteMs,
  }, async () => {
    const config = JSON.parse(await must(gateway(), ['cat', configFile]));
    config.models.providers['kuma-litellm'].apiKey = keyOf('kuma');
    await writeConfig(gateway(), config);
    const paste = 'models auth paste-api-key --provider kuma-litellm';
    const program = 'node /opt/openclaw/node_modules/openclaw/openclaw.mjs';
    await must(
      gateway(),
      ['sh', '-c', `echo ${keyOf('kuma')} | OPENCLAW_OFFLINE=1 ${program} ${paste}`],
      user,
    );
    const text = await must(gateway(), ['cat', configFile]);
    expect(text).toContain('"apiKey": "kuma-litellm:manual"');
    const { stdout } = await daruma(gateway(), 'failover', 'plan');
    expect(stdout).toContain('in its auth profile kuma-litellm:manual; it');
    expect(await gripOf(gateway(), 'apply')).toEqual([0, 'in-force']);
    expect(await must(gateway(), ['cat', configFile])).toBe(text);
    const checked = (await daruma(gateway(), 'failover', 'check')).stdout;
    expect(checked).toContain('[key-not-tried]');
    expect(checked).not.toMatch(/\[key-(?:refused|missing|readable)\]/);
  });

  test('a gateway that starts, one that is stopped and one that cannot be seen have a word each', {
    timeout: 5 * minuteMs,
  }, async () => {
    await systemctl(gateway(), 'stop', 'openclaw-gateway');
    expect(await gripOf(gateway(), 'apply')).toEqual([0, 'next-start']);
    await dropIn(gateway(), '[Service]\nExecStartPre=/bin/sleep 300\n');
    await systemctl(gateway(), 'start', '--no-block', 'openclaw-gateway');
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'changing']);
    const runtime = `/run/user/${(await must(gateway(), ['id', '-u', user])).trim()}`;
    const move = (from: string, to: string) =>
      must(gateway(), [
        'sh',
        '-c',
        `cd ${runtime}; mv systemd/private${from} systemd/private${to}; mv bus${from} bus${to}`,
      ]);
    await move('', '.away');
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'not-seen']);
    await move('.away', '');
  });
});
