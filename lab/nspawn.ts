import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isUnifiedMachine, joinCgroup, processesIn } from './cgroup.ts';
import { unmount } from './overlay.ts';

/** A file or folder of the machine that the host sees read-only at `target`. */
export interface Bind {
  readonly source: string;
  readonly target: string;
}

export interface Machine {
  readonly id: string;
  readonly hostName: string;
  readonly systemd: number;
  readonly rootDir: string;
  readonly networkNamespace: string;
  readonly binds: readonly Bind[];
  /** File to which the console's output is appended. */
  readonly consoleLog: string;
}

/** Since 258 systemd refuses to run on cgroup v1 (its NEWS); on a machine with cgroup v1, 247 fails with cgroup2 alone. */
const FIRST_WITHOUT_CGROUP_V1 = 258;

/**
 * Starts systemd as PID 1 of a host under a systemd-nspawn that outlives this process; does not wait for the boot.
 *
 * @returns a function that tells whether this systemd-nspawn has ended
 */
export async function startNspawn(machine: Machine): Promise<() => boolean> {
  const [command = '', ...args] = joinCgroup(machine.id, '.', [
    'systemd-nspawn',
    `--directory=${machine.rootDir}`,
    `--machine=${machine.id}`,
    `--hostname=${machine.hostName}`,
    `--network-namespace-path=/run/netns/${machine.networkNamespace}`,
    // nspawn takes this capability away from a host whose network namespace it did not make.
    '--capability=CAP_NET_ADMIN',
    // Uses neither machined nor a scope of the machine's systemd, since the machine may not run systemd.
    '--register=no',
    '--keep-unit',
    '--link-journal=no',
    ...machine.binds.map(bind => `--bind-ro=${bind.source}:${bind.target}`),
    '--boot',
  ]);
  const needsCgroup2 = machine.systemd >= FIRST_WITHOUT_CGROUP_V1 && !isUnifiedMachine();
  const log = openSync(machine.consoleLog, 'a');
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...(needsCgroup2 ? { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } : {}) },
  });
  closeSync(log);
  await once(child, 'spawn');
  child.unref();
  return () => child.exitCode !== null || child.signalCode !== null;
}

/** The machine's process id of the host's PID 1; undefined before it runs systemd and when the host is off. */
export function leaderOf(id: string): number | undefined {
  // nspawn moves itself into the group "supervisor". Before its child executes systemd, namespaces and root are incomplete.
  return processesIn(id, 'supervisor').flatMap(childrenOf).find(isSystemdAsPid1);
}

/** Removes what a killed nspawn leaves in /run/systemd/nspawn: a lock on the root, a folder, in newer versions a mount. */
export async function removeTracesOfNspawn(id: string, rootDir: string): Promise<void> {
  const root = statSync(rootDir, { throwIfNoEntry: false });
  if (root !== undefined) rmSync(`/run/systemd/nspawn/locks/inode-${root.dev}:${root.ino}`, { force: true });
  for (const kind of ['propagate', 'unix-export']) {
    await unmount(`/run/systemd/nspawn/${kind}/${id}`);
    rmSync(`/run/systemd/nspawn/${kind}/${id}`, { recursive: true, force: true });
  }
}

function childrenOf(pid: number): number[] {
  return readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function isSystemdAsPid1(pid: number): boolean {
  return readProc(pid, 'comm').trim() === 'systemd' && /^NSpid:.*\t1$/m.test(readProc(pid, 'status'));
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
