/** What a running gateway has of its keys, and which changes wait for a restart. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { daruma, home, keyOf, must, openclaw, systemctl, user } from './machine.ts';
import {
  bootGateway,
  configFile,
  dropIn,
  gripOf,
  minuteMs,
  needs,
  writeConfig,
  writeDropIn,
} from './squads.ts';

describeLab('the keys that are in force of a running gateway', needs, () => {
  const gateway = bootGateway();

  test('a key that changes under nodes comes into the file that daruma wrote, and is in force', {
    timeout: 10 * minuteMs,
  }, async () => {
    const file = `${home}/.openclaw/kuma-litellm.key`;
    for (const key of [`${keyOf('kuma')}2`, keyOf('kuma')]) {
      await gateway().writeFile(`${home}/.config/daruma/kuma.key`, key, { user, mode: 0o600 });
      const { code, stdout } = await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes');
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(': in force; ') });
      expect(stdout).not.toContain(key);
      expect(await must(gateway(), ['cat', file])).toBe(`${key}\n`);
      expect((await gripOf(gateway(), 'check'))[1]).toBe('in-force');
    }
  });

  test('a file of a key that it may not read is none', { timeout: 5 * minuteMs }, async () => {
    const file = `${home}/.openclaw/kuma-litellm.key`;
    await must(gateway(), ['chmod', '644', file]);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'until-restart']);
    expect(await keyFindings(gateway())).toEqual(['failover-key-refused']);
    await openclaw(gateway(), ['secrets', 'reload']);
    expect((await gripOf(gateway(), 'apply'))[0]).toBe(3);
    await must(gateway(), ['chmod', '600', file]);
    await openclaw(gateway(), ['secrets', 'reload']);
    expect(await gripOf(gateway(), 'apply')).toEqual([0, 'in-force']);
  });
});

describeLab('other keys of a running gateway', { ...needs, slow: true }, () => {
  const gateway = bootGateway();

  test('a file that is changed alone is not read again', { timeout: 10 * minuteMs }, async () => {
    const file = `${home}/.openclaw/kuma-litellm.key`;
    await gateway().writeFile(file, 'sk-EXAMPLE-older', { user, mode: 0o600 });
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'stale-file']);
    await openclaw(gateway(), ['secrets', 'reload']);
    expect((await gripOf(gateway(), 'check'))[1]).toBe('in-force');
    await gateway().writeFile(file, keyOf('kuma'), { user, mode: 0o600 });
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'stale-file']);
    expect(await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes')).toMatchObject({ code: 0 });
    expect(await gripOf(gateway(), 'check')).toEqual([0, 'in-force']);
  });

  test('a key that is moved into its .env waits for a restart, which a second run offers', {
    timeout: 10 * minuteMs,
  }, async () => {
    await moveKey('${MOVED_KEY}', `MOVED_KEY=${keyOf('kuma')}\n`);
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'cold']);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'cold']);
    await refuseRestarts(true);
    const refused = await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes');
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('could not be restarted (') });
    await refuseRestarts(false);
    const { code, stdout } = await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/nothing to add; [^]*openclaw-gateway\.service: in force; /),
    });
  });

  test('a changed .env may hold another key than it has', { timeout: 5 * minuteMs }, async () => {
    await must(gateway(), ['sleep', '2']);
    await gateway().writeFile(`${home}/.openclaw/.env`, `MOVED_KEY=${keyOf('kuma')}2\n`, {
      user,
      mode: 0o600,
    });
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'older']);
    expect(await keyFindings(gateway())).toEqual(['failover-key-unread']);
    await gateway().writeFile(`${home}/.openclaw/.env`, `MOVED_KEY=${keyOf('kuma')}\n`, {
      user,
      mode: 0o600,
    });
    expect(await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes')).toMatchObject({ code: 0 });
    expect(await keyFindings(gateway())).toEqual([]);
  });

  test('a key of its own environment is the one of its start, whatever the manager would give now', {
    timeout: 10 * minuteMs,
  }, async () => {
    await systemctl(gateway(), 'set-environment', `MOVED_KEY=${keyOf('kuma')}3`);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'given-otherwise']);
    expect(await keyFindings(gateway())).toEqual(['failover-key-hidden', 'failover-key-unread']);
    await systemctl(gateway(), 'set-environment', `MOVED_KEY=${keyOf('kuma')}`);
    expect(await gripOf(gateway(), 'check')).toEqual([0, 'in-force']);
    await systemctl(gateway(), 'unset-environment', 'MOVED_KEY');
    // A line of the unit counts from the reload, which comes with the restart.
    await writeDropIn(gateway(), `[Service]\nEnvironment=MOVED_KEY=${keyOf('kuma')}4\n`);
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'given-otherwise']);
    expect(await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes')).toMatchObject({ code: 0 });
    expect(await keyFindings(gateway())).toEqual(['failover-key-hidden']);
    await writeDropIn(gateway(), '');
    expect((await gripOf(gateway(), 'check'))[1]).toBe('given-otherwise');
    expect(await daruma(gateway(), 'failover', 'apply', '--no-front', '--yes')).toMatchObject({ code: 0 });
    expect(await keyFindings(gateway())).toEqual([]);
  });

  /** As somebody would do it by hand; the reload of the gateway is waited for by whoever asks it. */
  async function moveKey(apiKey: string, environment: string): Promise<void> {
    await gateway().writeFile(`${home}/.openclaw/.env`, environment, { user, mode: 0o600 });
    const config = JSON.parse(await must(gateway(), ['cat', configFile]));
    config.models.providers['kuma-litellm'].apiKey = apiKey;
    await writeConfig(gateway(), config);
  }

  async function refuseRestarts(isRefused: boolean): Promise<void> {
    await dropIn(gateway(), isRefused ? '[Unit]\nRefuseManualStart=yes\n' : '');
  }
});

async function keyFindings(host: Host): Promise<readonly string[]> {
  const { stdout } = await daruma(host, 'check', '--json');
  const { findings }: { readonly findings: readonly { readonly rule: string }[] } = JSON.parse(stdout);
  return findings
    .map(({ rule }) => rule)
    .filter(rule => rule.startsWith('failover-key-'))
    .toSorted();
}
