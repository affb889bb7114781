/**
 * One of two machines as the seed of this project describes them: a LiteLLM before an upstream of its own, an OpenClaw
 * gateway, and a web server by which the other machine reaches the LiteLLM at `https://NAME/litellm/`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Authority } from '../../lab/authority.ts';
import type { Host } from '../../lab/host.ts';
import { run, type RunResult } from '../../lab/run.ts';
import { waitFor } from '../../lab/wait.ts';

export const user = 'azureuser';
export const home = `/home/${user}`;
export const units = `${home}/.config/systemd/user`;

/** What its LiteLLM and its upstream call their models. */
const models = ['claude-opus-4.6', 'claude-sonnet-4'] as const;

export type WebServer = 'caddy' | 'nginx';

/** The key that a machine's LiteLLM asks for. */
export function keyOf(name: string): string {
  return `sk-EXAMPLE-${name}`;
}

/** Runs a command that must succeed, as root or another. */
export async function must(host: Host, argv: readonly string[], as?: string): Promise<string> {
  const { code, stdout, stderr } = await host.exec(argv, {
    ...(as === undefined ? {} : { user: as }),
    timeoutMs: 240_000,
  });
  if (code !== 0) throw new Error(`${host.name}: ${argv.join(' ')} ended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** `systemctl --user` of the squad's user. */
export function systemctl(host: Host, ...args: readonly string[]): Promise<string> {
  return must(host, ['systemctl', '--user', ...args], user);
}

/** It believes whom the gateway believes, without being told. */
export function daruma(host: Host, ...args: readonly string[]): Promise<RunResult> {
  return host.exec(['node', '/opt/daruma/bin/daruma.cjs', ...args], { user, timeoutMs: 600_000 });
}

/** The certificate of the lab's authority. */
const authorityFile = '/etc/lab/authority.pem';

/** A machine by its name, where others reach its LiteLLM, and its key: for both machines the same list. */
export async function addNodes(host: Host): Promise<void> {
  const folder = `${home}/.config/daruma`;
  const nodes = ['neko', 'kuma'].map(
    name => `  - name: ${name}\n    url: https://${name}/litellm\n    key: file:${folder}/${name}.key\n`,
  );
  await host.writeFile(`${folder}/config.yaml`, `nodes:\n${nodes.join('')}`, { user });
  for (const name of ['neko', 'kuma']) {
    await host.writeFile(`${folder}/${name}.key`, keyOf(name), { user, mode: 0o600 });
  }
}

/** What the rules about failover find when the files of these machines are looked at together, with its severity. */
export async function failoverFindings(...hosts: readonly Host[]): Promise<readonly string[]> {
  const cli = fileURLToPath(new URL('../../bin/daruma.cjs', import.meta.url));
  const roots = hosts.map(({ rootDir }) => rootDir);
  const { stdout } = await run([process.execPath, cli, 'check', '--json', ...roots], { timeoutMs: 240_000 });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
  const { findings } = JSON.parse(stdout) as { findings: readonly { rule: string; severity: string }[] };
  const found = findings.map(({ rule, severity }) => `${severity} ${rule}`);
  return found.filter(each => / (failover-|openclaw-config-invalid)/.test(each));
}

const upstreamAddress = '10.214.0.2';
const upstreamLog = '/srv/upstream/requests';

/** The route that everything to the upstream takes: a cable to a network of its own. */
export async function addUpstream(host: Host): Promise<void> {
  const commands = [
    'ip netns add upstream',
    'ip link add upstream type veth peer name machine netns upstream',
    'ip address add 10.214.0.1/30 dev upstream',
    'ip link set upstream up',
    `ip -n upstream address add ${upstreamAddress}/30 dev machine`,
    'ip -n upstream link set machine up',
    'install -d /srv/upstream',
  ];
  for (const command of commands) await must(host, command.split(' '));
  const program = '/opt/daruma/test/failover/upstream.ts';
  await host.writeFile(
    '/etc/systemd/system/upstream.service',
    `[Service]
NetworkNamespacePath=/run/netns/upstream
ExecStart=/usr/local/bin/node ${program} ${host.name} ${upstreamAddress} 8080 ${upstreamLog}
`,
  );
  await must(host, ['systemctl', 'start', 'upstream']);
}

