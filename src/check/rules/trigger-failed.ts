import type { Trigger } from '../../restart/surroundings.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface TriggerFailed {
  /** The socket, path or timer that has failed. */
  readonly trigger: string;
  readonly kind: Trigger['kind'];
  /** Whether the service itself has failed, too. */
  readonly hasFailed: boolean;
}

/** What starts the service on demand has failed: from then on nothing starts it, and nobody who calls it is answered. */
export const triggerFailed: ServiceRule<'trigger-failed', TriggerFailed> = {
  id: 'trigger-failed',
  severity: 'critical',
  needs: 'manager',
  judges: 'service',
  *check({ entry, facts }): Iterable<Fault<TriggerFailed>> {
    for (const { name: trigger, kind, source, hasFailed } of facts.surroundings.triggers) {
      if (hasFailed !== true) continue;
      yield {
        source,
        details: { trigger, kind, hasFailed: entry.live?.activeState === 'failed' },
        changes: [],
      };
    }
  },
};
