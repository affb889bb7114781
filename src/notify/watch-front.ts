/** Keeps what the front has said of the places behind it, and puts what is to be told of that into the outbox. */
import type { DatabaseSync } from 'node:sqlite';
import type { FrontEvent } from '../services/front-log.ts';
import { inTransaction } from '../store/database.ts';
import { FrontRecord } from '../store/front.ts';
import type { Host } from '../systemd/host/host.ts';
import {
  afterEvent,
  afterLook,
  decideMoves,
  type MovePolicy,
  type Moves,
  nextMovesMs,
  noMoves,
  type StandIn,
  standInFor,
} from './moves.ts';
import type { Present } from './life.ts';
import { type Desk, mutedUntil, usefulMs } from './settle.ts';
import type { SpooledMoves } from './spool.ts';
import { presentOf } from './watch-life.ts';

/** What is kept. */
interface Kept {
  /** Of the boot and the manager that the front was started by; null before the first look. */
  readonly life: Pick<Present, 'boot' | 'manager'> | null;
  readonly moves: Moves;
  /** What was logged and not looked at yet. */
  readonly waiting: readonly FrontEvent[];
}

/** What a front says of its places, the local one first; undefined where it does not answer. */
export type AskPlaces = () => Promise<
  | {
      readonly forSeconds: number;
      readonly servers: readonly { readonly isUp: boolean; readonly forSeconds: number | undefined }[];
    }
  | undefined
>;

/** More were logged only where somebody else writes to the socket. */
const mostWaiting = 1_000;

/** Stores what the front has logged. */
export function noteMoves(signs: readonly SpooledMoves[], database: DatabaseSync): void {
  const record = new FrontRecord<Kept>(database);
  for (const { local, others, events, atMs } of signs) {
    const kept = record.read();
    const places = others.map((each, index) => otherOf(each, index));
    const moves = kept === undefined ? noMoves(local, places) : { ...kept.moves, local, others: places };
    // Nothing was logged after it was written down.
    const logged = events.map(event => ({ ...event, atMs: Math.min(event.atMs, atMs) }));
    const waiting = [...(kept?.waiting ?? []), ...logged].slice(-mostWaiting);
    record.write({ life: kept?.life ?? null, moves, waiting });
  }
}

/** A line has the server of the configuration and the name of the machine. */
function otherOf(line: string, index: number): Moves['others'][number] {
  const [server = '', ...name] = line.split(' ');
  return { server, name: name.join(' ') || `${index + 1}` };
}

/** Looks what has become of the front by now. */
export async function watchFront(desk: Desk, host: Pick<Host, 'scope'>, ask: AskPlaces): Promise<void> {
  const record = new FrontRecord<Kept>(desk.database);
  const first = record.read();
  if (first === undefined) return;
  const present = presentOf(host);
  if (present === undefined) return;
  const isDue = first.moves.lookMs !== null && first.moves.lookMs <= present.nowMs;
  const seen = isDue ? await ask() : undefined;
  inTransaction(desk.database, () => {
    const kept = record.read();
    if (kept === undefined) return;
    const { moves: before, pending } = begunAgain(kept, present);
    const startedMs = Math.max(present.bootMs, present.managerMs ?? 0);
    const since = kept.waiting.filter(({ atMs }) => atMs >= startedMs - inexactMs);
    const logged = since.reduce(afterEvent, before);
    const looked = isDue ? lookedAt(logged, seen, present.nowMs) : logged;
    const { moves, effects } = decideMoves(looked, policyOf(looked, startedMs, present.nowMs, desk));
    const lost = looked.spell === null ? [...pending, ...pendingOf(before)] : pending;
    for (const key of lost) desk.outbox.withdraw(key, present.nowMs);
    for (const effect of effects) carry(effect, moves.local, present.nowMs, desk);
    record.write({
      life: { boot: present.boot, manager: present.manager ?? kept.life?.manager ?? null },
      moves,
      waiting: [],
    });
  });
}

/** By how much the times of a process and of a log may differ. */
const inexactMs = 10;

