/** Two machines whose gateways run: they take what daruma writes, answer through each other, and let go of it. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { daruma, home, must, startGateway, startLitellm, systemctl } from './machine.ts';
import { local } from './booted-squad.ts';
import { bootSquads, configFile, gripOf, minuteMs, needs, turned } from './squads.ts';

describeLab('two machines whose gateways run', needs, () => {
  const squads = bootSquads(local);

  beforeAll(() => startGateway(squads().neko), 10 * minuteMs);

  const pid = (host: Host) => systemctl(host, 'show', '-P', 'MainPID', 'openclaw-gateway');

  test('a running gateway takes the other machine and its key without a restart', {
    timeout: 15 * minuteMs,
  }, async () => {
    const { neko } = squads();
    const before = await pid(neko);
    expect(await daruma(neko, 'failover', 'apply', '--no-front', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/openclaw-gateway\.service: in force; /),
    });
    expect(await pid(neko)).toBe(before);
    expect(await gripOf(neko, 'apply')).toEqual([0, 'in-force']);
    expect(await gripOf(neko, 'check')).toEqual([0, 'in-force']);
  });

  test('with its LiteLLM stopped it answers through the other', { timeout: 15 * minuteMs }, async () => {
    const { neko } = squads();
    const before = await pid(neko);
    await systemctl(neko, 'stop', 'litellm');
    expect(await turned('LiteLLM stopped', neko)).toEqual(['answered by kuma', 'kuma-litellm']);
    expect(await pid(neko)).toBe(before);
    await startLitellm(neko);
  });

  test('it is taken back to the byte, and the running gateway lets go of it', {
    timeout: 5 * minuteMs,
  }, async () => {
    const { neko } = squads();
    expect(await daruma(neko, 'undo')).toMatchObject({ code: 0 });
    expect(await must(neko, ['cat', configFile])).toBe(local('neko'));
    expect((await must(neko, ['ls', `${home}/.openclaw`])).split('\n')).not.toContain('kuma-litellm.key');
    expect(await gripOf(neko, 'check')).toEqual([0, 'in-force']);
  });
});
