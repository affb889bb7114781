/** Tells whoever runs the next command that a fix was left in the middle. */
import { isAnyBegun } from '../transaction/begun-mark.ts';
import { stateFolderOf } from '../store/state-folder.ts';
import { printable } from '../report/printable.ts';
import { commandFor, type HostOptions } from './options.ts';
import type { Run } from './io.ts';
import { tell } from './output.ts';

/** Of the machine itself. Looks for one mark on disk; all else is read only where it lies. */
export async function tellInterruptedFix(run: Run): Promise<void> {
  await tellInterruptedIn(stateFolderOf('user', run.environment), {}, run);
  await tellInterruptedIn(stateFolderOf('system', run.environment), { system: true }, run);
}

/**
 * Of one folder of records.
 *
 * @param options by which a command means the host that they are about
 */
export async function tellInterruptedIn(
  stateFolder: string | undefined,
  options: HostOptions,
  { io, catalogue: { fix } }: Run,
): Promise<void> {
  if (stateFolder === undefined || !isAnyBegun(stateFolder)) return;
  const { Journal } = await import('../transaction/journal.ts');
  const begun = new Journal(stateFolder).begun();
  if (begun === undefined || begun.pid !== undefined) return;
  const finish = commandFor('fix --continue', options);
  const takeBack = commandFor(`undo ${begun.id}`, options);
  tell(io, printable(`daruma: ${fix.interrupted(begun.id, fix.finishOrTakeBack(finish, takeBack))}`));
}
