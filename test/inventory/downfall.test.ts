/** What ended a service, by the times that real managers gave (247, 252, 257 and 262 agree). */
import { describe, expect, it } from 'vitest';
import {
  type DownEvidence,
  downfallOf,
  endedBy,
  endingOnOf,
  noTies,
  restartingOf,
  stoppedOf,
  stopUnderWay,
  triggerFailedOf,
} from '../../src/inventory/downfall.ts';
import type { RowOfFalls } from '../../src/inventory/row-of-falls.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { service } from '../restart/given.ts';

const base = {
  ...notLoadable('a.service'),
  loadState: 'loaded',
  result: 'success',
  conditionsHeld: true,
  conditionsUsec: 99,
  assertsHeld: true,
  assertsUsec: 99,
  leftInactiveUsec: 100,
  enteredInactiveUsec: 301,
  enteredInactiveSeconds: 1_795_929_330,
};
const terminated = { ...base, mainCode: 2, mainStatus: 15 };
const failedStart = { ...base, activeState: 'failed', result: 'exit-code' };
const stopped = { ...terminated, mainEndedUsec: 301, leftActiveUsec: 300 };

const written = {
  invocation: 'a',
  wasStopped: false,
  result: null,
  code: null,
  status: null,
  at: { usec: 200, seconds: 1_795_929_300 },
};

function evidence(live: DownEvidence['live'], more: Partial<DownEvidence> = {}): DownEvidence {
  return {
    live,
    facts: service(''),
    enabled: 'enabled',
    purpose: { isMeantToStay: true, startedBy: [] },
    isKnown: false,
    journal: undefined,
    ties: noTies,
    jobLimits: [],
    checks: { conditions: ['ConditionPathExists=/srv'], asserts: ['AssertUser=tama'], execConditions: [] },
    ...more,
  };
}

it('a fall has the end of the main process, and the command that failed after it', () => {
  const times = { mainEndedUsec: 200, leftActiveUsec: 200 };
  const live = { ...terminated, ...times, activeState: 'failed', result: 'exit-code' } as const;
  const failedCommand = { name: 'ExecStopPost', code: 'exited', status: 1 } as const;
  expect(downfallOf(evidence(live, { journal: { ...written, failedCommand } }))).toMatchObject({
    how: 'fell',
    code: 'killed',
    status: 'TERM',
    failedCommand: { name: 'ExecStopPost', code: 'exited', status: '1' },
  });
});

describe('a unit whose runs its manager has forgotten', () => {
  const live = { ...notLoadable('a.service'), loadState: 'loaded', result: 'success' };
  const own = { ...written, wasStopped: false, result: null };

  it('is down when the journal tells of a start and of no stop', () => {
    const restarts = { facts: service('Restart=on-failure'), enabled: 'disabled' };
    expect(downfallOf(evidence(live, { ...restarts, journal: own }))).toMatchObject({ how: 'fell' });
    expect(
      downfallOf(evidence(live, { ...restarts, journal: { ...own, wasStopped: true } })),
    ).toBeUndefined();
    expect(downfallOf(evidence(live, restarts))).toBeUndefined();
  });

  it('ended as the journal says, and when it does', () => {
    const more = { facts: service(''), enabled: 'disabled' };
    const killed = { ...own, result: 'signal', code: 'killed', status: 9 };
    expect(downfallOf(evidence(live, { ...more, journal: killed }))).toMatchObject({
      how: 'fell',
      sinceSeconds: 1_795_929_300,
      result: 'signal',
      code: 'killed',
      status: 'KILL',
    });
    const unseen = { ...own, at: null };
    const restarts = { ...more, facts: service('Restart=always') };
    expect(downfallOf(evidence(live, { ...restarts, journal: unseen }))).toMatchObject({ result: null });
    expect(downfallOf(evidence(live, { ...restarts, journal: own }))).toMatchObject({ result: 'success' });
  });

  it('may be meant to end when nothing asks for a restart', () => {
    const more = { facts: service(''), enabled: 'static', journal: own };
    expect(downfallOf(evidence(live, more))).toMatchObject({ how: 'ended' });
    expect(downfallOf(evidence(live, { ...more, isKnown: true }))).toMatchObject({ how: 'fell' });
    expect(downfallOf(evidence(live, { ...more, journal: undefined }))).toMatchObject({
      how: 'never-started',
    });
  });
});

