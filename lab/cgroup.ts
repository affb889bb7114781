import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait.ts';

/*
 * Every host has its own control group, `daruma-lab-ID`, in the cgroup2 hierarchy and, on a hybrid machine, also in systemd's v1
 * hierarchy. This separates the hosts: nspawn with --keep-unit puts its payload below its own group, so hosts started from one
 * group would share one tree. The group is also the exact list of a host's processes, so no process id has to be stored, which
 * another process could get later.
 */

const CGROUP2_MAGIC = 0x63677270;

/** Whether the machine has only cgroup2; otherwise it has v1 and cgroup2 ("hybrid"). */
export function isUnifiedMachine(): boolean {
  return statfsSync('/sys/fs/cgroup').type === CGROUP2_MAGIC;
}

/** Whether the kernel can kill a whole group at once (`cgroup.kill`, Linux 5.14). */
export function canKillCgroups(): boolean {
  const probe = join(cgroup2(), `daruma-lab-probe-${randomUUID()}`);
  try {
    mkdirSync(probe);
  } catch {
    return false;
  }
  const canKill = existsSync(join(probe, 'cgroup.kill'));
  rmdirSync(probe);
  return canKill;
}

/** A command line that joins a group of the host (created when missing) and then executes `argv`. */
export function joinCgroup(id: string, group: string, argv: readonly string[]): string[] {
  const folders = cgroupFolders(id).map(folder => join(folder, group));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  // Node cannot move a child into a group before the child runs; a shell can move itself and then exec.
  const script =
    'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"';
  return ['sh', '-c', script, 'join-cgroup', ...folders, '--', ...argv];
}

/** Process ids in one group of the host, without those in its subgroups. */
export function processesIn(id: string, group: string): number[] {
  const text = readIfThere(join(cgroup2(), groupName(id), group, 'cgroup.procs'));
  return text.split('\n').filter(Boolean).map(Number);
}

/** Whether the host has any running process. */
export function isPopulated(id: string): boolean {
  return readIfThere(join(cgroup2(), groupName(id), 'cgroup.events')).includes('populated 1');
}

/** Kills all processes of the host at once with SIGKILL, and waits until they are gone. */
export async function killCgroup(id: string): Promise<void> {
  const killFile = join(cgroup2(), groupName(id), 'cgroup.kill');
  if (existsSync(killFile)) writeFileSync(killFile, '1');
  await untilEmpty(id, 10_000);
}

/** Waits until no process of the host runs. */
export async function untilEmpty(id: string, timeoutMs: number): Promise<void> {
  await waitFor(`the processes of ${id} to end`, timeoutMs, () => (isPopulated(id) ? undefined : true));
}

/** Removes the host's groups; none of its processes may run. */
export async function removeCgroup(id: string): Promise<void> {
  for (const folder of cgroupFolders(id)) {
    // A process that has just ended may keep its v1 group busy for a moment (EBUSY).
    await waitFor(`${folder} to be free`, 5_000, () => removeTree(folder) || undefined);
  }
}

function removeTree(folder: string): boolean {
  if (!existsSync(folder)) return true;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !removeTree(join(folder, entry.name))) return false;
    }
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function cgroupFolders(id: string): string[] {
  const roots = isUnifiedMachine() ? [cgroup2()] : [cgroup2(), '/sys/fs/cgroup/systemd'];
  return roots.map(root => join(root, groupName(id)));
}

function cgroup2(): string {
  return isUnifiedMachine() ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified';
}

function groupName(id: string): string {
  return `daruma-lab-${id}`;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
