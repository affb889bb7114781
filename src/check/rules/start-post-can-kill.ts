import { type Outcome, predictOutcome } from '../../restart/outcome.ts';
import { predictTimeline } from '../../restart/timeline.ts';
import type { LoadedService } from '../checked-unit.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';
import { mendedStartPost, startPostsOf } from '../start-post.ts';

export interface StartPostCanKill {
  /** The program that the hook runs. */
  readonly program: string;
  /** What happens to the service after the hook has failed. */
  readonly afterwards: 'stays-down' | 'gives-up' | 'restarts';
  /** The value of Restart= in effect. */
  readonly policy: string;
}

/** A hook after the start whose failure ends the main process, although nothing is wrong with that process. */
export const startPostCanKill: ServiceRule<'start-post-can-kill', StartPostCanKill> = {
  id: 'start-post-can-kill',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, context): Iterable<Fault<StartPostCanKill>> {
    if (!service.isMeantToStay) return;
    const posts = startPostsOf(service, context);
    const afterwards = afterFailure(service, context);
    const changes = mendedStartPost(service, posts, context);
    for (const { command, program, canKill } of posts) {
      if (!canKill) continue;
      yield {
        source: command.source,
        ...(afterwards !== 'restarts' && { severity: 'critical' as const }),
        details: { program, afterwards, policy: service.settings.Restart.value },
        changes,
      };
    }
  },
};

function afterFailure({ facts }: LoadedService, { inventory }: CheckContext): StartPostCanKill['afterwards'] {
  const failure = { kind: 'start-post', status: 1 } as const;
  const outcome: Outcome = predictOutcome(facts, failure, inventory.machine);
  if (!outcome.restarts) return 'stays-down';
  // A hook that fails once fails at every start as long as the cause remains, for example without a network.
  const { givesUp } = predictTimeline(facts, failure, 0, inventory.machine);
  return givesUp === 'yes' ? 'gives-up' : 'restarts';
}
