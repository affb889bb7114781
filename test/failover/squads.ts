/** Two machines with OpenClaw and LiteLLM as they are published, for the tests that use both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { createAuthority } from '../../lab/authority.ts';
import { bootHost, type Host } from '../../lab/host.ts';
import { createNetwork } from '../../lab/network.ts';
import {
  addLitellm,
  addNodes,
  addOpenclaw,
  addUpstream,
  addWebServer,
  daruma,
  home,
  keyOf,
  openclaw,
  startGateway,
  startLitellm,
  systemctl,
  turn,
  units,
  user,
  type WebServer,
} from './machine.ts';

export const needs = {
  software: ['openclaw', 'litellm'],
  commands: ['caddy', 'nginx', 'openssl', 'curl'],
} as const;
/** OpenClaw needs minutes for what is in question, and a machine at work five times as long as one that is not. */
export const minuteMs = 60_000;

interface Squads {
  readonly neko: Host;
  readonly kuma: Host;
}

/** Two hosts for a block, each with another web server, their LiteLLMs at work, OpenClaw configured and not started. */
export function bootSquads(configOf = snippet): () => Squads {
  const stack = new AsyncDisposableStack();
  let booted: Squads | undefined;

  beforeAll(async () => {
    const authority = stack.use(await createAuthority());
    const network = stack.use(await createNetwork());
    const squad = async (name: string, other: string, server: WebServer) => {
      const host = stack.use(
        await bootHost({ name, network, users: [user], software: ['openclaw', 'litellm'] }),
      );
      await addUpstream(host);
      await addLitellm(host);
      await addOpenclaw(host, configOf(name, other));
      await addNodes(host);
      await addWebServer(host, authority, server, await siteOf(host, server));
      return host;
    };
    const neko = await squad('neko', 'kuma', 'nginx');
    const kuma = await squad('kuma', 'neko', 'caddy');
    await Promise.all([neko, kuma].map(startLitellm));
    booted = { neko, kuma };
  }, 10 * minuteMs);

  afterAll(() => stack.disposeAsync(), minuteMs);

  return () => {
    if (booted === undefined) throw new Error('the hosts are not up');
    return booted;
  };
}

/** Two hosts for a block, of which one has a gateway that runs, with the other machine as its fallback. */
export function bootGateway(): () => Host {
  const squads = bootSquads(local);
  const gateway = () => squads().neko;
  beforeAll(async () => {
    await startGateway(gateway());
    await applyFailover(gateway());
  }, 10 * minuteMs);
  return gateway;
}

/** As the seed has it, with the names and keys of these machines, and the `gateway` that OpenClaw does not start without. */
function snippet(name: string, other: string): string {
  return `{
  "gateway": {
    "mode": "local",
    "bind": "loopback",
    "auth": { "mode": "token", "token": "EXAMPLE-${name}-gateway-token" }
  },
  "models": {
    "providers": {
      "litellm": {
        "baseUrl": "http://127.0.0.1:4000/v1",
        "apiKey": "${keyOf(name)}"
      },
      "remote-litellm": {
        "baseUrl": "https://${other}/litellm/v1",
        "apiKey": "${keyOf(other)}"
      }
    }
  },
  "agents": {
    "defaults": {
      "model": {
        "primary": "litellm/claude-opus-4.6",
        "fallbacks": [
          "remote-litellm/claude-opus-4.6",
          "remote-litellm/claude-sonnet-4"
        ]
      }
    }
  }
}
`;
}

/** A configuration that OpenClaw accepts and that leads to its own LiteLLM alone. */
export function local(name: string): string {
  const models = [{ id: 'claude-opus-4.6', name: 'claude-opus-4.6' }];
  const litellm = {
    baseUrl: 'http://127.0.0.1:4000/v1',
    apiKey: keyOf(name),
    api: 'openai-completions',
    models,
  };
  return JSON.stringify({
    gateway: {
      mode: 'local',
      bind: 'loopback',
      auth: { mode: 'token', token: `EXAMPLE-${name}-gateway-token` },
    },
    models: { providers: { litellm } },
    agents: { defaults: { model: { primary: 'litellm/claude-opus-4.6' } } },
  });
}

