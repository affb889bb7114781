/** The commands of systemd's own that a fix runs on the live machine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ManagerScope } from '../systemd/search-path.ts';

/** A command that did not do as it was told. */
export class CommandFailed extends Error {
  readonly argv: readonly string[];

  /** @param said the last thing that the command wrote to stderr */
  constructor(argv: readonly string[], said: string, options: ErrorOptions) {
    super(said, options);
    this.name = 'CommandFailed';
    this.argv = argv;
  }
}

/** Whether a transient unit of that name is there, in the words of the manager (`method_start_transient_unit()`). */
export function saysUnitIsThere(message: string): boolean {
  return /already (?:exists|loaded)|was already/.test(message);
}

/** Makes a manager read its units anew. */
export function reloadCommand(scope: ManagerScope): readonly string[] {
  return ['systemctl', ...(scope === 'user' ? ['--user'] : []), 'daemon-reload'];
}

/** Turns a unit without waiting for it: a service may take minutes to stop. */
export function unitCommand(
  scope: ManagerScope,
  verb: 'start' | 'stop' | 'restart',
  unit: string,
): readonly string[] {
  return ['systemctl', ...(scope === 'user' ? ['--user'] : []), verb, '--no-block', unit];
}

export function lingerCommand(user: string, turn: 'on' | 'off'): readonly string[] {
  return ['loginctl', turn === 'on' ? 'enable-linger' : 'disable-linger', user];
}

/**
 * Runs a command that asks nobody anything.
 *
 * @param runtimeDirectory where the user's manager listens; sudo(8) and su(1) drop the variable
 * @throws CommandFailed
 */
export async function runCommand(
  argv: readonly string[],
  runtimeDirectory: string | undefined,
): Promise<void> {
  const [file = '', ...args] = argv;
  const env = {
    ...process.env,
    // A failure is told in the reader's language by daruma; systemd's own words stay as they are documented.
    LC_ALL: 'C.UTF-8',
    ...(runtimeDirectory === undefined ? {} : { XDG_RUNTIME_DIR: runtimeDirectory }),
  };
  try {
    await promisify(execFile)(file, [...args, '--no-ask-password'], { env, timeout: timeoutMs });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const said = stderr.split('\n').at(-1) || (error instanceof Error ? error.message : String(error));
    throw new CommandFailed(argv, said, { cause: error });
  }
}

/** A reload of a manager with thousands of units takes seconds; systemctl itself gives up after 25 s on the bus. */
const timeoutMs = 60_000;
