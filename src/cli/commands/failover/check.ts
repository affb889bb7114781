/** `daruma failover check`: whether the way to the other machines is open, before it is needed. */
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { FailoverOptions } from '../failover.ts';

/** @returns the exit code */
export async function check(_: FailoverOptions, __: Context): Promise<number> {
  throw new Failure(3, 'not-built', 'not built yet');
}
