/** Asks a machine's front, or what stands in its place, from the machine itself. */
import type { Host } from '../../../lab/host.ts';
import { keyOf, must, user } from '../machine.ts';
import type { LoadResult } from './load.ts';

interface Load {
  readonly port: number;
  /** Requests. */
  readonly count: number;
  readonly perSecond?: number;
  /** Pieces of a stream, one every 250 ms, that each asks for; without it the answers are whole. */
  readonly pieces?: number;
}

/** What came of it, when all have an answer or none. */
export async function askFor(
  host: Host,
  { port, count, perSecond = 20, pieces = 0 }: Load,
): Promise<LoadResult> {
  const script = '/opt/daruma/test/failover/front/load.ts';
  const argv = ['node', script, ...[port, count, perSecond, pieces].map(String), keyOf(host.name)];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a script of our own
  return JSON.parse(await must(host, argv, user)) as LoadResult;
}
