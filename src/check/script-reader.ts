/** Reads the scripts that units run. */
import type { Inventory } from '../inventory/inventory.ts';
import { ownFilesOf } from '../services/own-files.ts';
import { rememberSome } from '../systemd/remember.ts';
import type { CheckContext } from './rule.ts';
import type { ReadScript } from './waits.ts';

/** A reader for the scripts of the host that a check may read; it does not read programs. */
export function scriptReader({ inventory }: CheckContext): ReadScript {
  const known = readers.get(inventory);
  if (known !== undefined) return known;
  const reader = rememberSome(textsKept, (path: string) => readScript(path, inventory));
  readers.set(inventory, reader);
  return reader;
}

/** One reader for each inventory: several rules look at the same command, and many units run the same program. */
const readers = new WeakMap<Inventory, ReadScript>();

const textsKept = 64;

function readScript(path: string, { host }: Inventory): string | undefined {
  if (!path.startsWith('/')) return undefined;
  const content = ownFilesOf(host).readScript(path);
  return content.state === 'read' ? content.text : undefined;
}
