/**
 * A gateway of a version that takes keys only from its `.env`, and does not say what it works with. The program stands in for it
 * by its version alone; systemd, files and times are real.
 */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab } from '../../lab/vitest.ts';
import { schemaErrors } from '../report/schema-errors.ts';
import { addNodes, daruma, home, must, systemctl, units, user } from './machine.ts';
import { withoutFront } from './squads.ts';

describeLab('a gateway older than files of keys', { name: 'neko', systemd: 257, users: [user] }, lab => {
  test('has the key in its .env, and a restart is asked for', { timeout: 300_000 }, async () => {
    const host = await lab.host();
    await addNodes(host);
    await addOlderGateway(host);
    // systemd tells the start to the second.
    await must(host, ['sleep', '2']);
    const { code, stdout } = await daruma(host, 'failover', 'apply', '--no-front', '--yes');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/so it has to be restarted[^]*: in force as far as can be seen; /),
    });
    expect(await must(host, ['cat', `${home}/.openclaw/.env`])).toBe('KUMA_LITELLM_KEY=sk-EXAMPLE-kuma\n');
    expect(await stateOf(host, 'apply')).toEqual([0, 'since-start']);
    await must(host, ['sleep', '2']);
    await must(host, ['touch', `${home}/.openclaw/.env`]);
    expect(await stateOf(host, 'apply')).toEqual([3, 'changed-since']);
    expect((await stateOf(host, 'check'))[1]).toBe('changed-since');
    expect(await daruma(host, 'failover', 'apply', '--no-front', '--yes')).toMatchObject({ code: 0 });
    await must(host, ['sleep', '2']);
    const undone = await daruma(host, 'undo', '--json');
    const document = JSON.parse(undone.stdout);
    expect(schemaErrors('undo', document)).toEqual([]);
    expect(document).toMatchObject({
      inForce: [{ unit: 'openclaw-gateway.service', state: 'changed-since' }],
    });
    expect(document.inForce[0].text).toContain('Restart it: ');
    expect(undone.code).toBe(0);
    // What does not run reads its files when it starts.
    await daruma(host, 'failover', 'apply', '--no-front', '--yes');
    await systemctl(host, 'stop', 'openclaw-gateway');
    expect(JSON.parse((await daruma(host, 'undo', '--json')).stdout)).not.toHaveProperty('inForce');
    await daruma(host, 'failover', 'apply', '--no-front', '--yes');
    await systemctl(host, 'start', 'openclaw-gateway');
    await must(host, ['sleep', '2']);
    expect((await daruma(host, 'undo')).stdout.replaceAll(/\s+/g, ' ')).toContain(
      'openclaw-gateway.service: not yet in force as far as can be seen; its files were changed after it was started',
    );
  });
});

async function addOlderGateway(host: Host): Promise<void> {
  const program = '/srv/openclaw/dist/index.js';
  await host.writeFile('/srv/openclaw/package.json', '{"name": "openclaw", "version": "2026.2.25"}');
  await host.writeFile(program, "if (process.argv[2] === 'gateway') setInterval(() => {}, 1e6);\n");
  const models = [{ id: 'claude-opus-4.6', name: 'claude-opus-4.6' }];
  const litellm = { baseUrl: 'http://127.0.0.1:4000/v1', api: 'openai-completions', models };
  const config = {
    models: { providers: { litellm } },
    agents: { defaults: { model: { primary: 'litellm/claude-opus-4.6' } } },
  };
  await host.writeFile(`${home}/.openclaw/openclaw.json`, JSON.stringify(config), { user, mode: 0o600 });
  await host.writeFile(
    `${units}/openclaw-gateway.service`,
    `[Service]\nExecStart=/usr/local/bin/node ${program} gateway\n`,
    { user },
  );
  await systemctl(host, 'daemon-reload');
  await systemctl(host, 'start', 'openclaw-gateway');
}

async function stateOf(
  host: Host,
  action: 'apply' | 'check',
): Promise<readonly [number, string | undefined]> {
  const { code, stdout } = await daruma(host, 'failover', action, ...withoutFront(action), '--json');
  const { inForce }: { readonly inForce: readonly { readonly state: string }[] } = JSON.parse(stdout);
  return [code, inForce[0]?.state];
}
