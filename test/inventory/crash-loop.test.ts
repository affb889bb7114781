/** When restarts are a crash loop: by their times, and not by systemd's count alone. */
import { describe, expect, it } from 'vitest';
import { crashLoopOf, mayLoop } from '../../src/inventory/crash-loop.ts';
import type { RestartsInJournal } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';

const now = 1_795_929_330;
const running = {
  ...notLoadable('a.service'),
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  nRestarts: 3,
  mainStartedSeconds: now - 5,
  leftInactiveUsec: 1_000_000,
};
const waiting = {
  ...running,
  activeState: 'activating',
  subState: 'auto-restart',
  result: 'exit-code',
  mainCode: 1,
  mainStatus: 4,
};

/** @param ages of the restarts, in seconds before now */
function found(...ages: readonly number[]): RestartsInJournal {
  const end = { invocation: 'a', result: 'signal', code: 'killed', status: 9 };
  return { count: ages.length, seconds: ages.map(age => now - age), lastUsec: 1_000_000, end };
}

const loopOf = (live: typeof running, restarts: RestartsInJournal | undefined, isMeantToEnd = true) =>
  crashLoopOf(live, restarts, isMeantToEnd, 'enabled', now);

describe('a service that was restarted', () => {
  it('falls again and again when it was restarted three times in ten minutes, the last time just now', () => {
    expect(loopOf(running, found(25, 15, 5))).toMatchObject({
      how: 'looping',
      sinceSeconds: now - 25,
      lastRestartSeconds: now - 5,
      restarts: 3,
      result: 'signal',
      status: 'KILL',
    });
    expect(loopOf(running, found(15, 5))).toBeUndefined();
    // Few falls of many months, the last one now.
    expect(loopOf({ ...running, nRestarts: 40 }, found(5))).toBeUndefined();
  });

  it('no longer does when it has been up for a minute, or for twice as long as its falls were apart', () => {
    expect(loopOf(running, found(79, 69, 59))).toBeDefined();
    expect(loopOf(running, found(81, 71, 61))).toBeUndefined();
    expect(loopOf(running, found(590, 400, 210))).toBeDefined();
    expect(loopOf(running, found(300, 260, 210))).toBeUndefined();
  });

  it('does not once somebody has started it since', () => {
    expect(loopOf({ ...running, leftInactiveUsec: 4_000_000 }, found(25, 15, 5))).toBeUndefined();
  });

  it('is told by the manager how it ended while it waits', () => {
    expect(loopOf(waiting, found(25, 15, 5))).toMatchObject({
      how: 'looping',
      result: 'exit-code',
      status: '4',
    });
  });

  it('may end well again and again, unless it is a server', () => {
    const well = {
      ...found(25, 15, 5),
      end: { invocation: 'a', result: 'success', code: null, status: null },
    };
    expect(loopOf(running, well)).toBeUndefined();
    expect(loopOf(running, well, false)).toMatchObject({ how: 'looping', result: 'success' });
  });

  it('is only said to have been restarted where the journal says nothing', () => {
    expect(loopOf(running, undefined)).toMatchObject({ how: 'restarted', restarts: 3, sinceSeconds: null });
    expect(loopOf({ ...running, mainStartedSeconds: now - 61 }, undefined)).toBeUndefined();
    expect(loopOf(waiting, undefined)).toBeUndefined();
  });

  it('is not looked up in the journal when it is at rest, or has long been up', () => {
    expect(mayLoop(running, now)).toBe(true);
    expect(mayLoop({ ...running, nRestarts: 2 }, now)).toBe(false);
    expect(mayLoop({ ...running, mainStartedSeconds: now - 601 }, now)).toBe(false);
    expect(mayLoop({ ...running, activeState: 'failed', subState: 'failed' }, now)).toBe(false);
  });
});
