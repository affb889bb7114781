/** What keeps the state folder from being written. It is found out by the first write, before anything else is done. */
import { errorCode } from '../kernel/errno.ts';
import { sqliteCodeOf, sqliteCodes } from './sqlite-error.ts';

export type StateFaultReason = 'full' | 'not-writable';

/** The state folder cannot be written, and nothing was done. */
export class StateFault extends Error {
  readonly folder: string;
  readonly reason: StateFaultReason;

  constructor(folder: string, reason: StateFaultReason, options: ErrorOptions) {
    super(`${folder} is ${reason}`, options);
    this.name = 'StateFault';
    this.folder = folder;
    this.reason = reason;
  }
}

/**
 * Does the first write to the state folder.
 *
 * @throws StateFault in place of what the disk refuses
 */
export function firstWrite<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw stateFaultOf(error, folder) ?? error;
  }
}

/** What an error at a write says of the folder; undefined for one that is about something else. */
export function stateFaultOf(error: unknown, folder: string): StateFault | undefined {
  if (error instanceof StateFault) return error;
  const code = sqliteCodeOf(error) ?? errorCode(error);
  const reason = code === undefined ? undefined : reasons.get(code);
  return reason && new StateFault(folder, reason, { cause: error });
}

/** `ENOTDIR`, `EEXIST`: something else stands in its place. SQLite tells a quota that is used up as an error of the disk. */
const reasons: ReadonlyMap<string | number, StateFaultReason> = new Map<string | number, StateFaultReason>([
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
