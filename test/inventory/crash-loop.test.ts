/** When restarts are a crash loop, and when only falls of the last minutes: by their times, and not by systemd's count alone. */
import { describe, expect, it } from 'vitest';
import { mayHaveFallen, recentFallsOf } from '../../src/inventory/crash-loop.ts';
import { lastRowOf } from '../../src/inventory/row-of-falls.ts';
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
  invocation: 'b',
  enteredInactiveSeconds: now - 6,
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
  const seconds = ages.map(age => now - age);
  const falls = seconds.map((each, index) => ({
    invocation: `a${index}`,
    seconds: each - 1,
    result: null,
    code: null,
    status: null,
    isOfRestart: false,
  }));
  return { count: ages.length, seconds, falls, isWhole: true, isLastAnswered: true, end };
}

const loopOf = (
  live: typeof running,
  restarts: RestartsInJournal | undefined,
  isMeantToEnd = true,
  isListening = false,
) => recentFallsOf(live, restarts && lastRowOf(restarts, live), isMeantToEnd, isListening, 'enabled', now);

/** Of runs that ended well, of which the journal has only the restarts. */
const unwritten = (restarts: RestartsInJournal): RestartsInJournal => ({
  ...restarts,
  falls: restarts.seconds.map((seconds, index) => ({
    invocation: `a${index}`,
    seconds,
    result: null,
    code: null,
    status: null,
    isOfRestart: true,
  })),
  end: { invocation: 'a', result: 'success', code: null, status: null },
});

