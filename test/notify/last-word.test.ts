/**
 * Whatever becomes of a service, the last message about it says no more than is so: what has fallen for good is told at once, what
 * falls again and again is never left with a word that it is up, and what is up for good is not left with a word that it is down.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behindMs, certainMs, holdMs } from '../../src/notify/incident.ts';
import type { Sign } from '../../src/notify/sign.ts';
import {
  type Absence,
  ended,
  hour,
  look,
  minute,
  notReady,
  ready,
  second,
  started,
  staysDown,
  type Told,
  telling,
} from './telling.ts';

/** One run of a service, from its start to what comes after its end. */
interface Life {
  /** When it answers, after its start; not at all where it ends before. */
  readonly answersMs: number;
  readonly endsMs: number;
  /** Systemd starts it again, or does not; or somebody stops or restarts it. */
  readonly end: 'falls' | 'final' | 'stop' | 'restart';
  /** Who tells of the end. */
  readonly seenBy: 'both' | 'failure alone' | 'failure first' | 'follower';
  readonly downMs: number;
}

const spans = fc.oneof(
  fc.integer({ min: 200, max: 5 * second }),
  fc.integer({ min: 200, max: 100 * second }),
  fc.integer({ min: 200, max: 15 * minute }),
);
const lives: fc.Arbitrary<readonly Life[]> = fc.array(
  fc.record({
    answersMs: fc.integer({ min: 1, max: 70 * second }),
    endsMs: spans,
    end: fc.constantFrom('falls', 'falls', 'falls', 'final', 'stop', 'restart'),
    seenBy: fc.constantFrom('both', 'failure alone', 'failure first', 'follower'),
    downMs: spans,
  }),
  { minLength: 1, maxLength: 60 },
);

type State = 'ready' | 'starting' | 'fallen' | 'restarting' | 'down for good' | 'stopped';

interface World {
  readonly signs: readonly Sign[];
  /** In order; each lasts until the next one. */
  readonly states: readonly { readonly state: State; readonly fromMs: number }[];
  /** The end of each row of falls that each came before it was up for long, and how many there were by then. */
  readonly falls: readonly { readonly atMs: number; readonly inRow: number; readonly firstMs: number }[];
  readonly endMs: number;
}

const longEnough = 10 * minute;

function worldOf(all: readonly Life[]): World {
  const signs: Sign[] = [];
  const states: { state: State; fromMs: number }[] = [];
  const falls: { atMs: number; inRow: number; firstMs: number }[] = [];
  let atMs = minute;
  let restarts = 0;
  let row = { falls: 0, firstMs: 0 };
  for (const [index, { answersMs, endsMs, end, seenBy, downMs }] of all.entries()) {
    const run = `run-${index}`;
    signs.push(started(atMs, run, restarts));
    states.push({ state: 'starting', fromMs: atMs });
    // What has no hook for its end is known to have fallen from the count of restarts, with the next start.
    const isSeen = end !== 'falls' || seenBy !== 'failure alone';
    const knownAfterMs = isSeen ? endsMs : endsMs + downMs;
    const isReady = answersMs < endsMs;
    if ((isReady ? answersMs : knownAfterMs) > 30 * second) signs.push(notReady(atMs + 30 * second, run));
    if (isReady) {
      signs.push(ready(atMs + answersMs, run));
      states.push({ state: 'ready', fromMs: atMs + answersMs });
      // What somebody has mended, and is told to be up again, has a story of its own from then on.
      const settledMs = restarts === 0 ? holdMs : longEnough;
      if (knownAfterMs - answersMs >= settledMs) row = { falls: 0, firstMs: 0 };
    }
    atMs += endsMs;
    if (end === 'falls' || end === 'final') {
      const fellMs = atMs + knownAfterMs - endsMs;
      row = { falls: row.falls + 1, firstMs: row.falls === 0 ? fellMs : row.firstMs };
      states.push({ state: 'fallen', fromMs: fellMs });
      if (end === 'falls') {
        restarts += 1;
        if (isSeen) signs.push(ended(atMs, run));
      } else {
        restarts = 0;
        const knownMs = atMs + { both: 50, 'failure alone': 50, 'failure first': 10, follower: 150 }[seenBy];
        const isNamed = seenBy === 'both' || seenBy === 'failure alone';
        const word = staysDown(knownMs, isNamed ? run : null);
        const own =
          seenBy !== 'failure alone' ? [ended(seenBy === 'failure first' ? atMs + 20 : atMs, run)] : [];
        signs.push(...(seenBy === 'failure first' ? [word, ...own] : [...own, word]));
        states.push({ state: 'down for good', fromMs: knownMs });
      }
      if (isSeen) {
        falls.push({ atMs: end === 'final' ? atMs + 150 : atMs, inRow: row.falls, firstMs: row.firstMs });
      }
    } else {
      restarts = 0;
      signs.push(ended(atMs, run, { job: end }));
      // Who stops it, or restarts what has not fallen since it was up, begins anew.
      const isOver = end === 'stop' || isReady || row.falls === 0;
      states.push({ state: isOver ? 'stopped' : 'restarting', fromMs: atMs });
      if (isOver) row = { falls: 0, firstMs: 0 };
    }
    atMs += end === 'restart' ? Math.min(downMs, second) : downMs;
  }
  const looks = Array.from({ length: Math.floor(atMs / minute) }, (_, index) => look((index + 1) * minute));
  const after = [1, 5, 11].map(minutes => look(atMs + minutes * minute));
  const inOrder = [...signs, ...looks, ...after].toSorted((a, b) => a.atMs - b.atMs);
  return { signs: inOrder, states, falls, endMs: atMs };
}

