/**
 * What the front says of the places behind it, and what is to be told of that. Pure: time comes with the events.
 *
 * All that it does until the local place has answered for a while is one spell, so that a place that comes and goes is told with its count.
 * The fall of a service is told by its own hooks: then the front adds a line to that message, and has none of its own.
 */
import { type FrontEvent, localServer } from '../services/front-log.ts';
import { certainMs, holdMs, patienceMs, pauseMs, stableMs } from './incident.ts';
import type { MoveEvent } from './notice.ts';

/** Kept as JSON in the store. */
export interface Moves {
  /** The service of the local place. */
  readonly local: string;
  /** The other machines, in the order in which they stand in. */
  readonly others: readonly Other[];
  /** The servers that do not answer. */
  readonly down: readonly string[];
  /** When the front is to be asked itself, since its log may have left something out; null for never. */
  readonly lookMs: number | null;
  readonly spell: Spell | null;
}

interface Other {
  readonly server: string;
  readonly name: string;
}

/** Since the local place has not answered first. */
interface Spell {
  readonly sinceMs: number;
  readonly times: number;
  /** While it does not answer; null while it does, since `backMs`. */
  readonly downMs: number | null;
  readonly backMs: number;
  /** Of what is over. */
  readonly awayMs: number;
  /** Who answered meanwhile, and since when first; the last one does. */
  readonly standIns: readonly { readonly name: string; readonly sinceMs: number }[];
  /** Since when nobody answers; null while somebody does. */
  readonly nobodyMs: number | null;
  /** For how long nobody did, of what is over. */
  readonly unansweredMs: number;
  /** When it was away first since the last message. */
  readonly untoldMs: number | null;
  /** Somebody stopped the service. */
  readonly isAsked: boolean;
  /** Grows with each message: the more there were, the later the next one comes. */
  readonly stage: number;
  readonly lastToldMs: number | null;
  readonly lastKind: MoveEvent['kind'] | null;
  /** Messages that it is away. */
  readonly said: readonly string[];
  /** Grows with each change: with it each message has a key of its own. */
  readonly number: number;
  readonly pending: { readonly key: string; readonly kind: MoveEvent['kind']; readonly dueMs: number } | null;
}

export interface MovePolicy {
  readonly nowMs: number;
  readonly thresholdSeconds: number;
  /** Nothing is told before; what is over by then is not told at all. */
  readonly mutedUntilMs: number | null;
  /** When the machine, or the manager, was started: then services take their time. */
  readonly startedMs: number;
  /** What becomes of the service itself: `told` has a message of its own, `stopped` was asked for. */
  readonly own: 'told' | 'stopped' | 'well';
}

export type MoveEffect =
  | {
      readonly kind: 'tell';
      readonly key: string;
      readonly event: MoveEvent;
      readonly atMs: number;
      readonly dueMs: number;
    }
  | { readonly kind: 'withdraw'; readonly key: string };

/** How long services may take after a boot. */
const bootMs = 3 * 60_000;
/** The front may not have told the end of it: it forgets what it knew when it is killed. */
const lookAgainMs = 10 * 60_000;
/** First checks take less. */
const firstLookMs = 10_000;

/** @param others their servers in the configuration of the front, with their names */
export function noMoves(local: string, others: readonly Other[]): Moves {
  return { local, others, down: [], lookMs: null, spell: null };
}

/** What the front has become by an event. */
export function afterEvent(moves: Moves, event: FrontEvent): Moves {
  if (event.kind === 'begun-anew') return { ...moves, lookMs: event.atMs + firstLookMs };
  const isKnown = event.server === localServer || moves.others.some(({ server }) => server === event.server);
  const isDown = event.kind === 'down';
  if (!isKnown || moves.down.includes(event.server) === isDown) return moves;
  const down = isDown ? [...moves.down, event.server] : moves.down.filter(each => each !== event.server);
  const next = { ...moves, down };
  const spell = spellOf(next, event.atMs);
  // Before it is told that nobody answers.
  const lookMs = isNobody(spell) ? event.atMs + firstLookMs : lookOf(next, event.atMs);
  // What is uncertain stays so until the front was asked.
  const isSoon = moves.lookMs !== null && moves.lookMs <= event.atMs + firstLookMs;
  return { ...next, spell, lookMs: isSoon ? moves.lookMs : lookMs };
}

/** What the front says itself of its places, in the order of the log; undefined where it does not answer, and nothing is known. */
export function afterLook(
  moves: Moves,
  seen: readonly { readonly isUp: boolean; readonly forSeconds: number | undefined }[] | undefined,
  nowMs: number,
): Moves {
  if (seen === undefined) return { ...moves, down: [], lookMs: null, spell: null };
  const servers = [localServer, ...moves.others.map(({ server }) => server)];
  const events = servers.flatMap((server, index): FrontEvent | readonly [] => {
    const place = seen[index];
    if (place === undefined) return [];
    return { kind: place.isUp ? 'up' : 'down', server, atMs: nowMs - (place.forSeconds ?? 0) * 1_000 };
  });
  const next = events.reduce(afterEvent, moves);
  return { ...next, lookMs: lookOf(next, nowMs) };
}

