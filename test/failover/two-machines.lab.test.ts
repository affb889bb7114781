/** Two machines with OpenClaw and LiteLLM as they are published: from the seed's snippet to an answer by the other machine. */
import { expect, test, vi } from 'vitest';
import { describeLab } from '../../lab/vitest.ts';
import { daruma, failoverFindings, openclaw, startGateway, startLitellm, systemctl } from './machine.ts';
import {
  applyFailover,
  bootSquads,
  expectStanding,
  minuteMs,
  needs,
  patience,
  turned,
  validate,
} from './squads.ts';

describeLab('two machines, from the snippet of the seed', needs, () => {
  const squads = bootSquads();

  test('OpenClaw refuses the snippet, and daruma says so before', { timeout: 5 * minuteMs }, async () => {
    const { neko } = squads();
    const { code, stderr } = await openclaw(neko, ['config', 'validate']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'models.providers.remote-litellm.models: custom model providers must declare models; provider overlays without models are only supported for bundled providers',
    );
    expect(await failoverFindings(neko)).toEqual([
      'critical openclaw-config-invalid',
      'warning failover-slow',
    ]);
  });

  test('what daruma makes of it OpenClaw accepts, on both', { timeout: 10 * minuteMs }, async () => {
    const { neko, kuma } = squads();
    for (const host of [neko, kuma]) {
      await applyFailover(host);
      expect(await validate(host)).toMatchObject({ valid: true, warnings: [] });
    }
    expect(await failoverFindings(neko, kuma)).toEqual([]);
  });

  test('a gateway starts with it', { timeout: 15 * minuteMs }, async () => {
    const { neko } = squads();
    await startGateway(neko);
    expect(await systemctl(neko, 'is-active', 'openclaw-gateway')).toBe('active\n');
  });

  // OpenClaw alone takes two minutes for it, as in running-gateways.lab.test.ts.
  test.runIf(process.env['DARUMA_LAB_SLOW'])(
    'with its LiteLLM stopped a machine answers through the other',
    {
      timeout: 15 * minuteMs,
    },
    async () => {
      const { neko } = squads();
      await systemctl(neko, 'stop', 'litellm');
      expect(await turned('LiteLLM stopped', neko)).toEqual(['answered by kuma', 'remote-litellm']);
      await startLitellm(neko);
    },
  );

  test('with the other machine gone its own agents go on, and daruma says what is missing', {
    timeout: 10 * minuteMs,
  }, async () => {
    const { neko, kuma } = squads();
    await expectStanding(neko, 'litellm/claude-opus-4.6', 'remote-litellm/claude-opus-4.6');
    await kuma.powerOff();
    // The kernel of this machine would answer for it, that nobody listens.
    await kuma.cutCable();
    expect(await turned('other machine gone', neko)).toEqual(['answered by neko', 'litellm']);
    await expectStanding(neko, 'litellm/claude-opus-4.6', null);
    await vi.waitFor(async () => {
      expect((await daruma(neko, 'failover')).stdout).toContain('nobody would be next');
    }, patience);
  });
});
