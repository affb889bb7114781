/** Opens the records of fixes of a host. */
import { Journal } from '../transaction/journal.ts';
import { isForeign, stateFolderInside } from '../store/state-folder.ts';
import type { Host } from '../systemd/host/host.ts';
import { expectStateFolder, type Whoever } from './state-folder.ts';

/** @throws Failure when the user has no home for it */
export function journalFor(host: Host, whoever: Whoever): Journal {
  const folder = expectStateFolder(host, whoever);
  const inside = isForeign(host) ? stateFolderInside(host) : undefined;
  if (inside === undefined) return new Journal(folder);
  const { tree, reach, user } = host;
  // `--home` with the home of an account of this machine.
  const inhabitant = tree.root === '/' && reach === 'machine' ? user?.uid : undefined;
  return new Journal(folder, { tree, stateFolder: inside, inhabitant });
}
