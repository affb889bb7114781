/** Two machines with OpenClaw and LiteLLM as they are published: from the seed's snippet to an answer by the other machine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAuthority } from '../../lab/authority.ts';
import { bootHost, type Host } from '../../lab/host.ts';
import { createNetwork } from '../../lab/network.ts';
import { describeLab } from '../../lab/vitest.ts';
import {
  addLitellm,
  addNodes,
  addOpenclaw,
  addUpstream,
  addWebServer,
  daruma,
  failoverFindings,
  home,
  keyOf,
  must,
  openclaw,
  setUpstreamRoute,
  startGateway,
  startLitellm,
  systemctl,
  turn,
  units,
  user,
  type WebServer,
} from './machine.ts';

const needs = { software: ['openclaw', 'litellm'], commands: ['caddy', 'nginx', 'openssl', 'curl'] } as const;
/** OpenClaw needs minutes for what is in question, and a machine at work five times as long as one that is not. */
const minuteMs = 60_000;

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

  test('with its LiteLLM stopped a machine answers through the other', {
    timeout: 15 * minuteMs,
  }, async () => {
    const { neko } = squads();
    await systemctl(neko, 'stop', 'litellm');
    expect(await turned('LiteLLM stopped', neko)).toEqual(['answered by kuma', 'remote-litellm']);
    await startLitellm(neko);
  });

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

describeLab('two machines whose gateways run', needs, () => {
  const squads = bootSquads(local);

  beforeAll(() => startGateway(squads().neko), 10 * minuteMs);

  const pid = (host: Host) => systemctl(host, 'show', '-P', 'MainPID', 'openclaw-gateway');

  test('a running gateway takes the other machine and its key without a restart', {
    timeout: 15 * minuteMs,
  }, async () => {
    const { neko } = squads();
    const before = await pid(neko);
    expect(await daruma(neko, 'failover', 'apply', '--yes')).toMatchObject({
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

describeLab('what is in force of a running gateway', needs, () => {
  const squads = bootSquads(local);
  const gateway = () => squads().neko;

  beforeAll(async () => {
    await startGateway(gateway());
    await applyFailover(gateway());
  }, 10 * minuteMs);

  test('a file of a key that it may not read is none', { timeout: 5 * minuteMs }, async () => {
    const file = `${home}/.openclaw/kuma-litellm.key`;
    await must(gateway(), ['chmod', '644', file]);
    await openclaw(gateway(), ['secrets', 'reload']);
    expect((await gripOf(gateway(), 'apply'))[0]).toBe(3);
    await must(gateway(), ['chmod', '600', file]);
    await openclaw(gateway(), ['secrets', 'reload']);
    expect(await gripOf(gateway(), 'apply')).toEqual([0, 'in-force']);
  });

  test('a key that is moved into its .env waits for a restart, which a second run offers', {
    timeout: 10 * minuteMs,
  }, async () => {
    await moveKey('${MOVED_KEY}', `MOVED_KEY=${keyOf('kuma')}\n`);
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'cold']);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'cold']);
    await refuseRestarts(true);
    const refused = await daruma(gateway(), 'failover', 'apply', '--yes');
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('could not be restarted (') });
    await refuseRestarts(false);
    const { code, stdout } = await daruma(gateway(), 'failover', 'apply', '--yes');
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
    expect(await failoverFindingsThere()).toEqual(['failover-key-unread']);
    await gateway().writeFile(`${home}/.openclaw/.env`, `MOVED_KEY=${keyOf('kuma')}\n`, {
      user,
      mode: 0o600,
    });
    expect(await daruma(gateway(), 'failover', 'apply', '--yes')).toMatchObject({ code: 0 });
    expect(await failoverFindingsThere()).toEqual([]);
  });

  test('one that does not follow its file keeps what it has until it is restarted', {
    timeout: 20 * minuteMs,
  }, async () => {
    const config = JSON.parse(await must(gateway(), ['cat', configFile]));
    config.gateway.reload = { mode: 'off' };
    config.models.providers['kuma-litellm'].timeoutSeconds = 90;
    await writeConfig(config);
    expect(await gripOf(gateway(), 'apply')).toEqual([3, 'reload-off']);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'reload-off']);
    const { code, stdout } = await daruma(gateway(), 'failover', 'apply', '--yes');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/openclaw-gateway\.service: in force; /),
    });
    // A mode of earlier versions: with this file it would not start again.
    config.gateway.reload = { mode: 'restart' };
    await writeConfig(config);
    expect(await gripOf(gateway(), 'check')).toEqual([1, 'refused']);
    // It follows its file again as soon as that says so.
    config.gateway.reload = { mode: 'hybrid' };
    await writeConfig(config);
    expect(await gripOf(gateway(), 'apply')).toEqual([0, 'in-force']);
  });

  test('a key that OpenClaw has in its own store is left there, and is in force', {
    timeout: 10 * minuteMs,
  }, async () => {
    const config = JSON.parse(await must(gateway(), ['cat', configFile]));
    config.models.providers['kuma-litellm'].apiKey = keyOf('kuma');
    await writeConfig(config);
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
    await dropIn('[Service]\nExecStartPre=/bin/sleep 300\n');
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

  function writeConfig(config: unknown): Promise<void> {
    return gateway().writeFile(configFile, JSON.stringify(config), { user, mode: 0o600 });
  }

  /** As somebody would do it by hand; the reload of the gateway is waited for by whoever asks it. */
  async function moveKey(apiKey: string, environment: string): Promise<void> {
    await gateway().writeFile(`${home}/.openclaw/.env`, environment, { user, mode: 0o600 });
    const config = JSON.parse(await must(gateway(), ['cat', configFile]));
    config.models.providers['kuma-litellm'].apiKey = apiKey;
    await writeConfig(config);
  }

  async function refuseRestarts(isRefused: boolean): Promise<void> {
    await dropIn(isRefused ? '[Unit]\nRefuseManualStart=yes\n' : '');
  }

  async function dropIn(text: string): Promise<void> {
    await gateway().writeFile(`${units}/openclaw-gateway.service.d/test.conf`, text, { user });
    await systemctl(gateway(), 'daemon-reload');
  }

  async function failoverFindingsThere(): Promise<readonly string[]> {
    const { stdout } = await daruma(gateway(), 'check', '--json');
    const { findings }: { readonly findings: readonly { readonly rule: string }[] } = JSON.parse(stdout);
    return findings.map(({ rule }) => rule).filter(rule => rule === 'failover-key-unread');
  }
});

