/** Whether a service may be stopped for a test: only where it is sure to run again, and where nothing else falls with it. */
import type { Inventory, ServiceEntry } from '../../inventory/inventory.ts';
import { survivalRow } from '../../restart/survival.ts';

/** Why it is not stopped. */
export type StopRefusal =
  | { readonly code: 'no-manager' }
  /** An operator has stopped it, or it is down by itself: the test would start what is not to run. */
  | { readonly code: 'not-running'; readonly unit: string; readonly state: string }
  /** After a reboot in the middle of the test it would stay down: not enabled, or no lingering. */
  | { readonly code: 'down-after-reboot'; readonly unit: string }
  /** Other services that run are stopped with it. */
  | { readonly code: 'others-stop-with-it'; readonly unit: string; readonly others: readonly string[] }
  /** A socket, a timer or a unit that upholds it starts it in the middle of the test. */
  | { readonly code: 'started-by-others'; readonly unit: string; readonly others: readonly string[] };

export async function stopRefusal(unit: string, inventory: Inventory): Promise<StopRefusal | undefined> {
  if (inventory.host.manager === undefined) return { code: 'no-manager' };
  const entry = await entryOf(unit, inventory);
  const state = entry?.live?.activeState ?? 'not-found';
  if (entry?.facts === undefined || state !== 'active') return { code: 'not-running', unit, state };
  const { surroundings } = entry.facts;
  if (survivalRow(entry.facts, inventory.machine).reboot.getsUp !== true) {
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

/** Services that run, and that systemd stops with this one: `Requires=`, `BindsTo=`, `PartOf=` ... */
async function tiedTo(unit: string, inventory: Inventory): Promise<readonly string[]> {
  const tied: string[] = [];
  for await (const { service, facts, live } of inventory.services(inventory.ownServices())) {
    const isTied = facts?.surroundings.bonds.some(({ other }) => other === unit) ?? false;
    if (isTied && live?.activeState === 'active') tied.push(service.unit.name);
  }
  return tied;
}
