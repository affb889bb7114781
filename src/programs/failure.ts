/** Why a program failed. */
import { errorCode } from '../kernel/errno.ts';

export type ProgramFailure =
  | { readonly code: 'not-found'; readonly errno: string }
  | { readonly code: 'not-permitted'; readonly errno: string }
  /** The kernel refused to start it: too many processes, arguments too long. */
  | { readonly code: 'not-started'; readonly errno: string }
  | { readonly code: 'timed-out'; readonly limitMs: number }
  /** The caller cancelled it. */
  | { readonly code: 'interrupted' }
  | { readonly code: 'too-much-output'; readonly limitBytes: number }
  | { readonly code: 'killed'; readonly signal: NodeJS.Signals }
  /** @param said the last line that the program wrote to stderr */
  | { readonly code: 'exited'; readonly status: number; readonly said: string };

/** The failure in the short words of the system: the program's own message if it wrote one. */
export function failureText(program: string, failure: ProgramFailure): string {
  switch (failure.code) {
    case 'not-found':
      return `${program}: no such program (${failure.errno})`;
    case 'not-permitted':
      return `${program}: may not be run (${failure.errno})`;
    case 'not-started':
      return `${program}: could not be started (${failure.errno})`;
    case 'timed-out':
      return `${program}: not done after ${failure.limitMs / 1_000} s`;
    case 'interrupted':
      return `${program}: interrupted`;
    case 'too-much-output':
      return `${program}: wrote more than ${failure.limitBytes} bytes`;
    case 'killed':
      return `${program}: killed by ${failure.signal}`;
    case 'exited':
      return failure.said === '' ? `${program}: exit status ${failure.status}` : failure.said;
    default:
      return failure satisfies never;
  }
}

/** The failure of a program that could not be started; undefined for an error with another cause. */
export function startFailure(error: unknown): ProgramFailure | undefined {
  const errno = errorCode(error);
  if (errno === undefined) return undefined;
  if (errno === 'ENOENT' || errno === 'ENOTDIR') return { code: 'not-found', errno };
  if (errno === 'EACCES' || errno === 'EPERM') return { code: 'not-permitted', errno };
  return { code: 'not-started', errno };
}
