/**
 * Whatever becomes of a service, the last message about it says no more than is so: what has fallen for good is told at once, what
 * falls again and again is never left with a word that it is up, and what is up for good is not left with a word that it is down.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sign } from '../../src/notify/sign.ts';
import {
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
      if (knownAfterMs - answersMs >= longEnough) row = { falls: 0, firstMs: 0 };
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
          const patientMs = (sinceMs ?? Infinity) + 91 * second;
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
        const { signs, falls, endMs } = worldOf(all);
        const { told } = telling(signs, { remindSeconds: 24 * 3_600 }, endMs);
        for (const { atMs, inRow, firstMs } of falls) {
          if (inRow < 3 || atMs < firstMs + minute) continue;
          const last = lastAt(told, atMs);
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
