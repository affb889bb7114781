/** {@link Manager} over the command systemctl(1): the last way, when daruma cannot use any socket itself. */
import type { Command } from '../../programs/command.ts';
import { failureText } from '../../programs/failure.ts';
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
      units: async names => {
        const units = new Map<string, LiveUnit>(names.map(name => [name, notLoadable(name)]));
        const loadable = [...units.keys()].filter(isLoadable);
        for (let start = 0; start < loadable.length; start += namesPerCommand) {
          const some = loadable.slice(start, start + namesPerCommand);
          const answers = blocks(await ask(['show', `--property=${unitProperties.join(',')}`], some));
          if (answers.length !== some.length) {
            throw new ManagerError('systemctl', `systemctl shows ${answers.length} of ${some.length} units`);
          }
          some.forEach((name, index) => units.set(name, unitOf(name, answers[index] ?? new Map())));
        }
        return units;
      },
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
  'ActiveExitTimestampMonotonic',
  'InactiveExitTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'InactiveEnterTimestamp',
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
] as const;

/** Keeps the command line far below the kernel's limit, and the time of a command below its time limit. */
const namesPerCommand = 200;

const versionCommand: Command = { program: 'systemctl', options: ['--version'], operands: [] };

async function run(command: Command, environment: Environment): Promise<string> {
  const { stdout, failure } = await runProgram(command, {
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
  if (failure === undefined) return stdout;
  throw new ManagerError('systemctl', failureText(command.program, failure));
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
    leftActiveUsec: Number(value('ActiveExitTimestampMonotonic')),
    leftInactiveUsec: Number(value('InactiveExitTimestampMonotonic')),
    enteredInactiveUsec: Number(value('InactiveEnterTimestampMonotonic')),
    enteredInactiveSeconds: secondsOf(value('InactiveEnterTimestamp')),
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
