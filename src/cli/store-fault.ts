/** Turns errors of the store into texts and failures. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { StoreTooNew } from '../store/database.ts';
import { UnwritableStateFolder, unwritableStateFolder } from '../store/unwritable-state-folder.ts';
import { sqliteCodeOf, sqliteCodes } from '../store/sqlite-error.ts';
import { Failure } from './failure.ts';

/** The error as a sentence. */
export function storeFaultText(error: unknown, { errors, notify }: Catalogue): string {
  if (error instanceof StoreTooNew) return notify.storeTooNew(error.file);
  if (error instanceof UnwritableStateFolder) return errors.stateFaults[error.reason](error.folder);
  switch (sqliteCodeOf(error)) {
    case sqliteCodes.busy:
    case sqliteCodes.locked:
      return notify.storeBusy;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/**
 * @param folder the state folder
 * @throws Failure in place of the errors of the store
 */
export async function withStoreFaults<T>(
  folder: string,
  catalogue: Catalogue,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UnwritableStateFolder) throw stateFailure(error, catalogue);
    if (!(error instanceof StoreTooNew) && sqliteCodeOf(error) === undefined) throw error;
    // A part of the work may already be done, so the text does not say that nothing was done.
    const text = storeFaultText(unwritableStateFolder(error, folder) ?? error, catalogue);
    throw new Failure(3, 'store-failed', text, { cause: error });
  }
}

/** The failure for a fault before anything was done. */
export function stateFailure(fault: UnwritableStateFolder, catalogue: Catalogue): Failure {
  const text = catalogue.errors.nothingWasDone(storeFaultText(fault, catalogue));
  return new Failure(3, 'store-failed', text, { where: fault.folder, cause: fault });
}
