/** What a service really runs: its command line with wrappers taken off, and the environment it is given. */
import type { Host } from '../systemd/host/host.ts';
import type { Command, ServiceSettings } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';

export interface Program {
  /** The unit's name: `openclaw-gateway-work.service`. */
  readonly unit: string;
  /** The command of `ExecStart=`, as systemd runs it. */
  readonly command: Command;
  /** The command line without wrappers such as env, timeout, `sh -c`; the interpreter still in front. */
  readonly argv: readonly string[];
  /** What it is called: the program's base name, or that of the script or module that an interpreter runs. */
  readonly name: string;
  /** The script that an interpreter runs, else the program; absolute where it is known. */
  readonly path: string;
  /** What comes behind the name. */
  readonly args: readonly string[];
  /** A variable of `Environment=` or of a readable `EnvironmentFile=`. */
  variable(name: string): string | undefined;
}

/**
 * Reads what a service runs.
 *
 * @returns undefined without `ExecStart=`
 */
export function readProgram(unit: Unit, settings: ServiceSettings, host: Host): Program | undefined {
  const command = settings.ExecStart.value.at(-1);
  if (command === undefined) return undefined;
  void host;
  const [path = command.path, ...args] = command.argv;
  return {
    unit: unit.name,
    command,
    argv: command.argv,
    name: path.slice(path.lastIndexOf('/') + 1),
    path: command.path,
    args,
    variable: () => undefined,
  };
}

/**
 * The value of an option: `--port 4000`, `--port=4000`, `-p 4000`, `-p4000`; the last one counts.
 *
 * @param names with their dashes
 */
export function optionOf(program: Program, ...names: readonly string[]): string | undefined {
  let value: string | undefined;
  program.args.forEach((argument, index) => {
    for (const name of names) {
      if (argument === name) value = program.args[index + 1];
      else if (argument.startsWith(`${name}=`)) value = argument.slice(name.length + 1);
      else if (!name.startsWith('--') && argument.startsWith(name) && argument.length > name.length) {
        value = argument.slice(name.length);
      }
    }
  });
  return value;
}
