/** Starts services that are down, and looks whether they and those that were restarted stay up. */
import { setTimeout } from 'node:timers/promises';
import type { Command } from '../programs/command.ts';
import { resetFailedCommand, unitCommand } from '../systemd/commands.ts';
import type { Downfall } from '../inventory/downfall.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { CommandFailed, runCommand } from '../transaction/run-command.ts';

/** The services to bring up, by name. */
export interface BroughtUp {
  /** To be started here. */
  readonly starts: readonly string[];
  /** How those came to be down that are. */
  readonly downfalls: ReadonlyMap<string, Downfall>;
  /** Already told to restart; with the invocation that is to end, or undefined where that is not known. */
  readonly restarts: ReadonlyMap<string, string | undefined>;
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
 * Starts what is down, and looks at all of it until each service has stayed up for some seconds, or is down for good; at most
 * a minute.
 *
 * @returns those that are not up
 */
export async function bringUp(
  { starts, downfalls, restarts }: BroughtUp,
  host: Host,
): Promise<readonly string[]> {
  const units = [...starts, ...restarts.keys()];
  const { manager } = host;
  if (units.length === 0 || manager === undefined) return units;
  for (const unit of starts) {
    for (const command of startCommands(unit, host, downfalls.get(unit)?.how)) {
      try {
        await runCommand(command, host);
      } catch (error) {
        // Whether it runs is looked at below, whatever the command says.
        if (!(error instanceof CommandFailed)) throw error;
      }
    }
  }
  const since = new Map<string, { readonly phase: string; readonly ms: number }>();
  const endMs = Date.now() + mostWaitMs;
  for (;;) {
    const live = await manager.units(units);
    const nowMs = Date.now();
    for (const unit of units) {
      const phase = phaseOf(live.get(unit), restarts.get(unit), downfalls.get(unit)?.how);
      if (since.get(unit)?.phase !== phase) since.set(unit, { phase, ms: nowMs });
    }
    const lasts = (unit: string, phase: string, ms: number) => {
      const known = since.get(unit);
      return known?.phase.startsWith(phase) === true && nowMs - known.ms >= ms;
    };
    const notUp = units.filter(unit => !lasts(unit, 'up', steadyMs));
    if (nowMs >= endMs || notUp.every(unit => lasts(unit, 'down', downMs))) return notUp;
    await setTimeout(250);
  }
}

/**
 * `up` with the run that it is, `down`, or `changing`. A restart whose job has to wait for others is still to come while the
 * run before goes on.
 */
function phaseOf(
  state: LiveUnit | undefined,
  before: string | undefined,
  how: Downfall['how'] | undefined,
): string {
  const { activeState = 'inactive', subState = '', invocation = '', nRestarts = 0 } = state ?? {};
  // Nobody waits for a restart that comes only after a minute or more.
  if (how === 'waiting' && subState.startsWith('auto-restart')) return 'down';
  if (activeState === 'failed' || activeState === 'inactive') return 'down';
  if (activeState !== 'active' || (before !== undefined && invocation === before)) return 'changing';
  return `up ${invocation} ${nRestarts}`;
}

/** A service that stays up for so long counts as up, as for a message that it is back. */
const steadyMs = 5_000;
/** systemd answers questions before it begins with a job that is due, so that one look at a service that is down says nothing. */
const downMs = 2_000;
const mostWaitMs = 60_000;
