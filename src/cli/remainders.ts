/** Texts about the parts of a fix or an undo that were not done, and what the user can do about them. */
import type { CommandFailed } from '../transaction/commands.ts';
import { shellText } from '../programs/command.ts';
import { printable } from '../report/printable.ts';
import type { Run } from './io.ts';
import { write } from './output.ts';

interface Remainders {
  readonly untouched: readonly string[];
  readonly refused: readonly CommandFailed[];
}

export async function writeRemainders(
  { untouched, refused }: Remainders,
  { io, catalogue: { fix } }: Run,
): Promise<void> {
  for (const file of untouched) await write(io, `${printable(fix.untouched(file))}\n`);
  for (const failure of refused)
    await write(io, `${printable(fix.refused(byHand(failure), failure.message))}\n`);
}

/** The command for the user to run. Lingering was refused for lack of privilege, so it needs sudo; other commands stay the same. */
function byHand({ command }: CommandFailed): string {
  const text = shellText(command);
  return command.program === 'loginctl' ? `sudo ${text}` : text;
}

export function refusedToJson(refused: readonly CommandFailed[]): readonly object[] {
  return refused.map(({ argv, message }) => ({ command: argv, message }));
}
