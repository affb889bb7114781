/** The prediction of the model for a unit in a root. */
import { exploreNeighbourhood } from '../../src/inventory/surroundings.ts';
import { type Ending, parseEnding } from '../../src/restart/ending.ts';
import { type Outcome, predictOutcome, type ServiceFacts } from '../../src/restart/outcome.ts';
import type { Surroundings } from '../../src/restart/surroundings.ts';
import { predictTimeline, type Timeline } from '../../src/restart/timeline.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import type { ManagerScope } from '../../src/systemd/search-path.ts';
import { resolveService } from '../../src/systemd/service.ts';
import type { ServiceSettings, ServiceType } from '../../src/systemd/service-settings.ts';
import { type ShownSetting, shownSettings } from '../../src/systemd/shown-settings.ts';
import { createUnitLoader, type LoadState, type Unit } from '../../src/systemd/unit.ts';
import { type Case, labUser } from './case.ts';

export interface Prediction {
  readonly version: number;
  readonly load: LoadState;
  /** Whether the unit crashes the manager that reads it. */
  readonly isFatal: boolean;
  /** Undefined when the unit is not loaded. */
  readonly loaded: LoadedPrediction | undefined;
}

export interface LoadedPrediction {
  readonly settings: ServiceSettings;
  readonly surroundings: Surroundings;
  readonly shown: Readonly<Record<string, ShownSetting>>;
  /** False when the requested ending cannot occur; then {@link ending} is what the unit does instead. */
  readonly possible: boolean;
  readonly ending: Ending;
  readonly lifetimeMs: number;
  readonly outcome: Outcome;
  readonly timeline: Timeline;
}

/** Loads a unit of a root and predicts its ending. */
export async function predictorOf(
  root: string,
  scope: ManagerScope,
  simulatedVersion?: number,
): Promise<(unit: string, some: Case) => Prediction> {
  const host = openOfflineHost({
    root,
    scope,
    ...(scope === 'user' ? { home: `/home/${labUser}` } : {}),
    ...(simulatedVersion === undefined ? {} : { systemdVersion: simulatedVersion }),
  });
  const loader = createUnitLoader(host);
  const neighbourhood = await exploreNeighbourhood(loader);
  return (name, some) => {
    const { version } = host.systemd;
    const { unit, settings } = resolveService(loader.load(name), loader.defaults, version);
    const ending = endingOf(unit, some);
    const loaded =
      settings === undefined
        ? undefined
        : predict(
            { settings, surroundings: neighbourhood.surroundingsOf(unit, new Map()) },
            ending,
            some,
            version,
          );
    return { version, load: unit.load, isFatal: isFatalTo(version, unit), loaded };
  };
}

/**
 * 247 to 247.7 abort on a service of Type=dbus without a name, both PID 1 and a user manager: "Assertion 'name' failed
 * [...] function unit_watch_bus_name()" (systemd-stable 5d21a40049).
 */
function isFatalTo(version: number, { assignments }: Unit): boolean {
  const valueOf = (key: string) => assignments.last('Service', key)?.value;
  return version === 247 && valueOf('Type') === 'dbus' && valueOf('BusName') === undefined;
}

function endingOf(unit: Unit, { ending: text }: Case): Ending {
  const expanded = unit.expand(text);
  const ending = typeof expanded === 'string' ? parseEnding(expanded) : undefined;
  if (ending === undefined) throw new Error(`no ending: ${text}`);
  return ending;
}

function predict(service: ServiceFacts, asked: Ending, some: Case, version: number): LoadedPrediction {
  const { settings, surroundings } = service;
  const machine = { version, cgroups: 'legacy' } as const;
  const { possible } = predictOutcome(service, asked, machine);
  const ending = possible ? asked : insteadOf(asked, settings);
  const needsTime =
    ending.kind === 'start-post' || settings.PIDFile.value !== undefined || mayEndUnseen(settings);
  const least = leastLifetimeMs[settings.Type.value] ?? (needsTime ? 300 : 0);
  // A unit that hangs instead has never sent a keep-alive.
  const lifetimeMs = possible ? Math.max(some.lifetimeMs, least) : 0;
  return {
    settings,
    surroundings,
    lifetimeMs,
    shown: shownSettings(settings, version),
    possible,
    ending,
    outcome: predictOutcome(service, ending, machine),
    timeline: predictTimeline(service, ending, lifetimeMs / 1_000, machine),
  };
}

/**
 * A process of Type=exec may end before systemd has seen its program begin (systemd#28304). If a command runs after it, 247 then
 * stays in an endless loop ("Looping too fast").
 */
function mayEndUnseen({ Type, ExecStop, ExecStopPost }: ServiceSettings): boolean {
  return Type.value === 'exec' && ExecStop.value.length + ExecStopPost.value.length > 0;
}

/** Whether the main process ends by itself: then no process of it remains. */
export function mainEndsItself({ kind }: Ending): boolean {
  return ['exit', 'signal', 'core', 'unready-exit', 'unready-signal'].includes(kind);
}

/**
 * The shortest lifetime with which a service is up before it ends: systemd has to see the fork, the message, the bus name or the
 * PID file first, and a process that a failed ExecStartPost= kills must have begun.
 */
const leastLifetimeMs: Partial<Record<ServiceType, number>> = {
  forking: 400,
  notify: 200,
  'notify-reload': 200,
  dbus: 200,
};

/** The ending when the requested one cannot occur: the actors do nothing, which is a hang, or the end of a oneshot. */
function insteadOf(asked: Ending, settings: ServiceSettings): Ending {
  const isDone = settings.Type.value === 'oneshot' && asked.kind.startsWith('start-post');
  return isDone || settings.ExecStart.value.length === 0 ? { kind: 'exit', status: 0 } : { kind: 'hang' };
}
