/** What a service really runs: its command line without wrappers, and its environment. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import type { ExecCommand, ServiceSettings } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { extractWords } from '../systemd/values/words.ts';
import { readEnvironment, type EnvironmentVariable } from './environment.ts';
import { type Script, scriptOf } from './interpreters.ts';
import type { Origin } from './origin.ts';
import { type OwnFiles, ownFilesOf } from './own-files.ts';
import { unwrap } from './wrappers.ts';

/** A program. Its words may contain secrets from environment files: only {@link Program.command} may be shown. */
export interface Program {
  /** The unit's name: `openclaw-gateway-work.service`. */
  readonly unit: string;
  /** The command of `ExecStart=` as the unit contains it. */
  readonly command: ExecCommand;
  /** The command line without wrappers such as env, timeout, `sh -c`; it still begins with the interpreter. */
  readonly argv: readonly string[];
  /** The program's base name, or the name of the script or module that an interpreter runs. */
  readonly name: string;
  /** The script that an interpreter runs, else the program; an absolute path when it is known. */
  readonly path: string;
  /** The arguments after the name. */
  readonly args: readonly string[];
  /**
   * False when an argument or a variable is not known here, because it comes from a file that cannot be read, from systemd itself
   * or from a manager that was not asked. An option or variable that was not found may then be set nevertheless.
   */
  readonly isComplete: boolean;
  /** A variable of the manager, of `Environment=` or of a readable `EnvironmentFile=`, or set on the command line. */
  variable(name: string): string | undefined;
  /** Where a variable is set; undefined when it is not set. */
  variableOrigin(name: string): Origin | undefined;
  /** Returns the absolute path for one that may be relative to the working directory; undefined when it is not known. */
  resolve(file: string): string | undefined;
  /** The files of the host that the service runs on. */
  readonly files: OwnFiles;
}

/**
 * Finds out what program a service runs.
 *
 * @returns undefined without `ExecStart=`
 * @example
 * // ExecStart=/usr/bin/env PORT=3000 /usr/bin/node /srv/app/node_modules/n8n/bin/n8n start
 * readProgram(unit, settings, host)?.name; // 'n8n'
 */
export function readProgram(unit: Unit, settings: ServiceSettings, host: Host): Program | undefined {
  const command = settings.ExecStart.value.at(-1);
  if (command === undefined) return undefined;
  const files = ownFilesOf(host);
  const environment = readEnvironment(unit, host, files);
  const given = fillIn(command, environment.variables);
  const { argv, variables, directory, isComplete } = unwrap(
    given.argv,
    name => environment.variables.get(name)?.value,
  );
  const own = argv.length === 0 ? [command.path] : argv;
  const workingDirectory = resolveAgainst(workingDirectoryOf(unit, host), directory);
  const script = scriptOf(own) ?? programOf(own, command);
  return {
    unit: unit.name,
    command,
    argv: own,
    name: script.name,
    path: script.isFile ? (resolveAgainst(workingDirectory, script.path) ?? script.path) : script.path,
    args: script.args,
    isComplete: environment.isComplete && given.isComplete && isComplete,
    variable: name => variables.get(name) ?? environment.variables.get(name)?.value,
    variableOrigin: name =>
      variables.has(name)
        ? { kind: 'command', source: command.source }
        : environment.variables.get(name)?.origin,
    resolve: file => resolveAgainst(workingDirectory, file),
    files,
  };
}

/** A program that is no interpreter. With `@` it may have another name than its file. */
function programOf(argv: readonly string[], command: ExecCommand): Script {
  const [first = '', ...args] = argv;
  const file = first === command.argv[0] ? command.path : first;
  // The name of a scoped package contains a slash, but is no file.
  const name = file.startsWith('@') ? file : path.posix.basename(file);
  return { name, path: file, isFile: name !== file, args };
}

