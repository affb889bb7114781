/** Takes the signs of a service and puts the resulting messages into the outbox, in one transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { Purpose } from '../inventory/purpose.ts';
import { inTransaction } from '../store/database.ts';
import type { Incidents } from '../store/incidents.ts';
import { mutesAt } from '../store/mutes.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import type { NoticeOutbox } from './deliver.ts';
import { type Effect, type Incident, reduceIncident, type TellingPolicy } from './incident.ts';
import type { Sign } from './sign.ts';

export interface Desk {
  readonly database: DatabaseSync;
  readonly incidents: Incidents<Sign, Incident>;
  readonly outbox: NoticeOutbox;
  /** The channels that receive the messages. */
  readonly channels: readonly string[];
  readonly policy: Omit<TellingPolicy, 'purpose' | 'mutedUntilMs'>;
  readonly host: string;
  readonly scope: ManagerScope;
}

/**
 * Processes all signs of a unit.
 *
 * @param log the end of the unit's log, without secrets; empty when it is not wanted
 * @returns the open incident, if there is one
 */
export function settle(
  unit: string,
  purpose: Purpose,
  desk: Desk,
  log: readonly string[],
): Incident | undefined {
  const { database, incidents } = desk;
  return inTransaction(database, () => {
    incidents.take(unit, (incident, sign) => {
      const policy = { ...desk.policy, purpose, mutedUntilMs: mutedUntil(unit, sign.atMs, database) };
      const transition = reduceIncident(incident, sign, unit, policy);
      for (const effect of transition.effects) carry(effect, unit, sign.atMs, log, desk);
      return transition.incident && { incident: transition.incident, closedMs: transition.closedMs };
    });
    return incidents.ongoing(unit);
  });
}

function mutedUntil(unit: string, atMs: number, database: DatabaseSync): number | null {
  const until = mutesAt(database, atMs)
    .filter(mute => mute.unit === undefined || mute.unit === unit)
    .map(({ untilMs }) => untilMs);
  return until.length === 0 ? null : Math.max(...until);
}

function carry(effect: Effect, unit: string, nowMs: number, log: readonly string[], desk: Desk): void {
  const { outbox, host, scope, channels } = desk;
  if (effect.kind === 'withdraw') return outbox.withdraw(effect.key, nowMs);
  const { key, event, atMs } = effect;
  const dueMs = Math.round(effect.dueMs);
  const content = { atMs, host, unit, scope, ...event, ...(log.length > 0 && { log }) };
  outbox.put({ key, content, dueMs, expiresMs: dueMs + usefulMs }, channels);
}

/** How long a message is useful: a weekend without a network. Older news of a service is only counted. */
export const usefulMs = 3 * 24 * 3_600_000;
