import { beforeAll, expect, test } from 'vitest';
import { bootHost, type Host } from '../../../../lab/host.ts';
import { describeLab } from '../../../../lab/vitest.ts';
import {
  addOpenclaw,
  daruma,
  home,
  must,
  startGateway,
  systemctl,
  units,
  user,
} from '../../../failover/machine.ts';

const minuteMs = 60_000;

describeLab('failover-key-unread', { software: ['openclaw'], commands: ['curl'] }, () => {
  let host: Host;

  beforeAll(async () => {
    host = await bootHost({ name: 'older', users: [user], software: ['openclaw'] });
    await addOpenclaw(host, configuration);
    await must(host, [
      'sed',
      '-i',
      '/^ExecStart=/i Environment=UNIT_KEY=sk-EXAMPLE-0',
      `${units}/openclaw-gateway.service`,
    ]);
    await systemctl(host, 'daemon-reload');
    await writeKeys('LITELLM_KEY=sk-EXAMPLE-1\nOTHER=1\nUNIT_KEY=1\n');
    await startGateway(host);
    return () => host[Symbol.asyncDispose]();
  }, 10 * minuteMs);

  test('a gateway that was started with its keys has nothing to report', { timeout: minuteMs }, async () => {
    expect(await found(host)).toEqual([]);
  });

  test('a key that was changed afterwards is named, until the restart that fix brings', {
    timeout: 5 * minuteMs,
  }, async () => {
    await writeKeys('LITELLM_KEY=sk-EXAMPLE-2\nUNIT_KEY=sk-EXAMPLE-3\nOTHER=2\n');
    expect(await found(host)).toMatchObject([
      {
        unit: 'openclaw-gateway.service',
        source: { file: `${home}/.openclaw/.env` },
        // Its environment has UNIT_KEY, no agent asks a provider for OTHER.
        details: { variables: ['LITELLM_KEY'], moreVariables: 0 },
      },
    ]);
    const fix = ['fix', '--yes', '--restart', '--only', 'failover-key-unread', 'openclaw-gateway'];
    expect(await daruma(host, ...fix)).toMatchObject({ code: 0 });
    expect(await found(host)).toEqual([]);
  });

  test('of a stopped one nothing is said', { timeout: minuteMs }, async () => {
    await writeKeys('LITELLM_KEY=sk-EXAMPLE-4\n');
    expect(await found(host)).toHaveLength(1);
    await systemctl(host, 'stop', 'openclaw-gateway');
    expect(await found(host)).toEqual([]);
  });

  /** Later than the second in which the gateway was started. */
  async function writeKeys(text: string): Promise<void> {
    await must(host, ['sleep', '2']);
    await host.writeFile(`${home}/.openclaw/.env`, text, { user, mode: 0o600 });
  }
});

const models = [{ id: 'claude-opus-4.6', name: 'claude-opus-4.6' }];
const provider = (key: string) => ({ baseUrl: 'http://127.0.0.1:4000/v1', apiKey: `\${${key}}`, models });

const configuration = JSON.stringify({
  gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token', token: 'EXAMPLE-gateway-token' } },
  models: {
    providers: { litellm: provider('LITELLM_KEY'), given: provider('UNIT_KEY'), idle: provider('OTHER') },
  },
  agents: {
    defaults: { model: { primary: 'litellm/claude-opus-4.6', fallbacks: ['given/claude-opus-4.6'] } },
  },
});

async function found(host: Host): Promise<readonly object[]> {
  const { stdout } = await daruma(host, 'check', '--json');
  const { findings }: { readonly findings: readonly { readonly rule: string }[] } = JSON.parse(stdout);
  return findings.filter(({ rule }) => rule === 'failover-key-unread');
}
