/** `daruma failover test`: real requests through each provider of the chain. */
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { FailoverOptions } from '../failover.ts';

/** @returns the exit code */
export async function test(_: FailoverOptions, __: Context): Promise<number> {
  throw new Failure(3, 'not-built', 'not built yet');
}
