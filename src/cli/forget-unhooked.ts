/** Forgets what is kept of services that have no hooks, whenever hooks come or go. */
import fs from 'node:fs';
import { isHooked, watchedUnits } from '../check/hooked-services.ts';
import { areHooksAmong } from '../check/own-drop-ins.ts';
import { outboxService } from '../systemd/own-units.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { forgetMachine, forgetServices } from '../notify/forget.ts';
import { spoolFolder } from '../notify/spool.ts';
import { printable } from '../report/printable.ts';
import { openSoundStore } from '../store/damage.ts';
import { hasStore } from '../store/database.ts';
import { isForeign, stateFolder } from '../store/state-folder.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Run } from './io.ts';
import { tell } from './output.ts';
import { storeFaultText } from './store-fault.ts';
import { openHost, type TargetOptions } from './targets.ts';

/**
 * Runs a change of files, and forgets before it, since hooks that come have seen nothing of what is kept, and after it, since nobody
 * sees any more what becomes of services without hooks. A fault of the store is told and stops nothing.
 *
 * @param files those that are changed: where no hooks are among them, nothing is forgotten
 */
export async function forgettingUnhooked<T>(
  files: Iterable<string>,
  host: Host,
  targets: TargetOptions,
  run: Run,
  change: () => Promise<T>,
): Promise<T> {
  if (isForeign(host) || !areHooksAmong(files)) return await change();
  await forgetUnhooked('before', host, run);
  const result = await change();
  // The old host has cached its folders.
  await using hostAfter = await openHost(targets, run);
  await forgetUnhooked('after', hostAfter, run);
  return result;
}

async function forgetUnhooked(when: 'before' | 'after', host: Host, run: Run): Promise<void> {
  const folder = stateFolder(host, run.environment);
  if (folder === undefined || (!hasStore(folder) && !fs.existsSync(spoolFolder(folder)))) return;
  const { notify } = run.catalogue;
  try {
    const inventory = await takeInventory(host);
    const waiting = await forgetIn(folder, inventory, run);
    if (when === 'before' || inventory.loader.index.entry(outboxService) !== undefined) return;
    for (const [channel, count] of waiting) {
      tell(run.io, printable(`daruma: ${notify.stillWaiting(channel, count)}`));
    }
  } catch (error) {
    tell(run.io, printable(`daruma: ${notify.notForgotten(storeFaultText(error, run.catalogue))}`));
  }
}

/** @returns the messages that wait although no service has hooks, by channel */
async function forgetIn(
  folder: string,
  inventory: Inventory,
  { io, catalogue: { notify, punctuation } }: Run,
): Promise<ReadonlyMap<string, number>> {
  const { host } = inventory;
  const nowMs = Date.now();
  const { database: opened, putAside } = await openSoundStore(folder, nowMs);
  using database = opened;
  if (putAside !== undefined) tell(io, printable(`daruma: ${notify.putAside(putAside)}`));
  const kept = { folder, database };
  const untold = forgetServices(kept, unit => isHooked(unit, inventory), nowMs);
  if (untold.length > 0) tell(io, printable(`daruma: ${notify.untold(untold.join(punctuation.list))}`));
  return watchedUnits(host).length === 0 ? forgetMachine(kept, host, nowMs) : new Map<string, number>();
}
