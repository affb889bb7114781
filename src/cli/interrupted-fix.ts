/** Reports an interrupted fix at the next command. */
import type { FixTexts } from '../i18n/catalogue.ts';
import { type Begun, isAnyBegun } from '../transaction/begun-mark.ts';
import { stateFolderOf } from '../store/state-folder.ts';
import { printable } from '../report/printable.ts';
import { commandFor, type HostOptions } from './options.ts';
import type { Run } from './io.ts';
import { tell } from './output.ts';

/** Whether the command itself finishes or undoes the interrupted fix, which is then not reported. */
export type Settles = (id: string) => boolean;

/** A parsed command line. */
export interface ParsedCommandLine {
  readonly name: string;
  readonly operands: readonly string[];
  readonly options: HostOptions & { readonly list?: true; readonly dryRun?: true; readonly continue?: true };
}

/** Decides which interrupted fix of its host a command finishes or undoes. */
export function settledBy({ name, operands: [id], options }: ParsedCommandLine): Settles {
  if (name === 'undo' && !options.list && !options.dryRun) return begun => id === undefined || id === begun;
  return () => name === 'fix' && options.continue === true;
}

/** Reports an interrupted fix of this machine. It looks for the mark file first and reads records only if the mark exists. */
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
 * Reports an interrupted fix that is recorded in one state folder.
 *
 * @param options the options that select the host of these records
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
  const { id, isUndo } = begun;
  tell(io, printable(`daruma: ${fix.interrupted(id, isUndo, waysOut(begun, options, fix))}`));
}

/** The commands between which the user chooses after an interruption. */
export function waysOut({ id, isUndo }: Begun, options: HostOptions, fix: FixTexts): string {
  const finish = commandFor('fix --continue', options);
  return fix.finishOrTakeBack(finish, commandFor(`undo ${id}`, options), isUndo);
}
