/** Whether an end is that of a start: what had never started has not fallen. */
import { setupFailureOf } from '../systemd/values/setup-failure.ts';

/** An end in systemd's words (`$SERVICE_RESULT`, `$EXIT_CODE` and `$EXIT_STATUS` in systemd.exec(5)). */
export interface EndOfStart {
  readonly result: string | null;
  readonly code: string | null;
  readonly status: number | string | null;
}

/**
 * Whether no program came to run, or none that was ready: what a process needs is missing (`resources`), systemd could not prepare the process, or it
 * ended before it reported (`protocol`).
 */
export function isFailedStart({ result, code, status }: EndOfStart): boolean {
  const isSetup = code === 'exited' && status !== null && setupFailureOf(Number(status)) !== undefined;
  return result === 'resources' || result === 'protocol' || isSetup;
}