describe('endedBy', () => {
  it('is the service itself when its process is gone before it leaves active', () => {
    expect(endedBy({ ...terminated, mainEndedUsec: 300, leftActiveUsec: 301 })).toBe('itself');
  });

  it('is a job when it leaves active before its process is gone', () => {
    expect(endedBy(stopped)).toBe('job');
  });

  it('is a job when a wait for a restart ended without a run', () => {
    const waiting = { mainEndedUsec: 98, leftActiveUsec: 99, result: 'exit-code' };
    expect(endedBy({ ...base, ...waiting })).toBe('job');
  });

  it('is systemd itself after a watchdog, though active is left first', () => {
    const late = { mainEndedUsec: 301, leftActiveUsec: 300, activeState: 'failed' };
    expect(endedBy({ ...base, ...late, result: 'watchdog' })).toBe('itself');
    expect(endedBy({ ...base, ...late, result: 'timeout' })).toBe('ask');
  });

  it('is nothing when it never ran', () => {
    expect(endedBy(notLoadable('a.service'))).toBe('nothing');
  });

  it('is the service itself when the start after a stop was refused or had no resources', () => {
    for (const result of ['start-limit-hit', 'resources']) {
      expect(endedBy({ ...stopped, activeState: 'failed', result })).toBe('itself');
    }
  });

  it('is not told by the times of a service whose bus name may be gone', () => {
    expect(endedBy(stopped, service('Type=dbus\nBusName=org.example.Proxy'))).toBe('ask');
    expect(endedBy(stopped, service('Type=notify'))).toBe('job');
  });

  it('is not told by the times after reset-failed, which leaves no result', () => {
    const waiting = { mainEndedUsec: 98, leftActiveUsec: 99, mainCode: 1, mainStatus: 1 };
    expect(endedBy({ ...base, ...waiting })).toBe('ask');
    const aborted = { ...stopped, mainStatus: 6 };
    expect(endedBy(aborted, service(''))).toBe('ask');
    expect(endedBy(stopped, service(''))).toBe('job');
    expect(endedBy(stopped, service('RuntimeMaxSec=1h'))).toBe('ask');
  });
});

