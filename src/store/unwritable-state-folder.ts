/** Reasons why the state folder cannot be written. The first write finds them out, before anything else is done. */
import fs from 'node:fs';
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
  // SQLite says the same of a disk without room for its index of the journal as of a broken one.
  const isSaid = reason !== 'not-writable' || typeof code !== 'number';
  return (
    reason &&
    new UnwritableStateFolder(folder, isSaid ? reason : (faultOf(folder) ?? reason), { cause: error })
  );
}

/** Why nothing can be written into the state folder, as far as that can be seen without a try; undefined where it is not there either. */
export function faultOf(folder: string): UnwritableReason | undefined {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    const { bavail, bsize, files, ffree } = fs.statfsSync(folder);
    return bavail * bsize < leastBytes || (files > 0 && ffree === 0) ? 'full' : undefined;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : 'not-writable';
  }
}

/** What SQLite's journal and the index of it need. */
const leastBytes = 64 * 1024;

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
