/** `daruma failover apply`: makes the edits of this machine, and ships those of the others. */
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import type { FailoverOptions } from '../failover.ts';

/** @returns the exit code */
export async function apply(_: FailoverOptions, __: Context): Promise<number> {
  throw new Failure(3, 'not-built', 'not built yet');
}
