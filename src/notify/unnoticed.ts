/**
 * What no hook tells while it lasts: of what systemd cannot run, or goes on starting, it runs no hook either. The timer's look
 * (`installation.ts`) writes the states of all services that are not well, where they are others than at its last look; the process that it
 * starts takes them from there, so that a look at which nothing is new costs no process of daruma.
 */
import fs from 'node:fs';
import path from 'node:path';
import { watchedUnits } from '../check/hooked-services.ts';
import { failedCheck, isAtRest, phaseOf } from '../inventory/downfall.ts';
import { monotonicMs } from '../kernel/monotonic.ts';
import type { Host, HostJournal, LiveUnit } from '../systemd/host/host.ts';
import type { Incident } from './incident.ts';
import { liveCause, refusedCause } from './live-cause.ts';
import type { FollowedService } from './readiness.ts';
import type { Desk } from './settle.ts';
import { type Sign, unknownCause } from './sign.ts';
import { causeInJournal, endBeforeStart } from './unseen-end.ts';

/**
 * `failed`: systemd does not start it again; `refused`: so too, since an assertion of its unit did not hold; `fails`: it does, and that has
 * failed so far; `starts`: it goes on starting it.
 */
export type UnnoticedKind = 'failed' | 'refused' | 'fails' | 'starts';

/** The state that the timer's look writes for a service whose last start was refused; systemd has none for it. */
export const refusedState = 'refused';

/** The states at the last look, as systemctl(1) lists them. */
export function knownStates(stateFolder: string): string {
  return path.join(stateFolder, 'states');
}

/** Those that nobody has looked at yet; the timer's look writes the same name. */
export function newStates(stateFolder: string): string {
  return `${knownStates(stateFolder)}.new`;
}

export function unnoticedKind(live: LiveUnit | undefined): UnnoticedKind | undefined {
  if (live?.activeState === 'failed') return 'failed';
  if (live !== undefined && isAtRest(live) && failedCheck(live) === 'refused') return 'refused';
  if (live?.subState.startsWith('auto-restart')) return 'fails';
  return live?.activeState === 'activating' ? 'starts' : undefined;
}

export interface LookContext {
  readonly host: Host;
  /** The states of units; empty where the manager does not answer. */
  readonly look: (units: readonly string[]) => Promise<ReadonlyMap<string, LiveUnit>>;
  readonly journal: Pick<HostJournal, 'jobsOfRuns' | 'restartsOf' | 'endsOf'> | undefined;
  readonly desk: Desk;
  /** The state folder. */
  readonly folder: string;
  /** What is meant to end is being started for as long as it runs (`Type=oneshot`). */
  readonly followed: (unit: string) => Promise<Pick<FollowedService, 'purpose' | 'asserts'>>;
}

/** Takes what the timer's look has found. */
export async function takeNewStates(context: LookContext): Promise<void> {
  const { folder } = context;
  if (!fs.existsSync(newStates(folder))) return;
  // Whoever installs hooks knows what is down by then.
  const isFirst = !fs.existsSync(knownStates(folder));
  if (isFirst || (await lookForUnnoticed(context))) fs.renameSync(newStates(folder), knownStates(folder));
}

/**
 * Writes signs of what is not well and of which no hook has told.
 *
 * @returns whether the manager has answered
 */
export async function lookForUnnoticed(context: LookContext): Promise<boolean> {
  const { host, look, desk } = context;
  const watched = watchedUnits(host);
  const live = await look(watched);
  const before = downBefore(context);
  for (const unit of watched) {
    const state = live.get(unit);
    if (state === undefined || !isUntold(unit, desk)) continue;
    const kind = unnoticedKind(state);
    if ((kind === 'failed' || kind === 'refused') && before.get(unit) === kind) continue;
    const sign = await signOf(unit, state, context);
    if (sign !== undefined && isUntold(unit, desk)) desk.incidents.append(unit, sign);
  }
  return live.size > 0 || watched.length === 0;
}

/** Whoever installs hooks again is not told of what was down by then. */
export function forgetStates(stateFolder: string): void {
  for (const file of [knownStates(stateFolder), newStates(stateFolder)]) fs.rmSync(file, { force: true });
}

/** What had failed or was refused at the last look was told, or was down when hooks were installed. */
function downBefore({ folder }: LookContext): ReadonlyMap<string, string> {
  const text = fs.existsSync(knownStates(folder)) ? fs.readFileSync(knownStates(folder), 'utf8') : '';
  const lines = text.split('\n').map(line => line.split(/ +/, 3));
  return new Map(lines.map(([unit = '', , state = '']) => [unit, state]));
}

function isUntold(unit: string, { incidents }: Desk): boolean {
  if (incidents.hasSigns(unit)) return false;
  const state: Incident['state'] = incidents.ongoing(unit)?.state ?? 'stopped';
  return state === 'stopped' || state === 'up';
}

async function signOf(
  unit: string,
  live: LiveUnit,
  { journal, followed }: LookContext,
): Promise<Sign | undefined> {
  const invocation = live.invocation || null;
  const nowMs = Date.now();
  switch (unnoticedKind(live)) {
    case 'failed': {
      // A stop that was asked for and failed is no news.
      const isStopped = invocation !== null && (await wasStopped(invocation, journal));
      const atMs = msOf(live.enteredInactiveSeconds) ?? nowMs;
      return isStopped ? undefined : { kind: 'stays-down', atMs, invocation, cause: liveCause(live) };
    }
    case 'refused': {
      const { asserts } = await followed(unit);
      // Whoever has made it hold since has still not started it.
      const atMs = Math.round(nowMs - monotonicMs() + live.assertsUsec / 1_000);
      return { kind: 'stays-down', atMs, invocation: null, cause: refusedCause(asserts) };
    }
    case 'fails':
      return endOf(unit, live, nowMs, journal);
    case 'starts': {
      if (!(await followed(unit)).purpose.isMeantToStay) return undefined;
      const atMs = msOf(phaseOf(live).phaseSinceSeconds) ?? nowMs;
      return { kind: 'started', atMs, invocation, restarts: live.nRestarts };
    }
    default:
      return undefined;
  }
}

async function endOf(
  unit: string,
  live: LiveUnit,
  nowMs: number,
  journal: LookContext['journal'],
): Promise<Sign> {
  const before = await endBeforeStart(unit, nowMs, journal);
  if (before !== undefined) return { ...before, seenMs: nowMs };
  const invocation = live.invocation || null;
  // While it waits the manager's times do not tell whether the main process is that of this run.
  const written = invocation === null ? undefined : await causeInJournal(unit, invocation, journal);
  const cause = written ?? (live.result === 'resources' ? liveCause(live) : unknownCause);
  const atMs = msOf(live.enteredInactiveSeconds) ?? nowMs;
  return { kind: 'ended', atMs, invocation, cause, job: 'none', seenMs: nowMs };
}

async function wasStopped(run: string, journal: LookContext['journal']): Promise<boolean> {
  return (await journal?.jobsOfRuns([run]))?.get(run)?.hasStopJob === true;
}

function msOf(seconds: number | null): number | undefined {
  return seconds === null ? undefined : Math.round(seconds * 1_000);
}