/**
 * Replaces the variables of a command line as systemd does: `$NAME` alone becomes as many words as its value has,
 * `${NAME}` remains one word.
 *
 * An unknown variable remains as it is written: systemd may set it itself (`RUNTIME_DIRECTORY`), or a manager have it that was not asked.
 *
 * Source: systemd.service(5), "Command Lines"; `replace_env_argv()`.
 */
function fillIn(
  { argv, expandEnvironment }: ExecCommand,
  variables: ReadonlyMap<string, EnvironmentVariable>,
): { readonly argv: readonly string[]; readonly isComplete: boolean } {
  if (!expandEnvironment) return { argv, isComplete: true };
  let isComplete = true;
  let charactersLeft = mostFilledIn;
  const valueOf = (name: string, written: string) => {
    const value = variables.get(name)?.value;
    if (value === undefined) isComplete = false;
    charactersLeft -= value?.length ?? 0;
    if (charactersLeft >= 0) return value ?? written;
    isComplete = false;
    return written;
  };
  const filled = argv.flatMap(word => {
    if (/^\$[^{$]/.test(word)) {
      return extractWords(valueOf(word.slice(1), word), { unquote: true, relax: true }).words;
    }
    return bracedParts(word)
      .map(({ written, name }) => (name === undefined ? written : valueOf(name, written)))
      .join('');
  });
  return { argv: filled, isComplete };
}

/** The most that the kernel passes to a program, in bytes (execve(2)); a line may name a long variable a thousand times. */
const mostFilledIn = 2 * 1024 * 1024;

/** A word cut at each `${NAME}`; `$$` means `$`. An open brace that is never closed is ordinary text. */
export function bracedParts(word: string): readonly { readonly written: string; readonly name?: string }[] {
  const parts: { readonly written: string; readonly name?: string }[] = [];
  let from = 0;
  for (let at = word.indexOf('$'); at !== -1; at = word.indexOf('$', from)) {
    const next = word.charAt(at + 1);
    const close = next === '{' ? word.indexOf('}', at) : -1;
    if (next === '{' && close === -1) break;
    const end = close === -1 ? at + (next === '$' ? 2 : 1) : close + 1;
    parts.push({ written: word.slice(from, at) });
    const written = word.slice(at, end);
    parts.push(close === -1 ? { written: '$' } : { written, name: word.slice(at + 2, close) });
    from = end;
  }
  return [...parts, { written: word.slice(from).replaceAll('$$', '$') }];
}

/** The home for a user's services, `/` for those of the system; undefined when it depends on `User=`. */
function workingDirectoryOf(unit: Unit, host: Host): string | undefined {
  const home = host.scope === 'user' ? host.environment['HOME'] : undefined;
  const written = unit.assignments.last('Service', 'WorkingDirectory')?.value.replace(/^-/, '');
  if (written === undefined) return host.scope === 'user' ? home : '/';
  if (written === '~') return home;
  const expanded = unit.expand(written);
  return typeof expanded === 'string' ? expanded : undefined;
}

function resolveAgainst(directory: string | undefined, file: string | undefined): string | undefined {
  if (file === undefined) return directory;
  if (file.startsWith('/')) return path.posix.normalize(file);
  return directory === undefined ? undefined : path.posix.join(directory, file);
}

/**
 * The value of an option: `--port 4000`, `--port=4000`, `-p 4000`, `-p4000`; the last one counts.
 *
 * @param names the names of the option, with their dashes
 */
export function optionOf(program: Pick<Program, 'args'>, ...names: readonly string[]): string | undefined {
  let value: string | undefined;
  program.args.forEach((argument, index) => {
    for (const name of names) {
      if (argument === name) value = program.args[index + 1];
      else if (argument.startsWith(`${name}=`)) value = argument.slice(name.length + 1);
      else if (/^-\w$/.test(name) && argument.startsWith(name)) value = argument.slice(name.length);
    }
  });
  return value;
}

/** Whether an option without a value is given. */
export function hasFlag(program: Pick<Program, 'args'>, ...names: readonly string[]): boolean {
  return program.args.some(argument => names.includes(argument));
}
