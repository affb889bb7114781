/** Starts services that are down, and looks whether they and those that were restarted stay up. */
import { setTimeout } from 'node:timers/promises';
import type { Command } from '../programs/command.ts';
import { resetFailedCommand, unitCommand } from '../systemd/commands.ts';
import type { Downfall } from '../inventory/downfall.ts';
import { type ExpectedListener, halfUpOf } from '../inventory/half-up.ts';
import { processesOf } from '../inventory/service-processes.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { CommandFailed, runCommand } from '../transaction/run-command.ts';

/** The services to bring up, by name. */
export interface BroughtUp {
  /** To be started here. */
  readonly starts: readonly string[];
  /** Already told to restart. */
  readonly restarts: readonly string[];
  /** What is known of each from before. */
  readonly before: ReadonlyMap<string, KnownBefore>;
}

/** A service before its start or restart. */
export interface KnownBefore {
  /** The run that ended or is to end; undefined where it is not known. */
  readonly invocation: string | undefined;
  /** How it came to be down, where it is. */
  readonly downfall: Downfall | undefined;
  readonly listener: ExpectedListener | undefined;
}

/** What a look at started services has found. */
export interface LookedAt {
  /** Those that have not stayed up. */
  readonly notUp: readonly string[];
  /** For how long each of the others had been up by then, in whole seconds. */
  readonly upSeconds: ReadonlyMap<string, number>;
  /** The invocation id of the last run of each that was seen, of those that have run. */
  readonly runs: Readonly<Record<string, string>>;
}

/** A service about which a look has not decided. */
export interface Awaited {
  readonly unit: string;
  /** The port on which it is known not to listen yet. */
  readonly port: number | undefined;
}

/**
 * A start limit that was reached would refuse the start, so systemd forgets it first. Where it waits for a restart, a start would
 * wait as well (`service_start()`).
 */
export function startCommands(
  unit: string,
  { scope }: Host,
  how: Downfall['how'] | undefined,
): readonly Command[] {
  if (how === 'waiting') return [unitCommand(scope, 'restart', unit)];
  const reset = how === 'gave-up' ? [resetFailedCommand(scope, unit)] : [];
  return [...reset, unitCommand(scope, 'start', unit)];
}

/**
 * Starts what is down, and looks at all of it until each service has stayed up for some seconds, has fallen again, or is down for good;
 * at most a minute. One that fell before has to stay up for longer than it did then, and one with a port has to listen on it.
 *
 * @param onLook called at each look with those that are not decided
 */
export async function bringUp(
  { starts, restarts, before }: BroughtUp,
  host: Host,
  onLook: (awaited: readonly Awaited[]) => void,
): Promise<LookedAt> {
  const units = [...starts, ...restarts];
  const { manager } = host;
  if (units.length === 0 || manager === undefined) return { notUp: units, upSeconds: new Map(), runs: {} };
  for (const unit of starts) {
    for (const command of startCommands(unit, host, before.get(unit)?.downfall?.how)) {
      try {
        await runCommand(command, host);
      } catch (error) {
        // Whether it runs is looked at below, whatever the command says.
        if (!(error instanceof CommandFailed)) throw error;
      }
    }
  }
  const sights = new Map<string, Sight>();
  const endMs = Date.now() + mostWaitMs;
  for (;;) {
    const live = await manager.units(units);
    const nowMs = Date.now();
    const awaited = units.flatMap((unit): readonly Awaited[] => {
      const [state, known] = [live.get(unit), before.get(unit)];
      const sight = nextSight(sights.get(unit), state, known, nowMs);
      sights.set(unit, sight);
      if (isDecided(sight, known?.downfall, nowMs) && !(sight.phase === 'up' && isEnding(state, host))) {
        const port = sight.phase === 'up' ? portToCome(state, known?.listener, host, nowMs) : undefined;
        return port === undefined ? [] : [{ unit, port }];
      }
      return [{ unit, port: undefined }];
    });
    if (awaited.length === 0 || nowMs >= endMs) return found(units, sights, nowMs);
    onLook(awaited);
    await setTimeout(lookMs);
  }
}

/**
 * What a look sees of a service. `fell`: it has ended since its start, whatever it does now. A restart whose job has to wait for others is
 * still to come while the run before goes on (`changing`).
 */
export interface Sight {
  readonly phase: 'up' | 'down' | 'changing' | 'fell';
  readonly invocation: string;
  readonly sinceMs: number;
}

