/**
 * The effective settings of a service: with defaults filled in, and with the settings that depend on each other decided. A
 * service that systemd refuses has none.
 * Source: systemd.service(5); `service_init()`, `service_add_extras()`, `service_verify()`.
 */
import type { Assigned } from './assignments.ts';
import type { ManagerDefaults } from './manager-defaults.ts';
import {
  type ExecCommand,
  exitTypes,
  killModes,
  oomPolicies,
  restartModes,
  restartPolicies,
  type ServiceSettings,
  type Setting,
  serviceTypes,
  timeoutFailureModes,
} from './service-settings.ts';
import { dependenciesOf, jobModeOf, type RefusalRule, type Unit } from './unit.ts';
import { parseBoolean } from './values/boolean.ts';
import { parseCommandLines } from './values/command-line.ts';
import { emptyExitStatusSet, type ExitStatusSet, parseExitStatusWords } from './values/exit-status.ts';
import { parseUnsigned } from './values/integer.ts';
import { simplifyPath } from './values/path.ts';
import { parseSignal, sigabrt, sigterm } from './values/signal.ts';
import { parseTimeSpan } from './values/time-span.ts';

/** A service unit and its effective settings. */
export interface Service {
  /** The unit; `load` and `problem` say why it is not loaded. */
  readonly unit: Unit;
  /** The effective settings; undefined when the unit is not loaded. */
  readonly settings: ServiceSettings | undefined;
}

/**
 * Works out the effective settings of a service. Systemd refuses a unit whose settings exclude each other: such a unit comes
 * back with `load` set to `bad-setting`, and without settings.
 *
 * Source: systemd.service(5); `service_init()`, `service_add_extras()` and `service_verify()` in `src/core/service.c`.
 *
 * @param defaults what user.conf or system.conf say, see {@link readManagerConfiguration}
 * @param version systemd's major version, such as 252
 * @example
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * settings?.Restart.source?.line; // 8
 * settings?.RestartSec; // { value: 100_000, source: null }
 */
export function resolveService(unit: Unit, defaults: ManagerDefaults, version: number): Service {
  if (unit.load !== 'loaded') return { unit, settings: undefined };
  const settings = resolveSettings(unit, defaults, version);
  const refusal = findRefusal(unit, settings, version);
  if (refusal === undefined) return { unit, settings };
  const problem = { code: 'refused', ...refusal } as const;
  return { unit: { ...unit, load: 'bad-setting', problem }, settings: undefined };
}

