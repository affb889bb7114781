/** Identifies one process: the kernel gives the same process id to other processes later, and soon after a reboot. */
import fs from 'node:fs';
import { errorCode } from './errno.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** The boot in which the process was started, and the time within that boot; null when the system does not provide them. */
  readonly started: string | null;
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) };
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