export const configFile = `${home}/.openclaw/openclaw.json`;

/** What a command says that the gateway works with, and its exit code. */
export async function gripOf(
  host: Host,
  action: 'apply' | 'check',
): Promise<readonly [number, string | undefined]> {
  const argv = ['node', '/opt/daruma/bin/daruma.cjs', 'failover', action, ...withoutFront(action), '--json'];
  const { code, stdout } = await host.exec(argv, { user, timeoutMs: 240_000 });
  const { inForce }: { readonly inForce: readonly { readonly state: string }[] } = JSON.parse(stdout);
  return [code, inForce[0]?.state];
}

/** What OpenClaw does alone is asked. */
export function withoutFront(action: 'apply' | 'check'): readonly string[] {
  return action === 'apply' ? ['--no-front'] : [];
}

/** The web server's part of the plan, with the certificate of the lab. */
async function siteOf(host: Host, server: WebServer): Promise<string> {
  const { stdout } = await daruma(host, 'failover', 'plan', '--json');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
  const { webServers } = JSON.parse(stdout) as {
    webServers: readonly Readonly<Record<WebServer | 'node', string>>[];
  };
  const site = webServers.find(({ node }) => node === host.name)?.[server] ?? '';
  return server === 'caddy'
    ? site.replace(`${host.name} {`, '$& \n\ttls /etc/lab/host.pem /etc/lab/host.key')
    : site
        .replace(/ssl_certificate .*;/, 'ssl_certificate /etc/lab/host.pem;')
        .replace(/ssl_certificate_key .*;/, 'ssl_certificate_key /etc/lab/host.key;');
}

/** A gateway that does not run is not asked. */
export async function applyFailover(host: Host): Promise<void> {
  const { code, stderr } = await daruma(host, 'failover', 'apply', '--no-front', '--yes');
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
}

export function withoutProgress(stderr: string): string {
  return stderr.replaceAll(/^.* \.\.\.\n/gm, '');
}

/** What OpenClaw thinks of its configuration. */
export async function validate(host: Host): Promise<unknown> {
  const { stdout } = await openclaw(host, ['config', 'validate', '--json']);
  return JSON.parse(stdout);
}

/** daruma itself has little: on a busy machine it may take one for dead that is late. */
export const patience = { timeout: 3 * minuteMs, interval: 2_000 } as const;

/** The models that agents are answered by, and would be next. */
export async function expectStanding(host: Host, now: string, next: string | null): Promise<void> {
  await vi.waitFor(async () => {
    const { stdout } = await daruma(host, 'failover', '--json');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
    const { gateways } = JSON.parse(stdout) as {
      gateways: readonly { agents: readonly Readonly<Record<'now' | 'next', string | null>>[] }[];
    };
    expect(gateways[0]?.agents).toMatchObject([{ now, next }]);
  }, patience);
}

let session = 0;

/** The answer and who gave it; how long it took is written down. */
export async function turned(fall: string, host: Host, timeoutMs?: number): Promise<readonly string[]> {
  session += 1;
  const { text, winner, seconds } = await turn(host, `turn-${session}`, timeoutMs);
  console.info(`${host.name}, ${fall}: ${text} (${winner}) after ${seconds} s`);
  return [text, winner];
}

/** LiteLLM keeps idle connections for 15 s (its AIOHTTP_KEEPALIVE_TIMEOUT) and waits for ever on one that leads nowhere. */
export function closedConnections(): Promise<void> {
  return sleep(16_000);
}

export function writeConfig(host: Host, config: unknown): Promise<void> {
  return host.writeFile(configFile, JSON.stringify(config), { user, mode: 0o600 });
}

/** A drop-in of the gateway. */
export async function dropIn(host: Host, text: string): Promise<void> {
  await writeDropIn(host, text);
  await systemctl(host, 'daemon-reload');
}

export function writeDropIn(host: Host, text: string): Promise<void> {
  return host.writeFile(`${units}/openclaw-gateway.service.d/test.conf`, text, { user });
}
