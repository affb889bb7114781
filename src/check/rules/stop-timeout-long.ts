import type { LoadedService } from '../checked-unit.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';

export interface StopTimeoutLong {
  /** The value of TimeoutStopSec= in effect, in seconds; null for infinity. */
  readonly seconds: number | null;
  /** A shorter value that is known to be long enough for the program. */
  readonly recommended: string | null;
}

/** A stop that may take very long: if a process does not end on SIGTERM, every restart is an outage of that length. */
export const stopTimeoutLong: ServiceRule<'stop-timeout-long', StopTimeoutLong> = {
  id: 'stop-timeout-long',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check(service): Iterable<Fault<StopTimeoutLong>> {
    const { settings, known } = service;
    const { value: usec, source } = settings.TimeoutStopSec;
    const seconds = usec / 1_000_000;
    // A value that allows for the slowest known stop of the program, with some reserve, is right.
    const slowest = known?.service.pitfalls.slowStopSeconds ?? 0;
    if (!service.isMeantToStay || seconds <= Math.max(longest, slowest * 1.25)) return;
    const recommended = recommendedFor(service);
    yield {
      source: source ?? settings.ExecStart.source,
      details: { seconds: Number.isFinite(seconds) ? seconds : null, recommended },
      changes: recommended === null ? [] : [shorter(service.name, recommended)],
    };
  },
};

/** Limit in seconds: somewhat more than systemd's default of 90. */
const longest = 120;

/** The value to write for a program that daruma knows: that of its recommended unit, else systemd's default. */
function recommendedFor({ known }: LoadedService): string | null {
  const unit = known?.service.recommended;
  if (unit === undefined) return null;
  const value = unit.service['TimeoutStopSec'];
  return typeof value === 'string' ? value : '90';
}

function shorter(unit: string, value: string): Change {
  return { kind: 'set', unit, section: 'Service', key: 'TimeoutStopSec', values: [value] };
}
