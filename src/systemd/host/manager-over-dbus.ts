/** {@link Manager} over D-Bus. Source: org.freedesktop.systemd1(5). */
import { isList, itemsOf } from '../../json/value.ts';
import { parseUnitName } from '../unit-name.ts';
import { DBusFailure } from './dbus.ts';
import type { DBusConnection, DBusProperties } from './dbus.ts';
import { ManagerError } from './host.ts';
import type { LiveUnit, LoadedUnit, Manager } from './host.ts';
import { notLoadable, parseVariables } from './manager-answer.ts';
import type { AnsweringManager } from './manager-answer.ts';
import { majorVersion } from './version.ts';

/** Bus name of every manager, on its bus. */
export const managerDestination = 'org.freedesktop.systemd1';

/**
 * Asks a manager for its version and environment. From then on, the manager owns the connection.
 *
 * @throws ManagerError, and DBusFailure when it does not answer
 */
export async function managerOverDBus(
  connection: DBusConnection,
  transport: 'private-socket' | 'bus',
): Promise<AnsweringManager> {
  const ask = (property: string) => connection.get(managerPath, managerInterface, property);
  const [versionText, unitPath, environment, state] = await Promise.all([
    ask('Version'),
    ask('UnitPath'),
    ask('Environment'),
    ask('SystemState'),
  ]);
  const version = typeof versionText === 'string' ? majorVersion(versionText) : undefined;
  if (version === undefined || !isTexts(unitPath) || !isTexts(environment)) {
    throw new ManagerError(transport, 'The manager answered without Version, UnitPath or Environment');
  }

  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DBusFailure)) throw error;
      throw new ManagerError(transport, error.message, { cause: error });
    }
  };

  return {
    environment: parseVariables(environment),
    manager: {
      transport,
      version,
      isStopping: state === 'stopping',
      unitPath,
      units: names => translated(() => askUnits(connection, transport, names)),
      jobType: name => translated(() => askJob(connection, name)),
      loadedUnits: () => translated(() => listUnits(connection, transport)),
      [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    },
  };
}

/**
 * Object path of a unit, whether it is loaded or not.
 *
 * Source: sd_bus_path_encode(3): all but letters and digits, and a leading digit, become `_` and two hex digits.
 *
 * @example unitObjectPath('copilot-api.service') // '/org/freedesktop/systemd1/unit/copilot_2dapi_2eservice'
 */
