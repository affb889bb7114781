/** Where daruma keeps what it has done and what it has to say. */
import { Journal } from '../fix/journal.ts';
import { stateFolder } from '../fix/state-folder.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Host } from '../systemd/host/host.ts';
import { Failure } from './failure.ts';

/** @throws Failure where there is no home to keep it in */
export function expectStateFolder(host: Host, { fix }: Catalogue): string {
  const folder = stateFolder(host);
  if (folder === undefined) throw new Failure(3, 'no-home', fix.noStateFolder);
  return folder;
}

/** @throws Failure where there is no home to keep it in */
export function openJournal(host: Host, catalogue: Catalogue): Journal {
  return new Journal(expectStateFolder(host, catalogue));
}
