/**
 * Really stops a service, asks a question, and starts the service again in any case. If this process is killed, a timer of the
 * manager, which is set before the stop, starts the service (`start-again.ts`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, runCommand } from '../../transaction/run-command.ts';
import { unitCommand } from '../../systemd/commands.ts';
import { type Host, type LiveUnit, ManagerError } from '../../systemd/host/host.ts';
import { promiseStart } from './start-again.ts';

export interface Outage<Answer> {
  /** Undefined when the question was not asked: the stop took too long, or the user interrupted the test. */
  readonly answer: Answer | undefined;
  /** Seconds from the stop command until the service had ended; null when it did not end. */
  readonly stopSeconds: number | null;
  /** Seconds from the start command until the service was ready. */
  readonly backSeconds: number | null;
  readonly end: OutageEnd;
  /** Whether something started the service during the test: then the answer proves nothing. */
  readonly cameBackEarly: boolean;
}

export type OutageEnd =
  | { readonly kind: 'ready' }
  /** The service runs, but does not answer yet. */
  | { readonly kind: 'not-ready' }
  /** Somebody else stopped it during its start: daruma leaves it stopped. */
  | { readonly kind: 'stopped' }
  /** It could not be started; the timer of the manager tries once more. */
  | { readonly kind: 'down'; readonly said: string };

export type OutageStage = 'stopping' | 'down' | 'starting';

export interface OutageOptions<Answer> {
  /** Asks the question while the service is down. */
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
  /** Undefined when no probe is known: then the service counts as ready when it runs. */
  readonly isReady: (() => Promise<boolean>) | undefined;
  /** How long the service may take from its start to its first successful probe. */
  readonly warmUpSeconds: number;
  readonly tell: (stage: OutageStage) => void;
  /** Ends the test early; the service is started again in any case. */
  readonly signal: AbortSignal;
}

/**
 * @returns `busy` when another test of this service is under way
 * @throws CommandFailed before the service is stopped
 */
export async function causeOutage<Answer>(
  unit: string,
  host: Host,
  options: OutageOptions<Answer>,
): Promise<Outage<Answer> | 'busy'> {
  const promised = await promiseStart(unit, host);
  if (promised === 'busy') return 'busy';
  const stopping = performance.now();
  let stopSeconds: number | null = null;
  let cameBackEarly = false;
  let answer: Answer | undefined;
  let back: Pick<Outage<Answer>, 'backSeconds' | 'end'>;
  try {
    if (!options.signal.aborted) {
      const before = await stateOf(unit, host);
      options.tell('stopping');
      await order('stop', unit, host);
      const stopped = await untilStopped(unit, before?.leftActiveUsec, host, options.signal);
      if (stopped !== undefined) stopSeconds = secondsSince(stopping);
      cameBackEarly = stopped !== undefined && !isEnd.has(stopped.activeState);
      if (stopped !== undefined && !cameBackEarly && !options.signal.aborted) {
        options.tell('down');
        answer = await options.ask(options.signal);
        const live = await stateOf(unit, host);
        cameBackEarly = live !== undefined && hasRunSince(stopped, live);
      }
    }
  } finally {
    options.tell('starting');
    back = await startUnit(unit, host, options);
    // If the service does not run yet, the timer stays and starts it.
    if (back.end.kind !== 'down') await promised.takeBack();
    else promised.leave();
  }
  return { answer, stopSeconds, cameBackEarly, ...back };
}

/** By default systemd waits 90 s for a service to stop, and then kills it. */
const longestStopMs = 150_000;
const pauseMs = 250;
const isEnd: ReadonlySet<string> = new Set(['inactive', 'failed']);

/**
 * Waits until the stop is over: the unit is down, or runs again because somebody started it between two looks. Undefined when
 * neither happens in time.
 *
 * @param leftBeforeUsec when the unit had last left `active`, before the stop
 */
async function untilStopped(
  unit: string,
  leftBeforeUsec: number | undefined,
  host: Host,
  signal: AbortSignal,
): Promise<LiveUnit | undefined> {
  const untilMs = performance.now() + longestStopMs;
  while (performance.now() < untilMs && !signal.aborted) {
    const live = await stateOf(unit, host);
    if (live !== undefined && isEnd.has(live.activeState)) return live;
    const hasLeft = live !== undefined && live.leftActiveUsec !== (leftBeforeUsec ?? live.leftActiveUsec);
    if (hasLeft && live.activeState !== 'deactivating') return live;
    await sleep(pauseMs);
  }
  return undefined;
}

function hasRunSince(stopped: LiveUnit, live: LiveUnit): boolean {
  return !isEnd.has(live.activeState) || live.leftActiveUsec !== stopped.leftActiveUsec;
}

async function startUnit(
  unit: string,
  host: Host,
  { isReady, warmUpSeconds }: Pick<OutageOptions<never>, 'isReady' | 'warmUpSeconds'>,
): Promise<Pick<Outage<never>, 'backSeconds' | 'end'>> {
  const starting = performance.now();
  try {
    await order('start', unit, host);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { backSeconds: null, end: { kind: 'down', said: error.message } };
  }
  const untilMs = starting + warmUpSeconds * 1_000;
  let downLooks = 0;
  let isRunning = false;
  while (performance.now() < untilMs) {
    const live = await stateOf(unit, host);
    isRunning = live?.activeState === 'active' || live?.activeState === 'reloading';
    // A manager that is restarting does not answer, but the service itself may.
    const mayBeReady = isRunning || (live === undefined && isReady !== undefined);
    if (mayBeReady && (isReady === undefined || (await isReady()))) {
      return { backSeconds: secondsSince(starting), end: { kind: 'ready' } };
    }
    // Between a fall and the restart a unit is inactive for an instant.
    downLooks = live?.activeState === 'inactive' ? downLooks + 1 : 0;
    if (downLooks >= 8 && live?.result === 'success') return { backSeconds: null, end: { kind: 'stopped' } };
    await sleep(pauseMs);
  }
  const state = (await stateOf(unit, host))?.activeState ?? '';
  return { backSeconds: null, end: isRunning ? { kind: 'not-ready' } : { kind: 'down', said: state } };
}

async function order(verb: 'start' | 'stop', unit: string, host: Host): Promise<void> {
  await runCommand(unitCommand(host.scope, verb, unit), host);
}

/** The state of the unit; undefined while the manager does not answer, for example during a reload. */
async function stateOf(unit: string, { manager }: Host): Promise<LiveUnit | undefined> {
  try {
    return (await manager?.units([unit]))?.get(unit);
  } catch (error) {
    if (error instanceof ManagerError) return undefined;
    throw error;
  }
}

function secondsSince(ms: number): number {
  return Math.round(performance.now() - ms) / 1_000;
}
