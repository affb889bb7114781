/** Plans the hooks through which systemd runs this installation of daruma. */
import { type Plan, together } from '../fix/plan.ts';
import { stateFolder } from '../store/state-folder.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { passingFolder, planInstallation } from '../notify/installation.ts';
import type { KeptLines } from '../notify/other-messengers.ts';
import { overlayFiles } from '../systemd/host/overlay-files.ts';
import type { Host } from '../systemd/host/host.ts';
import { Failure } from './failure.ts';
import type { Run } from './io.ts';
import { undoOn } from './options.ts';
import { ownCommand, versionFolder } from './own-command.ts';
import { version } from './version.ts';

/** @throws Failure when daruma itself lies in a temporary folder */
export async function planHooks(
  inventory: Inventory,
  units: readonly string[],
  { io, environment, catalogue }: Run,
  kept?: ReadonlyMap<string, KeptLines>,
): Promise<Plan | undefined> {
  const { notify, fix } = catalogue;
  const command = ownCommand(io, environment);
  const passing = passingFolder(command);
  if (passing !== undefined) {
    throw new Failure(3, 'passing-program', notify.passingProgram(passing), { hint: notify.installForGood });
  }
  const folder = stateFolder(inventory.host, environment);
  if (folder === undefined) return undefined;
  const texts = { head: fix.dropInHead(version, undoOn(inventory.host)), ...notify.hookComments };
  const plan = await planInstallation(inventory, units, {
    command,
    stateFolder: folder,
    texts,
    ...(kept && { kept }),
  });
  return plan && { ...plan, passingVersion: versionFolder(command) };
}

/** Adds the hooks for notifications to the plan of a new unit, on a live host only. */
export async function withHooks(plan: Plan, unit: string, host: Host, run: Run): Promise<Plan> {
  if (host.kind !== 'live' || passingFolder(ownCommand(run.io, run.environment)) !== undefined) return plan;
  const files = overlayFiles(host.files, plan.files);
  const inventory = await takeInventory({ ...host, files, manager: undefined });
  const hooks = await planHooks(inventory, [unit], run);
  return hooks === undefined ? plan : together(plan, hooks);
}
