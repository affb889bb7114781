/**
 * What systemd calls when a service starts, ends or is given up. It asks what can only be asked at this moment, keeps it,
 * and hands everything that takes time to a transient unit of the manager: the service never waits for it.
 */
import { failureText } from '../programs/failure.ts';
import { runProgram } from '../programs/run.ts';
import { openSoundStore } from '../store/damage.ts';
import { inTransaction } from '../store/database.ts';
import { Incidents } from '../store/incidents.ts';
import { firstWrite } from '../store/state-fault.ts';
import { stateFolderOf, stateVariables } from '../store/state-folder.ts';
import { setWaitingMark } from '../store/waiting-mark.ts';
import { saysUnitIsThere, transientCommand } from '../systemd/commands.ts';
import { connectManager } from '../systemd/host/connect-manager.ts';
import type { LiveUnit, Manager } from '../systemd/host/host.ts';
import { ownUnitName } from '../systemd/own-unit-name.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import type { Cause } from './notice.ts';
import { type EndingJob, type Sign, unknownCause } from './sign.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface HookCall {
  readonly unit: string;
  readonly scope: ManagerScope;
  /** Called by the unit that `OnFailure=` names; else it is `ExecStartPost=` or `ExecStopPost=`. */
  readonly isOnFailure: boolean;
  /** As systemd gave it to the hook. */
  readonly environment: Environment;
  /** How daruma is called, for the transient unit. */
  readonly command: readonly string[];
}

export interface HookResult {
  /** Where a damaged store was put. */
  readonly putAside: string | undefined;
  /** Why nobody follows it up at once; the timer will. */
  readonly notHandedOver: string | undefined;
}

/** @throws what the store throws; then nothing is known of it */
export async function recordSign(call: HookCall, nowMs: number): Promise<HookResult> {
  const { environment, unit } = call;
  const moment = await within(askMs, momentOf(call));
  const sign = signOf(call, moment, nowMs);
  const folder = stateFolderOf(call.scope, { ...environment, ...moment?.environment });
  if (folder === undefined) throw new Error('HOME is not set');
  const { database, putAside } = await openSoundStore(folder, nowMs);
  try {
    firstWrite(folder, () =>
      inTransaction(database, () => {
        setWaitingMark(folder);
        new Incidents<Sign, never>(database).append(unit, sign);
      }),
    );
  } finally {
    database.close();
  }
  // What a job has ended has no sequel: its sign waits for the next one.
  const isByJob = sign.kind === 'ended' && sign.job !== 'none' && sign.job !== 'unknown';
  const notHandedOver = isByJob ? undefined : await handOver(call);
  return { putAside, notHandedOver };
}

/** Together with all else below the 5 s that the hook has. */
const askMs = 1_500;
const handOverMs = 1_500;

/** What the manager says now and will not say later. */
interface Moment {
  readonly job: EndingJob;
  readonly live: LiveUnit | undefined;
  readonly environment: Environment;
}

async function momentOf({ unit, scope, environment }: HookCall): Promise<Moment | undefined> {
  const own = environment['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`;
  const runtimeDirectory = scope === 'user' ? own : undefined;
  const answer = await connectManager({ scope, runtimeDirectory }, environment);
  if (!('manager' in answer)) return undefined;
  const { manager } = answer;
  try {
    // A service may have been given another home; the store is where its manager's user has it.
    return { ...(await askAbout(unit, manager)), environment: stateVariables(answer.environment) };
  } finally {
    await manager.close();
  }
}

async function askAbout(unit: string, manager: Manager): Promise<Pick<Moment, 'job' | 'live'>> {
  const [job, shutdown, units] = await Promise.all([
    manager.jobType(unit),
    manager.jobType(shutdownTarget),
    manager.units([unit]),
  ]);
  const live = units.get(unit);
  return { job: live !== undefined && endedByItself(live) ? 'none' : endingJob(job, shutdown), live };
}

/** A job that is there now may have come after the end: then the process was gone before its unit left `active`. */
function endedByItself({ mainEndedUsec, leftActiveUsec }: LiveUnit): boolean {
  return mainEndedUsec > 0 && mainEndedUsec <= leftActiveUsec;
}

/** Its start waits for all services to end, in a reboot as in the end of a user manager (systemd.special(7)). */
const shutdownTarget = 'shutdown.target';

function endingJob(job: string | undefined, shutdown: string | undefined): EndingJob {
  if (job !== 'stop' && job !== 'restart') return 'none';
  return shutdown === 'start' ? 'shutdown' : job;
}

function signOf({ isOnFailure, environment }: HookCall, moment: Moment | undefined, atMs: number): Sign {
  if (isOnFailure) return failureSign(environment, moment, atMs);
  const invocation = environment['INVOCATION_ID'] ?? null;
  if (environment['SERVICE_RESULT'] !== undefined) {
    return {
      kind: 'ended',
      atMs,
      invocation,
      cause: causeOf(environment, ''),
      job: moment?.job ?? 'unknown',
    };
  }
  return { kind: 'started', atMs, invocation, restarts: moment?.live?.nRestarts ?? null };
}

/** From 254 on OnFailure= is triggered by each fall, not only by the last (RestartMode= in systemd.service(5)). */
function failureSign(environment: Environment, moment: Moment | undefined, atMs: number): Sign {
  const invocation = environment['MONITOR_INVOCATION_ID'] ?? null;
  const told = causeOf(environment, 'MONITOR_');
  const result = moment?.live?.result;
  // $MONITOR_* are there from 251 on.
  const cause = told.result === null && result ? { ...unknownCause, result } : told;
  const staysDown = moment?.live === undefined || moment.live.activeState === 'failed';
  return staysDown
    ? { kind: 'stays-down', atMs, invocation, cause }
    : { kind: 'ended', atMs, invocation, cause, job: 'unknown' };
}

function causeOf(environment: Environment, prefix: string): Cause {
  const value = (name: string) => environment[prefix + name] || null;
  return { result: value('SERVICE_RESULT'), code: value('EXIT_CODE'), status: value('EXIT_STATUS') };
}

/** @returns why it was not possible */
async function handOver(call: HookCall): Promise<string | undefined> {
  // One at a time follows a unit; where it is just about to end, a second one takes over.
  for (const purpose of ['daruma-await', 'daruma-await2']) {
    const problem = await startTransient(ownUnitName(purpose, call.unit), call);
    if (problem === undefined || !saysUnitIsThere(problem)) return problem;
  }
  return undefined;
}

async function startTransient(
  name: string,
  { unit, scope, command: [program = '', ...words], environment }: HookCall,
): Promise<string | undefined> {
  const flags = scope === 'system' ? ['--system'] : [];
  const command = transientCommand(scope, {
    name: `${name}.service`,
    description: `daruma waits for ${unit}`,
    options: ['--no-block', '--property=RuntimeMaxSec=900', '--property=LogLevelMax=notice'],
    command: { program, options: [...words, 'notify', 'await', ...flags], operands: [unit] },
  });
  const { failure } = await runProgram(command, {
    environment: { ...environment, LC_ALL: 'C', SYSTEMD_COLORS: '0' },
    timeoutMs: handOverMs,
    outputBytes: 2 ** 16,
  });
  return failure && failureText(command.program, failure);
}

/** Undefined where it takes longer, or fails. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const timeout = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => timeout.resolve(undefined), limitMs);
  try {
    return await Promise.race([work, timeout.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
