/** `daruma failover status`: who answers now, who would next, and what is missing. */
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { FailoverOptions } from '../failover.ts';

/** @returns the exit code */
export async function status(_: FailoverOptions, __: Context): Promise<number> {
  throw new Failure(3, 'not-built', 'not built yet');
}
