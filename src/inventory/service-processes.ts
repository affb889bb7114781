/** The processes of a running service, and whether they can go on, according to the kernel. */
import type { HostFiles } from '../systemd/host/host.ts';

/**
 * What keeps a process from going on. `stopped`: a signal such as SIGSTOP; `traced`: a debugger; `frozen`: its control group, as by
 * `systemctl freeze`.
 */
export type Halt = 'stopped' | 'traced' | 'frozen';

/** A process of a service. */
export interface ServiceProcess {
  readonly pid: number;
  /** Its command as the kernel keeps it: at most 15 characters. */
  readonly command: string;
  /** Undefined where it goes on. */
  readonly halt: Halt | undefined;
}

/**
 * The main process first, then the others of its control group; empty when it does not exist any more.
 *
 * Source: proc_pid_status(5), proc_pid_cgroup(5), and "cgroup.events" of the kernel's admin-guide/cgroup-v2.
 */
export function processesOf(files: HostFiles, mainPid: number): readonly ServiceProcess[] {
  const groups = groupFolders(textOf(files, `/proc/${mainPid}/cgroup`));
  const isFrozen = groups.some(folder => /^frozen 1$/m.test(textOf(files, `${folder}/cgroup.events`)));
  const own = String(mainPid);
  const pids = groups
    .map(folder => textOf(files, `${folder}/cgroup.procs`).split('\n').slice(0, mostProcesses))
    .find(all => all.includes(own));
  const others = (pids ?? []).filter(pid => pid !== own && pid !== '').map(Number);
  return [mainPid, ...others].flatMap(pid => processOf(files, pid, isFrozen));
}

/** A service that has more keeps its server among the first ones. */
const mostProcesses = 64;

function processOf(files: HostFiles, pid: number, isFrozen: boolean): readonly ServiceProcess[] {
  const status = textOf(files, `/proc/${pid}/status`);
  const [, command] = /^Name:\t(.*)$/m.exec(status) ?? [];
  const [, state] = /^State:\t(\S)/m.exec(status) ?? [];
  if (command === undefined || state === undefined || /[ZXx]/.test(state)) return [];
  const halt = state === 'T' ? 'stopped' : state === 't' ? 'traced' : isFrozen ? 'frozen' : undefined;
  return [{ pid, command, halt }];
}

/** Where the control group of a process may be mounted: with cgroup v2 alone, with v2 beside v1, and with v1 alone. */
function groupFolders(cgroup: string): readonly string[] {
  const path = (controllers: string) =>
    cgroup
      .split('\n')
      .find(line => line.replace(/^\d+:/, '').startsWith(`${controllers}:/`))
      ?.split(':')
      .slice(2)
      .join(':');
  const [unified, named] = [path(''), path('name=systemd')];
  return [
    ...(unified === undefined ? [] : [`/sys/fs/cgroup${unified}`, `/sys/fs/cgroup/unified${unified}`]),
    ...(named === undefined ? [] : [`/sys/fs/cgroup/systemd${named}`]),
  ];
}

/** Empty when it cannot be read: a process may end at any time, and may belong to others. */
function textOf(files: HostFiles, file: string): string {
  try {
    return files.read(file, mostBytes).toString('latin1');
  } catch {
    return '';
  }
}

const mostBytes = 65_536;
