/** Reasons why the state folder cannot be written. The first write finds them out, before anything else is done. */
import { errorCode } from '../kernel/errno.ts';
import { sqliteCodeOf, sqliteCodes } from './sqlite-error.ts';

export type UnwritableReason = 'full' | 'not-writable';

/** The state folder cannot be written, and nothing was done. */
export class UnwritableStateFolder extends Error {
  readonly folder: string;
  readonly reason: UnwritableReason;

  constructor(folder: string, reason: UnwritableReason, options: ErrorOptions) {
    super(`${folder} is ${reason}`, options);
    this.name = 'UnwritableStateFolder';
    this.folder = folder;
    this.reason = reason;
  }
}

/**
 * Runs the first write to the state folder.
 *
 * @throws UnwritableStateFolder in place of an error of the file system or of SQLite
 */
export function firstWrite<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw unwritableStateFolder(error, folder) ?? error;
  }
}

/** The fault of the folder that a write error means; undefined for an error with another cause. */
export function unwritableStateFolder(error: unknown, folder: string): UnwritableStateFolder | undefined {
  if (error instanceof UnwritableStateFolder) return error;
  const code = sqliteCodeOf(error) ?? errorCode(error);
  const reason = code === undefined ? undefined : reasons.get(code);
  return reason && new UnwritableStateFolder(folder, reason, { cause: error });
}

/** `ENOTDIR`, `EEXIST`: the path is something else than a folder. SQLite reports an exhausted quota as a disk error. */
const reasons: ReadonlyMap<string | number, UnwritableReason> = new Map<string | number, UnwritableReason>([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  [sqliteCodes.full, 'full'],
  ['EROFS', 'not-writable'],
  ['EACCES', 'not-writable'],
  ['EPERM', 'not-writable'],
  ['EIO', 'not-writable'],
  ['ENOTDIR', 'not-writable'],
  ['EEXIST', 'not-writable'],
  [sqliteCodes.readOnly, 'not-writable'],
  [sqliteCodes.diskError, 'not-writable'],
  [sqliteCodes.cannotOpen, 'not-writable'],
]);