describe('downfallOf', () => {
  const howOf = (live: DownEvidence['live'], more?: Partial<DownEvidence>) =>
    downfallOf(evidence(live, more))?.how;

  it('respects a stop, and says of an unknown end that it is unknown', () => {
    expect(howOf(stopped)).toBeUndefined();
    expect(howOf(failedStart, { journal: { ...written, wasStopped: true, result: null } })).toBeUndefined();
    expect(howOf(failedStart)).toBe('unknown');
    expect(howOf(failedStart, { journal: { ...written, wasStopped: false, result: null } })).toBe('fell');
  });

  it('knows since when a stop keeps it down, and of no fall or unknown end that it was stopped', () => {
    const since = (live: DownEvidence['live'], more?: Partial<DownEvidence>) =>
      stoppedOf(evidence(live, more))?.sinceSeconds;
    expect(since(stopped)).toBe(1_795_929_330);
    expect(since(failedStart, { journal: { ...written, wasStopped: true, result: null } })).toBe(
      1_795_929_330,
    );
    expect(since(failedStart)).toBeUndefined();
    expect(since({ ...terminated, mainEndedUsec: 300, leftActiveUsec: 301 })).toBeUndefined();
    expect(since(stopped, { purpose: { isMeantToStay: false, startedBy: [] } })).toBeUndefined();
    expect(since(stopped, { ties: { ...noTies, endedWith: { unit: 'b.service' } } })).toBeUndefined();
  });

  it('fell all the same where the stop only ended the wait for its restart', () => {
    const fallOf = (live: DownEvidence['live'], more?: Partial<DownEvidence>) =>
      stoppedOf(evidence(live, more))?.fall;
    const main = { mainEndedSeconds: 1_795_929_320, mainEndedUsec: 298, leftActiveUsec: 299 };
    const times = { ...main, leftInactiveUsec: 300, enteredInactiveUsec: 400, activeState: 'inactive' };
    const waited = { ...stopped, ...times, result: 'signal', mainCode: 2, mainStatus: 9 };
    const killed = { seconds: 1_795_929_320, result: 'signal', code: 'killed', status: 'KILL' };
    expect(fallOf(waited)).toEqual(killed);
    expect(downfallOf(evidence(waited))).toBeUndefined();
    // systemd could make no process for its last start.
    const lacking = { ...waited, result: 'resources', mainCode: 0, mainStatus: 0, mainEndedUsec: 0 };
    expect(fallOf(lacking)).toEqual({ seconds: null, result: 'resources', code: null, status: null });
    expect(fallOf(stopped)).toBeNull();
  });

  it('knows of a stop that somebody has asked for until when systemd waits', () => {
    const stopping = {
      ...base,
      activeState: 'deactivating',
      subState: 'stop-sigterm',
      hasJob: true,
      stateChangedSeconds: 1_795_929_000,
    };
    const purpose = { isMeantToStay: true, startedBy: [] };
    const killsAt = (settings: string, live = stopping) => {
      const stop = stopUnderWay(live, true, service(settings), purpose);
      expect(stop?.sinceSeconds).toBe(1_795_929_000);
      return stop?.killsAtSeconds;
    };
    expect(killsAt('TimeoutStopSec=300')).toBe(1_795_929_300);
    expect(killsAt('TimeoutStopSec=infinity')).toBe(Infinity);
    for (const never of ['SendSIGKILL=no', 'KillMode=none']) expect(killsAt(never)).toBeNull();
    expect(killsAt('', { ...stopping, needDaemonReload: true })).toBeNull();
    expect(killsAt('', { ...stopping, subState: 'stop' })).toBeNull();
    for (const live of [{ ...stopping, activeState: 'active' }, stopped])
      expect(stopUnderWay(live, true, service(''), purpose)).toBeUndefined();
    expect(stopUnderWay(stopping, false, service(''), purpose)).toBeUndefined();
    expect(stopUnderWay(stopping, true, service(''), { ...purpose, isMeantToStay: false })).toBeUndefined();
  });

  it('says of a clean end that nothing asks to take back that it may be meant', () => {
    const clean = { ...base, mainCode: 1, mainStatus: 0, mainEndedUsec: 300, leftActiveUsec: 301 };
    expect(howOf(clean)).toBe('ended');
    expect(howOf(clean, { isKnown: true })).toBe('fell');
    // A signal that counts as a success is no end of its own, and a status that is an error none after reset-failed.
    expect(howOf({ ...clean, mainCode: 2, mainStatus: 15 })).toBe('fell');
    expect(howOf({ ...clean, mainStatus: 200 })).toBe('fell');
  });

  it('says that systemd has given up after a loop, whatever the result', () => {
    const loop = { ...base, activeState: 'failed', result: 'exit-code', nRestarts: 5 };
    const end = {
      mainEndedUsec: 98,
      mainEndedSeconds: 1_795_929_329,
      leftActiveUsec: 99,
      mainCode: 1,
      mainStatus: 3,
    };
    const journal = { ...written, wasStopped: false, result: null };
    expect(downfallOf(evidence({ ...loop, ...end }, { journal }))).toEqual({
      how: 'gave-up',
      sinceSeconds: 1_795_929_329,
      mayHaveBegunEarlier: true,
      lastFallSeconds: 1_795_929_329,
      timesOfRestarts: [],
      earlierRestarts: null,
      failedStarts: null,
      startsFailed: 0,
      failedCommand: null,
      mainEndedWell: false,
      runSeconds: null,
      restarts: 5,
      isEnabled: true,
      startsAgainSeconds: null,
      lastRestartSeconds: null,
      phase: null,
      phaseSinceSeconds: null,
      startedBy: [],
      failedTrigger: null,
      cannotStart: null,
      other: null,
      conditions: [],
      halt: null,
      othersRun: false,
      port: null,
      listensOn: [],
      limits: [],
      isPortTaken: false,
      result: 'exit-code',
      code: 'exited',
      status: '3',
    });
  });

  it('knows how long a run took, and of a row the longest one, where all are known', () => {
    const end = { mainStartedSeconds: 1_795_929_300, mainEndedSeconds: 1_795_929_302, mainEndedUsec: 298 };
    const run = { ...base, ...end, activeState: 'failed', result: 'exit-code', mainCode: 1, mainStatus: 3 };
    expect(downfallOf(evidence({ ...run, leftActiveUsec: 299 }))).toMatchObject({
      how: 'fell',
      runSeconds: 3,
    });
    const journal = { ...written, wasStopped: false, result: null };
    const loop = { ...run, nRestarts: 5 };
    expect(downfallOf(evidence(loop, { journal }))).toMatchObject({ how: 'gave-up', runSeconds: null });
    const row: RowOfFalls = {
      count: 2,
      seconds: [1, 9],
      falls: [],
      isWhole: true,
      isLastAnswered: true,
      end: { invocation: '', result: 'exit-code', code: 'exited', status: 3 },
      earlier: null,
      longestStretch: 7.2,
      failedStarts: null,
      startsFailed: 0,
    };
    expect(downfallOf(evidence(loop, { journal, restarts: row }))).toMatchObject({ runSeconds: 8 });
  });

  it('is given up only where the start limit refused a restart, and not where none was due', () => {
    const journal = { ...written, wasStopped: false, result: 'exit-code' };
    const failed = { ...failedStart, invocation: 'b', nRestarts: 1, restart: 'on-abnormal' };
    const fall = { invocation: 'b', seconds: 9, result: 'exit-code', code: 'exited', status: 1 };
    const row: RowOfFalls = {
      count: 1,
      seconds: [8],
      falls: [{ ...fall, isOfRestart: false }],
      isWhole: true,
      isLastAnswered: false,
      end: fall,
      earlier: null,
      longestStretch: 0,
      failedStarts: null,
      startsFailed: 0,
    };
    expect(howOf(failed, { journal, restarts: row })).toBe('fell');
    expect(howOf(failed, { journal, restarts: { ...row, isLastAnswered: true } })).toBe('gave-up');
    // Without the journal the state alone tells.
    expect(howOf(failed, { journal })).toBe('gave-up');
    expect(howOf({ ...failed, restart: 'no' }, { journal })).toBe('fell');
  });

  it('says of what is not enabled only that it fell, and that it is not enabled', () => {
    const enabled = 'disabled';
    expect(downfallOf(evidence({ ...failedStart, result: 'start-limit-hit' }, { enabled }))).toMatchObject({
      how: 'gave-up',
      isEnabled: false,
    });
    expect(howOf({ ...base, enteredInactiveUsec: 0 }, { enabled })).toBeUndefined();
    expect(howOf(failedStart, { enabled: 'masked' })).toBeUndefined();
  });

  it('says of a stop whether another unit brought it', () => {
    const ties = { ...noTies, endedWith: { unit: 'b.service' } };
    expect(downfallOf(evidence(stopped, { ties }))).toMatchObject({
      how: 'stopped-with',
      other: 'b.service',
    });
    expect(howOf(stopped, { ties: { ...noTies, endedWith: 'unknown' } })).toBe('unknown');
  });

  it('tells why a start led to no run, also after an earlier run', () => {
    const never = { ...base, enteredInactiveUsec: 0, leftInactiveUsec: 0 };
    expect(howOf(never)).toBe('never-started');
    expect(howOf({ ...never, hasJob: true })).toBe('queued');
    expect(howOf(never, { ties: { ...noTies, missing: 'b.service' } })).toBe('blocked');
    for (const enteredInactiveUsec of [0, 301]) {
      const later = { ...stopped, enteredInactiveUsec, conditionsUsec: 400, assertsUsec: 400 };
      const skipped = { ...later, conditionsHeld: false, assertsHeld: false, assertsUsec: 0 };
      expect(downfallOf(evidence(skipped))).toMatchObject({
        how: 'skipped',
        conditions: ['ConditionPathExists=/srv'],
      });
      expect(downfallOf(evidence({ ...later, assertsHeld: false }))).toMatchObject({
        how: 'refused',
        conditions: ['AssertUser=tama'],
      });
    }
    const resources = { ...never, enteredInactiveSeconds: null, activeState: 'failed', result: 'resources' };
    expect(downfallOf(evidence(resources))).toMatchObject({ how: 'fell', sinceSeconds: null });
  });

  it('is down by a start that failed with what it requires, though somebody had stopped it before', () => {
    const at = { usec: 400, seconds: 1_795_929_400 };
    const failed = {
      failedStart: { ...at, result: 'dependency' },
      ties: { ...noTies, missing: 'b.service' },
    } as const;
    const told = { how: 'start-failed', other: 'b.service', sinceSeconds: 1_795_929_400 };
    expect(endedBy(stopped)).toBe('job');
    expect(downfallOf(evidence(stopped, failed))).toMatchObject(told);
    expect(stoppedOf(evidence(stopped, failed))).toBeUndefined();
    expect(downfallOf(evidence(stopped, { ...failed, enabled: 'disabled' }))).toMatchObject(told);
    expect(downfallOf(evidence({ ...notLoadable('a.service'), loadState: 'loaded' }, failed))).toMatchObject(
      told,
    );
    const jobLimits = [{ setting: 'JobTimeoutSec', value: '5', source: { file: '/a.service', line: 2 } }];
    const timedOut = { failedStart: { ...at, result: 'timeout' }, jobLimits, enabled: 'disabled' } as const;
    const late = { how: 'start-timed-out', sinceSeconds: at.seconds, limits: jobLimits };
    expect(downfallOf(evidence(stopped, timedOut))).toMatchObject(late);
    const refused = { failedStart: { ...at, result: 'assert' }, enabled: 'disabled' } as const;
    expect(downfallOf(evidence(stopped, refused))).toMatchObject({ how: 'refused', limits: [] });
    // A fall tells more.
    const fall = { ...stopped, activeState: 'failed', result: 'signal', mainEndedUsec: 299 };
    expect(downfallOf(evidence(fall, failed))).toMatchObject({ how: 'fell' });
  });

  it('takes the result that reset-failed took away from the journal', () => {
    const reset = { ...stopped, mainStatus: 6 };
    const journal = { ...written, wasStopped: false, result: 'watchdog' };
    expect(downfallOf(evidence(reset, { journal }))).toMatchObject({ how: 'fell', result: 'watchdog' });
  });

  it('tells a killed process that systemd goes on calling active, and no exit that may be meant', () => {
    const facts = service('RemainAfterExit=yes');
    const remains = { ...terminated, activeState: 'active', subState: 'exited' };
    expect(howOf(remains, { facts })).toBe('exited');
    expect(howOf({ ...remains, mainCode: 1, mainStatus: 0 }, { facts })).toBeUndefined();
  });
});