/** A front that has only begun takes all places for up. */
function lookedAt(moves: Moves, seen: Awaited<ReturnType<AskPlaces>>, nowMs: number): Moves {
  const isTooSoon = seen !== undefined && seen.forSeconds < firstChecksSeconds;
  return isTooSoon
    ? { ...moves, lookMs: nowMs + 1_000 * firstChecksSeconds }
    : afterLook(moves, seen?.servers, nowMs);
}

const firstChecksSeconds = 5;

/** After a boot the front begins anew; what was about to be told of it is over. */
function begunAgain(
  { life, moves }: Kept,
  { boot, manager }: Present,
): { readonly moves: Moves; readonly pending: readonly string[] } {
  const isSame =
    life === null ||
    (life.boot === boot && (manager === null || life.manager === null || life.manager === manager));
  if (isSame) return { moves, pending: [] };
  return { moves: { ...moves, down: [], lookMs: null, spell: null }, pending: pendingOf(moves) };
}

function pendingOf({ spell }: Moves): readonly string[] {
  return spell === null || spell.pending === null ? [] : [spell.pending.key];
}

function policyOf(moves: Moves, startedMs: number, nowMs: number, desk: Desk): MovePolicy {
  return {
    nowMs,
    thresholdSeconds: desk.policy.thresholdSeconds,
    mutedUntilMs: mutedUntil(moves.local, nowMs, desk.database),
    startedMs,
    own: ownOf(moves, nowMs, desk),
  };
}

/** From the end of a service until the front has noticed. */
const noticedMs = 30_000;

/** Whether the service's own messages tell of its fall. */
function ownOf({ local, spell }: Moves, nowMs: number, { incidents }: Desk): MovePolicy['own'] {
  if (spell === null) return 'well';
  if (incidents.hasSigns(local)) return 'told';
  const incident = incidents.ongoing(local);
  if (incident?.state === 'stopped') return 'stopped';
  if (incident === undefined) return 'well';
  if (incident.state !== 'up') return 'told';
  // After a while of answers the fall is no longer why the front leads elsewhere.
  const fellMs = incident.lastFallMs ?? incident.downSinceMs ?? 0;
  const isSince = fellMs >= spell.sinceMs - noticedMs;
  return isSince && (spell.downMs === null || nowMs - incident.upSinceMs < noticedMs) ? 'told' : 'well';
}

function carry(
  effect: ReturnType<typeof decideMoves>['effects'][number],
  unit: string,
  nowMs: number,
  { outbox, host, scope, channels }: Desk,
): void {
  if (effect.kind === 'withdraw') return outbox.withdraw(effect.key, nowMs);
  const { key, event, atMs } = effect;
  const dueMs = Math.round(Math.max(effect.dueMs, nowMs));
  outbox.put(
    { key, content: { atMs, host, unit, scope, ...event }, dueMs, expiresMs: dueMs + usefulMs },
    channels,
  );
}

/** When there is something to do for the front next, in ms since 1970; undefined for never. */
export function nextFrontMs({ database, incidents }: Desk, nowMs: number): number | undefined {
  const kept = new FrontRecord<Kept>(database).read();
  if (kept === undefined) return undefined;
  if (kept.waiting.length > 0) return nowMs;
  const { local, spell } = kept.moves;
  const nextMs = nextMovesMs(kept.moves);
  const incident = incidents.ongoing(local);
  // The service answers by its own account, and the front does not find so.
  const isUntold =
    spell !== null && spell.downMs !== null && spell.lastKind === null && spell.pending === null;
  if (!isUntold || incident?.state !== 'up') return nextMs;
  return Math.min(nextMs ?? Infinity, incident.upSinceMs + noticedMs);
}

/** What the front adds to messages about the service before which it stands. */
export function standInsFor(
  about: readonly { readonly unit: string; readonly atMs: number }[],
  { database }: Pick<Desk, 'database'>,
): ReadonlyMap<string, StandIn> {
  const kept = new FrontRecord<Kept>(database).read();
  if (kept === undefined) return new Map();
  return new Map(
    about.flatMap(({ unit, atMs }) => {
      const standIn = standInFor(unit, atMs, kept.moves);
      return standIn === undefined ? [] : [[unit, standIn] as const];
    }),
  );
}
