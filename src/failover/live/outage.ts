/**
 * Really stops a service, kills it or makes it hang, asks a question, and has the service run again in any case. If this process is
 * killed, a timer of the manager, which is set before, does that (`start-again.ts`).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, runCommand } from '../../transaction/run-command.ts';
import { unitCommand } from '../../systemd/commands.ts';
import { type Host, type LiveUnit, ManagerError } from '../../systemd/host/host.ts';
import { beginOfFall, endOfFall, type FallKind } from './fall.ts';
import { promiseStart } from './start-again.ts';

export interface Outage<Answer> {
  /** Undefined when the question was not asked: the fall took too long, or the user interrupted the test. */
  readonly answer: Answer | undefined;
  /** Seconds from the command until the service had ended, or hung; null when it did not. */
  readonly stopSeconds: number | null;
  /** Seconds from the command that ended the fall until the service was ready. */
  readonly backSeconds: number | null;
  readonly end: OutageEnd;
  /** Whether something else ended the fall during the test: then the answer proves nothing. What is killed may be started by systemd. */
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
  readonly fall: FallKind;
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
 * @throws CommandFailed before anything is done to the service
 */
export async function causeOutage<Answer>(
  unit: string,
  host: Host,
  options: OutageOptions<Answer>,
): Promise<Outage<Answer> | 'busy'> {
  const { fall } = options;
  const promised = await promiseStart(unit, host, fall);
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
      await runCommand(beginOfFall(unit, host, fall), host);
      const stopped =
        fall === 'hang' ? before : await untilStopped(unit, before?.leftActiveUsec, host, options.signal);
      if (stopped !== undefined) stopSeconds = secondsSince(stopping);
      cameBackEarly = fall === 'stop' && stopped !== undefined && !isEnd.has(stopped.activeState);
      if (stopped !== undefined && !cameBackEarly && !options.signal.aborted) {
        options.tell('down');
        answer = await options.ask(options.signal);
        const live = await stateOf(unit, host);
        cameBackEarly = live !== undefined && isOver(fall, stopped, live);
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

/** Whether it has run since. systemd is meant to start what was killed. */
function isOver(fall: FallKind, fallen: LiveUnit, live: LiveUnit): boolean {
  if (fall === 'kill') return false;
  const hasRun = live.leftActiveUsec !== fallen.leftActiveUsec;
  return fall === 'hang' ? hasRun : hasRun || !isEnd.has(live.activeState);
}

async function startUnit(
  unit: string,
  host: Host,
  { fall, isReady, warmUpSeconds }: Pick<OutageOptions<never>, 'fall' | 'isReady' | 'warmUpSeconds'>,
): Promise<Pick<Outage<never>, 'backSeconds' | 'end'>> {
  const starting = performance.now();
  try {
    if (fall === 'hang') await runCommand(endOfFall(unit, host, fall), host);
    // What hung may have failed meanwhile, by its watchdog for example; a stop of somebody's is left alone.
    const isToStart = fall !== 'hang' || (await stateOf(unit, host))?.activeState === 'failed';
    if (isToStart) await runCommand(unitCommand(host.scope, 'start', unit), host);
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
