/** Reads a file of a host in the syntax of unit files, up to the limit of lines. */
import type { Host } from './host/host.ts';
import { noteLimit } from './host/limit.ts';
import { mostLines, parseUnitFile, type UnitFile } from './unit-file.ts';

/**
 * Reads a file and cuts it into items. A file with more than {@link mostLines} lines is noted with its host.
 *
 * @throws the errno error when the file cannot be read
 */
export function readUnitFile(host: Host, file: string): UnitFile {
  const unitFile = parseUnitFile(host.files.read(file), host.systemd.version);
  if (unitFile.cutAt !== undefined) {
    noteLimit(host, { source: { file, line: unitFile.cutAt }, limit: { of: 'lines', most: mostLines } });
  }
  return unitFile;
}