export function unitObjectPath(name: string): string {
  const encoded = [...Buffer.from(name)].map((byte, index) => {
    const character = String.fromCharCode(byte);
    const plain = index === 0 ? /[A-Za-z]/ : /[A-Za-z0-9]/;
    return plain.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`;
  });
  return `/org/freedesktop/systemd1/unit/${encoded.join('')}`;
}

const managerPath = '/org/freedesktop/systemd1';
const managerInterface = 'org.freedesktop.systemd1.Manager';

/**
 * Limit of pending calls: enough to keep a manager busy, and far below the limits of its queue (65,536 messages) and of
 * a bus (quota of open replies).
 */
const window = 64;

/**
 * A manager answers in the order of the questions, and reads the files of a unit for it: so the first question without an answer is the
 * one that keeps it busy, and those that wait behind it are asked again when it is back.
 */
async function askUnits(
  connection: DBusConnection,
  transport: Manager['transport'],
  names: readonly string[],
): Promise<ReadonlyMap<string, LiveUnit>> {
  const units = new Map<string, LiveUnit>();
  const asked = [...new Set(names)];
  let left: readonly string[] = asked;
  for (let round = 1; left.length > 0; round += 1) {
    const silent = await askWindow(connection, transport, left, units);
    if (silent === undefined) break;
    left = left.filter(name => name !== silent.unit && !units.has(name));
    const isBack = round < mostSilent && (await answersAgain(connection));
    // Without any answer it is the manager itself that hangs.
    if (!isBack && units.size === 0) throw silent.failure;
    if (!isBack) break;
  }
  return units;
}

/** After as many units that keep it busy, the rest is not asked about. */
const mostSilent = 3;

/** @returns the first question that got no answer in time; none is asked after it */
async function askWindow(
  connection: DBusConnection,
  transport: Manager['transport'],
  names: readonly string[],
  units: Map<string, LiveUnit>,
): Promise<{ readonly unit: string; readonly failure: DBusFailure } | undefined> {
  let silent: { readonly unit: string; readonly failure: DBusFailure } | undefined;
  const next = names.values();
  const askNext = async () => {
    for (const unit of next) {
      try {
        units.set(unit, await askUnit(connection, transport, unit));
      } catch (error) {
        if (!(error instanceof DBusFailure && error.code === 'timeout')) throw error;
        silent ??= { unit, failure: error };
      }
      if (silent !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(window, names.length) }, askNext));
  return silent;
}

/** Waits for a busy manager, for some of the time that a call may take. */
async function answersAgain(connection: DBusConnection): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await connection.get(managerPath, managerInterface, 'Version');
      return true;
    } catch (error) {
      if (!(error instanceof DBusFailure && error.code === 'timeout')) throw error;
    }
  }
  return false;
}

/**
 * One call for all interfaces of a unit, like that of `systemctl show`. The call makes the manager read a unit that it
 * has not loaded (LoadUnit would do the same), and unload it before its next message when nothing refers to it. Several
 * smaller calls would read the files, and log the mistakes in them, as many times. No unit remains loaded because of
 * daruma.
 */
async function askUnit(
  connection: DBusConnection,
  transport: Manager['transport'],
  name: string,
): Promise<LiveUnit> {
  const parsed = parseUnitName(name);
  if (parsed === undefined || parsed.kind === 'template') return notLoadable(name);
  try {
    const properties = reader(await connection.getAll(unitObjectPath(name), ''), transport, name);
    const isService = parsed.type === 'service';
    return {
      id: properties.text('Id'),
      loadState: properties.text('LoadState'),
      activeState: properties.text('ActiveState'),
      subState: properties.text('SubState'),
      unitFileState: properties.text('UnitFileState'),
      fragmentPath: properties.text('FragmentPath'),
      dropInPaths: properties.texts('DropInPaths'),
      needDaemonReload: properties.flag('NeedDaemonReload'),
      mainPid: isService ? properties.number('MainPID') : 0,
      mainStartedSeconds: isService ? secondsOf(properties.time('ExecMainStartTimestamp')) : null,
      mainEndedUsec: isService ? Number(properties.time('ExecMainExitTimestampMonotonic')) : 0,
      mainEndedSeconds: isService ? secondsOf(properties.time('ExecMainExitTimestamp')) : null,
      leftActiveUsec: Number(properties.time('ActiveExitTimestampMonotonic')),
      leftActiveSeconds: secondsOf(properties.time('ActiveExitTimestamp')),
      leftInactiveUsec: Number(properties.time('InactiveExitTimestampMonotonic')),
      enteredInactiveUsec: Number(properties.time('InactiveEnterTimestampMonotonic')),
      enteredInactiveSeconds: secondsOf(properties.time('InactiveEnterTimestamp')),
      stateChangedSeconds: secondsOf(properties.time('StateChangeTimestamp')),
      mainCode: isService ? properties.number('ExecMainCode') : 0,
      mainStatus: isService ? properties.number('ExecMainStatus') : 0,
      invocation: properties.bytes('InvocationID').toString('hex'),
      nRestarts: isService ? properties.number('NRestarts') : 0,
      conditionsHeld: properties.flag('ConditionResult'),
      conditionsUsec: Number(properties.time('ConditionTimestampMonotonic')),
      assertsHeld: properties.flag('AssertResult'),
      assertsUsec: Number(properties.time('AssertTimestampMonotonic')),
      hasJob: properties.job() !== 0,
      result: isService ? properties.text('Result') : '',
      restart: isService ? properties.text('Restart') : '',
      type: isService ? properties.text('Type') : '',
      remainsAfterExit: isService && properties.flag('RemainAfterExit'),
    };
  } catch (error) {
    if (error instanceof DBusFailure && refusals.has(error.errorName ?? '')) return notLoadable(name);
    throw error;
  }
}

/** `Job` is the number and the path of a job, or 0 (org.freedesktop.systemd1(5), "Unit Objects"). */
async function askJob(connection: DBusConnection, name: string): Promise<string | undefined> {
  const job = await connection.get(unitObjectPath(name), 'org.freedesktop.systemd1.Unit', 'Job');
  const [id, path] = itemsOf(job);
  if (id === 0 || typeof path !== 'string') return undefined;
  try {
    const type = await connection.get(path, 'org.freedesktop.systemd1.Job', 'JobType');
    return typeof type === 'string' ? type : undefined;
  } catch (error) {
    // The job has ended in the meantime.
    if (error instanceof DBusFailure && error.code === 'error') return undefined;
    throw error;
  }
}

/** The errors with which a manager refuses a name (`manager_load_unit_from_dbus_path()`). */
const refusals: ReadonlySet<string> = new Set([
  'org.freedesktop.DBus.Error.InvalidArgs',
  'org.freedesktop.DBus.Error.UnknownObject',
  'org.freedesktop.systemd1.NoSuchUnit',
]);

async function listUnits(
  connection: DBusConnection,
  transport: Manager['transport'],
): Promise<readonly LoadedUnit[]> {
  const units = await connection.call(managerPath, managerInterface, 'ListUnits');
  if (!isList(units)) throw new ManagerError(transport, 'ListUnits did not answer with a list');
  return units.map(unit => {
    // Name, description, load state, active state ... (org.freedesktop.systemd1(5), "Methods").
    const [name, , , activeState] = itemsOf(unit);
    if (typeof name === 'string' && typeof activeState === 'string') return { name, activeState };
    throw new ManagerError(transport, 'ListUnits answered without names and states');
  });
}

function reader(properties: DBusProperties, transport: Manager['transport'], unit: string) {
  const read = <T>(property: string, is: (value: unknown) => value is T): T => {
    const value = properties[property];
    if (is(value)) return value;
    throw new ManagerError(transport, `${unit}: the manager does not say ${property} as expected`);
  };
  return {
    text: (property: string) => read(property, value => typeof value === 'string'),
    texts: (property: string) => read(property, isTexts),
    flag: (property: string) => read(property, value => typeof value === 'boolean'),
    number: (property: string) => read(property, value => typeof value === 'number'),
    bytes: (property: string) => read(property, value => Buffer.isBuffer(value)),
    time: (property: string) => read(property, value => typeof value === 'bigint'),
    job: () => itemsOf(read('Job', isList))[0],
  };
}

/** Seconds of a time in microseconds; null for 0, which means never. */
function secondsOf(usec: bigint): number | null {
  return usec === 0n ? null : Number(usec / 1_000_000n);
}

function isTexts(value: unknown): value is readonly string[] {
  return isList(value) && value.every(element => typeof element === 'string');
}