describeLab('every fall of one of two machines', { ...needs, slow: true }, () => {
  const squads = bootSquads();

  beforeAll(async () => {
    for (const host of [squads().neko, squads().kuma]) await applyFailover(host);
    await Promise.all([squads().neko, squads().kuma].map(startGateway));
  }, 10 * minuteMs);

  for (const [fallen, other] of [
    ['neko', 'kuma'],
    ['kuma', 'neko'],
  ] as const) {
    test(`${fallen} answers by itself`, { timeout: 15 * minuteMs }, async () => {
      expect(await turned('nothing', squads()[fallen])).toEqual([`answered by ${fallen}`, 'litellm']);
    });

    test(`${fallen} without its LiteLLM`, { timeout: 15 * minuteMs }, async () => {
      const host = squads()[fallen];
      await systemctl(host, 'stop', 'litellm');
      expect(await turned('LiteLLM stopped', host)).toEqual([`answered by ${other}`, 'remote-litellm']);
      await startLitellm(host);
    });

    test(`${fallen} without a way to its upstream`, { timeout: 15 * minuteMs }, async () => {
      const host = squads()[fallen];
      await closedConnections();
      await setUpstreamRoute(host, 'down');
      expect(await turned('route to upstream cut', host)).toEqual([`answered by ${other}`, 'remote-litellm']);
      await setUpstreamRoute(host, 'up');
    });
  }

  test('a test with the proxy really stopped shows who answers, and it is back afterwards', {
    timeout: 15 * minuteMs,
  }, async () => {
    const { neko } = squads();
    const { code, stdout, stderr } = await daruma(neko, 'failover', 'test', '--down', '--yes');
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('remote-litellm');
    expect(await systemctl(neko, 'is-active', 'litellm')).toBe('active\n');
  });

  test('a LiteLLM that hangs is waited for, which daruma says before', {
    timeout: 30 * minuteMs,
  }, async () => {
    const { neko } = squads();
    // The plan sets a limit; without one, as in the snippet:
    await must(neko, ['sed', '-i', '0,/"timeoutSeconds": [0-9]*,*/s///', `${home}/.openclaw/openclaw.json`]);
    expect(await validate(neko)).toMatchObject({ valid: true });
    expect(await failoverFindings(neko)).toContain('warning failover-slow');
    await systemctl(neko, 'kill', '--signal=STOP', 'litellm');
    await expect(turned('LiteLLM hangs', neko, 15 * minuteMs)).rejects.toThrow(/"status": "timeout"/);
    await systemctl(neko, 'kill', '--signal=CONT', 'litellm');
  });
});

interface Squads {
  readonly neko: Host;
  readonly kuma: Host;
}

/** Two hosts for a block, each with another web server, their LiteLLMs at work, OpenClaw configured and not started. */
function bootSquads(configOf = snippet): () => Squads {
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
function local(name: string): string {
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

const configFile = `${home}/.openclaw/openclaw.json`;

/**
 * What a command says that the gateway works with, and its exit code.
 *
 * @param wrapper a command line that the command is run by
 */
async function gripOf(host: Host, action: 'apply' | 'check'): Promise<readonly [number, string | undefined]> {
  const argv = ['node', '/opt/daruma/src/cli/main.ts', 'failover', action, '--json'];
  const { code, stdout } = await host.exec(argv, { user, timeoutMs: 240_000 });
  const { inForce }: { readonly inForce: readonly { readonly state: string }[] } = JSON.parse(stdout);
  return [code, inForce[0]?.state];
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
async function applyFailover(host: Host): Promise<void> {
  const { code, stderr } = await daruma(host, 'failover', 'apply', '--yes');
  expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: '' });
}

function withoutProgress(stderr: string): string {
  return stderr.replaceAll(/^.* \.\.\.\n/gm, '');
}

/** What OpenClaw thinks of its configuration. */
async function validate(host: Host): Promise<unknown> {
  const { stdout } = await openclaw(host, ['config', 'validate', '--json']);
  return JSON.parse(stdout);
}

/** daruma itself has little: on a busy machine it may take one for dead that is late. */
const patience = { timeout: 3 * minuteMs, interval: 2_000 } as const;

/** The models that agents are answered by, and would be next. */
async function expectStanding(host: Host, now: string, next: string | null): Promise<void> {
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
async function turned(fall: string, host: Host, timeoutMs?: number): Promise<readonly string[]> {
  session += 1;
  const { text, winner, seconds } = await turn(host, `turn-${session}`, timeoutMs);
  console.info(`${host.name}, ${fall}: ${text} (${winner}) after ${seconds} s`);
  return [text, winner];
}

/** LiteLLM keeps idle connections for 15 s (its AIOHTTP_KEEPALIVE_TIMEOUT) and waits for ever on one that leads nowhere. */
function closedConnections(): Promise<void> {
  return sleep(16_000);
}
