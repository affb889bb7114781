/** Two machines with OpenClaw and LiteLLM as they are published, for the tests that use both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { createAuthority } from '../../lab/authority.ts';
import type { Host } from '../../lab/host.ts';
import { createNetwork } from '../../lab/network.ts';
import {
  daruma,
  home,
  openclaw,
  startGateway,
  startLitellm,
  systemctl,
  turn,
  units,
  user,
} from './machine.ts';
import { bootSquad, local, snippet } from './booted-squad.ts';

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
    const neko = stack.use(await bootSquad(network, authority, 'neko', { config: configOf('neko', 'kuma') }));
    const kuma = stack.use(await bootSquad(network, authority, 'kuma', { config: configOf('kuma', 'neko') }));
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
