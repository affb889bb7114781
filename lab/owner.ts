import { isRunning, ownIdentity } from '../src/kernel/process-identity.ts';

/** The process with which a host or a network is removed. Other checkouts read this record, too. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks since boot (proc_pid_stat(5), field 22). */
  readonly startTime: string;
  readonly bootId: string;
}

/** This process. */
export function thisOwner(): Owner {
  const { pid, started } = ownIdentity();
  const [bootId = '', startTime = ''] = (started ?? '').split(' ');
  return { pid, startTime, bootId };
}

/** Whether exactly this process still runs; a zombie does not. */
export function isAlive({ pid, startTime, bootId }: Owner): boolean {
  return isRunning({ pid, started: `${bootId} ${startTime}` });
}
