import { join } from 'node:path';
import { hostNamespace, removeNamespace, switchNamespace } from './cable.ts';
import { killCgroup, removeCgroup } from './cgroup.ts';
import { removeTracesOfNspawn } from './nspawn.ts';
import { isAlive, type Owner } from './owner.ts';
import { mergedFolder, unmountOverlay } from './overlay.ts';
import { hostRegistry, networkRegistry } from './registry.ts';

/**
 * Removes every host and network whose owner has ended without removing it; returns their ids.
 * Hosts and networks without an owner (`lab up`) stay.
 */
export async function sweep(): Promise<string[]> {
  const hosts = hostRegistry.ids().filter(id => isLeftBehind(hostRegistry.find(id)));
  const networks = networkRegistry.ids().filter(id => isLeftBehind(networkRegistry.find(id)));
  for (const id of hosts) await tearDownHost(id);
  for (const id of networks) await tearDownNetwork(id);
  return [...hosts, ...networks];
}

/**
 * Removes a host in any state. Every step finds out itself what still exists, so it also removes a host that was made or removed
 * only in part, and two processes may do it at the same time. The record is removed last.
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

/** Removes a network; hosts that are still in it keep an interface without a connection. */
export async function tearDownNetwork(id: string): Promise<void> {
  await removeNamespace(switchNamespace(id));
  networkRegistry.remove(id);
}

/** The folder on which a host's tmpfs is mounted. */
export function hostDisk(id: string): string {
  return join(hostRegistry.folder(id), 'disk');
}

/** Whether an entry is to be removed. The removal of an entry without a record was interrupted. */
function isLeftBehind(record: { readonly owner: Owner | null } | undefined): boolean {
  return record === undefined || (record.owner !== null && !isAlive(record.owner));
}
