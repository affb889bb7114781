/** Runs the commands of systemd's own that change something on the live machine. */
import { type Command, wordsOf } from '../programs/command.ts';
import { failureText } from '../programs/failure.ts';
import { runProgram } from '../programs/run.ts';

/** A command that did not do as it was told. */
export class CommandFailed extends Error {
  readonly command: Command;

  /** @param said why, in the words of the command where it has some */
  constructor(command: Command, said: string) {
    super(said);
    this.name = 'CommandFailed';
    this.command = command;
  }

  /** The words of the command, as it is shown. */
  get argv(): readonly string[] {
    return wordsOf(this.command);
  }
}

/**
 * Runs a command that asks nobody anything.
 *
 * @param runtimeDirectory where the user's manager listens; sudo(8) and su(1) drop the variable
 * @throws CommandFailed
 */
export async function runCommand(command: Command, runtimeDirectory: string | undefined): Promise<void> {
  const { program, options, operands } = command;
  const { failure } = await runProgram(
    { program, options: [...options, '--no-ask-password'], operands },
    {
      environment: {
        ...process.env,
        // A failure is told in the reader's language by daruma; systemd's own words stay as they are documented.
        LC_ALL: 'C.UTF-8',
        ...(runtimeDirectory === undefined ? {} : { XDG_RUNTIME_DIR: runtimeDirectory }),
      },
      timeoutMs,
      outputBytes,
    },
  );
  if (failure !== undefined) throw new CommandFailed(command, failureText(program, failure));
}

/** A reload of a manager with thousands of units takes seconds; systemctl itself gives up after 25 s on the bus. */
const timeoutMs = 60_000;

const outputBytes = 2 ** 20;