function isNobody(spell: Spell | null): boolean {
  return spell !== null && spell.nobodyMs !== null;
}

function lookOf({ down }: Moves, atMs: number): number | null {
  return down.includes(localServer) ? atMs + lookAgainMs : null;
}

function spellOf({ down, others, spell }: Moves, atMs: number): Spell | null {
  const isAway = down.includes(localServer);
  const standIn = others.find(({ server }) => !down.includes(server))?.name;
  if (!isAway) {
    if (spell === null || spell.downMs === null) return spell;
    const awayMs = spell.awayMs + Math.max(0, atMs - spell.downMs);
    const answered = { nobodyMs: null, unansweredMs: unansweredUntil(atMs, spell) };
    return { ...spell, ...answered, downMs: null, backMs: atMs, awayMs, number: spell.number + 1 };
  }
  const base = spell ?? begun(atMs);
  const isNew = base.downMs === null;
  // Whoever did not answer either was noticed a little later.
  const lasting = base.standIns.filter(
    ({ name, sinceMs }) =>
      atMs - sinceMs >= firstLookMs ||
      others.every(each => each.name !== name || !down.includes(each.server)),
  );
  const sinceMs = lasting.find(({ name }) => name === standIn)?.sinceMs ?? atMs;
  return {
    ...base,
    ...(isNew && { downMs: atMs, times: base.times + 1, untoldMs: base.untoldMs ?? atMs }),
    standIns:
      standIn === undefined
        ? lasting
        : [...lasting.filter(({ name }) => name !== standIn), { name: standIn, sinceMs }],
    ...(standIn === undefined
      ? { nobodyMs: base.nobodyMs ?? atMs }
      : { nobodyMs: null, unansweredMs: unansweredUntil(atMs, base) }),
    number: base.number + 1,
  };
}

function unansweredUntil(atMs: number, { nobodyMs, unansweredMs }: Spell): number {
  return nobodyMs === null ? unansweredMs : unansweredMs + Math.max(0, atMs - nobodyMs);
}

function begun(atMs: number): Spell {
  return {
    sinceMs: atMs,
    times: 0,
    downMs: null,
    backMs: atMs,
    awayMs: 0,
    standIns: [],
    nobodyMs: null,
    unansweredMs: 0,
    untoldMs: null,
    isAsked: false,
    stage: 0,
    lastToldMs: null,
    lastKind: null,
    said: [],
    number: 0,
    pending: null,
  };
}

/** What is to be told by now. */
export function decideMoves(
  moves: Moves,
  policy: MovePolicy,
): { readonly moves: Moves; readonly effects: readonly MoveEffect[] } {
  if (moves.spell === null) return { moves, effects: [] };
  const spell = toldBy(
    {
      ...moves.spell,
      isAsked: moves.spell.isAsked || (moves.spell.downMs !== null && policy.own === 'stopped'),
    },
    policy.nowMs,
  );
  const { pending } = spell;
  const word = wordOf(moves, spell, policy);
  if (word === undefined) {
    const isOver = spell.downMs === null && policy.nowMs - spell.backMs >= stableMs;
    const effects = pending === null ? [] : [withdraw(pending.key)];
    return { moves: { ...moves, spell: isOver ? null : { ...spell, pending: null } }, effects };
  }
  const { event, atMs, dueMs } = word;
  const key = `front/${spell.sinceMs}/${spell.number}/${event.kind}`;
  const placed = { ...spell, pending: { key, kind: event.kind, dueMs } };
  if (pending?.key === key) return { moves: { ...moves, spell: { ...placed, pending } }, effects: [] };
  const replaced = [
    ...(pending === null ? [] : [pending.key]),
    // Who has not heard yet that it is away need not.
    ...(event.kind === 'moved-back' ? spell.said : []),
  ];
  return {
    moves: { ...moves, spell: placed },
    effects: [...replaced.map(withdraw), { kind: 'tell', key, event, atMs, dueMs }],
  };
}

/** What is due by then counts as told: it is in the outbox. */
function toldBy(spell: Spell, nowMs: number): Spell {
  const { pending, stage, said } = spell;
  if (pending === null || pending.dueMs > nowMs) return spell;
  return {
    ...spell,
    stage: stage + 1,
    lastToldMs: pending.dueMs,
    lastKind: pending.kind,
    said: pending.kind === 'moved-back' ? [] : [...said, pending.key],
    untoldMs: null,
    pending: null,
  };
}

