/** Tells whoever runs the next command that a fix was left in the middle. */
import { isAnyBegun } from '../transaction/begun-mark.ts';
import { stateFolderOf } from '../store/state-folder.ts';
import { printable } from '../report/printable.ts';
import { commandFor, type HostOptions } from './options.ts';
import type { Run } from './io.ts';
import { tell } from './output.ts';

/** Whether a command itself finishes a fix that was interrupted, or takes it back: then it is not told of. */
export type Settles = (id: string) => boolean;

/** A command line that was read. */
export interface ParsedCommandLine {
  readonly name: string;
  readonly operands: readonly string[];
  readonly options: HostOptions & { readonly list?: true; readonly continue?: true };
}

/** What a command does about the fix of the host that it is about. */
export function settledBy({ name, operands: [id], options }: ParsedCommandLine): Settles {
  if (name === 'undo' && !options.list) return begun => id === undefined || id === begun;
  return () => name === 'fix' && options.continue === true;
}

/** Of the machine itself. Looks for one mark on disk; all else is read only where it lies. */
export async function tellInterruptedFix(run: Run, command: ParsedCommandLine): Promise<void> {
  const { system, root, home } = command.options;
  const settles = root === undefined && home === undefined ? settledBy(command) : () => false;
  const { environment } = run;
  await tellInterruptedIn(stateFolderOf('user', environment), {}, run, id => !system && settles(id));
  await tellInterruptedIn(
    stateFolderOf('system', environment),
    { system: true },
    run,
    id => system === true && settles(id),
  );
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
  settles: Settles,
): Promise<void> {
  if (stateFolder === undefined || !isAnyBegun(stateFolder)) return;
  const { Journal } = await import('../transaction/journal.ts');
  const begun = new Journal(stateFolder).begun();
  if (begun === undefined || begun.pid !== undefined || settles(begun.id)) return;
  const finish = commandFor('fix --continue', options);
  const takeBack = commandFor(`undo ${begun.id}`, options);
  tell(io, printable(`daruma: ${fix.interrupted(begun.id, fix.finishOrTakeBack(finish, takeBack))}`));
}
