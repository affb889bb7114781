/** What was not done of a fix, or of taking one back, and what a person does about it. */
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

/** Lingering is refused for want of privilege; all else a person runs as it was tried. */
function byHand({ command }: CommandFailed): string {
  const text = shellText(command);
  return command.program === 'loginctl' ? `sudo ${text}` : text;
}

export function refusedToJson(refused: readonly CommandFailed[]): readonly object[] {
  return refused.map(({ argv, message }) => ({ command: argv, message }));
}