/** From now on there is no way to the upstream, or there is one again. */
export async function setUpstreamRoute(host: Host, state: 'up' | 'down'): Promise<void> {
  await must(host, ['ip', 'link', 'set', 'upstream', state]);
}

/** From now on its upstream answers everything with 503, or as usual again. */
export async function setUpstream(host: Host, state: 'up' | 'down'): Promise<void> {
  const file = `${upstreamLog}.down`;
  await must(host, state === 'down' ? ['touch', file] : ['rm', '-f', file]);
}

/** How many answers its upstream was asked for. */
export function completionsAsked(host: Host): number {
  const log = readFileSync(join(host.rootDir, upstreamLog), 'utf8');
  return log.split('\n').filter(line => line.endsWith(' POST /v1/chat/completions')).length;
}

/** A web server with a certificate of the lab's authority, and `site` as its configuration. */
export async function addWebServer(
  host: Host,
  authority: Authority,
  server: WebServer,
  site: string,
): Promise<void> {
  const { certificate, key } = await authority.certify(host.name);
  await host.writeFile(authorityFile, authority.certificate);
  await host.writeFile('/etc/lab/host.pem', certificate);
  await host.writeFile('/etc/lab/host.key', key, { mode: 0o600 });
  const { config, command } = webServers[server](site);
  await host.writeFile('/etc/lab/web-server.conf', config);
  await host.writeFile('/etc/systemd/system/web-server.service', `[Service]\nExecStart=${command}\n`);
  await must(host, ['systemctl', 'start', 'web-server']);
}

/** Neither asks anybody for a certificate. */
const webServers = {
  caddy: site => ({
    config: `{\n\tauto_https off\n\tadmin off\n}\n${site}`,
    command: '/usr/bin/caddy run --adapter caddyfile --config /etc/lab/web-server.conf',
  }),
  nginx: site => ({
    config: `events {}\nhttp {\naccess_log off;\n${site}\n}\n`,
    command: "/usr/sbin/nginx -c /etc/lab/web-server.conf -g 'daemon off;'",
  }),
} as const satisfies Record<WebServer, (site: string) => { config: string; command: string }>;

export interface LitellmExtras {
  /** Sections of its configuration. */
  readonly settings?: string;
  /** Entries of its `model_list`, beside those of the upstream. */
  readonly deployments?: readonly string[];
  /** Where its own models come from; the upstream, if not given. */
  readonly upstream?: string;
}

/** A LiteLLM on 127.0.0.1:4000 that is not started. */
export async function addLitellm(
  host: Host,
  { settings = '', deployments = [], upstream = `http://${upstreamAddress}:8080/v1` }: LitellmExtras = {},
): Promise<void> {
  const file = (path: string, text: string, mode = 0o644) =>
    host.writeFile(`${home}/${path}`, text, { user, mode });
  // What pip writes, for where the host has it.
  await file(
    '.local/bin/litellm',
    '#!/opt/litellm/bin/python3\nimport sys\nfrom litellm import run_server\nsys.exit(run_server())\n',
    0o755,
  );
  const own = models.map(model => deploymentOf(model, model, upstream, 'unused'));
  await file(
    '.openclaw/litellm/config.yaml',
    `model_list:\n${[...own, ...deployments].join('')}${settings}general_settings:\n  master_key: os.environ/LITELLM_MASTER_KEY\n`,
  );
  await file(
    '.openclaw/litellm/environment',
    // It would ask for the newest prices.
    `LITELLM_MASTER_KEY=${keyOf(host.name)}\nLITELLM_LOCAL_MODEL_COST_MAP=True\nSSL_CERT_FILE=${authorityFile}\n`,
    0o600,
  );
  const program = `${home}/.local/bin/litellm --config ${home}/.openclaw/litellm/config.yaml`;
  await enableService(host, 'litellm', [
    `EnvironmentFile=${home}/.openclaw/litellm/environment`,
    `ExecStart=${program} --host 127.0.0.1 --port 4000`,
  ]);
}

