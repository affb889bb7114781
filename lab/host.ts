import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountIn } from './accounts.ts';
import { addNamespace, type Cable, hostNamespace, layCable, setCarrier } from './cable.ts';
import { isPopulated, killCgroup, removeCgroup, untilEmpty } from './cgroup.ts';
import { enterArgv } from './enter.ts';
import { furnish } from './furnish.ts';
import type { Network } from './network.ts';
import { type Bind, leaderOf, startNspawn } from './nspawn.ts';
import { mergedFolder, mountOverlay } from './overlay.ts';
import { thisOwner } from './owner.ts';
import { type HostRecord, hostRegistry } from './registry.ts';
import { machineSystemd, rootFileSystem } from './root-file-system.ts';
import { CommandFailed, run, type RunOptions, type RunResult } from './run.ts';
import { bindOf, prepareSoftware, type Software } from './software.ts';
import { hostDisk, sweep, tearDownHost } from './sweep.ts';
import { waitFor } from './wait.ts';

export interface HostOptions {
  /** The host's own name, and its name for others in a network. Default `host`. */
  readonly name?: string;
  /** Version of systemd: 247, 252, 257, 262 or the machine's own version, which is the default. */
  readonly systemd?: number;
  /** Further packages of Debian in its root file system, which is then made of its own (minutes). */
  readonly packages?: readonly string[];
  /** Users to create, each with a user manager that runs from boot on (linger). */
  readonly users?: readonly string[];
  /** The network to connect it to; without one it has only a loopback interface. */
  readonly network?: Network;
  /** Files and folders that the host sees read-only, besides Node (on PATH) and this checkout (`/opt/daruma`). */
  readonly binds?: readonly Bind[];
  /** Published programs to install at `/opt/NAME`; one that is not in the cache is fetched first, which takes minutes. */
  readonly software?: readonly Software[];
  /** Its name in the lab, for `lab exec` and `lab down`. Default: a unique name made from `name`. */
  readonly id?: string;
}

export interface ExecOptions extends RunOptions {
  /** The user who runs the command; `systemctl --user` reaches this user's manager. Default root. */
  readonly user?: string;
}

/** A real systemd with its own PID 1, logind, journal and users. Disposing of it removes everything that belongs to it. */
export interface Host extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly systemd: number;
  /** Its root file system, to be read from outside. File systems that the host mounts itself (/run, /tmp) are not in it. */
  readonly rootDir: string;
  /** Its address in its network; null without one. */
  readonly address: string | null;
  isRunning(): boolean;
  /**
   * Runs a command in the host and waits for its end; an exit code other than 0 is a result and not an error.
   *
   * @throws Error when the host is off or has no such user; CommandFailed after `timeoutMs`.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<RunResult>;
  /** The command line for the same command, for callers that start the child process themselves, to use its streams or signals. */
  execArgv(argv: readonly string[], user?: string): string[];
  /** Writes a file and the missing folders above it as a user. `mode` defaults to 0o644, `user` to root. */
  writeFile(path: string, text: string, options?: { mode?: number; user?: string }): Promise<void>;
  /** Creates a user. With linger, the user manager answers when this returns; units that it starts may still be starting. */
  addUser(name: string, options: { linger: boolean }): Promise<void>;
  /** Runs `systemctl reboot` and waits until the host is up again. */
  reboot(): Promise<void>;
  /** Simulates a power cut: ends every process at once by SIGKILL; the file system stays as it is. */
  powerOff(): Promise<void>;
  /** Starts the host again on the same file system; returns when its systemd has finished the boot. */
  boot(): Promise<void>;
  /** Pulls out the network cable; `plugCable` puts it back. @throws Error without a network. */
  cutCable(): Promise<void>;
  plugCable(): Promise<void>;
  /** Keeps the host after the end of this process. */
  keep(): void;
}

/** In a worktree `node_modules` may be a link to another checkout: the host then sees the target of the link. */
function linkedPackages(): readonly Bind[] {
  const packages = realpathSync(join(checkout, 'node_modules'));
  return packages === join(checkout, 'node_modules') ? [] : [{ source: packages, target: packages }];
}

const checkout = fileURLToPath(new URL('..', import.meta.url));
const BOOT_TIMEOUT_MS = 60_000;

/**
 * Makes a host and boots it; returns when its systemd has finished the boot (about a second). A host is removed with its owner,
 * this process, or at the latest when the lab is used next ({@link sweep}).
 *
 * @throws Error with the end of the console's output when the boot fails.
 * @example
 * await using host = await bootHost({ systemd: 257, users: ['kuma'] });
 * const { stdout } = await host.exec(['systemctl', '--user', 'is-system-running'], { user: 'kuma' });
 */
