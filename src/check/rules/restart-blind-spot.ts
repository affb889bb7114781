import type { FallName } from '../../restart/survival.ts';
import type { Reason } from '../../restart/reason.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartBlindSpot {
  /** The common falls of its own after which it stays down, and why. */
  readonly falls: readonly { readonly fall: FallName; readonly because: readonly Reason[] }[];
  /** Restart=, as it is in effect. */
  readonly policy: string;
}

/** A common end of the main process after which nothing starts it again. */
export const restartBlindSpot: ServiceRule<'restart-blind-spot', RestartBlindSpot> = {
  id: 'restart-blind-spot',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service): Iterable<Fault<RestartBlindSpot>> {
    if (!service.isMeantToStay) return;
    const { falls, settings } = service;
    const left = ownFalls.filter(fall => falls[fall].possible && falls[fall].getsUp === false);
    if (left.length === 0) return;
    const { value: policy, source } = settings.Restart;
    yield {
      source: source ?? settings.ExecStart.source,
      details: { policy, falls: left.map(fall => ({ fall, because: falls[fall].because })) },
      changes: [{ kind: 'set', unit: service.name, section: 'Service', key: 'Restart', values: ['always'] }],
    };
  },
};

/** What happens to the process itself; the others have rules of their own. */
const ownFalls = ['exit0', 'exit1', 'sigterm', 'sigkill', 'oom'] as const satisfies readonly FallName[];
