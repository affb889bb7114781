/** Whom `daruma failover` credits with an answer on real hosts, and where it finds the key of a node. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { waitFor } from '../../lab/wait.ts';

const user = 'kuma';
const home = `/home/${user}`;
const unitFile = `${home}/.config/systemd/user/litellm.service`;
const key = 'sk-EXAMPLE-kuma';

/** What a LiteLLM without a database answers (litellm 1.108.7): a 500 to whoever comes without a key. */
const litellm = `#!/usr/bin/env node
const http = require('node:http');
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);
http.createServer(({ url, headers: { authorization } }, response) => {
  console.log(url, authorization === undefined ? 'without a key' : 'with a key');
  const send = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  if (url === '/health/liveliness') send(200, "I'm alive!");
  else if (authorization === undefined) send(500, { error: { message: "No module named 'prisma'" } });
  else if (authorization !== 'Bearer ${key}') send(400, { error: { type: 'no_db_connection' } });
  else if (url === '/v1/models') send(200, { data: [{ id: 'claude' }] });
  else send(404, {});
}).listen(port, '127.0.0.1');
`;

const unitAt = (port: number) =>
  `[Service]\nExecStart=${home}/.local/bin/litellm --port ${port} --host 127.0.0.1\nRestart=always\n`;

const provider = (baseUrl: string, apiKey: string) => ({
  baseUrl,
  apiKey,
  api: 'openai-completions',
  models: [{ id: 'claude', name: 'Claude' }],
});

const configuration = {
  gateway: { mode: 'local' },
  models: {
    providers: {
      good: provider('http://127.0.0.1:4000/v1', key),
      other: provider('http://127.0.0.2:4000/v1', key),
      unset: provider('http://127.0.0.1:4000/v1', '${NO_SUCH_VARIABLE}'),
    },
  },
  agents: { defaults: { model: { primary: 'good/claude', fallbacks: ['other/claude', 'unset/claude'] } } },
};

const nodes = `nodes:
  - {name: kuma, url: "http://127.0.0.1:4000", key: "env:KUMA_KEY"}
`;

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`who answers, systemd ${systemd}`, { systemd, users: [user] }, lab => {
    test('a provider is asked as OpenClaw asks it, and never without a key that it needs', async () => {
      const host = await furnished(await lab.host());
      expect(await standing(host)).toEqual({ proxy: [null], chain: [null, 'unreachable', 'key-missing'] });
      const { stdout } = await host.exec(['journalctl', '--user', '-u', 'litellm', '-o', 'cat'], { user });
      expect(stdout).toContain('/v1/models with a key');
      expect(stdout).not.toContain('/v1/models without a key');
    });

    test('the key of a node is found where the user manager passes it on', async () => {
      const host = await lab.host();
      expect(await check(host)).toContain('KUMA_KEY');
      await systemctl(host, 'set-environment', `KUMA_KEY=${key}`);
      expect(await check(host)).not.toContain('KUMA_KEY');
    });

    test('a unit is not credited with what another program answers on its port', async () => {
      const host = await lab.host();
      await systemctl(host, 'stop', 'litellm');
      await systemctl(host, 'start', 'other');
      await answering(host);
      expect(await standing(host)).toMatchObject({
        proxy: ['not-running'],
        chain: [null, 'unreachable', 'key-missing'],
      });
      await systemctl(host, 'stop', 'other');
    });

    test('a unit is not said to listen on the port of its file while it listens on that from before', async () => {
      const host = await lab.host();
      await systemctl(host, 'start', 'litellm');
      await answering(host);
      await host.writeFile(unitFile, unitAt(4001), { user });
      expect(await standing(host)).toMatchObject({
        proxy: ['other-port'],
        chain: [null, 'unreachable', 'key-missing'],
      });
      await systemctl(host, 'daemon-reload');
      expect(await standing(host)).toMatchObject({
        proxy: ['other-port'],
        chain: [null, 'unreachable', 'key-missing'],
      });
    });
  });
}

async function furnished(host: Host): Promise<Host> {
  const program = `${home}/.local/bin/litellm`;
  await host.writeFile(program, litellm, { user, mode: 0o755 });
  await host.writeFile(`${home}/.local/bin/other-server`, litellm, { user, mode: 0o755 });
  await host.writeFile(unitFile, unitAt(4000), { user });
  await host.writeFile(
    `${home}/.config/systemd/user/other.service`,
    `[Service]\nExecStart=${home}/.local/bin/other-server --port 4000\n`,
    { user },
  );
  await host.writeFile(`${home}/.openclaw/openclaw.json`, JSON.stringify(configuration), { user });
  await host.writeFile(`${home}/.config/daruma/config.yaml`, nodes, { user });
  await systemctl(host, 'daemon-reload');
  await systemctl(host, 'start', 'litellm');
  await answering(host);
  return host;
}

async function systemctl(host: Host, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await host.exec(['systemctl', '--user', ...args], { user });
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
}

/** Waits until somebody answers on the port. */
async function answering(host: Host): Promise<void> {
  const ask = "fetch('http://127.0.0.1:4000/health/liveliness').catch(() => process.exit(1))";
  await waitFor('an answer on port 4000', 30_000, async () =>
    (await host.exec(['node', '-e', ask], { user })).code === 0 ? true : undefined,
  );
}

async function daruma(host: Host, ...args: readonly string[]): Promise<string> {
  return (await host.exec(['node', '/opt/daruma/bin/daruma.cjs', ...args], { user })).stdout;
}

/** The faults of the LiteLLM and of each model of the chain; null where it is alive. */
async function standing(host: Host): Promise<object> {
  const { proxies, gateways } = JSON.parse(await daruma(host, 'failover', '--json'));
  const faultOf = ({ answering: { fault } }: { answering: { fault: string | null } }) => fault;
  return { proxy: proxies.map(faultOf), chain: gateways[0].agents[0].chain.map(faultOf) };
}

/** The places of the keys that are missing. */
async function check(host: Host): Promise<string> {
  const { findings } = JSON.parse(await daruma(host, 'failover', 'check', '--json'));
  return findings
    .filter(({ rule }: { rule: string }) => rule === 'key-missing')
    .map(({ message }: { message: string }) => message)
    .join();
}