export async function bootHost(options: HostOptions = {}): Promise<Host> {
  await sweep();
  const { name = 'host', users = [], network, software = [] } = options;
  const { id = `${name}-${randomBytes(4).toString('hex')}`, systemd = machineSystemd() } = options;
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(id)) {
    throw new Error(`not a name for a host: ${id} (a-z, 0-9 and -, at most 41)`);
  }
  const lower = await rootFileSystem(systemd, options.packages);
  for (const each of software) await prepareSoftware(each);
  const binds = [...(options.binds ?? []), ...software.map(bindOf)];
  let record: HostRecord = { id, name, systemd, owner: thisOwner(), binds, cable: null };
  hostRegistry.add(record);
  const disk = hostDisk(id);
  try {
    await mountOverlay(disk, lower);
    furnish(mergedFolder(disk), name);
    await addNamespace(hostNamespace(id));
    if (network !== undefined) {
      const cable = network.plugIn(name, mergedFolder(disk));
      record = { ...record, cable };
      hostRegistry.replace(record);
      await layCable(hostNamespace(id), cable);
    }
    const host = hostOf(record, () => network?.unplug(mergedFolder(disk)));
    await host.boot();
    for (const user of users) await host.addUser(user, { linger: true });
    return host;
  } catch (error) {
    network?.unplug(mergedFolder(disk));
    await tearDownHost(id);
    throw error;
  }
}

/** The host with an id, made by any process; undefined when there is none. */
export function findHost(id: string): Host | undefined {
  const record = hostRegistry.find(id);
  return record === undefined ? undefined : hostOf(record, () => {});
}

function hostOf(record: HostRecord, beforeEnd: () => void): Host {
  const { id, name, systemd, cable } = record;
  const rootDir = mergedFolder(hostDisk(id));
  const consoleLog = join(hostRegistry.folder(id), 'console.log');

  const host: Host = {
    id,
    name,
    systemd,
    rootDir,
    address: cable?.address ?? null,
    isRunning: () => isPopulated(id),

    exec: async (argv, { user, ...options } = {}) => run(host.execArgv(argv, user), options),

    execArgv(argv, user = 'root') {
      const leader = leaderOf(id);
      if (leader === undefined) throw new Error(`${id} is off`);
      return enterArgv(id, leader, accountIn(rootDir, user), argv);
    },

    async writeFile(path, text, { mode = 0o644, user = 'root' } = {}) {
      await mustSucceed(['install', '-D', `--mode=${mode.toString(8)}`, '/dev/null', path], { user });
      await mustSucceed(['dd', 'status=none', `of=${path}`], { user, input: text });
    },

    async addUser(user, { linger }) {
      await mustSucceed(['useradd', '--create-home', '--shell=/bin/bash', user]);
      if (!linger) return;
      await mustSucceed(['loginctl', 'enable-linger', user]);
      // Lingering has already started the manager; a second start waits until it is up.
      await mustSucceed(['systemctl', 'start', `user@${accountIn(rootDir, user).uid}.service`]);
    },

    async reboot() {
      await host.exec(['systemctl', 'reboot']);
      // With --keep-unit nspawn ends at a reboot and does not start the host again (systemd-nspawn(1), exit status 133).
      await untilEmpty(id, BOOT_TIMEOUT_MS);
      await host.boot();
    },

    powerOff: () => killCgroup(id),

    async boot() {
      if (isPopulated(id)) throw new Error(`${id} is running`);
      await removeCgroup(id);
      const hasEnded = await startNspawn({
        id,
        hostName: name,
        systemd,
        rootDir,
        networkNamespace: hostNamespace(id),
        consoleLog,
        binds: [
          { source: process.execPath, target: '/usr/local/bin/node' },
          { source: checkout, target: '/opt/daruma' },
          ...linkedPackages(),
          ...record.binds,
        ],
      });
      try {
        await waitFor(`${id} to boot`, BOOT_TIMEOUT_MS, async () => {
          if (hasEnded()) throw new Error(`${id} ended while it booted`);
          return (await isUp()) || undefined;
        });
      } catch (cause) {
        const tail = readFileSync(consoleLog, 'utf8').split('\n').slice(-20).join('\n');
        throw new Error(`${id} did not come up; its console said:\n${tail}`, { cause });
      }
    },

    cutCable: () => setCarrier(plugged(id, cable), 'down'),
    plugCable: () => setCarrier(plugged(id, cable), 'up'),

    keep: () => hostRegistry.replace({ ...record, owner: null }),

    async [Symbol.asyncDispose]() {
      beforeEnd();
      await tearDownHost(id);
    },
  };

  async function isUp(): Promise<boolean> {
    if (leaderOf(id) === undefined) return false;
    const { stdout } = await host.exec(['systemctl', 'is-system-running', '--wait']);
    return ['running', 'degraded'].includes(stdout.trim());
  }

  async function mustSucceed(argv: readonly string[], options?: ExecOptions): Promise<void> {
    const { code, stderr } = await host.exec(argv, options);
    if (code !== 0)
      throw new CommandFailed(`${argv.join(' ')} in ${id} ended with ${code}: ${stderr.trim()}`);
  }

  return host;
}

function plugged(id: string, cable: Cable | null): Cable {
  if (cable === null) throw new Error(`${id} is in no network`);
  return cable;
}
