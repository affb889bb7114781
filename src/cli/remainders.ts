/** Texts about how a fix or an undo ended: the parts that were not done, and what the user can do. */
import type { CommandFailed } from '../transaction/run-command.ts';
import type { Applied } from '../transaction/apply.ts';
import type { LeftAlone } from '../transaction/carry-out.ts';
import { shellText } from '../programs/command.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { printable } from '../report/printable.ts';
import type { Run } from './io.ts';
import { commandFor, type HostOptions } from './options.ts';
import { write } from './output.ts';

interface Remainders extends LeftAlone {
  readonly refused: readonly CommandFailed[];
}

/**
 * Says how far a fix was carried out, and the command that undoes it.
 *
 * @param commands how many commands the fix has run, those that failed among them
 * @param areUp whether all that it has started or restarted has stayed up
 */
export function doneText(
  { id, isRecorded, refused, untouched }: Applied,
  commands: number,
  areUp: boolean,
  options: HostOptions,
  { fix }: Catalogue,
): string {
  if (!isRecorded && refused.length > 0 && refused.length >= commands) return fix.nothingDone;
  return fix.done(
    isRecorded ? commandFor(`undo ${id}`, options) : null,
    areUp && refused.length + untouched.length === 0,
  );
}

export async function writeRemainders(
  { untouched, gone, refused }: Remainders,
  { io, catalogue: { fix } }: Run,
): Promise<void> {
  for (const file of untouched) {
    const text = gone.includes(file) ? fix.gone(file) : fix.untouched(file);
    await write(io, `${printable(text)}\n`);
  }
  for (const failure of refused)
    await write(io, `${printable(fix.refused(byHand(failure), failure.message))}\n`);
}

/** The command for the user to run. Lingering was refused for lack of privilege, so it needs sudo; other commands stay the same. */
function byHand({ command }: CommandFailed): string {
  const text = shellText(command);
  return command.program === 'loginctl' ? `sudo ${text}` : text;
}

export function leftAloneToJson({ untouched, gone }: LeftAlone): object {
  return { untouched, ...(gone.length === 0 ? {} : { gone }) };
}

export function refusedToJson(refused: readonly CommandFailed[]): readonly object[] {
  return refused.map(({ argv, message }) => ({ command: argv, message }));
}
