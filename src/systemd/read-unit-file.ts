/** Reads a file of a host in the syntax of unit files, as far as anybody may want it read. */
import type { Host } from './host/host.ts';
import { noteLimit } from './host/limit.ts';
import { mostLines, parseUnitFile, type UnitFile } from './unit-file.ts';

/**
 * Reads and cuts a file. What goes on beyond {@link mostLines} is noted with the host.
 *
 * @throws the errno error of what cannot be read
 */
export function readUnitFile(host: Host, file: string): UnitFile {
  const unitFile = parseUnitFile(host.files.read(file), host.systemd.version);
  if (unitFile.cutAt !== undefined) {
    noteLimit(host, { source: { file, line: unitFile.cutAt }, limit: { of: 'lines', most: mostLines } });
  }
  return unitFile;
}
