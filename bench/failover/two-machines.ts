/** Two hosts of the lab with LiteLLM and OpenClaw as they are published, TLS between them, and the front on one. */
import { createAuthority } from '../../lab/authority.ts';
import type { Host } from '../../lab/host.ts';
import { createNetwork } from '../../lab/network.ts';
import { bootSquad, local } from '../../test/failover/booted-squad.ts';
import { daruma, startLitellm } from '../../test/failover/machine.ts';
import type { Figure } from '../figure.ts';
import { leadsToLiving } from './peers.ts';

export const litellmPort = 4000;
export const frontPort = 4010;

/** LiteLLM asks its upstream once, and for no longer than a minute, as `daruma failover plan` and the documentation advise. */
const once = { settings: 'litellm_settings:\n  num_retries: 0\n  request_timeout: 60\n' };

/** What is measured on them; the front is not there yet. */
export async function* withTwoMachines(
  measure: (neko: Host, kuma: Host) => AsyncIterable<Figure>,
): AsyncIterable<Figure> {
  using authority = await createAuthority();
  await using network = await createNetwork();
  await using neko = await bootSquad(network, authority, 'neko', { config: local('neko'), litellm: once });
  await using kuma = await bootSquad(network, authority, 'kuma', { config: local('kuma'), litellm: once });
  await Promise.all([neko, kuma].map(startLitellm));
  yield* measure(neko, kuma);
}

/** Sets up the front, and waits until it answers. */
export async function addFront(host: Host): Promise<void> {
  await mustDaruma(host, 'failover', 'apply', '--front', '--yes');
  await leadsToLiving(host, frontPort);
}

/** @throws Error when it does not end with 0 */
export async function mustDaruma(host: Host, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await daruma(host, ...args);
  if (code !== 0) throw new Error(`daruma ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
}