it('tells what nothing starts on demand any more, however its last run ended, unless it runs', () => {
  const facts = service('');
  const trigger = {
    kind: 'path',
    name: 'a.path',
    source: facts.settings.ExecStart.source,
    active: false,
  } as const;
  const surroundings = {
    ...facts.surroundings,
    triggers: [{ ...trigger, atBoot: true, hasFailed: true as const }],
  };
  const called = { ...facts, surroundings };
  const rests = { ...base, activeState: 'inactive' } as const;
  expect(triggerFailedOf(rests, called, 'static')).toMatchObject({
    how: 'trigger-failed',
    failedTrigger: 'a.path',
  });
  expect(triggerFailedOf(rests, facts, 'static')).toBeUndefined();
  expect(triggerFailedOf({ ...rests, activeState: 'active' }, called, 'static')).toBeUndefined();
  expect(triggerFailedOf(rests, called, 'masked')).toBeUndefined();
});

it('tells a start that failed of what is to remain active after its command, where it is enabled', () => {
  const job = {
    purpose: { isMeantToStay: false, startedBy: [] },
    facts: service('Type=oneshot\nRemainAfterExit=yes'),
  };
  const failed = { ...failedStart, mainCode: 1, mainStatus: 3, mainEndedUsec: 200 };
  expect(downfallOf(evidence(failed, { ...job, journal: written }))).toMatchObject({
    how: 'fell',
    status: '3',
  });
  expect(downfallOf(evidence(failed, { ...job, journal: { ...written, wasStopped: true } }))).toBeUndefined();
  expect(downfallOf(evidence(failed, { ...job, journal: written, enabled: 'disabled' }))).toBeUndefined();
  expect(downfallOf(evidence({ ...failed, activeState: 'inactive' }, job))).toBeUndefined();
  expect(downfallOf(evidence(failed, { ...job, facts: service('Type=oneshot') }))).toBeUndefined();
});

