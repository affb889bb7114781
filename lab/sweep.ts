import { join } from 'node:path';
import { hostNamespace, removeNamespace, switchNamespace } from './cable.ts';
import { killCgroup, removeCgroup } from './cgroup.ts';
import { removeTracesOfNspawn } from './nspawn.ts';
import { isAlive, type Owner } from './owner.ts';
import { mergedFolder, unmountOverlay } from './overlay.ts';
import { hostRegistry, networkRegistry } from './registry.ts';

/**
 * Takes away every host and network whose owner has ended without doing so; returns their ids.
 * What belongs to nobody (`lab up`) stays.
 */
export async function sweep(): Promise<string[]> {
  const hosts = hostRegistry.ids().filter(id => isLeftBehind(hostRegistry.find(id)));
  const networks = networkRegistry.ids().filter(id => isLeftBehind(networkRegistry.find(id)));
  for (const id of hosts) await tearDownHost(id);
  for (const id of networks) await tearDownNetwork(id);
  return [...hosts, ...networks];
}

/**
 * Takes a host away, whatever state it is in: every step finds out itself what is still there, so that a half made or half
 * removed host goes too, and two who do it at once are not in each other's way. The record goes last.
 */
export async function tearDownHost(id: string): Promise<void> {
  const disk = hostDisk(id);
  await killCgroup(id);
  await removeCgroup(id);
  await removeTracesOfNspawn(id, mergedFolder(disk));
  await unmountOverlay(disk);
  await removeNamespace(hostNamespace(id));
  hostRegistry.remove(id);
}

/** Takes a network away; hosts still in it keep an interface whose cable ends nowhere. */
export async function tearDownNetwork(id: string): Promise<void> {
  await removeNamespace(switchNamespace(id));
  networkRegistry.remove(id);
}

/** The folder on which a host's tmpfs is mounted. */
export function hostDisk(id: string): string {
  return join(hostRegistry.folder(id), 'disk');
}

/** An entry without a record is one whose removal was cut short. */
function isLeftBehind(record: { readonly owner: Owner | null } | undefined): boolean {
  return record === undefined || (record.owner !== null && !isAlive(record.owner));
}
