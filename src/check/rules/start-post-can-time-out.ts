import { predictOutcome } from '../../restart/outcome.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { boundedSeconds, mendedStartPost, startPostsOf } from '../start-post.ts';
import type { Wait } from '../waits.ts';

export interface StartPostCanTimeOut {
  /** The program that the hook runs. */
  readonly program: string;
  /** The longest time of the hook in seconds, as far as it is known; null when nothing ends it. */
  readonly seconds: number | null;
  /** The value of TimeoutStartSec= in effect, in seconds. */
  readonly limitSeconds: number;
  /** The longest waits first; `seconds` is null for a wait that nothing ends. */
  readonly waits: readonly (Pick<Wait, 'kind' | 'program' | 'script'> & {
    readonly seconds: number | null;
  })[];
  /** The time limit to give to timeout(1), in seconds. */
  readonly boundedSeconds: number;
  /** Whether the command has a `-`, which does not help here. */
  readonly ignoresFailure: boolean;
}

/**
 * A hook after the start that may take longer than the time limit of the start: systemd then ends the main process,
 * with or without `-`.
 */
export const startPostCanTimeOut: ServiceRule<'start-post-can-time-out', StartPostCanTimeOut> = {
  id: 'start-post-can-time-out',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, context): Iterable<Fault<StartPostCanTimeOut>> {
    if (!service.isMeantToStay) return;
    const posts = startPostsOf(service, context);
    const limitSeconds = service.settings.TimeoutStartSec.value / 1_000_000;
    const outcome = predictOutcome(service.facts, { kind: 'start-post-timeout' }, context.inventory.machine);
    const changes = mendedStartPost(service, posts, context);
    for (const { command, program, seconds, waits, canTimeOut } of posts) {
      if (!canTimeOut) continue;
      yield {
        source: command.source,
        ...(!outcome.restarts && { severity: 'critical' as const }),
        details: {
          program,
          seconds: finite(seconds),
          limitSeconds,
          boundedSeconds: boundedSeconds(limitSeconds),
          waits: waits.map(wait => ({ ...wait, seconds: finite(wait.seconds) })),
          ignoresFailure: command.ignoreFailure,
        },
        changes,
      };
    }
  },
};

function finite(seconds: number): number | null {
  return Number.isFinite(seconds) ? seconds : null;
}
