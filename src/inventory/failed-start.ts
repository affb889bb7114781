/** Whether an end is that of a start: what had never started has not fallen. */
import type { LiveUnit } from '../systemd/host/host.ts';
import { setupFailureOf } from '../systemd/values/setup-failure.ts';

/** An end in systemd's words (`$SERVICE_RESULT`, `$EXIT_CODE` and `$EXIT_STATUS` in systemd.exec(5)). */
export interface EndOfStart {
  readonly result: string | null;
  readonly code: string | null;
  readonly status: number | string | null;
  /** Its start failed with it (`endsStart`); left out where it did not, or that is not known. */
  readonly isBeforeUp?: true;
}

/**
 * Whether no program came to run, or none that was ready: what a process needs is missing (`resources`), systemd could not prepare the process, or it
 * ended before it reported (`protocol`).
 */
export function isFailedStart({ result, code, status, isBeforeUp }: EndOfStart): boolean {
  const isSetup = code === 'exited' && status !== null && setupFailureOf(Number(status)) !== undefined;
  return isBeforeUp === true || result === 'resources' || result === 'protocol' || isSetup;
}

/** When systemd calls a service active. */
export type StartKind = Pick<LiveUnit, 'type' | 'remainsAfterExit'>;

/**
 * Whether an end before systemd called the run active is that of a start. What is up as soon as its process is there has run all the same
 * when that process ends while systemd still runs `ExecStartPost=`; and the run of a job (`Type=oneshot`) is its start, unless it is to
 * be up once its commands have ended well (`RemainAfterExit=yes`).
 */
export function endsStart(
  { type, remainsAfterExit }: StartKind,
  { result, code }: Pick<EndOfStart, 'result' | 'code'>,
): boolean {
  if (reportingTypes.has(type) || (type === 'oneshot' && remainsAfterExit)) return true;
  // The time limit of a start, or another command that failed.
  return promptTypes.has(type) && (result === 'timeout' || (result === 'exit-code' && code !== 'exited'));
}

const reportingTypes: ReadonlySet<string> = new Set(['forking', 'notify', 'notify-reload', 'dbus']);
const promptTypes: ReadonlySet<string> = new Set(['simple', 'exec', 'idle']);
