/** Connects to a running manager: by its private socket, else over the bus, else by the command systemctl. */
import fs from 'node:fs';
import type { ManagerScope } from '../search-path.ts';
import { DBusFailure, defaultTimeoutMs, openDBus, systemBusSocket } from './dbus.ts';
import type { DBusConnection } from './dbus.ts';
import { ManagerError } from './host.ts';
import type { ManagerProblem } from './host.ts';
import type { AnsweringManager } from './manager-answer.ts';
import { managerDestination, managerOverDBus } from './manager-over-dbus.ts';
import { managerOverSystemctl } from './manager-over-systemctl.ts';

export interface ManagerAddress {
  readonly scope: ManagerScope;
  /** `$XDG_RUNTIME_DIR` of the user; undefined for the system manager. */
  readonly runtimeDirectory: string | undefined;
}

/** Returns a manager that answers, or the reason that none does. */
export async function connectManager(
  address: ManagerAddress,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AnsweringManager | ManagerProblem> {
  const unreachable = nowhereToAsk(address);
  if (unreachable !== undefined) return unreachable;
  const problems: ManagerProblem[] = [];
  const ways = waysIn(address);
  for (const way of ways) {
    if (isSilent(way.socket)) return { code: 'timeout', tried: way.socket };
    let connection: DBusConnection | undefined;
    try {
      connection = await openManagerSocket(way, limitFor(ways, problems));
      return await managerOverDBus(connection, way.transport);
    } catch (error) {
      await connection?.[Symbol.asyncDispose]();
      problems.push(problemOf(error, way.socket));
    }
  }
  const silent = problems.find(({ code }) => code === 'timeout');
  if (silent !== undefined) {
    silentSince.set(silent.tried, performance.now());
    return silent;
  }
  try {
    return await managerOverSystemctl(address.scope, environment);
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
  }
  // The first way that exists and does not work explains more than a way that does not exist.
  const [first] = problems;
  return (
    problems.find(problem => problem.code !== 'no-socket') ??
    first ?? { code: 'refused', tried: `systemctl --${address.scope} show` }
  );
}

/**
 * How long a way may be silent. All lead to the same manager, so that together they have as long as one alone; the first is not the only
 * one asked, since a socket may be mute that no manager has any more.
 */
function limitFor(ways: readonly WayIn[], problems: readonly ManagerProblem[]): number {
  if (problems.some(({ code }) => code === 'timeout')) return defaultTimeoutMs - firstWayMs;
  return ways.length > 1 ? firstWayMs : defaultTimeoutMs;
}

const firstWayMs = 3_000;

/** When a manager gave no answer, by its socket: a command that opens its host several times waits once. */
const silentSince = new Map<string, number>();

function isSilent(socket: string): boolean {
  const since = silentSince.get(socket);
  return since !== undefined && performance.now() - since < silenceMs;
}

/** After this time a manager is asked again: what follows services runs for minutes. */
const silenceMs = 10_000;

/** Opens one of {@link waysIn}, for callers that need the connection itself to receive the manager's signals. */
export function openManagerSocket(way: WayIn, timeoutMs = defaultTimeoutMs): Promise<DBusConnection> {
  return openDBus({
    timeoutMs,
    socket: way.socket,
    destination: managerDestination,
    direct: way.transport === 'private-socket',
  });
}

/** A socket behind which a manager may answer. */
export interface WayIn {
  readonly transport: 'private-socket' | 'bus';
  readonly socket: string;
}

/** The sockets of a manager, the best first: the private one works without a bus daemon. */
export function waysIn({ scope, runtimeDirectory }: ManagerAddress): readonly WayIn[] {
  if (scope === 'system') {
    const bus: WayIn = { transport: 'bus', socket: systemBusSocket };
    // The system manager disconnects all users except root there (bus_on_connection()).
    return process.getuid?.() === 0
      ? [{ transport: 'private-socket', socket: '/run/systemd/private' }, bus]
      : [bus];
  }
  if (runtimeDirectory === undefined) return [];
  return [
    { transport: 'private-socket', socket: `${runtimeDirectory}/systemd/private` },
    { transport: 'bus', socket: `${runtimeDirectory}/bus` },
  ];
}

function nowhereToAsk({ runtimeDirectory }: ManagerAddress): ManagerProblem | undefined {
  // sd_booted(3): only a machine whose init is systemd has this directory. User managers do not start without it
  // either.
  const booted = '/run/systemd/system';
  if (!fs.existsSync(booted)) return { code: 'not-systemd', tried: booted };
  if (runtimeDirectory === undefined || fs.existsSync(runtimeDirectory)) return undefined;
  return { code: 'no-runtime-directory', tried: runtimeDirectory };
}

function problemOf(error: unknown, tried: string): ManagerProblem {
  if (error instanceof ManagerError) return { code: 'refused', tried };
  if (!(error instanceof DBusFailure)) throw error;
  const { code } = error;
  return { code: code === 'no-socket' || code === 'timeout' ? code : 'refused', tried };
}
