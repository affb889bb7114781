/** The units of the system manager on the host of a user manager. */
import { unitSearchPath } from '../systemd/search-path.ts';
import { buildUnitIndex } from '../systemd/unit-index.ts';
import type { Host } from '../systemd/host/host.ts';

const known = new WeakMap<Host, ReadonlySet<string>>();

/** The names of the system manager's units; read once for each host. */
export function systemUnits(host: Host): ReadonlySet<string> {
  let names = known.get(host);
  if (names === undefined) {
    const { version } = host.systemd;
    names = new Set([
      ...everywhere,
      ...buildUnitIndex(host.files, unitSearchPath('system', {}, version), version).names,
    ]);
    known.set(host, names);
  }
  return names;
}

/** Units that every system manager has (systemd.special(7)), whatever is installed on the machine where daruma runs. */
const everywhere = [
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
];