function resolveSettings(unit: Unit, defaults: ManagerDefaults, version: number): ServiceSettings {
  const reader = new SettingReader(unit, version);
  const ExecStart = reader.commands('ExecStart');
  const Type = resolveType(unit, reader, ExecStart, version);
  const RestartMaxDelaySec = reader.timeSpan('RestartMaxDelaySec', forever);
  return {
    Type,
    Restart: reader.oneOf('Restart', restartPolicies, 'no'),
    RestartSec: resolveRestartSec(reader, defaults, RestartMaxDelaySec),
    RestartSteps: reader.number('RestartSteps', own(0)),
    RestartMaxDelaySec,
    RestartRandomizedDelaySec: finiteOr0(reader.timeSpan('RestartRandomizedDelaySec', own(0))),
    RestartMode: reader.oneOf('RestartMode', restartModes, 'normal'),
    SuccessExitStatus: reader.exitStatuses('SuccessExitStatus'),
    RestartPreventExitStatus: reader.exitStatuses('RestartPreventExitStatus'),
    RestartForceExitStatus: reader.exitStatuses('RestartForceExitStatus'),
    RemainAfterExit: reader.boolean('RemainAfterExit', own(false)),
    GuessMainPID: reader.boolean('GuessMainPID', own(true)),
    PIDFile: reader.pathBelowRuntime('PIDFile'),
    StartLimitIntervalSec: reader.timeSpan(
      'StartLimitIntervalSec',
      defaults.DefaultStartLimitIntervalSec,
      'Unit',
    ),
    StartLimitBurst: reader.number('StartLimitBurst', defaults.DefaultStartLimitBurst, 'Unit'),
    TimeoutStartSec: reader.timeout(
      'TimeoutStartSec',
      Type.value === 'oneshot' ? forever : defaults.DefaultTimeoutStartSec,
    ),
    TimeoutStopSec: reader.timeout('TimeoutStopSec', defaults.DefaultTimeoutStopSec),
    TimeoutStartFailureMode: reader.oneOf('TimeoutStartFailureMode', timeoutFailureModes, 'terminate'),
    RuntimeMaxSec: reader.timeSpan('RuntimeMaxSec', forever),
    WatchdogSec: reader.timeSpan('WatchdogSec', own(0)),
    WatchdogSignal: reader.signal('WatchdogSignal', sigabrt),
    KillMode: reader.oneOf('KillMode', killModes, 'control-group'),
    KillSignal: reader.signal('KillSignal', sigterm),
    SendSIGKILL: reader.boolean('SendSIGKILL', own(true)),
    OOMPolicy: resolveOomPolicy(reader, defaults),
    MemoryAccounting: resolveMemoryAccounting(reader, defaults),
    ExitType: reader.oneOf('ExitType', exitTypes, 'main'),
    ExecCondition: reader.commands('ExecCondition'),
    ExecStartPre: reader.commands('ExecStartPre'),
    ExecStart,
    ExecStartPost: reader.commands('ExecStartPost'),
    ExecStop: reader.commands('ExecStop'),
    ExecStopPost: reader.commands('ExecStopPost'),
  };
}

/** A default of systemd's own, which no line sets. */
function own<T>(value: T): Setting<T> {
  return { value, source: null };
}

const forever: Setting<number> = own(Number.POSITIVE_INFINITY);

function resolveType(
  unit: Unit,
  reader: SettingReader,
  execStart: ServiceSettings['ExecStart'],
  version: number,
): ServiceSettings['Type'] {
  if (unit.assignments.last('Service', 'Type') !== undefined)
    return reader.oneOf('Type', serviceTypes, 'simple');
  const busName = unit.assignments.last('Service', 'BusName');
  if (busName !== undefined) return { value: 'dbus', source: busName.source };
  if (version >= 257 && usesCredentials(unit)) return own('exec');
  return own(execStart.value.length > 0 ? 'simple' : 'oneshot');
}

function usesCredentials(unit: Unit): boolean {
  return [
    'LoadCredential',
    'LoadCredentialEncrypted',
    'SetCredential',
    'SetCredentialEncrypted',
    'ImportCredential',
  ].some(name => unit.assignments.get('Service', name).length > 0);
}

/** A RestartMaxDelaySec= that is shorter than RestartSec= replaces it (254 and newer; older versions do not know the setting). */
function resolveRestartSec(
  reader: SettingReader,
  defaults: ManagerDefaults,
  most: Setting<number>,
): Setting<number> {
  const first = reader.timeSpan('RestartSec', defaults.DefaultRestartSec);
  return most.value < first.value ? most : first;
}

function resolveOomPolicy(reader: SettingReader, defaults: ManagerDefaults): ServiceSettings['OOMPolicy'] {
  const delegates = reader.delegates();
  if (delegates !== undefined) return reader.oneOf('OOMPolicy', oomPolicies, 'continue', delegates);
  const { value, source } = defaults.DefaultOOMPolicy;
  const policy = oomPolicies.find(known => known === value) ?? 'stop';
  return reader.oneOf('OOMPolicy', oomPolicies, policy, source);
}

/** A limit on memory enables the memory controller in the same way as MemoryAccounting= does (`unit_get_own_mask()`). */
function resolveMemoryAccounting(reader: SettingReader, defaults: ManagerDefaults): Setting<boolean> {
  const limits = ['MemoryMax', 'MemoryHigh', 'MemoryLow', 'MemoryMin', 'MemorySwapMax', 'MemoryLimit'];
  const limit = limits.map(name => reader.assigned(name)).find(assigned => assigned !== undefined);
  return limit === undefined
    ? reader.boolean('MemoryAccounting', defaults.DefaultMemoryAccounting)
    : { value: true, source: limit.source };
}

