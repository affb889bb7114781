/** The files that a service's commands need in order to run, and what is wrong with them. */
import { baseName, interpretedFile, layersOf } from './command-words.ts';
import { wordsOf } from './wrappers.ts';
import { longestFirstLine } from '../kernel/limits.ts';
import { foundFile, hasOwnFileSystem, isConditionedOn, lookUp } from './named-paths.ts';
import { scriptReader } from './script-reader.ts';
import type { Host } from '../systemd/host/host.ts';
import type { ExecCommand, ServiceSettings } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { extractWords } from '../systemd/values/words.ts';
import { simplifyPath } from '../systemd/values/path.ts';

/** The settings that hold commands, in the order in which systemd runs them from the start to the stop of the service. */
export const commandDirectives = [
  'ExecCondition',
  'ExecStartPre',
  'ExecStart',
  'ExecStartPost',
  'ExecStop',
  'ExecStopPost',
] as const;
export type CommandDirective = (typeof commandDirectives)[number];

/** A file without which a command fails. */
export interface BrokenFile {
  readonly directive: CommandDirective;
  readonly command: ExecCommand;
  readonly path: string;
  /**
   * `program`: systemd executes it; `interpreter`: the `#!` line of `script` names it; `wrapped`: a wrapper such as
   * `timeout` starts it; `script`: an interpreter reads it.
   */
  readonly role: 'program' | 'interpreter' | 'wrapped' | 'script';
  /** `unreadable`: it may not be looked up, so that nobody knows whether something is wrong with it. */
  readonly problem: 'missing' | 'directory' | 'not-executable' | 'unreadable';
  /** The file whose first line names the interpreter. */
  readonly script: string | undefined;
}

/** A service whose commands are looked at. */
export interface CommandsOfService {
  readonly unit: Unit;
  readonly settings: ServiceSettings;
  /** Whether the service should run all the time, rather than do a job and end. */
  readonly isMeantToStay: boolean;
}

/**
 * Finds every file that makes a command fail, in the order in which systemd runs the commands. Of several faults of one file
 * it returns the first.
 */
export function brokenFiles(service: CommandsOfService, host: Host): readonly BrokenFile[] {
  if (hasOwnFileSystem(service.unit)) return [];
  const broken = new Map<string, BrokenFile>();
  for (const directive of commandDirectives) {
    for (const command of service.settings[directive].value) {
      if (!matters(directive, command, service)) continue;
      for (const file of brokenFilesOf(command, service.unit, host)) {
        if (broken.has(file.path) || isConditionedOn(service.unit, file.path)) continue;
        broken.set(file.path, { directive, command, ...file });
      }
    }
  }
  return [...broken.values()];
}

/** Whether the service cannot start when this command fails. */
export function isNeededToStart({ directive }: Pick<BrokenFile, 'directive'>): boolean {
  return directive !== 'ExecStop' && directive !== 'ExecStopPost';
}

/**
 * A failure of a hook with `-` is accepted by its writer. A main process that cannot be executed always means that
 * there is no service.
 */
function matters(
  directive: CommandDirective,
  command: ExecCommand,
  { isMeantToStay }: CommandsOfService,
): boolean {
  return !command.ignoreFailure || (directive === 'ExecStart' && isMeantToStay);
}

type Broken = Pick<BrokenFile, 'path' | 'role' | 'problem' | 'script'>;

function brokenFilesOf(command: ExecCommand, unit: Unit, host: Host): readonly Broken[] {
  const program = locateProgram(command.path, unit, host);
  if (program === undefined) {
    return [{ path: command.path, role: 'program', problem: 'missing', script: undefined }];
  }
  return upToFirstFault([
    () => problemsOfExecutable(program, 'program', undefined, host),
    () => problemsOfWrapped(wordsOf(command), host),
    () => problemsOfScript(command, host),
  ]);
}

