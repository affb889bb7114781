import { parseTimeSpan } from '../../systemd/values/time-span.ts';
import type { LoadedService } from '../checked-unit.ts';
import {
  givesUp,
  meetsStartLimit,
  misplacedStartLimit,
  neverGiveUp,
  restartingAlways,
  withSettings,
  wouldSpin,
} from '../restarts.ts';
import type { Change, CheckContext, Fault, ServiceRule } from '../rule.ts';
import type { Severity } from '../severity.ts';

export interface StartLimitMisplaced {
  /** The value as it is written. */
  readonly value: string;
  /** The limit in effect in its place: this many starts ... */
  readonly starts: number;
  /** ... within this time, in seconds; null when the interval has no end. */
  readonly intervalSeconds: number | null;
  /** Whether that limit ends the restarts of a program which cannot start. */
  readonly givesUp: 'yes' | 'no' | 'undetermined';
  /** The value to write in [Unit]. */
  readonly write: string;
  /** Whether restarts would be too fast without a limit. */
  readonly wouldSpin: boolean;
}

/** StartLimitIntervalSec= in [Service], where systemd ignores it. */
export const startLimitMisplaced: ServiceRule<'start-limit-misplaced', StartLimitMisplaced> = {
  id: 'start-limit-misplaced',
  severity: 'info',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, context): Iterable<Fault<StartLimitMisplaced>> {
    const misplaced = misplacedStartLimit(service);
    if (misplaced === undefined) return;
    const { StartLimitIntervalSec, StartLimitBurst } = service.settings;
    const ends = effectOf(service);
    const write = valueToWrite(service, misplaced.value, context);
    const intervalSeconds = StartLimitIntervalSec.value / 1_000_000;
    yield {
      source: misplaced.source,
      severity: service.isMeantToStay ? severities[ends] : 'info',
      details: {
        value: misplaced.value,
        starts: StartLimitBurst.value,
        intervalSeconds: Number.isFinite(intervalSeconds) ? intervalSeconds : null,
        givesUp: ends,
        write,
        wouldSpin: service.isMeantToStay && wouldSpin(service.settings),
      },
      changes: changesFor(service, write),
    };
  },
};

/** What the limit in effect does to a program which cannot start. */
function effectOf(service: LoadedService): StartLimitMisplaced['givesUp'] {
  if (!meetsStartLimit(service)) return 'no';
  return service.falls.crashLoop.undetermined ? 'undetermined' : 'yes';
}

const severities = { yes: 'critical', undetermined: 'warning', no: 'info' } as const satisfies Record<
  StartLimitMisplaced['givesUp'],
  Severity
>;

/**
 * The written value, or another one when systemd would stop restarting a service that should stay up with the written
 * value as well.
 */
function valueToWrite(service: LoadedService, value: string, context: CheckContext): string {
  if (!service.isMeantToStay) return value;
  const StartLimitIntervalSec = parseTimeSpan(value);
  if (StartLimitIntervalSec === undefined) return '0';
  const moved = withSettings(restartingAlways(service.facts), { StartLimitIntervalSec });
  return givesUp(moved, context) ? '0' : value;
}

/** The changes, with a wait between restarts for a service that should stay up. */
function changesFor(service: LoadedService, write: string): readonly Change[] {
  if (parseTimeSpan(write) === undefined) return [];
  if (service.isMeantToStay) return neverGiveUp(service, write);
  const unit = service.name;
  return [{ kind: 'set', unit, section: 'Unit', key: 'StartLimitIntervalSec', values: [write] }];
}