function finiteOr0(setting: Setting<number>): Setting<number> {
  return setting.value === Number.POSITIVE_INFINITY ? { ...setting, value: 0 } : setting;
}

/** Reads the values of valid assignments; the assignments of a unit hold no invalid ones. */
class SettingReader {
  readonly #unit: Unit;
  readonly #version: number;

  constructor(unit: Unit, version: number) {
    this.#unit = unit;
    this.#version = version;
  }

  assigned(name: string): Assigned | undefined {
    return this.#unit.assignments.last('Service', name);
  }

  boolean(name: string, fallback: Setting<boolean>): Setting<boolean> {
    return this.#scalar('Service', name, parseBoolean, fallback);
  }

  timeSpan(name: string, fallback: Setting<number>, section = 'Service'): Setting<number> {
    return this.#scalar(section, name, value => parseTimeSpan(value), fallback);
  }

  /** 0 switches a time-out off. */
  timeout(name: string, fallback: Setting<number>): Setting<number> {
    const setting = this.timeSpan(name, fallback);
    return setting.value === 0 ? { ...setting, value: Number.POSITIVE_INFINITY } : setting;
  }

  number(name: string, fallback: Setting<number>, section = 'Service'): Setting<number> {
    return this.#scalar(section, name, value => parseUnsigned(value), fallback);
  }

  signal(name: string, fallback: number): Setting<number> {
    return this.#scalar('Service', name, parseSignal, own(fallback));
  }

  /** A path with its specifiers expanded; a relative path begins at the manager's runtime directory. */
  pathBelowRuntime(name: string): Setting<string | undefined> {
    const assigned = this.assigned(name);
    if (assigned === undefined) return own(undefined);
    const { value, source } = assigned;
    const expanded = this.#unit.expand(value);
    const path = typeof expanded === 'string' ? expanded : value;
    const runtime = this.#unit.expand('%t');
    const absolute = path.startsWith('/') || typeof runtime !== 'string' ? path : `${runtime}/${path}`;
    return { value: simplifyPath(absolute), source };
  }

  oneOf<T extends string>(
    name: string,
    values: readonly T[],
    fallback: NoInfer<T>,
    source: Setting<T>['source'] = null,
  ): Setting<T> {
    const parse = (value: string) => values.find(known => known === value);
    return this.#scalar('Service', name, parse, { value: fallback, source });
  }