describe('restartingOf', () => {
  it('tells a service between two starts, and how its last run ended', () => {
    const waiting = { ...base, activeState: 'activating', subState: 'auto-restart', nRestarts: 7 };
    const end = { result: 'exit-code', mainCode: 1, mainStatus: 3 };
    expect(restartingOf({ ...waiting, ...end }, 'enabled', undefined)).toMatchObject({
      how: 'restarting',
      restarts: 7,
      status: '3',
    });
    expect(restartingOf({ ...waiting, subState: 'start' }, 'enabled', undefined)).toBeUndefined();
  });

  it('knows when systemd starts it again, where that takes a minute or more', () => {
    const waiting = { ...base, activeState: 'activating', subState: 'auto-restart' };
    const after = (
      lines: string,
      more: Partial<typeof waiting & { readonly needDaemonReload: boolean }> = {},
    ) => restartingOf({ ...waiting, ...more }, 'disabled', service(lines, { version: 257 }));
    const since = waiting.enteredInactiveSeconds;
    expect(after('RestartSec=59')).toMatchObject({ how: 'restarting', startsAgainSeconds: null });
    expect(after('RestartSec=10min')).toMatchObject({
      how: 'waiting',
      isEnabled: false,
      startsAgainSeconds: since + 600,
    });
    const growing = 'RestartSec=1s\nRestartSteps=2\nRestartMaxDelaySec=1h';
    expect(after(growing, { nRestarts: 9 })).toMatchObject({ startsAgainSeconds: since + 3600 });
    expect(after('RestartSec=infinity')).toMatchObject({ how: 'waiting', startsAgainSeconds: null });
    // The manager may still wait as long as an older file says.
    expect(after('RestartSec=10min', { needDaemonReload: true })).toMatchObject({ how: 'restarting' });
  });
});

