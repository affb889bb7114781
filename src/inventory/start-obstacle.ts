/** Whether a service can start as things are now, as far as its files tell. */
import type { StartObstacle } from '../restart/start-obstacle.ts';
import { baseName } from '../services/command-words.ts';
import { brokenEnvironmentFiles } from '../services/environment-files.ts';
import {
  type BrokenFile,
  brokenFiles,
  type CommandsOfService,
  isNeededToStart,
} from '../services/executables.ts';
import { privilegedAssignments } from '../services/privileged-settings.ts';
import { brokenWorkingDirectory } from '../services/working-directory.ts';
import type { Requirement } from '../systemd/boot.ts';
import type { ServiceSettings } from '../systemd/service-settings.ts';
import type { UnitLoader } from '../systemd/unit.ts';
import { mayChangeByItself } from './coming-mounts.ts';
import { unmetCondition } from './unmet-condition.ts';

/**
 * The first thing that makes a start fail for certain, in the order in which systemd meets them; or else the first that may.
 *
 * @param lacks the requirement that cannot be started, if there is one
 * @returns undefined where nothing is known to keep the service from starting
 */
export function startObstacleOf(
  service: CommandsOfService,
  lacks: Requirement | undefined,
  loader: UnitLoader,
): StartObstacle | undefined {
  let doubtful: StartObstacle | undefined;
  for (const obstacle of obstacles(service, lacks, loader)) {
    if (obstacle.doubt === null) return obstacle;
    doubtful ??= obstacle;
  }
  return doubtful;
}

function* obstacles(
  service: CommandsOfService,
  lacks: Requirement | undefined,
  loader: UnitLoader,
): Iterable<StartObstacle> {
  const { host } = loader;
  const { unit } = service;
  const unmet = unmetCondition(unit, loader);
  if (unmet !== undefined) yield unmet;
  const ofFile = (path: string, problem: string) =>
    problem === 'unreadable' ? 'unreadable' : mayChangeByItself(path, loader) ? 'volatile' : null;
  const isMachine = host.reach === 'machine';
  for (const { path, problem, source } of isMachine ? brokenEnvironmentFiles(unit, host) : []) {
    const fault = { kind: 'environment-file', path, problem } as const;
    yield { fault, doubt: ofFile(path, problem), setting: 'EnvironmentFile', value: path, source };
  }
  for (const { directive: setting, status, value, source } of privilegedAssignments(unit, host))
    yield { fault: { kind: 'privileges', status }, doubt: null, setting, value, source };
  const directory = isMachine ? brokenWorkingDirectory(unit, host) : undefined;
  if (directory !== undefined) {
    const { path, problem, source } = directory;
    const fault = { kind: 'working-directory', path, problem } as const;
    yield { fault, doubt: ofFile(path, problem), setting: 'WorkingDirectory', value: path, source };
  }
  for (const file of isMachine ? brokenFiles(service, host) : []) {
    if (!isNeededToStart(file)) continue;
    const { path, role, problem, script = null, directive: setting, command } = file;
    const isMade = problem !== 'unreadable' && mayBeMadeBefore(file, service.settings);
    const doubt = isMade ? 'made-before' : ofFile(path, problem);
    const fault = { kind: 'file', path, role, problem, script } as const;
    yield { fault, doubt, setting, value: null, source: command.source };
  }
  // What is wrong at every start goes first: a requirement may not matter at boot.
  if (lacks !== undefined) {
    const { kind: setting, unit: value, source } = lacks;
    yield { fault: { kind: 'requirement', unit: value }, doubt: null, setting, value, source };
  }
}

/** Whether a command of `ExecStartPre=` runs before and may make the file, or change it. */
function mayBeMadeBefore({ directive, command }: BrokenFile, { ExecStartPre }: ServiceSettings): boolean {
  if (directive === 'ExecCondition') return false;
  const index = directive === 'ExecStartPre' ? ExecStartPre.value.indexOf(command) : undefined;
  return ExecStartPre.value.slice(0, index).some(({ path }) => !makesNoProgram.has(baseName(path)));
}

/** Commands that stand in `ExecStartPre=` of many units and never make a program. */
const makesNoProgram: ReadonlySet<string> = new Set([
  'sleep',
  'true',
  'test',
  '[',
  'echo',
  'mkdir',
  'rm',
  'kill',
  'pkill',
]);
