/**
 * What no hook tells while it lasts: of what systemd cannot run, or goes on starting, it runs no hook either. The timer's look
 * (`installation.ts`) writes the states of all services that are not well, where they are others than at its last look; the process that it
 * starts takes them from there, so that a look at which nothing is new costs no process of daruma.
 */
import fs from 'node:fs';
import path from 'node:path';
import { hooksDropIn, watchedUnits } from '../check/hooked-services.ts';
import { deathOf, failedCheck, isAtRest, phaseOf } from '../inventory/downfall.ts';
import { monotonicMs } from '../kernel/monotonic.ts';
import type { EndInJournal, Host, HostJournal, LiveUnit } from '../systemd/host/host.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import type { Incident } from './incident.ts';
import { liveCause, refusedCause } from './live-cause.ts';
import type { FollowedService } from './readiness.ts';
import type { Desk } from './settle.ts';
import { type Sign, unknownCause } from './sign.ts';
import { isFirstRun } from './sign-order.ts';
import { causeOf, type Known, refusedRestart, unseenEnds } from './unseen-end.ts';

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
  const [found, known] = [newStates(folder), knownStates(folder)];
  if (!fs.existsSync(found)) return;
  const { hasAnswered, early } = await lookForUnnoticed(context);
  if (!hasAnswered) return;
  // What goes on failing looks the same at the next look, and is to be looked at then.
  if (early.length > 0) fs.writeFileSync(found, withoutUnits(fs.readFileSync(found, 'utf8'), early));
  fs.renameSync(found, known);
}

interface Looked {
  /** Whether the manager has answered. */
  readonly hasAnswered: boolean;
  /** Services that have failed before their hooks were installed, and that systemd starts again. */
  readonly early: readonly string[];
}

/** Writes signs of what is not well and of which no hook has told. */
export async function lookForUnnoticed(
  context: LookContext,
  watched = watchedUnits(context.host),
): Promise<Looked> {
  const { host, look, desk } = context;
  const early: string[] = [];
  const live = await look(watched);
  const before = downBefore(context);
  for (const unit of watched) {
    const state = live.get(unit);
    if (state === undefined || !isUntold(unit, state, desk)) continue;
    const kind = unnoticedKind(state);
    if ((kind === 'failed' || kind === 'refused') && before.get(unit) === kind) continue;
    const signs = await signsOf(unit, state, context);
    const last = signs.at(-1);
    // Whoever installs hooks knows what is down by then.
    if (last !== undefined && last.atMs < hookedMs(unit, host)) {
      if (kind === 'fails') early.push(unit);
      continue;
    }
    if (isUntold(unit, state, desk)) for (const sign of signs) desk.incidents.append(unit, sign);
  }
  return { hasAnswered: live.size > 0 || watched.length === 0, early };
}

function withoutUnits(states: string, units: readonly string[]): string {
  return states
    .split('\n')
    .filter(line => !units.includes(line.split(' ', 1)[0] ?? ''))
    .join('\n');
}