/** @param last what the look before saw */
export function nextSight(
  last: Sight | undefined,
  state: LiveUnit | undefined,
  before: Pick<KnownBefore, 'invocation' | 'downfall'> | undefined,
  nowMs: number,
): Sight {
  if (last?.phase === 'fell') return last;
  const invocation = state?.invocation ?? '';
  const phase = phaseOf(last, state, before);
  return { phase, invocation, sinceMs: last?.phase === phase ? last.sinceMs : nowMs };
}

function phaseOf(
  last: Sight | undefined,
  state: LiveUnit | undefined,
  before: Pick<KnownBefore, 'invocation' | 'downfall'> | undefined,
): Sight['phase'] {
  const { activeState = 'inactive', subState = '', invocation = '', nRestarts = 0 } = state ?? {};
  const isUp = upStates.has(activeState);
  const downfall = before?.downfall;
  const isNewRun = invocation !== '' && invocation !== (before?.invocation ?? '');
  // A start by somebody counts the restarts anew, but not where it takes the place of a restart.
  const restartsBefore = downfall?.how === 'waiting' ? downfall.restarts : 0;
  const hasEnded = atRest.has(activeState) || subState.startsWith('auto-restart');
  if (isNewRun && (hasEnded || nRestarts > restartsBefore)) return 'fell';
  if (last?.phase === 'up' && (!isUp || invocation !== last.invocation)) return 'fell';
  // Nobody waits for a restart that comes only after a minute or more.
  if (atRest.has(activeState) || (hasEnded && downfall?.how === 'waiting')) return 'down';
  return isUp && (isNewRun || before?.invocation === undefined) ? 'up' : 'changing';
}

const upStates: ReadonlySet<string> = new Set(['active', 'reloading', 'refreshing']);
const atRest: ReadonlySet<string> = new Set(['inactive', 'failed']);

function isDecided({ phase, sinceMs }: Sight, downfall: Downfall | undefined, nowMs: number): boolean {
  const lastedMs = nowMs - sinceMs;
  switch (phase) {
    case 'fell':
      return true;
    case 'up':
      return lastedMs >= provingMs(downfall?.runSeconds ?? null);
    case 'down':
      return lastedMs >= downMs;
    case 'changing':
      return false;
    default:
      return phase satisfies never;
  }
}

/** How long a service has to stay up, by how long it did so before it fell. */
export function provingMs(runSeconds: number | null): number {
  if (runSeconds === null || runSeconds > longestProofSeconds) return steadyMs;
  return Math.min(longestProofSeconds, 1.5 * runSeconds) * 1_000 + steadyMs;
}

/** Whether the main process has ended and the manager has not noticed yet: what it calls active then is over. */
function isEnding(state: LiveUnit | undefined, { files }: Host): boolean {
  return state !== undefined && state.mainPid !== 0 && processesOf(files, state.mainPid).length === 0;
}

/** The port on which a service does not listen yet, and may come to. */
function portToCome(
  state: LiveUnit | undefined,
  listener: ExpectedListener | undefined,
  { files }: Host,
  nowMs: number,
): number | undefined {
  const halfUp = state && halfUpOf(state, listener, files, nowMs / 1_000);
  return halfUp?.how === 'not-listening-yet' ? halfUp.port : undefined;
}

function found(units: readonly string[], sights: ReadonlyMap<string, Sight>, nowMs: number): LookedAt {
  const upMs = new Map(
    units.flatMap(unit => {
      const { phase, sinceMs = nowMs } = sights.get(unit) ?? {};
      return phase === 'up' && nowMs - sinceMs >= steadyMs ? [[unit, nowMs - sinceMs]] : [];
    }),
  );
  return {
    notUp: units.filter(unit => !upMs.has(unit)),
    upSeconds: new Map([...upMs].map(([unit, ms]) => [unit, Math.floor(ms / 1_000)])),
    runs: Object.fromEntries(
      units.flatMap(unit => {
        const { phase, invocation } = sights.get(unit) ?? {};
        return invocation !== undefined && (phase === 'up' || phase === 'fell') ? [[unit, invocation]] : [];
      }),
    ),
  };
}

/** A service that stays up for so long counts as up, as for a message that it is back. */
const steadyMs = 5_000;
/** systemd answers questions before it begins with a job that is due, so that one look at a service that is down says nothing. */
const downMs = 2_000;
const lookMs = 250;
const mostWaitMs = 60_000;
/** A run that took longer than this is no end at once, and to wait for its like would take up the whole look. */
const longestProofSeconds = 40;