interface Word {
  readonly event: MoveEvent;
  readonly atMs: number;
  readonly dueMs: number;
}

function wordOf(moves: Moves, spell: Spell, policy: MovePolicy): Word | undefined {
  return spell.downMs === null
    ? wordOfReturn(spell, policy)
    : wordOfAbsence(moves, spell, spell.downMs, policy);
}

function wordOfAbsence(
  { down, others }: Moves,
  spell: Spell,
  sinceMs: number,
  policy: MovePolicy,
): Word | undefined {
  const { lastKind, nobodyMs, times, sinceMs: firstMs } = spell;
  const thresholdMs = policy.thresholdSeconds * 1_000;
  if (nobodyMs !== null) {
    if (lastKind === 'nobody-answers') return undefined;
    const atEarliestMs = Math.max(nobodyMs + Math.max(certainMs, thresholdMs), policy.startedMs + bootMs);
    return {
      event: { kind: 'nobody-answers', sinceMs: nobodyMs },
      atMs: nobodyMs,
      dueMs: Math.max(atEarliestMs, policy.mutedUntilMs ?? 0),
    };
  }
  const standIn = others.find(({ server }) => !down.includes(server))?.name;
  if (standIn === undefined || lastKind === 'moved' || policy.own === 'told') return undefined;
  // That somebody answers again is of use at once.
  const fromMs = lastKind === 'nobody-answers' ? sinceMs : sinceMs + Math.max(patienceMs, thresholdMs);
  return {
    event: { kind: 'moved', standIn, sinceMs, times, firstMs },
    atMs: sinceMs,
    dueMs: Math.max(atTurn(spell, fromMs), policy.startedMs + bootMs, policy.mutedUntilMs ?? 0, policy.nowMs),
  };
}

function wordOfReturn(spell: Spell, policy: MovePolicy): Word | undefined {
  const { lastKind, backMs, awayMs, unansweredMs, times, untoldMs, sinceMs } = spell;
  const isSaidAway = lastKind === 'moved' || lastKind === 'nobody-answers';
  if (!isSaidAway) {
    const isBrief = awayMs < policy.thresholdSeconds * 1_000;
    const isOfBoot = sinceMs < policy.startedMs + bootMs;
    const isMuted = policy.mutedUntilMs !== null && policy.mutedUntilMs > policy.nowMs;
    if (untoldMs === null || isBrief || isOfBoot || isMuted || spell.isAsked || policy.own === 'told')
      return undefined;
  }
  return {
    event: {
      kind: 'moved-back',
      standIns: namesOf(spell),
      seconds: awayMs / 1_000,
      ...(unansweredMs > 0 && { nobodySeconds: unansweredMs / 1_000 }),
      times,
      firstMs: sinceMs,
    },
    atMs: backMs,
    // Whoever was told that it is away hears of its return at once.
    dueMs: Math.max(
      isSaidAway ? backMs + certainMs : atTurn(spell, backMs + holdMs),
      policy.mutedUntilMs ?? 0,
    ),
  };
}

/** One change after the other does not put a message off for ever. */
function atTurn({ lastToldMs, stage, untoldMs }: Spell, fromMs: number): number {
  const turnMs = lastToldMs === null ? 0 : lastToldMs + pauseMs(stage);
  return Math.max(turnMs, Math.min(fromMs, (untoldMs ?? fromMs) + stableMs));
}

/** When there is something to do next, in ms since 1970; undefined for never. */
export function nextMovesMs({ spell, lookMs }: Moves): number | undefined {
  const times = [
    ...(lookMs === null ? [] : [lookMs]),
    ...(spell !== null && spell.downMs === null ? [spell.backMs + stableMs] : []),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Who stands in for a service, for a message about it; undefined for nobody who did. */
export interface StandIn {
  /** Who answers in its place, or has; empty where nobody answered. */
  readonly names: readonly string[];
  /** For how long it was so; undefined while it is. */
  readonly seconds: number | undefined;
}

/** What the front adds to a message about the service, of a time. */
export function standInFor(unit: string, atMs: number, { local, spell }: Moves): StandIn | undefined {
  if (spell === null || unit !== local || atMs < spell.sinceMs - certainMs) return undefined;
  return spell.downMs === null
    ? { names: namesOf(spell), seconds: spell.awayMs / 1_000 }
    : { names: spell.nobodyMs === null ? namesOf(spell).slice(-1) : [], seconds: undefined };
}

function namesOf({ standIns }: Spell): readonly string[] {
  return standIns.map(({ name }) => name);
}

/** Whether a notice is about the front itself. */
export function isOfMove({ kind }: { readonly kind: string }): boolean {
  return kind === 'moved' || kind === 'nobody-answers' || kind === 'moved-back';
}

function withdraw(key: string): MoveEffect {
  return { kind: 'withdraw', key };
}
