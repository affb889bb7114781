import { type Downfall, type Standing, standings, statusText } from '../../inventory/downfall.ts';
import type { FailedStarts } from '../../inventory/row-of-falls.ts';
import type { LoadedService } from '../checked-unit.ts';
import type { Severity } from '../severity.ts';
import type { Fault, ServiceRule } from '../rule.ts';
import { startsOf } from '../starts.ts';

export interface ServiceDown
  extends Omit<
    Downfall,
    | 'sinceSeconds'
    | 'lastFallSeconds'
    | 'startsAgainSeconds'
    | 'lastRestartSeconds'
    | 'phaseSinceSeconds'
    | 'earlierRestarts'
    | 'failedStarts'
  > {
  readonly standing: Standing;
  /**
   * When it went down, in UTC as in ISO 8601, to the second; null when it never ran. For `gave-up`, and for what systemd calls active: the
   * first fall of the row, or null where it is not known.
   */
  readonly since: string | null;
  /** For those: the last fall, likewise; null for all others, and where it is not known. */
  readonly lastFall: string | null;
  /** Of what systemd calls active: its last restart, likewise; null where there is none, and for all others. */
  readonly lastRestart: string | null;
  /** Since when it is in its `phase`, likewise; null where it has none, or it is not known. */
  readonly phaseSince: string | null;
  /** Restarts before its last falls, after which it had been up for long; null where there are none, or they are not known. */
  readonly earlierRestarts: { readonly count: number; readonly first: string; readonly last: string } | null;
  /**
   * Of a row whose last starts led to no program: how many these were, when the first of them failed, and the fall before them, which is
   * null where it is not known. Null where the last fall was no such start.
   */
  readonly failedStarts: {
    readonly count: number;
    readonly since: string;
    readonly before: EarlierFall | null;
  } | null;
  /** For `waiting`: when systemd starts it again, likewise; null for all others, and where it never does. */
  readonly startsAgain: string | null;
}

interface EarlierFall {
  readonly at: string;
  /** Whether that is the time of the restart after it. */
  readonly isOfRestart: boolean;
  readonly result: string | null;
  readonly code: string | null;
  readonly status: string | null;
}

/** A service that should run and does not, or not for long, though nobody stopped it. */
export const serviceDown: ServiceRule<'service-down', ServiceDown> = {
  id: 'service-down',
  severity: 'critical',
  needs: 'manager',
  judges: 'service',
  *check(service): Iterable<Fault<ServiceDown>> {
    const { downfall } = service.entry;
    // The rule `trigger-failed` tells of it.
    if (downfall?.how === 'trigger-failed') return;
    if (downfall === undefined || isPortOfOwnChoice(service, downfall)) return;
    const { isEnabled } = downfall;
    const severity = severityOf(downfall);
    yield {
      source: service.settings.ExecStart.source,
      severity: isEnabled || severity === 'info' ? severity : 'warning',
      details: downDetails(downfall),
      changes: startsOf(service, 'stands'),
    };
  },
};

/** The rule `port-silently-random` tells of it. */
function isPortOfOwnChoice({ known }: LoadedService, { port, listensOn }: Downfall): boolean {
  return port !== null && listensOn.length > 0 && known?.service.pitfalls.takesRandomPort === port;
}

/** A restart that is known to fail brings nothing back. */
function severityOf({ how, cannotStart }: Downfall): Severity {
  return how === 'restarting' && cannotStart !== null ? 'critical' : severities[how];
}

const severities: Readonly<Record<Downfall['how'], Severity>> = {
  fell: 'critical',
  'gave-up': 'critical',
  'stopped-with': 'critical',
  'start-failed': 'critical',
  'start-timed-out': 'critical',
  exited: 'critical',
  unloadable: 'critical',
  looping: 'critical',
  halted: 'critical',
  'not-listening': 'warning',
  ending: 'warning',
  ended: 'warning',
  refused: 'warning',
  'trigger-failed': 'critical',
  blocked: 'warning',
  waiting: 'warning',
  'still-starting': 'warning',
  'still-stopping': 'warning',
  restarting: 'info',
  restarted: 'info',
  starting: 'info',
  'not-listening-yet': 'info',
  'fell-lately': 'info',
  'ended-lately': 'info',
  'ends-again': 'info',
  unknown: 'info',
  skipped: 'info',
  queued: 'info',
  'never-started': 'info',
};

/** What is said of a service that is down. */
export function downDetails({
  sinceSeconds,
  lastFallSeconds,
  startsAgainSeconds,
  lastRestartSeconds,
  phaseSinceSeconds,
  earlierRestarts,
  failedStarts,
  ...downfall
}: Downfall): ServiceDown {
  return {
    ...downfall,
    standing: standings[downfall.how],
    since: isoSecond(sinceSeconds),
    lastFall: isoSecond(lastFallSeconds),
    startsAgain: isoSecond(startsAgainSeconds),
    lastRestart: isoSecond(lastRestartSeconds),
    phaseSince: isoSecond(phaseSinceSeconds),
    earlierRestarts: earlierRestarts && {
      count: earlierRestarts.count,
      first: iso(earlierRestarts.firstSeconds),
      last: iso(earlierRestarts.lastSeconds),
    },
    failedStarts: failedStarts && {
      count: failedStarts.count,
      since: iso(failedStarts.sinceSeconds),
      before: failedStarts.before && earlierFall(failedStarts.before),
    },
  };
}

function earlierFall({
  seconds,
  isOfRestart,
  result,
  ...main
}: NonNullable<FailedStarts['before']>): EarlierFall {
  // Which process failed where the main one did not, and whether that was there, this entry does not say.
  const isOfOther =
    main.code === null && (result === 'exit-code' || result === 'signal' || result === 'core-dump');
  const { code } = main;
  return { at: iso(seconds), isOfRestart, result: isOfOther ? null : result, code, status: statusText(main) };
}

/** A time in seconds since 1970 as in ISO 8601, to the second. */
export function isoSecond(seconds: number | null): string | null {
  return seconds === null ? null : iso(seconds);
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+/, '');
}
