/** {@link Manager} over the command systemctl(1): the last way, when daruma cannot use any socket itself. */
import type { Command } from '../../programs/command.ts';
import { failureText, type ProgramFailure } from '../../programs/failure.ts';
import { runProgram } from '../../programs/run.ts';
import { systemctlCommand } from '../commands.ts';
import type { ManagerScope } from '../search-path.ts';
import { parseUnitName } from '../unit-name.ts';
import { defaultTimeoutMs } from './dbus.ts';
import { ManagerError } from './host.ts';
import type { LiveUnit } from './host.ts';
import { notLoadable, parseVariables } from './manager-answer.ts';
import type { AnsweringManager } from './manager-answer.ts';
import { majorVersion } from './version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Lets systemctl find the manager, by the private socket or by any bus that the environment names.
 *
 * @throws ManagerError when the command does not exist, hangs, or finds no manager
 */
export async function managerOverSystemctl(
  scope: ManagerScope,
  environment: Environment,
): Promise<AnsweringManager> {
  try {
    return await answeringManager(scope, environment);
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
    // Versions that do not try the bus after the private socket has failed can be told to use it (systemd's
    // docs/ENVIRONMENT.md).
    return await answeringManager(scope, { ...environment, SYSTEMCTL_FORCE_BUS: '1' });
  }
}

