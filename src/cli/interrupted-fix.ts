/** Tells whoever runs the next command that a fix was left in the middle. */
import { isAnyBegun } from '../fix/begun-mark.ts';
import { userStateFolder } from '../fix/state-folder.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { HostOptions } from './fix-failure.ts';

/** Of the machine itself. Looks for one mark on disk; all else is read only where it lies. */
export async function tellInterruptedFix(
  environment: Readonly<Record<string, string | undefined>>,
  catalogue: Catalogue,
): Promise<void> {
  await tellInterruptedIn(userStateFolder(environment), {}, catalogue);
  await tellInterruptedIn('/var/lib/daruma', { system: true }, catalogue);
}

/**
 * Of one folder of records.
 *
 * @param options by which a command means the host that they are about
 */
export async function tellInterruptedIn(
  stateFolder: string | undefined,
  options: HostOptions,
  { fix }: Catalogue,
): Promise<void> {
  if (stateFolder === undefined || !isAnyBegun(stateFolder)) return;
  const { Journal } = await import('../fix/journal.ts');
  const begun = new Journal(stateFolder).begun();
  if (begun === undefined || begun.pid !== undefined) return;
  const { commandFor } = await import('./fix-failure.ts');
  const finish = commandFor('fix --continue', options);
  const takeBack = commandFor(`undo ${begun.id}`, options);
  process.stderr.write(`daruma: ${fix.interrupted(begun.id, fix.finishOrTakeBack(finish, takeBack))}\n`);
}
