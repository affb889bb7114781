/** A machine with everything that failover is about, for what uses two of them. */
import type { Authority } from '../../lab/authority.ts';
import { bootHost, type Host } from '../../lab/host.ts';
import type { Network } from '../../lab/network.ts';
import {
  addLitellm,
  addNodes,
  addOpenclaw,
  addUpstream,
  addWebServer,
  daruma,
  keyOf,
  type LitellmExtras,
  user,
  type WebServer,
} from './machine.ts';

/** Each machine has another one. */
const webServerOf: Readonly<Record<SquadName, WebServer>> = { neko: 'nginx', kuma: 'caddy' };

type SquadName = 'neko' | 'kuma';

interface SquadOptions {
  /** The text of openclaw.json. */
  readonly config: string;
  readonly litellm?: LitellmExtras;
}

/** A host with an upstream, a LiteLLM and an OpenClaw, which are not started, and a web server before the LiteLLM. */
export async function bootSquad(
  network: Network,
  authority: Authority,
  name: SquadName,
  { config, litellm }: SquadOptions,
): Promise<Host> {
  const host = await bootHost({ name, network, users: [user], software: ['openclaw', 'litellm'] });
  await addUpstream(host);
  await addLitellm(host, litellm);
  await addOpenclaw(host, config);
  await addNodes(host);
  const server = webServerOf[name];
  await addWebServer(host, authority, server, await siteOf(host, server));
  return host;
}

/** As the seed has it, with the names and keys of these machines, and the `gateway` that OpenClaw does not start without. */
export function snippet(name: string, other: string): string {
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
