import { predictOutcome } from '../../restart/outcome.ts';
import { predictTimeline } from '../../restart/timeline.ts';
import { dependenciesOf } from '../../systemd/unit.ts';
import { isOwnHandler } from '../../systemd/own-units.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface OnFailureFiresLate {
  /** The units that are to be started when the service has failed. */
  readonly others: readonly string[];
  /**
   * `at-every-failure`: systemd 254 and newer; `at-the-end`: only when systemd stops restarting the service; `never`:
   * systemd restarts it without end.
   */
  readonly fires: 'at-every-failure' | 'at-the-end' | 'never';
  /** How often systemd starts the service until it stops restarting it; null when it never stops. */
  readonly starts: number | null;
}

/**
 * `OnFailure=` of a service that systemd restarts after a failure.
 * Source: systemd.unit(5) OnFailure=, systemd.service(5) RestartMode=; ran on 247, 252, 257 and 262.
 */
export const onFailureFiresLate: ServiceRule<'on-failure-fires-late', OnFailureFiresLate> = {
  id: 'on-failure-fires-late',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  *check({ unit, facts, settings }, { inventory }): Iterable<Fault<OnFailureFiresLate>> {
    const [first, ...more] = dependenciesOf(unit, 'OnFailure').filter(each => !isOwnHandler(each.unit));
    const { machine } = inventory;
    if (first === undefined || !predictOutcome(facts, crash, machine).restarts) return;
    const passesThroughFailed = machine.version >= 254 && settings.RestartMode.value !== 'direct';
    const { givesUp, starts } = predictTimeline(facts, crash, 0, machine);
    const fires = passesThroughFailed ? 'at-every-failure' : givesUp === 'no' ? 'never' : 'at-the-end';
    // Whoever sets RestartMode=direct wants just that.
    if (fires === 'at-the-end' && settings.RestartMode.value === 'direct') return;
    yield {
      source: first.source,
      details: {
        others: [...new Set([first, ...more].map(({ unit: other }) => other))],
        fires,
        starts: givesUp === 'no' ? null : starts,
      },
      // Only the user knows when they want to be told.
      changes: [],
    };
  },
};

const crash = { kind: 'exit', status: 1 } as const;