  exitStatuses(name: string): Setting<ExitStatusSet> {
    const assigned = this.#unit.assignments.get('Service', name);
    if (assigned.length === 0) return own(emptyExitStatusSet);
    const sets = assigned.map(({ value }) => parseExitStatusWords(value, this.#version).set);
    return {
      value: sets.reduce(union, emptyExitStatusSet),
      source: assigned.at(-1)?.source ?? null,
    };
  }

  commands(name: string): Setting<readonly ExecCommand[]> {
    const assigned = this.#unit.assignments.get('Service', name);
    const value: ExecCommand[] = [];
    for (const line of assigned) {
      const { commands } = parseCommandLines(line.value, {
        version: this.#version,
        expandSpecifiers: word => this.#unit.expand(word),
      });
      for (const command of commands) value.push({ ...command, source: line.source });
    }
    return { value, source: assigned.at(-1)?.source ?? null };
  }

  /** The line that delegates the control group to the service; undefined when none does. */
  delegates(): Assigned['source'] | undefined {
    const last = this.#unit.assignments.get('Service', 'Delegate').at(-1);
    return last === undefined || parseBoolean(last.value) === false ? undefined : last.source;
  }

  #scalar<T>(
    section: string,
    name: string,
    parse: (value: string) => T | undefined,
    fallback: Setting<T>,
  ): Setting<T> {
    const assigned = this.#unit.assignments.last(section, name);
    const value = assigned && parse(assigned.value);
    return assigned === undefined || value === undefined ? fallback : { value, source: assigned.source };
  }
}

function union(a: ExitStatusSet, b: ExitStatusSet): ExitStatusSet {
  return {
    statuses: new Set([...a.statuses, ...b.statuses]),
    signals: new Set([...a.signals, ...b.signals]),
  };
}

interface Refusal {
  readonly rule: RefusalRule;
  readonly source: Setting<unknown>['source'];
}

/** The line of the job mode that would isolate several units (`unit_load()`, ran on 247 and 257). */
function isolatingSeveral(unit: Unit): Refusal['source'] | undefined {
  for (const kind of ['OnFailure', 'OnSuccess'] as const) {
    const others = new Set(dependenciesOf(unit, kind).map(({ unit: other }) => other));
    if (others.size > 1 && jobModeOf(unit, kind) === 'isolate')
      return unit.assignments.last('Unit', `${kind}JobMode`)?.source ?? null;
  }
  return undefined;
}

/** The first rule of `unit_load()` and `service_verify()` that the settings break. */
function findRefusal(unit: Unit, settings: ServiceSettings, version: number): Refusal | undefined {
  const { Type, Restart, RestartForceExitStatus: force, ExitType, KillMode } = settings;
  const commands = settings.ExecStart.value;
  const oneshot = Type.value === 'oneshot';
  const successAction = unit.assignments.last('Unit', 'SuccessAction');
  const hasSuccessAction = successAction !== undefined && successAction.value !== 'none';

  const isolating = isolatingSeveral(unit);
  if (isolating !== undefined) return { rule: 'isolates-several', source: isolating };
  if (commands.length === 0 && settings.ExecStop.value.length === 0 && !hasSuccessAction) {
    return { rule: 'no-command', source: null };
  }
  if (!oneshot && commands.length === 0) return { rule: 'no-exec-start', source: Type.source };
  if (!settings.RemainAfterExit.value && commands.length === 0 && !hasSuccessAction) {
    return { rule: 'no-exec-start-and-not-remaining', source: settings.RemainAfterExit.source };
  }
  if (!oneshot && commands.length > 1) {
    return { rule: 'several-exec-starts', source: commands.at(-1)?.source ?? null };
  }
  if (oneshot && (Restart.value === 'always' || Restart.value === 'on-success')) {
    return { rule: 'oneshot-restarts-on-success', source: Restart.source };
  }
  if (oneshot && version < 256 && force.value.statuses.size + force.value.signals.size > 0) {
    return { rule: 'oneshot-forces-restart', source: force.source };
  }
  if (oneshot && ExitType.value === 'cgroup')
    return { rule: 'oneshot-exit-type-cgroup', source: ExitType.source };
  if (Type.value === 'dbus' && unit.assignments.last('Service', 'BusName') === undefined) {
    return { rule: 'dbus-without-name', source: Type.source };
  }
  const usesPam = unit.assignments.last('Service', 'PAMName') !== undefined;
  if (usesPam && (KillMode.value === 'process' || KillMode.value === 'none')) {
    return { rule: 'pam-with-kill-mode', source: KillMode.source };
  }
  return findDynamicUserRefusal(unit, version);
}

/** Rules that 257 has and 255 lacks (`unit_verify_contexts()`); whether 256 has them was not examined. */
function findDynamicUserRefusal(unit: Unit, version: number): Refusal | undefined {
  const dynamic = unit.assignments.last('Service', 'DynamicUser');
  if (version < 256 || dynamic === undefined || parseBoolean(dynamic.value) !== true) return undefined;
  if (unit.scope === 'user') return { rule: 'dynamic-user-of-user', source: dynamic.source };
  const directory = unit.assignments.last('Service', 'WorkingDirectory');
  const isHome = directory?.value === '~' || directory?.value === '-~';
  return isHome ? { rule: 'dynamic-user-at-home', source: directory.source } : undefined;
}
