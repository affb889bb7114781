/** Opens the picture and the links of this machine for `daruma failover`, `check` and `test`. */
import {
  authoritiesOfGateways,
  authoritiesOfNode,
  type GatewayEnvironment,
  gatewayEnvironments,
} from '../failover/live/gateway-environment.ts';
import { type Links, linksOf } from '../failover/live/links-of.ts';
import { openclawTextFor } from '../failover/openclaw-verdict.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Picture } from '../routes/picture.ts';
import { type Context, expectHere } from './context.ts';
import { withPicture } from './open-picture.ts';
import type { CommonOptions } from './options.ts';

export interface OpenedLinks extends Links {
  readonly inventory: Inventory;
  readonly picture: Picture;
  /** Environments of the gateways, by unit. */
  readonly environments: ReadonlyMap<string, GatewayEnvironment>;
}

/**
 * Opens the links of this machine, runs work, and closes the host again.
 *
 * @throws Failure for an invalid configuration, and for a host that is not live
 */
export function withLinks<T>(
  options: CommonOptions,
  context: Context,
  action: 'check' | 'test',
  work: (opened: OpenedLinks) => Promise<T>,
): Promise<T> {
  expectHere(`failover ${action}`, options, context.catalogue);
  return withPicture(options, context, async ({ target: { inventory }, picture }) =>
    work(await openLinks(picture, inventory, context)),
  );
}

/** @param inventory of the running machine */
export async function openLinks(
  picture: Picture,
  inventory: Inventory,
  { environment }: Context,
): Promise<OpenedLinks> {
  const environments = await gatewayEnvironments(picture.gateways, inventory);
  const ofGateways = authoritiesOfGateways(environments.values(), environment);
  const probes = new Map<string | null, string>();
  for (const { unit } of picture.gateways)
    probes.set(unit, await openclawTextFor(unit, ['models', 'status', '--probe'], inventory, environment));
  const links = linksOf(picture, {
    probeOf: unit => probes.get(unit) ?? '',
    host: inventory.host,
    environmentOf: unit => environments.get(unit),
    authoritiesOf: gateway => (gateway === undefined ? ofGateways : authoritiesOfNode(gateway.variable)),
    environment,
  });
  return { ...links, inventory, picture, environments };
}
