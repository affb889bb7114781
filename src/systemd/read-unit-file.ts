/** Reads a file of a host in the syntax of unit files, up to the limit of lines. */
import { errnoError } from '../kernel/errno.ts';
import type { Host } from './host/host.ts';
import { noteLimit } from './host/limit.ts';
import { mostLines, parseUnitFile, type UnitFile } from './unit-file.ts';

/**
 * Reads a file and cuts it into items. A file with more than {@link mostLines} lines is noted with its host.
 *
 * @throws the errno error when the file cannot be read, by this process or by the manager that it is for
 */
export function readUnitFile(host: Host, file: string): UnitFile {
  expectReadable(host, file);
  const unitFile = parseUnitFile(host.files.read(file), host.systemd.version);
  if (unitFile.cutAt !== undefined) {
    noteLimit(host, { source: { file, line: unitFile.cutAt }, limit: { of: 'lines', most: mostLines } });
  }
  return unitFile;
}

/**
 * Root may read files in the home of another user that the user's manager cannot read. The owner of the home is asked for, too: an
 * unpacked tree may have other user ids. Which groups the user has is not known, so a file for some group counts as readable.
 *
 * @throws EACCES as open(2) would for the manager (path_resolution(7), "Permissions")
 */
function expectReadable({ kind, scope, user, files }: Host, file: string): void {
  if (kind !== 'offline' || scope !== 'user' || process.geteuid?.() !== 0) return;
  if (user === undefined || user.uid === 0) return;
  const status = files.status(file);
  if (status?.kind !== 'file' || (status.mode & everybodyReads) === everybodyReads) return;
  const isTheirs =
    status.owner === undefined || [user.uid, files.status(user.home)?.owner].includes(status.owner);
  if ((status.mode & (isTheirs ? ownerReads : othersRead)) === 0)
    throw errnoError('EACCES', 'permission denied', 'open', file);
}

const everybodyReads = 0o444;
const ownerReads = 0o400;
const othersRead = 0o044;