describe('a service that was restarted', () => {
  it('falls again and again when it was restarted three times in ten minutes, the last time just now', () => {
    expect(loopOf(running, found(25, 15, 5))).toMatchObject({
      how: 'looping',
      sinceSeconds: now - 26,
      mayHaveBegunEarlier: false,
      lastFallSeconds: now - 6,
      lastRestartSeconds: now - 5,
      restarts: 3,
      result: 'signal',
      status: 'KILL',
    });
    expect(loopOf(running, found(15, 5))).toMatchObject({ how: 'fell-lately', restarts: 2 });
    // Few falls of many months, the last one now.
    expect(loopOf({ ...running, nRestarts: 40 }, found(5))).toMatchObject({
      how: 'fell-lately',
      restarts: 1,
    });
  });

  it('is being started, and neither runs nor is up again, while systemd starts it', () => {
    const starting = { ...running, mainPid: 7, activeState: 'activating', subState: 'start' };
    const since = { phase: 'starting', phaseSinceSeconds: now - 5 };
    expect(loopOf(starting, found(15, 5))).toMatchObject({ how: 'starting', restarts: 2, ...since });
    expect(loopOf(starting, found(25, 15, 5))).toMatchObject({ how: 'looping', ...since });
    expect(loopOf(starting, found(58, 56, 54))).toMatchObject({ how: 'looping', ...since });
    expect(loopOf({ ...starting, nRestarts: 2 }, undefined)).toMatchObject({ how: 'starting' });
    expect(loopOf({ ...running, mainPid: 7 }, found(25, 15, 5))).toMatchObject({
      phase: 'up',
      phaseSinceSeconds: now - 5,
    });
    expect(loopOf(waiting, found(25, 15, 5))).toMatchObject({ phase: null, phaseSinceSeconds: null });
  });

  it('no longer does when it has been up for twice as long as its falls were apart, and only fell after a minute', () => {
    expect(loopOf(running, found(39, 29, 19))).toMatchObject({ how: 'looping' });
    expect(loopOf(running, found(41, 31, 21))).toMatchObject({ how: 'restarted', sinceSeconds: now - 42 });
    expect(loopOf(running, found(11, 10, 9))).toMatchObject({ how: 'looping' });
    expect(loopOf(running, found(81, 71, 61))).toMatchObject({ how: 'fell-lately', restarts: 3 });
    expect(loopOf(running, found(590, 400, 210))).toMatchObject({ how: 'looping' });
    expect(loopOf(running, found(300, 260, 210))).toMatchObject({ how: 'fell-lately' });
    expect(loopOf({ ...running, mainStartedSeconds: now - 601 }, found(620, 610))).toBeUndefined();
  });

  it('does not once somebody has started it since', () => {
    const unanswered = { ...found(25, 15, 5), isLastAnswered: false };
    expect(loopOf(running, unanswered)).toBeUndefined();
    // Since the manager was asked, this run has ended as well.
    expect(loopOf({ ...running, invocation: 'a2' }, unanswered)).toMatchObject({ how: 'looping' });
    expect(loopOf(waiting, unanswered)).toMatchObject({ how: 'looping' });
  });

  it('tells starts that failed from the fall before them, while the manager and the journal agree', () => {
    const row = found(25, 15, 5);
    const [kill, ...starts] = row.falls.map((fall, index) =>
      index === 0
        ? { ...fall, result: 'signal', code: 'killed', status: 9 }
        : { ...fall, result: 'resources' },
    );
    if (kill === undefined) throw new Error('no fall');
    const failing = { ...row, falls: [kill, ...starts] };
    const lacking = { ...waiting, result: 'resources', mainCode: 0, mainStatus: 0 };
    const failedStarts = { count: 2, sinceSeconds: now - 16, before: kill };
    expect(loopOf(lacking, failing)).toMatchObject({ how: 'looping', result: 'resources', failedStarts });
    // It has ended otherwise since, or the journal was asked later.
    expect(loopOf(waiting, failing)).toMatchObject({ failedStarts: null });
    expect(loopOf({ ...lacking, result: 'signal' }, { ...row, falls: [kill] })).toMatchObject({
      failedStarts: null,
    });
    const unknown = { ...failing, falls: starts, isWhole: false };
    expect(loopOf(lacking, unknown)).toMatchObject({ failedStarts: { count: 2, before: null } });
    // Where systemd cannot prepare the process, there is a status (systemd.exec(5)).
    const noFolder = { ...kill, result: 'exit-code', code: 'exited', status: 200 };
    expect(loopOf(running, { ...row, falls: [kill, noFolder] })).toMatchObject({
      failedStarts: { count: 1, before: kill },
    });
    expect(loopOf(running, { ...row, falls: [kill, { ...noFolder, status: 1 }] })).toMatchObject({
      failedStarts: null,
    });
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
    expect(loopOf(running, well)).toMatchObject({ how: 'ends-again', restarts: 3, result: 'success' });
    expect(loopOf(running, well, false)).toMatchObject({ how: 'looping', result: 'success' });
    const once = { ...found(5), end: well.end };
    expect(loopOf(running, once)).toBeUndefined();
    expect(loopOf(running, once, false)).toMatchObject({ how: 'ended-lately', restarts: 1 });
  });

  it('ended when its manager saw it leave active, and with the last restart only that time is known where it has not', () => {
    const server = { ...running, mainPid: 7, nRestarts: 1, leftActiveSeconds: now - 11 };
    const once = unwritten(found(5));
    const well = { result: 'success', code: null, mainEndedWell: true };
    expect(loopOf(server, once, false)).toMatchObject({
      ...well,
      how: 'ended-lately',
      sinceSeconds: now - 11,
      lastFallSeconds: now - 11,
      lastRestartSeconds: now - 5,
      timesOfRestarts: [],
    });
    // What was never up has not left it, and the time is that of an earlier run.
    expect(loopOf({ ...server, leftActiveSeconds: null }, once, false)).toMatchObject({
      sinceSeconds: now - 5,
      lastFallSeconds: now - 5,
      timesOfRestarts: ['since', 'lastFall'],
    });
    const twice = unwritten(found(200, 100));
    expect(loopOf({ ...server, leftActiveSeconds: now - 300 }, twice, false)).toMatchObject({
      lastFallSeconds: now - 100,
      timesOfRestarts: ['since', 'lastFall'],
    });
    expect(loopOf({ ...server, leftActiveSeconds: now - 105 }, twice, false)).toMatchObject({
      sinceSeconds: now - 200,
      lastFallSeconds: now - 105,
      timesOfRestarts: ['since'],
    });
    // Where a command after its start failed, the main process was there.
    const other = { ...once, end: { ...once.end, result: 'exit-code', isAfterStart: true } } as const;
    expect(loopOf({ ...server, mainPid: 0 }, other, false)).toMatchObject({ mainEndedWell: true });
    // How something without a main process ended nobody has seen.
    expect(loopOf({ ...server, mainPid: 0 }, once, false)).toMatchObject({ mainEndedWell: false });
  });

  it('does not go on to fall by one more fall after it was up for long', () => {
    const start = found(230, 224, 218, 212, 206, 200, 194, 5);
    expect(loopOf({ ...running, nRestarts: 8 }, start)).toMatchObject({
      how: 'fell-lately',
      sinceSeconds: now - 6,
      lastFallSeconds: now - 6,
      restarts: 1,
      mayHaveBegunEarlier: false,
      earlierRestarts: { count: 7, firstSeconds: now - 230, lastSeconds: now - 194 },
    });
    // Each three minutes again is no new beginning.
    expect(loopOf(running, found(590, 400, 210))).toMatchObject({ how: 'looping', earlierRestarts: null });
    expect(loopOf(running, found(125, 115, 105))).toMatchObject({ earlierRestarts: null });
  });

  it('is up again as soon as it listens for longer than it was up between its falls', () => {
    const quick = found(20, 14, 8);
    expect(loopOf({ ...running, mainStartedSeconds: now - 8 }, quick)).toMatchObject({ how: 'looping' });
    expect(loopOf({ ...running, mainStartedSeconds: now - 8 }, quick, true, true)).toMatchObject({
      how: 'restarted',
    });
    expect(loopOf(running, found(15, 10, 5), true, true)).toMatchObject({ how: 'restarted' });
    expect(loopOf(running, found(25, 15, 5), true, true)).toMatchObject({ how: 'looping' });
  });

  it('counts what ended before it was up as starts that failed, where its type says when it is up', () => {
    const [one, two, three] = found(25, 15, 5).falls.map(fall => ({
      ...fall,
      result: 'exit-code',
      code: 'exited',
      status: 4,
    }));
    const falls = [one, two, three].flatMap((fall, at) =>
      fall === undefined ? [] : [at === 0 ? fall : { ...fall, startFailed: true as const }],
    );
    const restarts = { ...found(25, 15, 5), falls };
    const notify = { ...running, type: 'notify' };
    expect(loopOf(notify, restarts)).toMatchObject({ startsFailed: 2, failedStarts: { count: 2 } });
    expect(loopOf({ ...running, type: 'simple' }, restarts)).toMatchObject({
      startsFailed: 0,
      failedStarts: null,
    });
  });

  it('is only said to have been restarted where the journal says nothing', () => {
    expect(loopOf(running, undefined)).toMatchObject({ how: 'restarted', restarts: 3, sinceSeconds: null });
    expect(loopOf({ ...running, nRestarts: 1 }, undefined)).toMatchObject({
      how: 'fell-lately',
      restarts: 1,
    });
    expect(loopOf({ ...running, mainStartedSeconds: now - 61 }, undefined)).toBeUndefined();
    expect(loopOf(waiting, undefined)).toBeUndefined();
  });

  it('is not looked up in the journal when it is at rest, or has long been up', () => {
    expect(mayHaveFallen(running, now)).toBe(true);
    expect(mayHaveFallen({ ...running, nRestarts: 0 }, now)).toBe(false);
    expect(mayHaveFallen({ ...running, activeState: 'deactivating' }, now)).toBe(false);
    expect(mayHaveFallen({ ...waiting, nRestarts: 2 }, now)).toBe(false);
    expect(mayHaveFallen({ ...running, mainStartedSeconds: now - 601 }, now)).toBe(false);
    expect(mayHaveFallen({ ...running, activeState: 'failed', subState: 'failed' }, now)).toBe(false);
  });
});
