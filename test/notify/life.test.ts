/** What is known of a machine that was down. */
import { describe, expect, it } from 'vitest';
import { begun, begunAgain, endedSince, isToTell, type Life, type Present } from '../../src/notify/life.ts';

const minute = 60_000;
const before: Present = { boot: 'a', manager: 'a 10', nowMs: 0, bootMs: 0, managerMs: 0 };
const life: Life = begun(before);
const after: Present = {
  boot: 'b',
  manager: 'b 10',
  nowMs: 60 * minute,
  bootMs: 59 * minute,
  managerMs: 59 * minute,
};
const silent = { lastMs: null, isShutdown: false };

describe('an outage', () => {
  it('is none where nothing ended, or daruma was started by hand', () => {
    expect(endedSince(life, { ...before, nowMs: minute })).toBeUndefined();
    expect(endedSince(life, { ...before, manager: null })).toBeUndefined();
    expect(endedSince({ ...life, manager: null }, before)).toBeUndefined();
  });

  it('of the machine is another boot, and of the manager another one in the same boot', () => {
    expect(endedSince(life, after)).toBe('machine');
    expect(endedSince(life, { ...before, manager: 'a 99' })).toBe('manager');
  });

  it('is said to be a crash only where the journal of that boot can be read and tells of no shutdown', () => {
    const of = (trace: typeof silent | { lastMs: number; isShutdown: boolean }, known = life) =>
      begunAgain(known, 'machine', after, trace).outage;
    const upMs = 59 * minute;
    expect(of(silent)).toEqual({ of: 'machine', end: 'unknown', lastSeenMs: 0, upMs });
    expect(of({ lastMs: 50 * minute, isShutdown: false })).toMatchObject({
      end: 'crash',
      lastSeenMs: 50 * minute,
    });
    expect(of({ lastMs: 50 * minute, isShutdown: true })?.end).toBe('shutdown');
    expect(of(silent, { ...life, shutdownMs: 40 * minute })).toMatchObject({
      end: 'shutdown',
      lastSeenMs: 40 * minute,
    });
  });

  it('is not said to have begun after it was over, whatever the clock was', () => {
    expect(
      begunAgain({ ...life, seenMs: 90 * minute }, 'machine', after, silent).outage?.lastSeenMs,
    ).toBeNull();
  });

  it('of a machine that boots in an instant has no negative time', () => {
    const seen = { ...life, seenMs: 59 * minute + 900 };
    expect(begunAgain(seen, 'machine', after, silent).outage?.lastSeenMs).toBe(59 * minute);
  });

  it('of a manager that was shut down is none: somebody has logged out and in', () => {
    const next = { ...before, manager: 'a 99', nowMs: minute };
    const shutdown = begunAgain({ ...life, shutdownMs: 1 }, 'manager', next, silent);
    expect(shutdown).toEqual({ ...begun(next), outage: null });
    expect(begunAgain(life, 'manager', next, { lastMs: 0, isShutdown: false }).outage?.end).toBe('crash');
  });

  it('is told when all is back, or has had its time', () => {
    const outage = { of: 'machine', end: 'crash', lastSeenMs: null, upMs: 0 } as const;
    expect(isToTell(outage, 0, 1_000)).toBe(true);
    expect(isToTell(outage, 1, 1_000)).toBe(false);
    expect(isToTell(outage, 1, 3 * minute)).toBe(true);
  });
});
