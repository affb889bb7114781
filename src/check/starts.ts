/** Which services a fix may start when the user asks for it, and which starts are known to fail. */
import type { Downfall } from '../inventory/downfall.ts';
import type { ServiceEntry } from '../inventory/inventory.ts';
import type { LoadedService } from './checked-unit.ts';
import type { Change } from './rule.ts';

/**
 * The start of a service that is down.
 *
 * @param enabling `stands`: it is enabled already; `planned`: changes of the same finding enable it. What is not enabled nobody asks for,
 * unless it is enabled at the same time.
 */
export function startsOf(
  { entry: { downfall }, name }: Pick<LoadedService, 'entry' | 'name'>,
  enabling: 'stands' | 'planned',
): readonly Change[] {
  if (downfall === undefined || downfall.isEnabled !== (enabling === 'stands')) return [];
  // A start that is known to fail would only begin a loop.
  const { how, cannotStart, failedTrigger } = downfall;
  const isStarted = startedAfter.has(how) && cannotStart === null && failedTrigger === null;
  return isStarted ? [{ kind: 'start', unit: name }] : [];
}

/** Whether a start of a service as its files are now is known to fail. */
export function isStartInVain({ factsNow }: ServiceEntry): boolean {
  return factsNow?.startObstacle?.doubt === null;
}

/**
 * What may have been stopped, may be meant to end, or never ran, is not started without a person: only what helps is named. A start
 * does nothing for what systemd calls active.
 */
const startedAfter: ReadonlySet<Downfall['how']> = new Set([
  'fell',
  'gave-up',
  'stopped-with',
  'start-failed',
  'start-timed-out',
  'waiting',
]);
