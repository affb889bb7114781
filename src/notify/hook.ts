/**
 * The hook of earlier installations (the lines of `sign-script.ts` have taken its place), which systemd runs when a service starts,
 * ends or has failed for good. It asks the manager for facts that are available only at this moment, stores them as a sign, and
 * starts a transient unit for everything that takes time, so that the service does not wait.
 */
import { hasGivenUp } from '../inventory/downfall.ts';
import { transientPrefix } from '../systemd/own-units.ts';
import { failureText } from '../programs/failure.ts';
import { runProgram } from '../programs/run.ts';
import { openSoundStore } from '../store/damage.ts';
import { inTransaction } from '../store/database.ts';
import { Incidents } from '../store/incidents.ts';
import { firstWrite } from '../store/unwritable-state-folder.ts';
import { stateFolderOf, stateVariables } from '../store/state-folder.ts';
import { setWaitingMark } from '../store/waiting-mark.ts';
import { saysUnitIsThere, transientCommand } from '../systemd/commands.ts';
import { connectManager } from '../systemd/host/connect-manager.ts';
import type { LiveUnit, Manager } from '../systemd/host/host.ts';
import { withRuntimeDirectory } from '../systemd/host/runtime-directory.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { liveCause } from './live-cause.ts';
import type { Cause } from './notice.ts';
import type { EndingJob, Sign } from './sign.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface HookCall {
  readonly unit: string;
  readonly scope: ManagerScope;
  /** Whether the unit named in `OnFailure=` called the hook; otherwise `ExecStartPost=` or `ExecStopPost=` did. */
  readonly isOnFailure: boolean;
  /** The environment that systemd gave to the hook. */
  readonly environment: Environment;
  /** The words that run daruma, for the transient unit. */
  readonly command: readonly string[];
}

export interface HookResult {
  /** Path to which a damaged store was renamed. */
  readonly putAside: string | undefined;
  /** Why no transient unit could be started; the timer then takes the sign later. */
  readonly notHandedOver: string | undefined;
}

/** Stores what happened to a service. @throws the errors of the store; then the event is lost */
export async function recordSign(given: HookCall, nowMs: number): Promise<HookResult> {
  const call = findingManager(given);
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
  // After a stop or restart by a job no process follows the service: the timer or the next hook takes the sign.
  const isByJob = sign.kind === 'ended' && sign.job !== 'none' && sign.job !== 'unknown';
  const notHandedOver = isByJob ? undefined : await handOver(call);
  return { putAside, notHandedOver };
}

/** With all else, this stays below the 5 s that the hook may take. */
const askMs = 1_500;
const handOverMs = 1_500;

/** Facts that the manager knows only at this moment. */
interface Moment {
  readonly job: EndingJob;
  readonly live: LiveUnit | undefined;
  readonly environment: Environment;
}

/** A service may have an environment of its own, which leads to no manager. */
function findingManager(call: HookCall): HookCall {
  if (call.scope === 'system') return call;
  return { ...call, environment: withRuntimeDirectory(process.getuid?.() ?? 0, call.environment) };
}

async function momentOf({ unit, scope, environment }: HookCall): Promise<Moment | undefined> {
  const runtimeDirectory = scope === 'user' ? environment['XDG_RUNTIME_DIR'] : undefined;
  const answer = await connectManager({ scope, runtimeDirectory }, environment);
  if (!('manager' in answer)) return undefined;
  await using manager = answer.manager;
  // The service may have another HOME; the store lies in the state folder of the manager's user.
  return { ...(await askAbout(unit, manager)), environment: stateVariables(answer.environment) };
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

/** Whether the process ended before any job: it was gone before the unit left `active`. A job seen now came afterwards. */
function endedByItself({ mainEndedUsec, leftActiveUsec }: LiveUnit): boolean {
  return mainEndedUsec > 0 && mainEndedUsec <= leftActiveUsec;
}

/** While its start job waits, all services are being stopped: by a reboot or by the end of a user manager (systemd.special(7)). */
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

/** Since systemd 254 every fall can trigger OnFailure=, not only the last one (RestartMode= in systemd.service(5)). */
function failureSign(environment: Environment, moment: Moment | undefined, atMs: number): Sign {
  const invocation = environment['MONITOR_INVOCATION_ID'] ?? null;
  const told = causeOf(environment, 'MONITOR_');
  // systemd sets $MONITOR_* since version 251.
  const cause = told.result === null && moment?.live !== undefined ? liveCause(moment.live) : told;
  const staysDown = moment?.live === undefined || moment.live.activeState === 'failed';
  return staysDown
    ? { kind: 'stays-down', atMs, invocation, cause, ...refusedAt(moment) }
    : { kind: 'ended', atMs, invocation, cause, job: 'unknown' };
}

function refusedAt(
  moment: Moment | undefined,
): Pick<Extract<Sign, { readonly kind: 'stays-down' }>, 'refused'> {
  const live = moment?.live;
  return live !== undefined && hasGivenUp(live) ? { refused: { restarts: live.nRestarts } } : {};
}

function causeOf(environment: Environment, prefix: string): Cause {
  const value = (name: string) => environment[prefix + name] || null;
  return { result: value('SERVICE_RESULT'), code: value('EXIT_CODE'), status: value('EXIT_STATUS') };
}

/** Starts a transient unit that looks after all services. @returns the reason when it could not be started */
async function handOver(call: HookCall): Promise<string | undefined> {
  const problem = await startTransient(transientPrefix.await, call);
  return problem === undefined || saysUnitIsThere(problem) ? undefined : problem;
}

async function startTransient(
  name: string,
  { scope, command: [program = '', ...words], environment }: HookCall,
): Promise<string | undefined> {
  const flags = scope === 'system' ? ['--system'] : [];
  const command = transientCommand(scope, {
    name: `${name}.service`,
    description: 'daruma looks after services',
    options: ['--no-block', '--property=RuntimeMaxSec=900', '--property=LogLevelMax=notice'],
    command: { program, options: [...words, 'notify', 'await', ...flags], operands: [] },
  });
  const { failure } = await runProgram(command, {
    environment: { ...environment, LC_ALL: 'C', SYSTEMD_COLORS: '0' },
    timeoutMs: handOverMs,
    outputBytes: 2 ** 16,
  });
  return failure && failureText(command.program, failure);
}

/** The result of the work; undefined when it takes longer than the limit or fails. */
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
