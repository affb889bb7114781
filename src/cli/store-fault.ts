/** Words what keeps the store from being used. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { errorCode } from '../kernel/errno.ts';
import { StoreTooNew } from '../store/database.ts';
import { sqliteCodeOf, sqliteCodes } from '../store/sqlite-error.ts';
import { Failure } from './failure.ts';

/** In a sentence, without what was to be done. */
export function storeFaultText(error: unknown, { notify }: Catalogue): string {
  if (error instanceof StoreTooNew) return notify.storeTooNew(error.file);
  switch (sqliteCodeOf(error)) {
    case sqliteCodes.busy:
    case sqliteCodes.locked:
      return notify.storeBusy;
    case sqliteCodes.full:
      return notify.storeFull;
    case sqliteCodes.readOnly:
    case sqliteCodes.cannotOpen:
      return notify.storeReadOnly;
    default:
      if (errorCode(error) === 'ENOSPC') return notify.storeFull;
      return error instanceof Error ? error.message : String(error);
  }
}

/** @throws Failure in place of what the store throws */
export async function withStoreFaults<T>(catalogue: Catalogue, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreTooNew) && sqliteCodeOf(error) === undefined) throw error;
    throw new Failure(3, 'store-failed', storeFaultText(error, catalogue), { cause: error });
  }
}