async function answeringManager(scope: ManagerScope, environment: Environment): Promise<AnsweringManager> {
  const ask = (options: readonly string[], units?: readonly string[]) =>
    run(systemctlCommand(scope, options, units), environment);
  const [about] = blocks(await ask(['show', '--property=Version,UnitPath,Environment,SystemState']));
  const version = majorVersion(about?.get('Version') ?? '');
  if (about === undefined || version === undefined) {
    throw new ManagerError('systemctl', 'systemctl show does not say the version of the manager');
  }
  return {
    environment: parseVariables(words(about.get('Environment') ?? '')),
    manager: {
      transport: 'systemctl',
      version,
      isStopping: about.get('SystemState') === 'stopping',
      unitPath: words(about.get('UnitPath') ?? ''),
      units: names => askUnits([...new Set(names)], command => tryToRun(command, environment), scope),
      jobType: async name => {
        const lines = await ask(['list-jobs', '--full', '--plain', '--no-legend'], [name]);
        const fields = lines.split('\n').map(line => line.trim().split(/\s+/));
        return fields.find(([, unit]) => unit === name)?.[2];
      },
      loadedUnits: async () => {
        const lines = await ask(['list-units', '--all', '--full', '--plain', '--no-legend']);
        return lines
          .split('\n')
          .map(line => line.split(/ +/))
          .flatMap(([name = '', , activeState = '']) => (name === '' ? [] : [{ name, activeState }]));
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  };
}

interface Attempt {
  /** What it wrote until it ended, or was ended. */
  readonly stdout: string;
  readonly failure: ProgramFailure | undefined;
}

/**
 * A manager answers in the order of the questions, and reads the files of a unit for it, which may keep it busy for minutes: that costs the
 * answer about this unit alone. systemctl writes its answers in blocks, so that some of those before it are lost as well: when the manager
 * is back, they are asked for one by one, until one of them keeps it busy again.
 */
async function askUnits(
  names: readonly string[],
  attempt: (command: Command) => Promise<Attempt>,
  scope: ManagerScope,
): Promise<ReadonlyMap<string, LiveUnit>> {
  const units = new Map<string, LiveUnit>();
  for (const name of names) if (!isLoadable(name)) units.set(name, notLoadable(name));
  let left: readonly string[] = names.filter(isLoadable);
  let count = namesPerCommand;
  let failures = 0;
  while (left.length > 0) {
    const some = left.slice(0, count);
    const { stdout, failure } = await attempt(
      systemctlCommand(scope, ['show', `--property=${unitProperties.join(',')}`], some),
    );
    const answers = blocks(failure === undefined ? stdout : wholeBlocks(stdout)).slice(0, some.length);
    if (failure === undefined && answers.length !== some.length)
      throw new ManagerError('systemctl', `systemctl shows ${answers.length} of ${some.length} units`);
    for (const [index, answer] of answers.entries()) {
      const name = some[index] ?? '';
      units.set(name, unitOf(name, answer));
    }
    left = left.slice(answers.length);
    if (failure === undefined) continue;
    const isFound = some.length === 1;
    if (isFound) {
      left = left.slice(1);
      failures += 1;
    }
    const isBack = failures < mostFailures && (await answersAgain(attempt, scope));
    // Without any answer it is the manager itself that hangs, or is gone.
    if (!isBack && ![...units.keys()].some(isLoadable))
      throw new ManagerError('systemctl', failureText('systemctl', failure));
    if (!isBack) break;
    count = isFound ? namesPerCommand : 1;
  }
  return units;
}

/** After as many units without an answer, the rest is not asked about. */
const mostFailures = 3;

/** Waits for a busy manager, for some of the time that a command may take. */
async function answersAgain(
  attempt: (command: Command) => Promise<Attempt>,
  scope: ManagerScope,
): Promise<boolean> {
  for (let count = 0; count < 3; count += 1) {
    const { failure } = await attempt(systemctlCommand(scope, ['show', '--property=Version']));
    if (failure === undefined) return true;
  }
  return false;
}

/** The blocks that were written to their ends. */
function wholeBlocks(output: string): string {
  return output.slice(0, Math.max(0, output.lastIndexOf('\n\n')));
}

/** Major version in the output of `systemctl --version`; undefined when the command does not exist. */
export async function systemctlVersion(environment: Environment): Promise<number | undefined> {
  try {
    return majorVersion(await run(versionCommand, environment));
  } catch (error) {
    if (error instanceof ManagerError) return undefined;
    throw error;
  }
}

const unitProperties = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'MainPID',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestampMonotonic',
  'ExecMainExitTimestamp',
  'ActiveExitTimestampMonotonic',
  'ActiveExitTimestamp',
  'InactiveExitTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'InactiveEnterTimestamp',
  'StateChangeTimestamp',
  'ExecMainCode',
  'ExecMainStatus',
  'InvocationID',
  'NRestarts',
  'ConditionResult',
  'ConditionTimestampMonotonic',
  'AssertResult',
  'AssertTimestampMonotonic',
  'Job',
  'Result',
  'Restart',
  'Type',
  'RemainAfterExit',
] as const;

/** Keeps the command line far below the kernel's limit, and the time of a command below its time limit. */
const namesPerCommand = 200;

const versionCommand: Command = { program: 'systemctl', options: ['--version'], operands: [] };

async function run(command: Command, environment: Environment): Promise<string> {
  const { stdout, failure } = await tryToRun(command, environment);
  if (failure === undefined) return stdout;
  throw new ManagerError('systemctl', failureText(command.program, failure));
}

function tryToRun(command: Command, environment: Environment): Promise<Attempt> {
  return runProgram(command, {
    environment: {
      ...environment,
      LC_ALL: 'C',
      TZ: 'UTC',
      SYSTEMD_COLORS: '0',
      SYSTEMD_PAGER: '',
      SYSTEMD_URLIFY: '0',
    },
    timeoutMs: defaultTimeoutMs,
    outputBytes: 2 ** 26,
  });
}

function isLoadable(name: string): boolean {
  const parsed = parseUnitName(name);
  return parsed !== undefined && parsed.kind !== 'template';
}

function unitOf(name: string, block: ReadonlyMap<string, string>): LiveUnit {
  const value = (property: (typeof unitProperties)[number]) => block.get(property) ?? '';
  const isService = parseUnitName(name)?.type === 'service';
  return {
    id: value('Id'),
    loadState: value('LoadState'),
    activeState: value('ActiveState'),
    subState: value('SubState'),
    unitFileState: value('UnitFileState'),
    fragmentPath: value('FragmentPath'),
    dropInPaths: words(value('DropInPaths')),
    needDaemonReload: value('NeedDaemonReload') === 'yes',
    mainPid: isService ? Number(value('MainPID')) : 0,
    mainStartedSeconds: isService ? secondsOf(value('ExecMainStartTimestamp')) : null,
    mainEndedUsec: isService ? Number(value('ExecMainExitTimestampMonotonic')) : 0,
    mainEndedSeconds: isService ? secondsOf(value('ExecMainExitTimestamp')) : null,
    leftActiveUsec: Number(value('ActiveExitTimestampMonotonic')),
    leftActiveSeconds: secondsOf(value('ActiveExitTimestamp')),
    leftInactiveUsec: Number(value('InactiveExitTimestampMonotonic')),
    enteredInactiveUsec: Number(value('InactiveEnterTimestampMonotonic')),
    enteredInactiveSeconds: secondsOf(value('InactiveEnterTimestamp')),
    stateChangedSeconds: secondsOf(value('StateChangeTimestamp')),
    mainCode: isService ? Number(value('ExecMainCode')) : 0,
    mainStatus: isService ? Number(value('ExecMainStatus')) : 0,
    invocation: value('InvocationID'),
    nRestarts: isService ? Number(value('NRestarts')) : 0,
    conditionsHeld: value('ConditionResult') === 'yes',
    conditionsUsec: Number(value('ConditionTimestampMonotonic')),
    assertsHeld: value('AssertResult') === 'yes',
    assertsUsec: Number(value('AssertTimestampMonotonic')),
    hasJob: Number(value('Job')) !== 0,
    result: isService ? value('Result') : '',
    restart: isService ? value('Restart') : '',
    type: isService ? value('Type') : '',
    remainsAfterExit: isService && value('RemainAfterExit') === 'yes',
  };
}

/**
 * `Tue 2026-11-24 05:04:17 UTC`; empty or `n/a` for an event that never happened. Source: systemd.time(7),
 * `format_timestamp()`.
 */
function secondsOf(text: string): number | null {
  const [, date, time] = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? [];
  return date === undefined ? null : Date.parse(`${date}T${time}Z`) / 1000;
}

/** The `NAME=value` blocks of `systemctl show`: one for each unit, separated by empty lines. */
function blocks(output: string): readonly ReadonlyMap<string, string>[] {
  return output
    .trim()
    .split(/\n{2,}/)
    .filter(block => block !== '')
    .map(block => new Map(Object.entries(parseVariables(block.split('\n')))));
}

/** Removes the shell quotes in which `systemctl show` prints the elements of a list. */
function words(text: string): readonly string[] {
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"|\S+/g)].map(([word, quoted]) =>
    quoted === undefined ? word : quoted.replace(/\\(.)/g, '$1'),
  );
}
