/** Reads the scripts that units run. */
import type { Host } from '../systemd/host/host.ts';
import { rememberSome } from '../systemd/remember.ts';
import { ownFilesOf } from './own-files.ts';

/** Returns the text of a script; undefined when it may not or cannot be read. */
export type ReadScript = (path: string) => string | undefined;

/** A reader for the scripts of a host that may be read; it does not read programs. */
export function scriptReader(host: Host): ReadScript {
  const known = readers.get(host);
  if (known !== undefined) return known;
  const reader = rememberSome(textsKept, (path: string) => readScript(path, host));
  readers.set(host, reader);
  return reader;
}

/** One reader for each host: several questions are about the same command, and many units run the same program. */
const readers = new WeakMap<Host, ReadScript>();

const textsKept = 64;

function readScript(path: string, host: Host): string | undefined {
  if (!path.startsWith('/')) return undefined;
  const content = ownFilesOf(host).readScript(path);
  return content.state === 'read' ? content.text : undefined;
}
