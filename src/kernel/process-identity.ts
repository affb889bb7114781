/** Identifies one process: the kernel gives the same process id to other processes later, and soon after a reboot. */
import fs from 'node:fs';
import { errorCode } from './errno.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** The boot in which the process was started, and the time within that boot; null when the system does not provide them. */
  readonly started: string | null;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) };
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid);
}

/** The identity of the process that started this one. */
export function parentIdentity(): ProcessIdentity {
  return identityOf(process.ppid);
}

/** The id of the present boot, and when it began in milliseconds since 1970. Null where the system does not provide them. */
export function presentBoot(): { readonly id: string; readonly startedMs: number } | null {
  try {
    const id = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // Counted from PID 1, which in a container is younger than the kernel.
    const startedMs = startedAtMs({ pid: 1, started: startOf(1) });
    return startedMs === null ? null : { id, startedMs };
  } catch {
    return null;
  }
}

/** When a process was started, in milliseconds since 1970; null when that is not known. */
export function startedAtMs({ started }: ProcessIdentity): number | null {
  // Programs are told hundredths of a second.
  const ticks = Number(started?.split(' ')[1]);
  // proc_uptime(5) is more exact than the time of the boot in proc_stat(5), which is in whole seconds.
  const uptime = Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  const startedMs = Date.now() - uptime * 1_000 + ticks * 10;
  return Number.isFinite(startedMs) ? startedMs : null;
}

/** Whether that same process still runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return started === null ? isSomebody(pid) : started === startOf(pid);
}

/** Sources: proc_pid_stat(5), field 22, in ticks since the kernel's boot; random(4), boot_id. */
function startOf(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // Field 2, the command, may contain spaces and parentheses: fields are counted from the last parenthesis.
    const [state = 'X', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return isEnded.test(state) ? null : `${boot} ${rest[18]}`;
  } catch {
    return null;
  }
}

/** The states of a process that has ended, zombies included. */
const isEnded = /[ZXx]/;

function isSomebody(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return errorCode(error) === 'EPERM';
  }
}
