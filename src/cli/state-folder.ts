/** Finds the state folder of a host. */
import { stateFolder } from '../store/state-folder.ts';
import type { Host } from '../systemd/host/host.ts';
import { badInput, Failure } from './failure.ts';
import type { Run } from './io.ts';

/** Environment and language of the run. */
export type Whoever = Pick<Run, 'environment' | 'catalogue'>;

/** @throws Failure when the user has no home for it, and for a bare folder of units */
export function expectStateFolder(host: Host, { environment, catalogue }: Whoever): string {
  // A bare folder of units has no state folder, and the one of the user who runs daruma must not be used for it.
  if (host.reach === 'units') {
    const [folder = ''] = host.unitPath;
    throw badInput('no-home', catalogue.errors.noSuchHome(folder), folder);
  }
  const folder = stateFolder(host, environment);
  if (folder === undefined) throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
  return folder;
}
