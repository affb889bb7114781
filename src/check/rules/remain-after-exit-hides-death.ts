import type { FallName } from '../../restart/survival.ts';
import { alwaysRestart, type BesideAlways, besideAlways, fallsLeftDown } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RemainAfterExitHidesDeath {
  /** The common falls of the service after which systemd calls it active although its process is gone. */
  readonly falls: readonly FallName[];
  /** Whether the process may be meant to end: another command reverses what it did, or it has ended well. */
  readonly mayBeMeant: boolean;
  /** The value of Restart=: a oneshot cannot have every one, and needs none. */
  readonly policy: string;
  /** Whether Restart=always still has to be set. */
  readonly needsAlways: boolean;
  /** The changes that are needed beside Restart=always. */
  readonly beside: BesideAlways;
}

/** A service that systemd still calls active after its process has ended. */
export const remainAfterExitHidesDeath: ServiceRule<
  'remain-after-exit-hides-death',
  RemainAfterExitHidesDeath
> = {
  id: 'remain-after-exit-hides-death',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, context): Iterable<Fault<RemainAfterExitHidesDeath>> {
    if (!service.isMeantToStay) return;
    const { settings, falls, name: unit } = service;
    const hidden = fallsLeftDown(falls).filter(fall =>
      falls[fall].because.some(({ code }) => code === 'stays-exited'),
    );
    if (hidden.length === 0) return;
    // A forking command leaves a process that should stay: as a oneshot its death would be hidden all the same.
    const isTakenBack = settings.ExecStop.value.length > 0 && settings.Type.value !== 'forking';
    const mayBeMeant = isTakenBack || service.entry.hasEndedWell;
    const needsAlways = settings.Restart.value !== 'always';
    const beside = besideAlways(service, context);
    const off = { kind: 'set', unit, section: 'Service', key: 'RemainAfterExit', values: ['no'] } as const;
    yield {
      source: settings.RemainAfterExit.source,
      severity: mayBeMeant ? 'warning' : 'critical',
      details: { falls: hidden, mayBeMeant, policy: settings.Restart.value, needsAlways, beside },
      changes: mayBeMeant ? [] : [off, ...(needsAlways ? alwaysRestart(service, beside) : [])],
    };
  },
};
