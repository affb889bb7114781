/** What is told of a front: once for what is one, and no more than is so. */
import { describe, expect, it } from 'vitest';
import type { FrontEvent } from '../../src/services/front-log.ts';
import {
  afterEvent,
  afterLook,
  decideMoves,
  type MoveEffect,
  type MovePolicy,
  type Moves,
  nextMovesMs,
  noMoves,
  standInFor,
} from '../../src/notify/moves.ts';

const second = 1_000;
const minute = 60 * second;
/** Long after a boot. */
const start = 1_000 * minute;
const unit = 'litellm.service';
const places = [
  { server: 'node-kuma', name: 'kuma' },
  { server: 'node-usagi', name: 'usagi' },
];

/** A front, and what of its messages was sent by a time. */
class Telling {
  moves: Moves = noMoves(unit, places);
  own: MovePolicy['own'] = 'well';
  mutedUntilMs: number | null = null;
  thresholdSeconds = 0;
  startedMs = 0;
  readonly #waiting = new Map<string, Extract<MoveEffect, { kind: 'tell' }>>();
  readonly told: string[] = [];
  #nowMs = start;

  /** Lets time pass, in steps of a second. */
  until(seconds: number): this {
    for (; this.#nowMs <= start + seconds * second; this.#nowMs += second) this.#step();
    return this;
  }

  at(seconds: number, ...events: readonly string[]): this {
    this.until(seconds);
    for (const each of events) {
      const [server = '', kind] = each.split(' ');
      const atMs = start + seconds * second;
      const event: FrontEvent =
        kind === undefined
          ? { kind: 'begun-anew', atMs }
          : { kind: kind === 'up' ? 'up' : 'down', server, atMs };
      this.moves = afterEvent(this.moves, event);
    }
    return this;
  }

  #step(): void {
    const { own, mutedUntilMs, thresholdSeconds, startedMs } = this;
    const policy = { nowMs: this.#nowMs, thresholdSeconds, mutedUntilMs, startedMs, own };
    const { moves, effects } = decideMoves(this.moves, policy);
    this.moves = moves;
    for (const effect of effects) {
      if (effect.kind === 'withdraw') this.#waiting.delete(effect.key);
      else this.#waiting.set(effect.key, effect);
    }
    for (const [key, { event, dueMs }] of this.#waiting) {
      if (dueMs > this.#nowMs) continue;
      this.#waiting.delete(key);
      const more =
        event.kind === 'moved'
          ? `${event.standIn} ${event.times}`
          : event.kind === 'moved-back'
            ? `${event.standIns.join('+')} ${event.seconds}-${event.nobodySeconds ?? 0} ${event.times}`
            : '';
      this.told.push(`${(this.#nowMs - start) / second} ${event.kind} ${more}`.trim());
    }
  }
}

describe('a front that leads elsewhere', () => {
  it('is told after a minute, and when it is back', () => {
    const telling = new Telling().at(10, 'local down').at(200, 'local up').until(900);
    expect(telling.told).toEqual(['70 moved kuma 1', '215 moved-back kuma 190-0 1']);
    expect(telling.moves.spell).toBeNull();
    expect(nextMovesMs(telling.moves)).toBeUndefined();
  });

  it('is told once where it was brief', () => {
    const telling = new Telling().at(10, 'local down').at(52, 'local up').until(900);
    expect(telling.told).toEqual(['112 moved-back kuma 42-0 1']);
  });

  it('is not told where it was briefer than what is told', () => {
    const telling = new Telling();
    telling.thresholdSeconds = 300;
    telling.at(10, 'local down').at(52, 'local up').until(900);
    expect(telling.told).toEqual([]);
  });

  it('is one message with its count where it comes and goes', () => {
    const telling = new Telling();
    for (let index = 0; index < 5; index += 1)
      telling.at(10 * index, 'local down').at(10 * index + 4, 'local up');
    expect(telling.until(900).told).toEqual(['104 moved-back kuma 20-0 5']);
  });

  it('is told now and then where that never ends', () => {
    const telling = new Telling();
    for (let index = 0; index < 240; index += 1)
      telling.at(30 * index, 'local down').at(30 * index + 10, 'local up');
    expect(telling.told.length).toBeGreaterThan(2);
    expect(telling.told.length).toBeLessThan(8);
    expect(Number(telling.told[0]?.split(' ')[0])).toBeLessThanOrEqual(601);
  });

  it('names the machine that answers', () => {
    const telling = new Telling().at(0, 'node-kuma down').at(10, 'local down').at(200, 'local up').until(900);
    expect(telling.told).toEqual(['70 moved usagi 1', '215 moved-back usagi 190-0 1']);
  });

  it('that nobody answers is told soon', () => {
    const telling = new Telling().at(10, 'local down').at(20, 'node-kuma down', 'node-usagi down').until(100);
    expect(telling.told).toEqual(['35 nobody-answers']);
    telling.at(120, 'node-kuma up').until(300);
    expect(telling.told.slice(1)).toEqual(['121 moved kuma 1']);
    expect(telling.at(310, 'local up').until(1_000).told.slice(2)).toEqual(['325 moved-back kuma 300-100 1']);
  });

  it('that others do not answer is nothing to tell while the own one does', () => {
    expect(new Telling().at(10, 'node-kuma down', 'node-usagi down').until(900).told).toEqual([]);
  });

  it('is no message of its own where the service tells of its fall', () => {
    const telling = new Telling();
    telling.own = 'told';
    telling.at(10, 'local down').until(300);
    expect(telling.told).toEqual([]);
    expect(standInFor(unit, start + 9 * second, telling.moves)).toEqual({
      names: ['kuma'],
      seconds: undefined,
    });
    expect(standInFor('other.service', start, telling.moves)).toBeUndefined();
    expect(standInFor(unit, start - minute, telling.moves)).toBeUndefined();
    telling.at(310, 'local up').until(400);
    expect(telling.told).toEqual([]);
    expect(standInFor(unit, start + 9 * second, telling.moves)).toEqual({ names: ['kuma'], seconds: 300 });
  });

  it('is told where the service answers by its own account, and the front does not find so', () => {
    const telling = new Telling();
    telling.own = 'told';
    telling.at(10, 'local down').until(300);
    telling.own = 'well';
    expect(telling.until(310).told).toEqual(['301 moved kuma 1']);
  });

  it('is not told of a restart that somebody asked for, unless it lasts', () => {
    const telling = new Telling();
    telling.own = 'stopped';
    telling.at(10, 'local down').until(12);
    telling.own = 'well';
    expect(telling.at(30, 'local up').until(900).told).toEqual([]);
    const lasting = new Telling();
    lasting.own = 'stopped';
    expect(lasting.at(10, 'local down').until(900).told).toEqual(['70 moved kuma 1']);
  });

  it('is not told while it is muted, nor what is over by then', () => {
    const telling = new Telling();
    telling.mutedUntilMs = start + 10 * minute;
    telling.at(10, 'local down').at(100, 'local up').at(200, 'local down').until(700);
    expect(telling.told).toEqual(['600 moved kuma 2']);
  });

  it('is not told of a boot, in which services take their time', () => {
    const telling = new Telling();
    telling.startedMs = start;
    expect(telling.at(2, 'local down').at(100, 'local up').until(900).told).toEqual([]);
    const lasting = new Telling();
    lasting.startedMs = start;
    expect(lasting.at(2, 'local down').until(900).told).toEqual(['180 moved kuma 1']);
  });
});

describe('a front that has begun anew', () => {
  const down = () => new Telling().at(10, 'local down').until(100).at(110, 'reload');
  const seen = (isUp: boolean) => [
    { isUp, forSeconds: undefined },
    { isUp: true, forSeconds: undefined },
    { isUp: true, forSeconds: undefined },
  ];

  it('is asked soon, since it does not log what came back meanwhile', () => {
    const telling = down();
    expect(nextMovesMs(telling.moves)).toBe(start + 120 * second);
    telling.moves = afterLook(telling.moves, seen(true), start + 120 * second);
    expect(telling.until(300).told).toEqual(['70 moved kuma 1', '135 moved-back kuma 110-0 1']);
  });

  it('is no other move where it is still down', () => {
    const telling = down().at(111, 'local down');
    telling.moves = afterLook(telling.moves, seen(false), start + 120 * second);
    expect(telling.until(300).told).toEqual(['70 moved kuma 1']);
  });

  it('is asked before it is told that nobody answers: it may have forgotten that others were down', () => {
    const telling = new Telling().at(0, 'node-kuma down', 'node-usagi down').at(10, 'local down').until(15);
    expect(nextMovesMs(telling.moves)).toBe(start + 20 * second);
    const [, ...others] = seen(true);
    telling.moves = afterLook(
      telling.moves,
      [{ isUp: false, forSeconds: 5 }, ...others],
      start + 20 * second,
    );
    expect(telling.until(300).told).toEqual(['70 moved kuma 1']);
  });

  it('has nothing to tell any more when it is gone', () => {
    const telling = down();
    telling.moves = afterLook(telling.moves, undefined, start + 120 * second);
    expect(telling.until(300).told).toEqual(['70 moved kuma 1']);
    expect(telling.moves).toMatchObject({ spell: null, down: [], lookMs: null });
  });
});

it('takes no server that is not in its configuration', () => {
  const moves = noMoves(unit, places);
  expect(afterEvent(moves, { kind: 'down', server: 'node-other', atMs: 1 })).toBe(moves);
});
