import { type FallName, type ProcessFalls, processFalls } from '../../restart/survival.ts';
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
  /** The common falls of the service after which it stays down, with the reasons. */
  readonly falls: readonly { readonly fall: FallName; readonly because: readonly Reason[] }[];
  /** The value of Restart= in effect. */
  readonly policy: string;
  /** Whether no line sets Restart=. */
  readonly isDefault: boolean;
  /** Whether it may be meant to end: it ended by itself and well, and only a person knows. */
  readonly mayEnd: boolean;
  /** The changes that are needed beside Restart=always. */
  readonly beside: BesideAlways;
}

/** A common end of the main process after which nothing starts the service again. */
export const restartBlindSpot: ServiceRule<'restart-blind-spot', RestartBlindSpot> = {
  id: 'restart-blind-spot',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, context): Iterable<Fault<RestartBlindSpot>> {
    // A policy with an invalid value is reported by `restart-value-invalid`.
    if (!service.isMeantToStay || ignoredRestart(service) !== undefined) return;
    const { settings } = service;
    const falls = fallsWithout(service, ['RestartPreventExitStatus'], context);
    const down = fallsLeftDown(falls)
      .map(fall => ({ fall, because: falls[fall].because }))
      .filter(({ because }) => because.some(({ code }) => code === 'policy-does-not-restart'));
    if (down.length === 0) return;
    // Failures that only SuccessExitStatus= hides from the policy are reported by `success-status-hides-failure`.
    const unlisted = fallsWithout(service, ['RestartPreventExitStatus', 'SuccessExitStatus'], context);
    const left = down.filter(({ fall }) => unlisted[fall].getsUp === false);
    if (left.length === 0) return;
    const { value: policy, source } = settings.Restart;
    const beside = besideAlways(service, context);
    const mayEnd = service.entry.hasEndedWell;
    yield {
      source: source ?? settings.ExecStart.source,
      ...(mayEnd && { severity: 'warning' }),
      details: {
        policy,
        isDefault: source === null,
        falls: left,
        mayEnd,
        beside,
      },
      changes: mayEnd ? [] : alwaysRestart(service, beside),
    };
  },
};

/** What the policy does about each fall when these lists, which have rules of their own, are empty. */
function fallsWithout(
  { facts, falls }: LoadedService,
  lists: readonly ('RestartPreventExitStatus' | 'SuccessExitStatus')[],
  { inventory }: CheckContext,
): ProcessFalls {
  const filled = lists.filter(list => facts.settings[list].source !== null);
  if (filled.length === 0) return falls;
  const empty = Object.fromEntries(filled.map(list => [list, emptyExitStatusSet]));
  return processFalls(withSettings(facts, empty), inventory.machine);
}
