/** Where daruma keeps what it has done and what it has to say. */
import { Journal } from '../transaction/journal.ts';
import { isForeign, stateFolder, stateFolderInside } from '../store/state-folder.ts';
import type { Host } from '../systemd/host/host.ts';
import { badInput, Failure } from './failure.ts';
import type { Run } from './io.ts';

/** Runs daruma, in an environment and a language. */
type Whoever = Pick<Run, 'environment' | 'catalogue'>;

/** @throws Failure where there is no home to keep it in, and for a `--home` that is none */
export function expectStateFolder(host: Host, { environment, catalogue }: Whoever): string {
  // A folder of unit files is nobody's home: what is done in its name would be done in that of whoever runs daruma.
  if (host.reach === 'units') {
    const [folder = ''] = host.unitPath;
    throw badInput('no-home', catalogue.errors.noSuchHome(folder), folder);
  }
  const folder = stateFolder(host, environment);
  if (folder === undefined) throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
  return folder;
}

/** @throws Failure where there is no home to keep it in */
export function openJournal(host: Host, whoever: Whoever): Journal {
  const folder = expectStateFolder(host, whoever);
  const inside = isForeign(host) ? stateFolderInside(host) : undefined;
  if (inside === undefined) return new Journal(folder);
  const { tree, reach, user } = host;
  // The home of an account of this machine.
  const inhabitant = tree.root === '/' && reach === 'machine' ? user?.uid : undefined;
  return new Journal(folder, { tree, stateFolder: inside, inhabitant });
}
