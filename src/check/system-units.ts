/** The units of the system manager on the host of a user manager. */
import { systemLoaderOf } from '../systemd/system-manager.ts';
import type { UnitLoader } from '../systemd/unit.ts';

/** Whether the system manager has a unit with this name. */
export function isSystemUnit(name: string, loader: UnitLoader): boolean {
  return everywhere.has(name) || systemLoaderOf(loader).index.entry(name) !== undefined;
}

/** Units that every system manager has (systemd.special(7)), whatever is installed on the machine where daruma runs. */
const everywhere: ReadonlySet<string> = new Set([
  'multi-user.target',
  'network.target',
  'network-online.target',
  'network-pre.target',
  'nss-lookup.target',
  'remote-fs.target',
  'local-fs.target',
  'sysinit.target',
  'time-sync.target',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'NetworkManager.service',
  'docker.service',
]);
