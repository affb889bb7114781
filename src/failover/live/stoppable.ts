/** Decides whether a test may stop a service: only if it is certain to run again and no other service stops with it. */
import type { Inventory, ServiceEntry } from '../../inventory/inventory.ts';
import { survivalRow } from '../../restart/survival.ts';

/** Why the service may not be stopped. */
export type StopRefusal =
  | { readonly code: 'no-manager' }
  /** It was stopped or has fallen: the test would start a service that is not meant to run. */
  | { readonly code: 'not-running'; readonly unit: string; readonly state: string }
  /** It would stay down after a reboot during the test, since it is not enabled or lingering is off. */
  | { readonly code: 'down-after-reboot'; readonly unit: string }
  /** Other running services stop with it. */
  | { readonly code: 'others-stop-with-it'; readonly unit: string; readonly others: readonly string[] }
  /** A socket, a timer or a unit with `Upholds=` would start it during the test. */
  | { readonly code: 'started-by-others'; readonly unit: string; readonly others: readonly string[] };

export async function stopRefusal(unit: string, inventory: Inventory): Promise<StopRefusal | undefined> {
  if (inventory.host.manager === undefined) return { code: 'no-manager' };
  const entry = await entryOf(unit, inventory);
  const state = entry?.live?.activeState ?? 'not-found';
  if (entry?.factsNow === undefined || state !== 'active') return { code: 'not-running', unit, state };
  const { surroundings } = entry.factsNow;
  if (survivalRow(entry.factsNow, inventory.machine).reboot.getsUp !== true) {
    return { code: 'down-after-reboot', unit };
  }
  const starters = [
    ...surroundings.triggers.filter(({ active }) => active).map(({ name }) => name),
    ...surroundings.upheldBy.map(({ unit: other }) => other),
  ];
  if (starters.length > 0) return { code: 'started-by-others', unit, others: starters };
  const others = await tiedTo(unit, inventory);
  return others.length > 0 ? { code: 'others-stop-with-it', unit, others } : undefined;
}

async function entryOf(unit: string, inventory: Inventory): Promise<ServiceEntry | undefined> {
  for await (const entry of inventory.services([unit])) return entry;
  return undefined;
}

/** Running services that systemd stops together with this one: `Requires=`, `BindsTo=`, `PartOf=` ... */
async function tiedTo(unit: string, inventory: Inventory): Promise<readonly string[]> {
  const tied: string[] = [];
  for await (const { service, facts, live } of inventory.services(inventory.ownServices())) {
    const isTied = facts?.surroundings.bonds.some(({ other }) => other === unit) ?? false;
    if (isTied && live?.activeState === 'active') tied.push(service.unit.name);
  }
  return tied;
}