/** What stands between LiteLLM and its models is a service of this machine, on 127.0.0.1:4141, called copilot-api. */
export async function addCopilotApi(host: Host): Promise<void> {
  await host.writeFile(
    `${home}/.local/bin/copilot-api`,
    `#!/usr/local/bin/node
process.argv.splice(2, Infinity, '${host.name}', '127.0.0.1', '4141', '${home}/copilot-api.requests');
import('/opt/daruma/test/failover/upstream.ts');
`,
    { user, mode: 0o755 },
  );
  await enableService(host, 'copilot-api', ['ExecStart=%h/.local/bin/copilot-api start -p 4141']);
  await systemctl(host, 'start', 'copilot-api');
}

/** A service of the squad's user, started with its manager and whenever it falls. */
async function enableService(host: Host, name: string, settings: readonly string[]): Promise<void> {
  await host.writeFile(
    `${units}/${name}.service`,
    `[Service]
${settings.join('\n')}
Restart=always
RestartSec=5

[Install]
WantedBy=default.target
`,
    { user },
  );
  await systemctl(host, 'daemon-reload');
  await systemctl(host, 'enable', name);
}

/** An entry of `model_list`. */
export function deploymentOf(name: string, model: string, apiBase: string, key: string): string {
  return `  - model_name: ${name}
    litellm_params:
      model: openai/${model}
      api_base: ${apiBase}
      api_key: ${key}
`;
}

/** Until it answers. A machine at work needs a minute for it. */
export async function startLitellm(host: Host): Promise<void> {
  await systemctl(host, 'start', 'litellm');
  await answers(host, 'http://127.0.0.1:4000/health/liveliness');
}

/** Environment of every OpenClaw here: the authority is known, nothing is fetched, nothing announced. */
const openclawEnvironment = [
  `NODE_EXTRA_CA_CERTS=${authorityFile}`,
  'OPENCLAW_OFFLINE=1',
  'OPENCLAW_NO_AUTO_UPDATE=1',
  'OPENCLAW_DISABLE_BONJOUR=1',
] as const;

/** OpenClaw with this configuration; its gateway is not started. */
export async function addOpenclaw(host: Host, config: string): Promise<void> {
  await host.writeFile(`${home}/.openclaw/openclaw.json`, config, { user, mode: 0o600 });
  const program = '/usr/local/bin/node /opt/openclaw/node_modules/openclaw/dist/index.js';
  await enableService(host, 'openclaw-gateway', [
    `Environment=${openclawEnvironment.join(' ')}`,
    `ExecStart=${program} gateway --port 18789`,
  ]);
}

/** Until it is ready. */
export async function startGateway(host: Host): Promise<void> {
  await systemctl(host, 'start', 'openclaw-gateway');
  await answers(host, 'http://127.0.0.1:18789/readyz');
}

/** OpenClaw's own command line. It takes its time. */
export function openclaw(host: Host, args: readonly string[], timeoutMs = 240_000): Promise<RunResult> {
  const program = ['node', '/opt/openclaw/node_modules/openclaw/openclaw.mjs'];
  return host.exec(['env', ...openclawEnvironment, ...program, ...args], { user, timeoutMs });
}

/** An agent was asked, and this came of it. */
export interface Turn {
  readonly text: string;
  /** The provider that answered. */
  readonly winner: string;
  readonly seconds: number;
}

/**
 * Asks the machine's main agent through its gateway, in a session of its own.
 *
 * @throws Error when there is no answer within `timeoutMs`
 */
export async function turn(host: Host, session: string, timeoutMs = 600_000): Promise<Turn> {
  const start = performance.now();
  const args = ['agent', '--agent', 'main', '--session-id', session, '--message', 'ping', '--json'];
  const { code, stdout, stderr } = await openclaw(host, args, timeoutMs);
  if (code !== 0) throw new Error(`openclaw agent on ${host.name} ended with ${code}: ${stderr}${stdout}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of openclaw 2026.9.6
  const { result } = JSON.parse(stdout) as {
    result: {
      payloads: readonly { text: string }[];
      meta: { executionTrace: { winnerProvider: string } };
    };
  };
  return {
    text: result.payloads.map(({ text }) => text).join('\n'),
    winner: result.meta.executionTrace.winnerProvider,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };
}

/** Waits until there is an answer with a good status. A machine at work takes its time. */
export async function answers(host: Host, url: string): Promise<void> {
  await waitFor(`${url} on ${host.name}`, 600_000, async () => {
    const { code } = await host.exec(['curl', '-sf', '--max-time', '5', '-o', '/dev/null', url]);
    return code === 0 || undefined;
  });
}
