/** Runs the commands of systemd's own that change something on the live machine. */
import { type Command, wordsOf } from '../programs/command.ts';
import { failureText } from '../programs/failure.ts';
import { runProgram } from '../programs/run.ts';
import type { Host } from '../systemd/host/host.ts';

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
 * @throws CommandFailed
 */
export async function runCommand(command: Command, { commandEnvironment }: Host): Promise<void> {
  const { program, options, operands } = command;
  const { failure } = await runProgram(
    { program, options: [...options, '--no-ask-password'], operands },
    {
      // A failure is told in the reader's language by daruma; systemd's own words stay as they are documented.
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