describe('a fall whose end goes on, or went on for long', () => {
  const died = { mainEndedUsec: 200, mainEndedSeconds: 1_795_929_300, mainCode: 1, mainStatus: 7 };
  const purpose = { isMeantToStay: true, startedBy: [] };
  const ending = { ...base, ...died, activeState: 'deactivating', subState: 'stop-post', hasJob: true };

  it('is dated by its main process also where its start failed, or systemd ended it', () => {
    for (const live of [
      { ...failedStart, ...died },
      { ...failedStart, ...died, leftActiveUsec: 150, result: 'timeout', mainCode: 2, mainStatus: 15 },
    ])
      expect(downfallOf(evidence(live, { journal: written }))?.sinceSeconds).toBe(1_795_929_300);
  });

  it('is dated by the journal where it never had a main process', () => {
    const at = { usec: 180, seconds: 1_795_929_280 };
    expect(downfallOf(evidence(failedStart, { journal: { ...written, at } }))?.sinceSeconds).toBe(at.seconds);
  });

  it('is no stop by somebody while the job of its start waits for that end', () => {
    const live = { ...ending, result: 'exit-code' };
    expect(endingOnOf(live, false, service('Type=notify'), purpose, 'enabled')).toMatchObject({
      how: 'ending',
      sinceSeconds: 1_795_929_300,
      status: '7',
    });
    expect(endingOnOf(live, true, service('Type=notify'), purpose, 'enabled')).toBeUndefined();
    // Its process is still there: systemd is only about to end it.
    const asked = { ...ending, mainPid: 9, mainEndedUsec: 0, leftActiveUsec: 150, result: 'timeout' };
    expect(endingOnOf(asked, false, service(''), purpose, 'enabled')).toBeUndefined();
  });
});

describe('the limit that ended a run', () => {
  const failed = { ...base, activeState: 'failed', subState: 'failed' } as const;
  const up = { ...failed, leftInactiveUsec: 100, leftActiveUsec: 300, mainEndedUsec: 300 } as const;
  const limitsOf = (live: DownEvidence['live'], lines: string) =>
    downfallOf(evidence(live, { facts: service(lines) }))?.limits.map(
      ({ setting, value }) => `${setting}=${value}`,
    );

  it.each([
    [
      'a start',
      { ...failed, result: 'timeout', leftInactiveUsec: 400, mainEndedUsec: 500 },
      ['TimeoutStartSec=5s'],
    ],
    ['no sign of life', { ...up, result: 'watchdog' }, ['WatchdogSec=3s']],
    [
      'a run',
      { ...up, result: 'timeout', mainEndedUsec: 301, mainStartedSeconds: 100, mainEndedSeconds: 160 },
      ['RuntimeMaxSec=1min'],
    ],
    [
      'a stop of a shorter run',
      { ...up, result: 'timeout', mainEndedUsec: 301, mainStartedSeconds: 100, mainEndedSeconds: 130 },
      [],
    ],
    [
      'what follows an end by itself',
      { ...up, result: 'timeout', mainStartedSeconds: 100, mainEndedSeconds: 160 },
      ['TimeoutStopSec=7s'],
    ],
    ['none', { ...up, result: 'exit-code' }, []],
  ])('%s', (_, live, expected) => {
    expect(limitsOf(live, 'TimeoutStartSec=5\nTimeoutStopSec=7\nWatchdogSec=3\nRuntimeMaxSec=60')).toEqual(
      expected,
    );
  });
});
