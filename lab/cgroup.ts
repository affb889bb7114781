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
 * Every host lives in a control group of its own, `daruma-lab-ID`, in the cgroup2 hierarchy and, on a hybrid machine, in
 * systemd's v1 hierarchy too. This keeps the hosts apart (nspawn with --keep-unit puts its payload below its own group:
 * hosts started from one group would share one tree), and it is the exact list of a host's processes: no process id is
 * ever stored, so none can be mistaken for another.
 */

const CGROUP2_MAGIC = 0x63677270;

/** Whether the machine has cgroup2 only; else it is v1 with cgroup2 beside it ("hybrid"). */
export function isUnifiedMachine(): boolean {
  return statfsSync('/sys/fs/cgroup').type === CGROUP2_MAGIC;
}

/** Whether the kernel can end a whole group at once (`cgroup.kill`, Linux 5.14). */
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

/** A command line that joins a group of the host (made when missing) and then becomes `argv`. */
export function joinCgroup(id: string, group: string, argv: readonly string[]): string[] {
  const folders = cgroupFolders(id).map(folder => join(folder, group));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  // Node cannot put a child into a group before the child runs; a shell can do it to itself and then exec.
  const script =
    'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"';
  return ['sh', '-c', script, 'join-cgroup', ...folders, '--', ...argv];
}

/** Process ids in one group of the host, without those in groups below. */
export function processesIn(id: string, group: string): number[] {
  const text = readIfThere(join(cgroup2(), groupName(id), group, 'cgroup.procs'));
  return text.split('\n').filter(Boolean).map(Number);
}

/** Whether any process of the host runs. */
export function isPopulated(id: string): boolean {
  return readIfThere(join(cgroup2(), groupName(id), 'cgroup.events')).includes('populated 1');
}

/** Ends every process of the host with SIGKILL, all at once, and waits until they are gone. */
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
    // A process that has just ended may hold its v1 group for a moment longer (EBUSY).
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