/** How soon a service is looked at that signs tell of. */
const moment = 500;

/** What is told of a world where daruma is missing for a while: its hooks write signs, and nobody follows anything. */
function lateTelling({ signs, states, endMs }: World, absence: Absence): ReturnType<typeof telling> {
  const { fromMs, untilMs } = absence;
  const earlier = signs.filter(({ atMs }) => atMs < untilMs);
  const present = states.findLast(each => each.fromMs < untilMs)?.state;
  const last = earlier.findLast(sign => sign.kind === 'started');
  const hooked = earlier.filter(sign => sign.atMs >= fromMs && isOfHook(sign));
  // The manager's count says how many of the last runs it has started, and its state what the last failure was.
  let runsAfter = hooked.filter(({ kind }) => kind === 'started').length;
  const batch = hooked.map((sign, index): Sign => {
    if (sign.kind === 'started') {
      runsAfter -= 1;
      const isRunning = present === 'ready' || present === 'starting';
      const restarts = isRunning ? (last?.restarts ?? -1) - runsAfter : -1;
      return { ...sign, restarts: restarts < 0 ? null : restarts };
    }
    const isLast = index === hooked.length - 1;
    return sign.kind !== 'stays-down' || isLast ? sign : { ...sign, kind: 'ended', job: 'unknown' };
  });
  const run = last?.invocation ?? null;
  const isLateStart = last !== undefined && untilMs - last.atMs > 30 * second;
  const looked: Partial<Record<State, readonly Sign[]>> = {
    ready: [ready(untilMs + moment, run)],
    starting: isLateStart ? [notReady(untilMs + moment, run)] : [],
    'down for good': [staysDown(untilMs + 2 * moment)],
  };
  const after = [
    ...((present && looked[present]) ?? []),
    ...signs.filter(({ atMs }) => atMs >= untilMs),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const late = new Set(batch);
  const takenMs = (sign: Sign) => (late.has(sign) ? untilMs : sign.atMs);
  const all = [...signs.filter(({ atMs }) => atMs < fromMs), ...batch, ...after];
  return telling(all, { remindSeconds: 3_600 }, endMs + hour, { takenMs, absence });
}

function isOfHook({ kind, invocation }: Sign): boolean {
  return invocation !== null && (kind === 'started' || kind === 'ended' || kind === 'stays-down');
}

/** A world, and an absence that ends while it goes on as it is for longer than a look takes. */
const absences = fc.record({
  all: lives,
  from: fc.integer({ min: 0, max: 1_000 }),
  part: fc.integer({ min: 1, max: 1_000 }),
});

function eachAbsence(
  check: (
    state: State,
    absence: Absence,
    untilMs: number,
    told: ReturnType<typeof telling>,
    world: World,
  ) => void,
): void {
  fc.assert(
    fc.property(absences, ({ all, from, part }) => {
      const world = worldOf(upAtLast(all));
      const { states, endMs } = world;
      const fromMs = Math.floor((from * endMs) / 1_000);
      const untilMs = fromMs + Math.ceil((part * (endMs - fromMs)) / 1_000);
      const present = states.findLast(each => each.fromMs < untilMs);
      const changesMs = states.find(each => each.fromMs >= untilMs)?.fromMs ?? endMs;
      if (present === undefined || changesMs - untilMs < certainMs + second) return;
      const absence = { fromMs, untilMs, lookedMs: untilMs + 3 * moment };
      check(present.state, absence, changesMs, lateTelling(world, absence), world);
    }),
    often,
  );
}

/** It runs on, and answers: nothing comes after it. */
function upAtLast(all: readonly Life[]): readonly Life[] {
  return [...all, { answersMs: second, endsMs: hour, end: 'stop', seenBy: 'both', downMs: 200 }];
}

const good: ReadonlySet<string> = new Set(['restarted', 'started', 'recovered']);
const final: ReadonlySet<string> = new Set(['stays-down', 'still-down']);

function lastAt(told: readonly Told[], atMs: number): string | undefined {
  return told.findLast(each => each.atMs <= atMs)?.kind;
}

function toldIn(told: readonly Told[], fromMs: number, untilMs: number): readonly string[] {
  return told.filter(({ atMs }) => atMs > fromMs && atMs < untilMs).map(({ kind }) => kind);
}

/** Each state with its end, and what is told. */
function eachState(
  all: readonly Life[],
  check: (state: State, fromMs: number, untilMs: number, told: readonly Told[]) => void,
  thresholdSeconds = 0,
): void {
  const { signs, states, endMs } = worldOf(all);
  const { told } = telling(signs, { remindSeconds: 3_600, thresholdSeconds }, endMs);
  for (const [index, { state, fromMs }] of states.entries()) {
    check(state, fromMs, states[index + 1]?.fromMs ?? endMs, told);
  }
}

const often = { numRuns: 1_500 };

describe('the last word', () => {
  it('of what has fallen for good says so at once, whatever was told before', () => {
    fc.assert(
      fc.property(lives, all => {
        eachState(all, (state, fromMs, untilMs, told) => {
          if (state !== 'down for good') return;
          expect(final).toContain(lastAt(told, fromMs));
          expect(toldIn(told, fromMs, untilMs).filter(kind => !final.has(kind))).toEqual([]);
        });
      }),
      often,
    );
  });

  it('of what has not answered since a fall is not for long that it is up', () => {
    fc.assert(
      fc.property(lives, all => {
        let sinceMs: number | undefined;
        eachState(all, (state, fromMs, untilMs, told) => {
          if (state === 'fallen') sinceMs ??= fromMs;
          else if (state === 'restarting') sinceMs = fromMs;
          else if (state !== 'starting') sinceMs = undefined;
          const patientMs = (sinceMs ?? Infinity) + 91 * second + certainMs;
          if (patientMs >= untilMs) return;
          const last = lastAt(told, Math.max(patientMs, fromMs));
          expect(last).toBeDefined();
          expect(good).not.toContain(last);
        });
      }),
      often,
    );
  });

  it('of what falls again and again is never that it is up', () => {
    fc.assert(
      fc.property(lives, all => {
        const { signs, states, falls, endMs } = worldOf(all);
        const { told } = telling(signs, { remindSeconds: 24 * 3_600 }, endMs + minute);
        for (const { atMs, inRow, firstMs } of falls) {
          if (inRow < 3 || atMs < firstMs + minute) continue;
          // It may have been the last one until it is started again.
          const againMs = states.find(({ state, fromMs }) => state === 'starting' && fromMs > atMs)?.fromMs;
          const last = lastAt(told, Math.min(atMs + certainMs, againMs ?? Infinity));
          expect(last).toBeDefined();
          expect(good).not.toContain(last);
        }
      }),
      often,
    );
  });

  it('is never of another state: not that it is up while it is not, nor that it is down while it is up', () => {
    fc.assert(
      fc.property(lives, all => {
        eachState(all, (state, fromMs, untilMs, told) => {
          const between = toldIn(told, fromMs, untilMs);
          const isWrong = (kind: string) => state === 'stopped' || good.has(kind) !== (state === 'ready');
          expect({ state, wrong: between.filter(isWrong) }).toEqual({ state, wrong: [] });
        });
      }),
      often,
    );
  });

  it('of what has stayed up is not that it is down', () => {
    fc.assert(
      fc.property(lives, fc.constantFrom(0, 30, 300), (all, thresholdSeconds) => {
        eachState(
          upAtLast(all),
          (state, fromMs, untilMs, told) => {
            if (state !== 'ready' || untilMs - fromMs < longEnough) return;
            const last = lastAt(told, fromMs + longEnough);
            expect(last === undefined || good.has(last)).toBe(true);
          },
          thresholdSeconds,
        );
      }),
      often,
    );
  });

  it('agrees with the world soon after daruma was missing, and nothing else is told on the way there', () => {
    eachAbsence((state, { fromMs, untilMs }, changesMs, { told, origins }, world) => {
      if (!world.states.some(each => each.fromMs >= fromMs && each.fromMs < untilMs)) return;
      const knownMs = Math.min(changesMs - 1, untilMs + certainMs);
      // What has just become due is sent as it is.
      const isPunctual = (word: Told) => {
        const dueMs = origins.get(word)?.dueMs ?? 0;
        return dueMs < untilMs && untilMs - dueMs <= behindMs;
      };
      const words = told.filter(word => word.atMs >= untilMs && word.atMs <= knownMs && !isPunctual(word));
      expect(words.length).toBe(new Set(words.map(word => origins.get(word)?.id)).size);
      const isAtRest = state === 'ready' || state === 'stopped';
      expect(words.filter(({ kind }) => isAtRest && !good.has(kind))).toEqual([]);
      const isLastFinal = final.has(lastAt(told, knownMs) ?? '');
      expect(isLastFinal || state !== 'down for good').toBe(true);
    });
  });

  it('of the last fall is the only one: it is not told to keep falling a moment before', () => {
    fc.assert(
      fc.property(lives, all => {
        const { signs, states, endMs } = worldOf(all);
        const { told } = telling(signs, { remindSeconds: 3_600 }, endMs);
        for (const [index, { state, fromMs }] of states.entries()) {
          if (state !== 'down for good') continue;
          const fellMs = states[index - 1]?.fromMs ?? fromMs;
          expect(toldIn(told, fellMs - 1, fromMs)).toEqual([]);
        }
      }),
      often,
    );
  });

  it('comes ever more rarely, until it has stayed up', () => {
    fc.assert(
      fc.property(lives, all => {
        const { signs, states, endMs } = worldOf(all);
        const { told } = telling(signs, {}, endMs);
        let fromMs = 0;
        for (const [index, { state, fromMs: atMs }] of states.entries()) {
          const untilMs = states[index + 1]?.fromMs ?? endMs;
          if (state !== 'stopped' && (state !== 'ready' || untilMs - atMs < longEnough)) continue;
          const words = told.filter(each => each.atMs >= fromMs && each.atMs < untilMs);
          expect(words.length).toBeLessThanOrEqual(8 + 2 * Math.log2(2 + (untilMs - fromMs) / minute));
          fromMs = untilMs;
        }
      }),
      often,
    );
  });
});
