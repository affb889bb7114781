/** The reasons for which a service stays down after its own falls, and the settings that let it get up again. */
import { restartWaitUsec, usecPerSecond } from '../restart/delay.ts';
import type { OwnEnding } from '../restart/ending.ts';
import type { ServiceFacts } from '../restart/outcome.ts';
import type { FallName, ProcessFalls } from '../restart/survival.ts';
import { predictTimeline } from '../restart/timeline.ts';
import type { IgnoredLine } from '../systemd/assignments.ts';
import type { ServiceSettings, SourceLine } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';
import { emptyExitStatusSet, type ExitStatusSet } from '../systemd/values/exit-status.ts';
import { parseTimeSpan } from '../systemd/values/time-span.ts';
import type { LoadedService } from './checked-unit.ts';
import type { Change, CheckContext } from './rule.ts';

/** The falls of the process itself. Falls caused by the surroundings have other rules. */
export const ownFalls = [
  'exit0',
  'exit1',
  'sigterm',
  'sigkill',
  'oom',
] as const satisfies readonly FallName[];

/** The service's own falls after which it stays down. */
export function fallsLeftDown(falls: ProcessFalls): readonly (typeof ownFalls)[number][] {
  return ownFalls.filter(fall => falls[fall].possible && falls[fall].getsUp === false);
}

/** The same service with some settings replaced; the new settings have no line as their source. */
export function withSettings(
  facts: ServiceFacts,
  values: { readonly [K in keyof ServiceSettings]?: ServiceSettings[K]['value'] },
): ServiceFacts {
  const changed = Object.entries(values).map(([key, value]) => [key, { value, source: null }]);
  return { ...facts, settings: { ...facts.settings, ...Object.fromEntries(changed) } };
}

/** A list of ends without some of its entries. */
export function withoutEnds(
  { statuses, signals }: ExitStatusSet,
  ends: readonly { readonly ending: Extract<OwnEnding, { readonly kind: 'exit' | 'signal' }> }[],
): ExitStatusSet {
  const rest = { statuses: new Set(statuses), signals: new Set(signals) };
  for (const { ending } of ends) {
    if (ending.kind === 'exit') rest.statuses.delete(ending.status);
    else rest.signals.delete(ending.signal);
  }
  return rest;
}

/** The same service with everything removed that keeps it from being restarted, except for the start limit. */
export function restartingAlways(facts: ServiceFacts): ServiceFacts {
  const { RestartSec } = facts.settings;
  const isEndless = RestartSec.value === Number.POSITIVE_INFINITY;
  return withSettings(facts, {
    Restart: 'always',
    RestartPreventExitStatus: emptyExitStatusSet,
    RestartSec: isEndless ? calmRestartSeconds * usecPerSecond : RestartSec.value,
  });
}

/** Whether the start limit ends, or may end, a service that exits with 1 right after each start. */
export function givesUp(facts: ServiceFacts, { inventory }: CheckContext): boolean {
  return predictTimeline(facts, { kind: 'exit', status: 1 }, 0, inventory.machine).givesUp !== 'no';
}

/** Whether the start limit is the reason that the service stays down after a crash loop. */
export function meetsStartLimit({ falls }: LoadedService): boolean {
  return falls.crashLoop.because.some(
    ({ code }) => code === 'limit-reached' || code === 'limit-undetermined',
  );
}

/** The longest wait before a restart, in seconds, which is reached after several restarts. */
export function longestWaitSeconds(settings: ServiceSettings): number {
  const usec = restartWaitUsec(settings, settings.RestartSteps.value + 1);
  return (usec + settings.RestartRandomizedDelaySec.value) / usecPerSecond;
}

/**
 * The value that daruma writes for `RestartSec=`, in seconds: one start in five seconds costs little, and the outage
 * stays short.
 */
const calmRestartSeconds = 5;

/** Whether restarts of a program that cannot start would be too fast if there were no start limit. */
export function wouldSpin(settings: ServiceSettings): boolean {
  return longestWaitSeconds(settings) < calmRestartSeconds;
}

/**
 * The changes after which the start limit never ends the service, and a program that cannot start is not restarted too
 * fast either.
 */
export function neverGiveUp(service: LoadedService, intervalSec = '0'): readonly Change[] {
  const { settings, name: unit } = service;
  const set = { kind: 'set', unit } as const;
  return [
    { ...set, section: 'Unit', key: 'StartLimitIntervalSec', values: [intervalSec] },
    ...(wouldSpin(settings) ? [slowDown(service)] : []),
  ];
}

/** The change to a wait between restarts that costs the machine little. */
export function slowDown({ name: unit }: LoadedService): Change {
  return { kind: 'set', unit, section: 'Service', key: 'RestartSec', values: [String(calmRestartSeconds)] };
}

/** The changes that are needed beside `Restart=always` so that the start limit does not end the service. */
export type BesideAlways = 'nothing' | 'no-limit' | 'no-limit-and-delay';

/** The changes needed beside `Restart=always`; `nothing` when another rule reports the start limit already. */
export function besideAlways(service: LoadedService, context: CheckContext): BesideAlways {
  if (meetsStartLimit(service) || misplacedStartLimit(service) !== undefined) return 'nothing';
  if (!givesUp(restartingAlways(service.facts), context)) return 'nothing';
  return wouldSpin(service.settings) ? 'no-limit-and-delay' : 'no-limit';
}

/** The changes to `Restart=always` and to what is needed beside it. */
export function alwaysRestart(service: LoadedService, beside: BesideAlways): readonly Change[] {
  return [
    { kind: 'set', unit: service.name, section: 'Service', key: 'Restart', values: ['always'] },
    ...(beside === 'nothing' ? [] : neverGiveUp(service)),
  ];
}

/** The last `Restart=` line that systemd ignores, unless a later line counts in its place. */
export function ignoredRestart({ unit, settings }: LoadedService): IgnoredLine | undefined {
  const ignored = unit.ignored.findLast(({ section, key }) => section === 'Service' && key === 'Restart');
  const { source } = settings.Restart;
  if (ignored === undefined || source === null) return ignored;
  return isRead(unit, source, ignored.source) ? ignored : undefined;
}

/** Whether systemd reads one line before another. */
function isRead({ fragment, dropIns }: Unit, line: SourceLine, before: SourceLine): boolean {
  const files = [fragment, ...dropIns];
  const rank = ({ file }: SourceLine) => files.indexOf(file);
  return rank(line) < rank(before) || (line.file === before.file && line.line < before.line);
}

/**
 * The last start limit that stands where systemd does not read it, unless it stands in the right place as well. In
 * [Service] the older StartLimitInterval= and StartLimitBurst= still count; StartLimitIntervalSec= never did (ran on
 * 252; `load-fragment-gperf.gperf.in`).
 */
export function misplacedStartLimit({ unit, settings }: LoadedService): IgnoredLine | undefined {
  const misplaced = unit.ignored.findLast(
    ({ section, key }) => section === 'Service' && key === 'StartLimitIntervalSec',
  );
  const { value, source } = settings.StartLimitIntervalSec;
  if (misplaced === undefined || source === null) return misplaced;
  // Whoever sets another value in a later file has decided.
  const holds = value === parseTimeSpan(misplaced.value) || isRead(unit, misplaced.source, source);
  return holds ? undefined : misplaced;
}
