/** `daruma failover plan`: the edits that make the machines stand in for each other. */
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { FailoverOptions } from '../failover.ts';

/** @returns the exit code */
export async function plan(_: FailoverOptions, __: Context): Promise<number> {
  throw new Failure(3, 'not-built', 'not built yet');
}