/** What is found up to the first look that finds a fault. A file that may not be looked up is none. */
function upToFirstFault(looks: readonly (() => readonly Broken[])[]): readonly Broken[] {
  const found: Broken[] = [];
  for (const look of looks) {
    found.push(...look());
    if (found.some(({ problem }) => problem !== 'unreadable')) break;
  }
  return found;
}

/**
 * The path at which systemd finds a program.
 *
 * @returns undefined when it finds none
 */
function locateProgram(path: string, unit: Unit, host: Host): string | undefined {
  if (path.startsWith('/')) return path;
  const candidates = searchPath(unit).map(folder => `${folder}/${path}`);
  const isThere = (candidate: string) => {
    const found = lookUp(host, candidate);
    const file = foundFile(found);
    return file === undefined ? found !== 'missing' : file.kind === 'file' && (file.mode & 0o111) !== 0;
  };
  return candidates.find(isThere);
}

/**
 * The folders in which systemd searches for a program without a path: those of `ExecSearchPath=` (250 and newer), else
 * a list of its own, and never `$PATH` (systemd.service(5), "Command lines"; `find_executable_full()`, `DEFAULT_PATH`).
 */
function searchPath(unit: Unit): readonly string[] {
  const folders = unit.assignments.get('Service', 'ExecSearchPath').flatMap(({ value }) => {
    const expanded = unit.expand(value);
    return typeof expanded === 'string' ? extractWords(expanded, { separators: ':' }).words : [];
  });
  return folders.length > 0 ? folders : defaultSearchPath;
}

/** systemd's list and in addition /sbin and /bin, which only a system with a separate /usr searches. */
const defaultSearchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Once a script can be executed, it needs its interpreter: both are told at once. */
function problemsOfExecutable(
  path: string,
  role: 'program' | 'interpreter' | 'wrapped',
  script: string | undefined,
  host: Host,
): readonly Broken[] {
  const found = lookUp(host, path);
  if (found === 'unknown') return [];
  if (found === 'missing' || found === 'unreadable') return [{ path, role, problem: found, script }];
  if (found.kind === 'directory') return [{ path, role, problem: 'directory', script }];
  const own: readonly Broken[] =
    (found.mode & 0o111) === 0 ? [{ path, role, problem: 'not-executable', script }] : [];
  const interpreter = role === 'interpreter' ? undefined : interpreterOf(path, host);
  return interpreter === undefined
    ? own
    : [...own, ...problemsOfExecutable(interpreter, 'interpreter', path, host)];
}

/** The interpreter that the `#!` line of a script names. The kernel takes it as a path and does not search for it. */
function interpreterOf(path: string, host: Host): string | undefined {
  const text = scriptReader(host)(path)?.slice(0, longestFirstLine);
  return /^#![ \t]*(\/[^\s]*)/.exec(text ?? '')?.[1];
}

/** Checks a program that a wrapper such as `timeout` starts, when it is given with its path. */
function problemsOfWrapped(words: readonly string[], host: Host): readonly Broken[] {
  const { wrappers } = layersOf(words);
  return upToFirstFault(
    wrappers.map(
      ({ words: [path = ''] }) =>
        () =>
          path.startsWith('/') ? problemsOfExecutable(path, 'wrapped', undefined, host) : [],
    ),
  );
}

/** Checks a script that an interpreter reads. Such a script needs no permission to be executed. */
function problemsOfScript(command: ExecCommand, host: Host): readonly Broken[] {
  const words = wordsOf(command);
  const path = interpretedFile(words);
  const isFilledIn = command.expandEnvironment && path?.includes('$') === true;
  if (path === undefined || !path.startsWith('/') || isFilledIn) return [];
  const found = lookUp(host, simplifyPath(path));
  if (found === 'missing' || found === 'unreadable')
    return [{ path, role: 'script', problem: found, script: undefined }];
  // Node and Python run a folder as a module; a shell cannot run a folder.
  const isModule = words.some(word => /^(?:node|python)/.test(baseName(word)));
  return foundFile(found)?.kind === 'directory' && !isModule
    ? [{ path, role: 'script', problem: 'directory', script: undefined }]
    : [];
}
