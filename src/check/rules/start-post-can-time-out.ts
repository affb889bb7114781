import { predictOutcome } from '../../restart/outcome.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { boundedSeconds, mendedStartPost, startPostsOf } from '../start-post.ts';
import type { Wait } from '../waits.ts';

export interface StartPostCanTimeOut {
  /** What the hook runs. */
  readonly program: string;
  /** At most, as far as is known; null where nothing ends it. */
  readonly seconds: number | null;
  /** TimeoutStartSec=, as it is in effect. */
  readonly limitSeconds: number;
  /** The longest waits first; `seconds` null where nothing ends one. */
  readonly waits: readonly (Pick<Wait, 'kind' | 'program' | 'script'> & {
    readonly seconds: number | null;
  })[];
  /** What to give timeout(1). */
  readonly boundedSeconds: number;
  /** Has a `-`, which is no help here. */
  readonly ignoresFailure: boolean;
}

/** A hook behind the start that may take longer than the start: then the main process is ended, `-` or not. */
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
