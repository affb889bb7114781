import { type FallName, processFalls } from '../../restart/survival.ts';
import type { IgnoredLine } from '../../systemd/assignments.ts';
import { type RestartPolicy, restartPolicies } from '../../systemd/service-settings.ts';
import type { LoadedService } from '../checked-unit.ts';
import {
  alwaysRestart,
  type BesideAlways,
  besideAlways,
  fallsLeftDown,
  ignoredRestart,
  withSettings,
} from '../restarts.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';

export interface RestartValueInvalid {
  /** The value as it is written; may be empty. */
  readonly value: string;
  /** The value of Restart= in effect. */
  readonly policy: string;
  /** Whether no line sets that value. */
  readonly isDefault: boolean;
  /** The common falls of the service after which it stays down. */
  readonly falls: readonly FallName[];
  /** The value that was probably meant. */
  readonly meant: string | null;
  /** The falls after which the service would stay down with the value that was probably meant. */
  readonly meantFalls: readonly FallName[];
  /** The value to write. */
  readonly write: string | null;
  /** The changes that are needed beside it. */
  readonly beside: BesideAlways;
}

/** A value of Restart= that systemd does not know: systemd ignores the line, and another value is in effect. */
export const restartValueInvalid: ServiceRule<'restart-value-invalid', RestartValueInvalid> = {
  id: 'restart-value-invalid',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, context): Iterable<Fault<RestartValueInvalid>> {
    const ignored = ignoredRestart(service);
    if (ignored === undefined) return;
    const { value: policy, source } = service.settings.Restart;
    // The normal end of a job is no fall.
    const falls = fallsLeftDown(service.falls).filter(fall => service.isMeantToStay || fall !== 'exit0');
    const meant = meantPolicy(ignored, service);
    // One that may be meant to end gets no more than its line asks for.
    const isToStay = service.isMeantToStay && !service.entry.hasEndedWell;
    const write = falls.length === 0 ? null : isToStay ? 'always' : meant;
    const beside = write === 'always' ? besideAlways(service, context) : 'nothing';
    yield {
      source: ignored.source,
      severity: falls.length === 0 ? 'info' : service.isMeantToStay ? 'critical' : 'warning',
      details: {
        value: ignored.value,
        policy,
        isDefault: source === null,
        falls,
        meant,
        meantFalls:
          service.isMeantToStay && meant !== null
            ? fallsLeftDown(
                processFalls(withSettings(service.facts, { Restart: meant }), context.inventory.machine),
              )
            : [],
        write,
        beside,
      },
      changes: changesFor(service, write, beside),
    };
  },
};

/** The nearest value that systemd knows. systemd refuses a oneshot with the values that restart it after success. */
function meantPolicy({ problem }: IgnoredLine, { settings }: LoadedService): RestartPolicy | null {
  const reason = problem.code === 'bad-value' ? problem.reason : undefined;
  const suggestion = reason?.code === 'unknown-value' ? reason.suggestion : undefined;
  const meant = restartPolicies.find(policy => policy === suggestion) ?? null;
  const isOneshot = settings.Type.value === 'oneshot';
  return isOneshot && (meant === 'always' || meant === 'on-success') ? 'on-failure' : meant;
}

function changesFor(service: LoadedService, write: string | null, beside: BesideAlways): readonly Change[] {
  if (write === null) return [];
  if (write === 'always') return alwaysRestart(service, beside);
  return [{ kind: 'set', unit: service.name, section: 'Service', key: 'Restart', values: [write] }];
}
