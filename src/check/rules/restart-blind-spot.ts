import { type FallName, type SurvivalRow, survivalRow } from '../../restart/survival.ts';
import type { Reason } from '../../restart/reason.ts';
import { emptyExitStatusSet } from '../../systemd/values/exit-status.ts';
import type { LoadedService } from '../checked-unit.ts';
import {
  alwaysRestart,
  type BesideAlways,
  besideAlways,
  fallsLeftDown,
  ignoredRestart,
  withSettings,
} from '../restarts.ts';
import type { CheckContext, Fault, ServiceRule } from '../rule.ts';

export interface RestartBlindSpot {
  /** The common falls of its own after which it stays down, and why. */
  readonly falls: readonly { readonly fall: FallName; readonly because: readonly Reason[] }[];
  /** Restart=, as it is in effect. */
  readonly policy: string;
  /** Nobody wrote it. */
  readonly isDefault: boolean;
  /** What it needs beside Restart=always. */
  readonly beside: BesideAlways;
}

/** A common end of the main process after which nothing starts it again. */
export const restartBlindSpot: ServiceRule<'restart-blind-spot', RestartBlindSpot> = {
  id: 'restart-blind-spot',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service, context): Iterable<Fault<RestartBlindSpot>> {
    // `restart-value-invalid` speaks of a policy that nobody meant.
    if (!service.isMeantToStay || ignoredRestart(service) !== undefined) return;
    const { settings } = service;
    const falls = fallsByPolicyAlone(service, context);
    const left = fallsLeftDown(falls)
      .map(fall => ({ fall, because: falls[fall].because }))
      .filter(({ because }) => because.some(({ code }) => code === 'policy-does-not-restart'));
    if (left.length === 0) return;
    const { value: policy, source } = settings.Restart;
    const beside = besideAlways(service, context);
    yield {
      source: source ?? settings.ExecStart.source,
      details: {
        policy,
        isDefault: source === null,
        falls: left,
        beside,
      },
      changes: alwaysRestart(service, beside),
    };
  },
};

/** Without RestartPreventExitStatus=, which has a rule of its own. */
function fallsByPolicyAlone({ facts, falls }: LoadedService, { inventory }: CheckContext): SurvivalRow {
  const { statuses, signals } = facts.settings.RestartPreventExitStatus.value;
  if (statuses.size + signals.size === 0) return falls;
  return survivalRow(
    withSettings(facts, { RestartPreventExitStatus: emptyExitStatusSet }),
    inventory.machine,
  );
}