/** When the hooks of a service were installed, in ms since 1970; 0 where that is not known. */
function hookedMs(unit: string, { scope, environment, files }: Host): number {
  const folder = ownUnitFolder(scope, environment);
  return (folder === undefined ? undefined : files.status(hooksDropIn(folder, unit))?.modifiedMs) ?? 0;
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

/** Of a start that has failed, the hooks may tell at once, and then all is known. */
function isUntold(unit: string, live: LiveUnit, { incidents }: Desk): boolean {
  if (incidents.hasSigns(unit)) return false;
  const incident = incidents.ongoing(unit);
  if (incident?.state === 'down') return unnoticedKind(live) === 'fails' && !isKnownRun(live, incident);
  return incident === undefined || incident.state === 'stopped' || incident.state === 'up';
}

function isKnownRun({ invocation }: LiveUnit, incident: Incident): boolean {
  return knownOf(incident).runs.includes(invocation);
}

function knownOf(incident: Incident | undefined): Known {
  if (incident === undefined) return { runs: [], untilMs: 0 };
  if (incident.state === 'stopped') return { runs: [incident.lastEnded], untilMs: incident.atMs ?? 0 };
  const { ends = [], lastEnded, lastEndMs, lastFallMs, beganMs = 0 } = incident;
  return { runs: [...ends, lastEnded], untilMs: lastEndMs ?? lastFallMs ?? beganMs };
}

async function signsOf(unit: string, live: LiveUnit, context: LookContext): Promise<readonly Sign[]> {
  const { journal, followed, desk } = context;
  const invocation = live.invocation || null;
  const nowMs = Date.now();
  switch (unnoticedKind(live)) {
    case 'failed': {
      if (await wasStopped(unit, live, desk, journal)) return [];
      const atMs = msOf(restsSince(live)) ?? nowMs;
      const refused = await refusedRestart(unit, live, nowMs, journal);
      const endedMs =
        msOf(deathOf(live, true)) ??
        msOf((await writtenEnd(unit, live, journal))?.at?.seconds ?? null) ??
        atMs;
      const ended = endedMs < atMs ? { endedMs } : {};
      return [
        {
          kind: 'stays-down',
          atMs,
          invocation,
          cause: liveCause(live),
          ...ended,
          ...(refused && { refused }),
        },
      ];
    }
    case 'fails': {
      const ends = await unseenEnds(unit, live, nowMs, knownOf(desk.incidents.ongoing(unit)), journal);
      return ends.length > 0 ? ends : [await endOf(unit, live, nowMs, journal)];
    }
    case 'refused': {
      const { asserts } = await followed(unit);
      // Whoever has made it hold since has still not started it.
      const atMs = Math.round(nowMs - monotonicMs() + live.assertsUsec / 1_000);
      return [{ kind: 'stays-down', atMs, invocation: null, cause: refusedCause(asserts) }];
    }
    case 'starts': {
      if (!(await followed(unit)).purpose.isMeantToStay) return [];
      const atMs = msOf(phaseOf(live).phaseSinceSeconds) ?? nowMs;
      return [{ kind: 'started', atMs, invocation, restarts: live.nRestarts }];
    }
    default:
      return [];
  }
}

async function writtenEnd(
  unit: string,
  { invocation }: LiveUnit,
  journal: LookContext['journal'],
): Promise<EndInJournal | undefined> {
  return invocation === '' ? undefined : (await journal?.endsOf(new Map([[unit, invocation]])))?.get(unit);
}

/** The end of the last run, of which the manager has scheduled no restart yet. */
async function endOf(
  unit: string,
  live: LiveUnit,
  nowMs: number,
  journal: LookContext['journal'],
): Promise<Sign> {
  const invocation = live.invocation || null;
  const written = await writtenEnd(unit, live, journal);
  // While it waits the manager's times do not tell whether the main process is that of this run.
  const cause = written
    ? causeOf(written, live)
    : live.result === 'resources'
      ? liveCause(live)
      : unknownCause;
  const endedSeconds = deathOf(live) ?? written?.at?.seconds ?? restsSince(live);
  const before = isFirstRun(live, { runs: 0 })
    ? ({ isByJob: true } as const)
    : ({ isAfterUnseen: true } as const);
  return {
    kind: 'ended',
    atMs: msOf(endedSeconds) ?? nowMs,
    invocation,
    cause,
    job: 'none',
    seenMs: nowMs,
    ...before,
  };
}

/** A start of which no command was run leaves the time at which it became inactive as it was: none, or that of an earlier run. */
function restsSince({ stateChangedSeconds, enteredInactiveSeconds }: LiveUnit): number | null {
  return stateChangedSeconds ?? enteredInactiveSeconds;
}

/** Whether somebody has stopped what has failed: a stop that was asked for and failed is no news. */
export async function wasStopped(
  unit: string,
  { invocation }: LiveUnit,
  { incidents }: Desk,
  journal: Pick<HostJournal, 'jobsOfRuns'> | undefined,
): Promise<boolean> {
  if (invocation === '') return false;
  const last = incidents.latest(unit);
  if (last?.state === 'stopped' && last.by === 'stop' && last.lastEnded === invocation) return true;
  return (await journal?.jobsOfRuns([invocation]))?.get(invocation)?.hasStopJob === true;
}

function msOf(seconds: number | null): number | undefined {
  return seconds === null ? undefined : Math.round(seconds * 1_000);
}
