/** Runs the systemd commands that change the live machine. */
import { type Command, shownWords } from '../programs/command.ts';
import { failureText } from '../programs/failure.ts';
import { runProgram } from '../programs/run.ts';
import type { Host } from '../systemd/host/host.ts';

/** A command failed. */
export class CommandFailed extends Error {
  readonly command: Command;

  /** @param said the reason, in the command's own words if it gave any */
  constructor(command: Command, said: string) {
    super(said);
    this.name = 'CommandFailed';
    this.command = command;
  }

  /** The words of the command as they are shown to the user. */
  get argv(): readonly string[] {
    return shownWords(this.command);
  }
}

/**
 * Runs a command that never asks for a password.
 *
 * @throws CommandFailed
 */
export async function runCommand(command: Command, { commandEnvironment }: Host): Promise<void> {
  const { program, options, operands } = command;
  const { failure } = await runProgram(
    { program, options: [...options, '--no-ask-password'], operands },
    {
      // daruma reports the failure in the reader's language; systemd's own message stays in English, as it is documented.
      environment: { ...commandEnvironment, LC_ALL: 'C.UTF-8' },
      timeoutMs,
      outputBytes,
    },
  );
  if (failure !== undefined) throw new CommandFailed(command, failureText(program, failure));
}

/** A reload of a manager with thousands of units takes seconds; systemctl itself gives up after 25 s on the bus. */
const timeoutMs = 60_000;

const outputBytes = 2 ** 20;
