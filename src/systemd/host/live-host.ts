/** {@link Host} of the machine that runs daruma. */
import fs from 'node:fs';
import os from 'node:os';
import { unitSearchPath } from '../search-path.ts';
import type { ManagerScope } from '../search-path.ts';
import { connectManager } from './connect-manager.ts';
import { localFiles } from './files.ts';
import { type Host, type HostUser, type LiveUnit, ManagerError, type VersionOrigin } from './host.ts';
import { journalOf } from './journal.ts';
import { lingerFromLogind } from './linger.ts';
import { systemctlVersion } from './manager-over-systemctl.ts';
import { currentUser } from './passwd.ts';
import { withRuntimeDirectory } from './runtime-directory.ts';
import { wholeMachine } from './tree.ts';
import { newestKnownVersion } from './version.ts';

/** How {@link openLiveHost} opens the machine. */
export interface LiveHostOptions {
  /** Whose manager is meant: that of the user who runs this process, or that of the system. */
  readonly scope: ManagerScope;
  /** The major version to assume in place of the running one. */
  readonly systemdVersion?: number;
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the machine that runs this process, and connects to its manager. A host opens in any case: where no manager answers,
 * `managerProblem` says why, and everything else is read from files. For a manager that hangs this takes 5 seconds.
 *
 * Declare it with `await using`, or dispose of it when you are done: an open connection keeps the process alive.
 *
 * Source: the sockets of systemd(1), the bus name org.freedesktop.systemd1(5), and systemctl(1), in this order.
 *
 * @example
 * import { openLiveHost } from 'daruma/systemd';
 *
 * await using host = await openLiveHost({ scope: 'user' });
 * host.kind; // 'live'
 * const units = await host.manager?.units(['litellm.service']);
 * const state = units?.get('litellm.service')?.activeState ?? host.managerProblem?.code;
 * typeof state; // 'string'
 */
export async function openLiveHost(options: LiveHostOptions): Promise<Host> {
  const { scope, environment = process.env } = options;
  const files = localFiles();
  const user = scope === 'user' ? currentUser(environment) : undefined;
  const own = user === undefined ? environment : withRuntimeDirectory(user.uid, environment);
  const runtimeDirectory = user && own['XDG_RUNTIME_DIR'];
  const answer = await connectManager({ scope, runtimeDirectory }, own);
  const answering = 'manager' in answer ? answer : undefined;
  const relevant = pathVariables(answering?.environment ?? own);
  const isDown = user !== undefined && answering?.manager.isStopping !== false;
  const userManager = isDown ? await userManagerUnit(user, environment) : undefined;
  const systemd = await versionOf(options, answering?.manager.version, own);
  return {
    kind: 'live',
    scope,
    reach: 'machine',
    hostName: os.hostname(),
    user,
    files,
    tree: wholeMachine,
    systemd,
    cgroups: cgroupLayout(),
    unitPath: answering?.manager.unitPath ?? unitSearchPath(scope, relevant, systemd.version),
    environment: relevant,
    ...(answering === undefined ? {} : { inherited: answering.environment }),
    commandEnvironment: pick(
      own,
      name => name === 'PATH' || isPathVariable(name) || /^(?:DBUS|SYSTEMD)_/.test(name),
    ),
    manager: answering?.manager,
    managerProblem: 'manager' in answer ? undefined : answer,
    userManager,
    ...(runtimeDirectory === undefined || environment['XDG_RUNTIME_DIR'] === runtimeDirectory
      ? {}
      : { missingVariables: { XDG_RUNTIME_DIR: runtimeDirectory } }),
    journal: journalOf(scope, own),
    linger: async () => (user === undefined ? undefined : lingerFromLogind(files, user)),
    [Symbol.asyncDispose]: async () => {
      await answering?.manager[Symbol.asyncDispose]();
    },
  };
}

/**
 * What the system manager says of the unit in which the manager of a user runs; undefined where it cannot be asked, or there is
 * no such unit.
 */
export async function userManagerUnit(
  { uid }: Pick<HostUser, 'uid'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LiveUnit | undefined> {
  const answer = await connectManager({ scope: 'system', runtimeDirectory: undefined }, environment);
  if (!('manager' in answer)) return undefined;
  await using system = answer.manager;
  const name = `user@${uid}.service`;
  try {
    const unit = (await system.units([name])).get(name);
    return unit?.loadState === 'loaded' ? unit : undefined;
  } catch (error) {
    if (error instanceof ManagerError) return undefined;
    throw error;
  }
}

async function versionOf(
  options: LiveHostOptions,
  running: number | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly version: number; readonly origin: VersionOrigin }> {
  if (options.systemdVersion !== undefined) return { version: options.systemdVersion, origin: 'option' };
  if (running !== undefined) return { version: running, origin: 'manager' };
  const installed = await systemctlVersion(environment);
  return installed === undefined
    ? { version: newestKnownVersion, origin: 'newest-known' }
    : { version: installed, origin: 'command' };
}

/** The variables that decide the search path and specifiers. */
function pathVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return pick(environment, isPathVariable);
}

function isPathVariable(name: string): boolean {
  return name === 'HOME' || name === 'SYSTEMD_UNIT_PATH' || name.startsWith('XDG_');
}

function pick(
  environment: Readonly<Record<string, string | undefined>>,
  isWanted: (name: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && isWanted(entry[0]),
    ),
  );
}

function cgroupLayout(): Host['cgroups'] {
  try {
    // "hybrid" counts as legacy: the memory controller is then on v1, where systemd does not see OOM kills.
    const unified = fs.statfsSync('/sys/fs/cgroup').type === cgroup2Magic;
    return { layout: unified ? 'unified' : 'legacy', assumed: false };
  } catch {
    return { layout: 'unified', assumed: true };
  }
}

/** CGROUP2_SUPER_MAGIC of statfs(2). */
const cgroup2Magic = 0x63677270;
