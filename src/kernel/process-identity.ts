/** One process for ever: a process id alone is given to another one after a while, and soon after a reboot. */
import fs from 'node:fs';
import { errorCode } from './errno.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** The boot it was started in and when in that; null where the system does not tell. */
  readonly started: string | null;
}

/** Of the process that asks. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) };
}

/** Whether that very process still runs. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return started === null ? isSomebody(pid) : started === startOf(pid);
}

/** Sources: proc_pid_stat(5), field 22, in ticks since the kernel's boot; random(4), boot_id. */
function startOf(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // Field 2, the command, may itself hold spaces and parentheses: count from the last one.
    const [state = 'X', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return isEnded.test(state) ? null : `${boot} ${rest[18]}`;
  } catch {
    return null;
  }
}

/** A zombie does nothing any more. */
const isEnded = /[ZXx]/;

function isSomebody(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one, too.
    return errorCode(error) === 'EPERM';
  }
}
