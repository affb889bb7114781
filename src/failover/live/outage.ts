/**
 * A service is really stopped, a question is asked, and the service is started again whatever happens. What survives an
 * end of this process is the manager's promise (`start-again.ts`), which is given before the stop.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, runCommand } from '../../transaction/commands.ts';
import { unitCommand } from '../../systemd/commands.ts';
import { type Host, type LiveUnit, ManagerError } from '../../systemd/host/host.ts';
import { promiseStart } from './start-again.ts';

export interface Outage<Answer> {
  /** Undefined where it was not asked: the stop took too long, or somebody interrupted it. */
  readonly answer: Answer | undefined;
  /** From the order to stop it until it had ended; null where it did not. */
  readonly stopSeconds: number | null;
  /** From the order to start it until it was ready. */
  readonly backSeconds: number | null;
  readonly end: OutageEnd;
  /** Somebody or something started it while it was to be down: the answer proves nothing. */
  readonly cameBackEarly: boolean;
}

export type OutageEnd =
  | { readonly kind: 'ready' }
  /** It runs, and does not answer yet. */
  | { readonly kind: 'not-ready' }
  /** Somebody else has stopped it while it started: it stays so. */
  | { readonly kind: 'stopped' }
  /** It could not be started; the manager tries once more. */
  | { readonly kind: 'down'; readonly said: string };

export type OutageStage = 'stopping' | 'down' | 'starting';

export interface OutageOptions<Answer> {
  /** Asked while the service is down. */
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
  /** Undefined where nobody knows how to ask: then it is ready when it runs. */
  readonly isReady: (() => Promise<boolean>) | undefined;
  /** How long it may take from the start to the first good answer. */
  readonly warmUpSeconds: number;
  readonly tell: (stage: OutageStage) => void;
  /** Cuts it short; the service is started again all the same. */
  readonly signal: AbortSignal;
}

/**
 * @returns `busy` where another such test of the service is under way
 * @throws CommandFailed before anything is stopped
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
    // Where it does not run yet the manager's promise stays, and is kept.
    if (back.end.kind !== 'down') await promised.takeBack();
    else promised.leave();
  }
  return { answer, stopSeconds, cameBackEarly, ...back };
}

/** systemd waits 90 s for a service to stop unless it is told otherwise, and then kills it. */
const longestStopMs = 150_000;
const pauseMs = 250;
const isEnd: ReadonlySet<string> = new Set(['inactive', 'failed']);

/**
 * Until the stop is over: the unit is down, or it runs again because somebody has started it between two looks. Undefined
 * where neither came to be.
 *
 * @param leftBeforeUsec when it had left `active` last, before the stop
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
    // A manager that was started anew in the meantime says nothing; the service itself may.
    const mayBeReady = isRunning || (live === undefined && isReady !== undefined);
    if (mayBeReady && (isReady === undefined || (await isReady()))) {
      return { backSeconds: secondsSince(starting), end: { kind: 'ready' } };
    }
    // Between a fall and the restart a unit is dead for an instant.
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

/** Undefined while the manager does not answer: it may be reloading. */
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
