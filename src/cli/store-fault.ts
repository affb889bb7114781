/** Words what keeps the store from being used. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { StoreTooNew } from '../store/database.ts';
import { Failure } from './failure.ts';

/** In a sentence, without what was to be done. */
export function storeFaultText(error: unknown, { notify }: Catalogue): string {
  if (error instanceof StoreTooNew) return notify.storeTooNew(error.file);
  switch (resultCode(error)) {
    case sqliteBusy:
    case sqliteLocked:
      return notify.storeBusy;
    case sqliteFull:
      return notify.storeFull;
    case sqliteReadOnly:
    case sqliteCannotOpen:
      return notify.storeReadOnly;
    default:
      if (isErrno(error) && error.code === 'ENOSPC') return notify.storeFull;
      return error instanceof Error ? error.message : String(error);
  }
}

/** @throws Failure in place of what the store throws */
export async function withStoreFaults<T>(catalogue: Catalogue, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreTooNew) && resultCode(error) === undefined) throw error;
    throw new Failure(3, 'store-failed', storeFaultText(error, catalogue), { cause: error });
  }
}

/** sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteLocked = 6;
const sqliteReadOnly = 8;
const sqliteFull = 13;
const sqliteCannotOpen = 14;

/** Extended codes have more in their upper bits. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return undefined;
  return error.errcode & 0xff;
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
