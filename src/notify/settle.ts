/** Takes the signs of a service and puts the resulting messages into the outbox, in one transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { Purpose } from '../inventory/purpose.ts';
import { inTransaction } from '../store/database.ts';
import type { Incidents } from '../store/incidents.ts';
import { LifeRecord } from '../store/life.ts';
import { mutesAt } from '../store/mutes.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import type { NoticeOutbox } from './deliver.ts';
import {
  certainMs,
  type Effect,
  type Incident,
  nextLookMs,
  reduceIncident,
  type Taking,
  type TellingPolicy,
} from './incident.ts';
import type { Life } from './life.ts';
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

/** What has to be read before signs are settled, since it takes time. */
export interface Ahead {
  /** The last sign that was looked at. */
  readonly upTo: number;
  /** The runs that messages will be about. */
  readonly runs: readonly string[];
}

/** Looks at the signs of a unit, and takes none. Undefined when there are none. */
export function lookAhead(unit: string, purpose: Purpose, desk: Desk, nowMs: number): Ahead | undefined {
  const signs = desk.incidents.waitingSigns(unit);
  const taking = takingOf(signs, desk, nowMs);
  const runs = new Set<string>();
  let incident = desk.incidents.ongoing(unit);
  for (const { sign } of signs) {
    const transition = reduceIncident(incident, sign, unit, policyAt(unit, sign.atMs, purpose, desk, taking));
    for (const effect of transition.effects) {
      if (effect.kind === 'tell' && effect.run !== null) runs.add(effect.run);
    }
    incident = transition.closedMs === undefined ? transition.incident : undefined;
  }
  const upTo = signs.at(-1)?.id;
  return upTo === undefined ? undefined : { upTo, runs: [...runs].slice(-mostRuns) };
}

/** Of more runs at once nobody reads the lines: most of the messages are replaced by the next. */
const mostRuns = 4;

function policyAt(
  unit: string,
  atMs: number,
  purpose: Purpose,
  { policy, database }: Desk,
  taking: Taking,
): TellingPolicy {
  return { ...policy, purpose, mutedUntilMs: mutedUntil(unit, atMs, database), taking };
}

function takingOf(signs: readonly { readonly sign: Sign }[], { outbox }: Desk, nowMs: number): Taking {
  const isLate = (sign: Sign) => nowMs - (('seenMs' in sign ? sign.seenMs : null) ?? sign.atMs) > certainMs;
  return {
    atMs: nowMs,
    isBehind: signs.some(({ sign }) => isLate(sign)),
    isUntried: key => outbox.isUntried(key),
  };
}

/**
 * Processes the signs of a unit.
 *
 * @param logs the ends of the logs of its runs by invocation id, without secrets; empty when they are not wanted
 * @param nowMs when they are taken
 * @param upTo the last sign to process; without it all
 * @returns the open incident, if there is one
 */
export function settle(
  unit: string,
  purpose: Purpose,
  desk: Desk,
  logs: ReadonlyMap<string, readonly string[]>,
  nowMs: number,
  upTo?: number,
): Incident | undefined {
  const { database, incidents } = desk;
  return inTransaction(database, () => {
    const signs = incidents.waitingSigns(unit).filter(({ id }) => upTo === undefined || id <= upTo);
    const taking = takingOf(signs, desk, nowMs);
    const reduce = (incident: Incident | undefined, sign: Sign) => {
      if (sign.kind === 'ended' && sign.job === 'shutdown') noteShutdown(desk, sign.atMs);
      const transition = reduceIncident(
        incident,
        sign,
        unit,
        policyAt(unit, sign.atMs, purpose, desk, taking),
      );
      for (const effect of transition.effects) carry(effect, unit, sign.atMs, logs, desk);
      return transition.incident && { incident: transition.incident, closedMs: transition.closedMs };
    };
    incidents.take(unit, reduce, upTo);
    return incidents.ongoing(unit);
  });
}

/** When something can change for a unit, in ms since 1970: at once where signs wait, or an incident is not certain. */
export function nextSettlingMs(unit: string, { incidents, policy }: Desk): number {
  const incident = incidents.hasSigns(unit) ? undefined : incidents.ongoing(unit);
  return incident === undefined ? 0 : nextLookMs(incident, policy.remindSeconds);
}

/** Until when nothing is told of a unit; null where it may be. */
export function mutedUntil(unit: string, atMs: number, database: DatabaseSync): number | null {
  const until = mutesAt(database, atMs)
    .filter(mute => mute.unit === undefined || mute.unit === unit)
    .map(({ untilMs }) => untilMs);
  return until.length === 0 ? null : Math.max(...until);
}

function carry(
  effect: Effect,
  unit: string,
  nowMs: number,
  logs: ReadonlyMap<string, readonly string[]>,
  desk: Desk,
): void {
  const { outbox, host, scope, channels } = desk;
  if (effect.kind === 'withdraw') return outbox.withdraw(effect.key, nowMs);
  const { key, event, atMs, run } = effect;
  const log = (run === null ? undefined : logs.get(run)) ?? [];
  const dueMs = Math.round(effect.dueMs);
  const content = { atMs, host, unit, scope, ...event, ...(log.length > 0 && { log }) };
  outbox.put({ key, content, dueMs, expiresMs: dueMs + usefulMs }, channels);
}

/** The next boot is to know that services ended with their manager. */
function noteShutdown({ database }: Desk, atMs: number): void {
  const record = new LifeRecord<Life>(database);
  const life = record.read();
  // A sign of the boot before says nothing of this one.
  if (life !== undefined && atMs >= life.seenMs) record.write({ ...life, shutdownMs: atMs });
}

/** How long a message is useful: a weekend without a network. Older news of a service is only counted. */
export const usefulMs = 3 * 24 * 3_600_000;
