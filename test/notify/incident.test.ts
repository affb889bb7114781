import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Incident, nextLookMs, reduceIncident } from '../../src/notify/incident.ts';
import type { Sign } from '../../src/notify/sign.ts';
import {
  ended,
  exit3,
  hour,
  look,
  minute,
  policy,
  ready,
  second,
  started,
  staysDown,
  telling,
  unit,
} from './telling.ts';

const term = { result: 'success', code: 'killed', status: 'TERM' };

describe('one fall', () => {
  it('is told once it is up and answers again, with how long that took', () => {
    const { told } = telling([ended(0, 'a', { cause: term }), started(5_000, 'b'), ready(7_300, 'b')]);
    expect(told).toEqual([
      {
        atMs: 7_300,
        kind: 'restarted',
        event: { kind: 'restarted', cause: term, downSeconds: 7.3, falls: 1 },
      },
    ]);
  });

  it('that nothing gets up from is told at once, and taken for over when somebody starts it', () => {
    const { kinds } = telling([
      ended(0, 'a', { cause: term }),
      staysDown(1_000),
      started(hour, 'b', 0),
      ready(hour + 2_000, 'b'),
    ]);
    expect(kinds).toEqual(['stays-down', 'restarted']);
  });

  it('says how it fell, whether or not OnFailure= knows that', () => {
    const [down] = telling([ended(0, 'a'), staysDown(100)]).told;
    expect(down?.event).toMatchObject({ cause: exit3 });
    const [late] = telling([staysDown(0), ended(100, 'a'), ended(100, 'a')]).told;
    expect(late?.event).toMatchObject({ kind: 'stays-down' });
  });

  it('has the time of the end of its process, however long systemd takes to call it failed', () => {
    const fell = reduceIncident(undefined, ended(0, 'a'), unit, policy);
    const { effects } = reduceIncident(fell.incident, staysDown(12 * second), unit, policy);
    const told = { kind: 'tell', atMs: 0, dueMs: 12 * second, event: { kind: 'stays-down', cause: exit3 } };
    expect(effects.at(-1)).toMatchObject(told);
  });

  it('has that time also where it is known only when the unit has failed', () => {
    const failed: Sign = {
      kind: 'stays-down',
      atMs: 98 * second,
      endedMs: 8 * second,
      invocation: 'a',
      cause: exit3,
    };
    const { effects, incident } = reduceIncident(undefined, failed, unit, policy);
    expect(effects.at(-1)).toMatchObject({ kind: 'tell', atMs: 8 * second, dueMs: 98 * second });
    expect(incident).toMatchObject({ downSinceMs: 8 * second, lastFallMs: 8 * second });
  });

  it('of a service that takes long to come up is told before it is up', () => {
    const { told } = telling([ended(0, 'a'), started(5 * minute, 'b'), ready(5 * minute + second, 'b')]);
    expect(told.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['fell', minute],
      ['restarted', 5 * minute + second],
    ]);
  });

  it('whose service starts and does not answer is told as that, and again when it does answer', () => {
    const late: Sign = { kind: 'not-ready', atMs: 30 * second, invocation: 'b', waitedSeconds: 30 };
    const { kinds } = telling([ended(0, 'a'), started(100, 'b'), late, late, ready(2 * minute, 'b')]);
    expect(kinds).toEqual(['not-ready', 'restarted']);
  });

  it('is known from the count of restarts alone, where nobody saw the end', () => {
    const { told } = telling([started(0, 'b', 1), ready(second, 'b')]);
    expect(told[0]?.event).toMatchObject({ kind: 'restarted', downSeconds: null });
    const fall = [ended(0, 'a'), started(second, 'b'), ready(2 * second, 'b')];
    const again = telling([...fall, started(hour, 'd', 2), ready(hour + second, 'd')]);
    expect(again.told[1]?.event).toEqual({
      kind: 'restarted',
      cause: { result: null, code: null, status: null },
      downSeconds: null,
      falls: 1,
    });
    expect(telling([...fall, started(hour, 'd', 0), ready(hour + second, 'd')]).kinds).toEqual(['restarted']);
  });
});

it('what ExecCondition= keeps from its restart is told with that, and with the end before it', () => {
  const skipped = { cause: { result: 'exec-condition', code: null, status: null } };
  const falls = [ended(0, 'a'), started(second, 'b', 1), ended(2 * second, 'b')];
  const [down] = telling([...falls, { ...staysDown(4 * second), ...skipped }]).told;
  expect(down?.event).toMatchObject({
    kind: 'stays-down',
    cause: { ...skipped.cause, before: { cause: exit3, atMs: 2 * second } },
    gaveUp: null,
    falls: 2,
  });
});

describe('a start that failed', () => {
  const lacking = { result: 'resources', code: null, status: null };
  const noProgram = { result: 'exit-code', code: 'exited', status: '203' };
  const fall = ended(0, 'a', { cause: exit3 });
  const before = { cause: exit3, atMs: 0 };

  it('is no fall: both are counted apart, and the time down is that since the fall', () => {
    const failures = [1, 2, 3].map(n => ended(n * second, `${n}`, { cause: noProgram }));
    const { told } = telling([fall, ...failures, started(10 * second, 'b', 4), ready(12 * second, 'b')]);
    expect(told[0]?.event).toMatchObject({
      kind: 'restarted',
      cause: { ...noProgram, before },
      falls: 1,
      failedStarts: 3,
      downSeconds: 12,
      sinceMs: 0,
    });
    expect(
      telling([fall, ...failures, staysDown(4 * second, null, { restarts: 4 })]).told[0]?.event,
    ).toMatchObject({
      kind: 'stays-down',
      gaveUp: { falls: 1, failedStarts: 3, seconds: 3 },
    });
  });

  it('without a fall before it is counted alone', () => {
    const failures = [1, 2, 3].map(n => ended(n * second, `${n}`, { cause: noProgram }));
    const [down] = telling(failures, {}, 5 * minute).told;
    expect(down?.event).toEqual({
      kind: 'keeps-falling',
      cause: noProgram,
      falls: 0,
      failedStarts: 3,
      sinceMs: second,
    });
    const back = telling([...failures.slice(1), started(10 * second, 'b', 2), ready(12 * second, 'b')]);
    expect(back.told[0]?.event).toMatchObject({
      falls: 0,
      failedStarts: 2,
      downSeconds: 10,
      isAtLeast: true,
    });
  });

  it('that only the journal tells of, is taken out of what systemd counted', () => {
    const { told } = telling([
      ended(0, 'a'),
      started(second, 'b', 1),
      ready(2 * second, 'b'),
      started(minute, 'z', 10),
      ended(30 * second, 'b', { cause: { ...exit3, startsFailedSince: 8 } }),
      ready(3 * minute, 'z'),
    ]);
    expect(told.at(-1)?.event).toMatchObject({ falls: 2, failedStarts: 8 });
  });

  it('has its own cause and log, and the fall before it is named with its own time', () => {
    const gone: Sign = { kind: 'stays-down', atMs: 30 * second, invocation: 'c', cause: lacking };
    for (const word of [gone, ended(30 * second, 'c', { cause: lacking })]) {
      const { told, origins } = telling([fall, word], {}, 10 * minute);
      const [down] = told;
      expect(down?.event).toMatchObject({ cause: { ...lacking, before } });
      expect(down && origins.get(down)?.run).toBe('c');
    }
    // Also where the start before it was seen to begin.
    const { told, origins } = telling([
      fall,
      started(second, 'b'),
      { ...gone, atMs: 2 * second, invocation: 'b', cause: { ...lacking, result: 'exit-code' } },
    ]);
    expect(told[0]?.event).toMatchObject({ cause: { result: 'exit-code', code: null, before } });
    expect(told[0] && origins.get(told[0])?.run).toBe('b');
  });
});

describe('what is no fall', () => {
  it('a first start is told to nobody', () => {
    expect(telling([started(0, 'a', 0), ready(second, 'a')]).kinds).toEqual([]);
  });

  it('nor is a stop or a restart that somebody asked for', () => {
    for (const job of ['stop', 'restart', 'shutdown'] as const) {
      const asked = ended(0, 'a', { job });
      expect(telling([asked]).kinds).toEqual([]);
      expect(telling([asked, started(second, 'b', 0), ready(2 * second, 'b')]).kinds).toEqual([]);
    }
  });

  it('nor is a stop that fails, although systemd then triggers OnFailure=', () => {
    const asked = ended(0, 'a', { job: 'stop', cause: { ...exit3, result: 'timeout' } });
    expect(telling([asked, staysDown(10, 'a')]).kinds).toEqual([]);
    expect(telling([asked, staysDown(10, null)]).kinds).toEqual([]);
    expect(telling([asked, started(second, 'b', 0), ended(2_000, 'b'), staysDown(2_100, 'b')]).kinds).toEqual(
      ['stays-down'],
    );
  });

  it('nor is a service that a condition keeps from starting', () => {
    expect(telling([ended(0, 'a', { cause: { ...exit3, result: 'exec-condition' } })]).kinds).toEqual([]);
  });

  it('a stop ends what was about to be told of a fall', () => {
    const { kinds, incident } = telling([ended(0, 'a'), ended(2_000, 'b', { job: 'stop' })]);
    expect([kinds, incident?.state]).toEqual([[], 'stopped']);
  });
});

describe('a fall that something else comes in between', () => {
  it('is told although the machine, or somebody, restarts the service before it is up', () => {
    for (const job of ['restart', 'shutdown'] as const) {
      const fall = [ended(0, 'a'), started(second, 'b'), ended(2 * second, 'b', { job })];
      const { told, heldBack, origins } = telling([
        ...fall,
        started(40 * second, 'c', 0),
        ready(50 * second, 'c'),
      ]);
      expect(told.map(({ event }) => event)).toEqual([
        {
          kind: 'restarted',
          cause: exit3,
          downSeconds: 50,
          isByJob: true,
          // What Restart= did before that is not denied.
          cutShort: { startedMs: second, endedMs: 2 * second, by: job },
          falls: 1,
        },
      ]);
      expect(heldBack).toEqual(['restarted']);
      // The log is that of the run that fell, and not of the one that was restarted.
      expect(told.map(each => origins.get(each)?.run)).toEqual(['a']);
    }
  });

  it('is not told with a start of before the last fall', () => {
    const { told } = telling([
      ended(0, 'a'),
      started(second, 'b'),
      ended(2 * second, 'b', { job: 'shutdown' }),
      started(40 * second, 'c', 0),
      ended(41 * second, 'c'),
      staysDown(42 * second, 'c'),
      started(50 * second, 'd', 0),
      ready(51 * second, 'd'),
    ]);
    expect(told.at(-1)?.event).toMatchObject({ kind: 'restarted', isByJob: true, downSeconds: 10 });
    expect(told.at(-1)?.event).not.toHaveProperty('cutShort');
  });

  it('is told when the service does not come up with the machine', () => {
    const { kinds } = telling([
      ended(0, 'a'),
      started(second, 'b'),
      ended(2 * second, 'b', { job: 'shutdown' }),
      look(30 * second),
      staysDown(31 * second),
    ]);
    expect(kinds).toEqual(['stays-down']);
  });

  it('is told where it was over, and the word of it held back', () => {
    const up = (atMs: number, invocation: string) => [started(atMs, invocation), ready(atMs, invocation)];
    for (const job of ['stop', 'restart', 'shutdown'] as const) {
      const { told } = telling([
        ended(0, 'a'),
        ...up(second, 'b'),
        ended(minute, 'b'),
        ...up(minute + second, 'c'),
        ended(minute + 2 * second, 'c', { job }),
      ]);
      expect(told.map(({ event }) => event)).toMatchObject([
        { kind: 'restarted', falls: 1 },
        { kind: 'restarted', falls: 2, sinceMs: 0 },
      ]);
    }
  });

  it('is counted, whenever the machine or somebody restarts the service', () => {
    const runs = fc.array(
      fc.record({
        end: fc.constantFrom('none', 'restart', 'shutdown'),
        isReady: fc.boolean(),
        forMs: fc.integer({ min: 1, max: 20 * minute }),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(runs, all => {
        let atMs = 0;
        const signs = all.flatMap(({ end, isReady, forMs }, index): readonly Sign[] => {
          const invocation = `run-${index}`;
          const isByItself = all[index - 1]?.end === 'none';
          atMs += 100;
          const start = started(atMs, invocation, isByItself ? 1 : 0);
          atMs += 100;
          const answer = isReady ? [ready(atMs, invocation), look(atMs + forMs - 1)] : [];
          atMs += forMs;
          return [start, ...answer, ended(atMs, invocation, { job: end })];
        });
        const isLastByItself = all.at(-1)?.end === 'none';
        const last = [
          started(atMs + 100, 'last', isLastByItself ? 1 : 0),
          ready(atMs + 200, 'last'),
          look(atMs + 20 * minute),
        ];
        const isFallen = all.filter(({ end }) => end === 'none').length;
        expect(telling([...signs, ...last]).counted).toBe(isFallen);
      }),
      { numRuns: 500 },
    );
  });
});

describe('falls in a row', () => {
  const crash = (count: number, everyMs: number) =>
    Array.from({ length: count }, (_, index) => [
      ended(index * everyMs, `run-${index}`),
      started(index * everyMs + 100, `run-${index + 1}`, index + 1),
    ]).flat();

  it('are one message when it stays up in the end', () => {
    const { told } = telling([...crash(5, 400), ready(3_000, 'run-5')]);
    expect(told.map(({ event }) => event)).toEqual([
      {
        kind: 'restarted',
        cause: exit3,
        downSeconds: 1.4,
        unready: { sinceMs: 0, seconds: 3 },
        falls: 5,
        sinceMs: 0,
        heldSeconds: 60,
      },
    ]);
  });

  it('are one message when systemd gives it up', () => {
    const { told } = telling([
      ...crash(5, 400),
      ended(2_000, 'run-5'),
      staysDown(2_100, null, { restarts: 6 }),
    ]);
    expect(told.map(({ event }) => event)).toEqual([
      { kind: 'stays-down', cause: exit3, gaveUp: { falls: 6, seconds: 2 } },
    ]);
  });

  it('are counted from the last word of a restart on', () => {
    const again = crash(5, 400).map(sign => ({ ...sign, atMs: sign.atMs + hour }));
    const { told } = telling([
      ended(0, 'first'),
      started(100, 'run-0'),
      ready(200, 'run-0'),
      ...again,
      ready(hour + 3_000, 'run-5'),
    ]);
    expect(told.map(({ event }) => event)).toMatchObject([{ falls: 1 }, { falls: 5 }]);
  });

  it('over hours are told ever more rarely, and none is forgotten', () => {
    const everyMs = 35 * second;
    const count = 200;
    const signs = Array.from({ length: count }, (_, index) => [
      ended(index * everyMs, `run-${index}`),
      started(index * everyMs + 100, `run-${index + 1}`, index + 1),
      ready(index * everyMs + 2_000, `run-${index + 1}`),
    ]).flat();
    const { told, counted } = telling(signs, { remindSeconds: 24 * 3600 });
    expect(told.map(({ kind, atMs }) => [kind, Math.floor(atMs / minute)])).toEqual([
      ['restarted', 0],
      ['restarted', 0],
      ['keeps-falling', 1],
      ['keeps-falling', 6],
      ['keeps-falling', 21],
      ['keeps-falling', 81],
      ['restarted', 126],
    ]);
    expect(counted).toBe(count);
  });
});

describe('what is said of several falls', () => {
  it('is when the first was, and not the start before it', () => {
    const falls = [0, 1, 2].flatMap(index => [
      started(index * second, `run-${index}`, index),
      ended(index * second + 300, `run-${index}`),
    ]);
    const { told } = telling([
      ...falls,
      staysDown(2_400, 'run-2', { restarts: 3 }),
      started(hour, 'b', 0),
      ready(hour, 'b'),
    ]);
    expect(told.map(({ event }) => event)).toMatchObject([
      { kind: 'stays-down', gaveUp: { falls: 3, seconds: 2 } },
      { kind: 'restarted', falls: 3, sinceMs: 300 },
    ]);
    const [unseen] = telling([
      started(0, 'b', 4),
      ended(second, 'b'),
      started(second, 'c', 5),
      ready(2_000),
    ]).told;
    expect(unseen?.event).toEqual({ kind: 'restarted', cause: exit3, downSeconds: 1, falls: 2 });
  });

  it('is also for how long it was not ready over several falls, whoever started it in between', () => {
    const signs = [
      ended(0, 'a'),
      started(30 * second, 'b', 0),
      ended(40 * second, 'b'),
      started(50 * second, 'c', 1),
      ended(3 * minute, 'c'),
      started(4 * minute, 'd', 0),
    ];
    const [last] = telling([...signs, ready(4 * minute + second, 'd')]).told.slice(-1);
    expect(last?.event).toMatchObject({ downSeconds: 61, unready: { sinceMs: 0, seconds: 241 } });
    const between = [...signs.slice(0, 4), ready(51 * second, 'c'), ...signs.slice(4)];
    const [other] = telling([...between, ready(4 * minute + second, 'd')]).told.slice(-1);
    expect(other?.event).toMatchObject({ downSeconds: 61 });
    expect(other?.event).not.toHaveProperty('unready');
  });

  it('is for how long it was down after the last, and not since the first', () => {
    const runs = [0, 1, 2, 3].flatMap(index => [
      ended(index * 4 * second, `run-${index}`),
      started(index * 4 * second + 100, `run-${index + 1}`, index + 1),
    ]);
    expect(telling([...runs, ready(12_100, 'run-4')]).told[0]?.event).toMatchObject({
      falls: 4,
      downSeconds: 0.1,
    });
  });

  it('is in which time systemd gave it up, from its start by hand on', () => {
    const row = (atMs: number, name: string) => [
      ended(atMs, `${name}-0`),
      started(atMs + 100, `${name}-1`, 1),
      ended(atMs + 200, `${name}-1`),
      staysDown(atMs + 300, `${name}-1`, { restarts: 2 }),
    ];
    const byHand = [started(hour, 'b-0', 0), ...row(hour + second, 'b')];
    const [, again] = telling([...row(0, 'a'), ...byHand]).told;
    expect(again?.event).toMatchObject({ gaveUp: { falls: 2, seconds: 0.2 }, falls: 4, sinceMs: 0 });
  });
});

describe('a fall whose next start does not come to its end', () => {
  it('is told with what is said of that start, in the lines of the run that ended', () => {
    const late: Sign = { kind: 'not-ready', atMs: 31 * second, invocation: 'b', waitedSeconds: 30 };
    const { told, incident } = telling([ended(0, 'a'), started(second, 'b'), late]);
    expect(told.map(({ event }) => event)).toEqual([
      { kind: 'not-ready', waitedSeconds: 30, fall: { cause: exit3, falls: 1, sinceMs: 0 } },
    ]);
    const again = reduceIncident(incident, ended(40 * second, 'b'), unit, policy);
    expect(again.effects.at(-1)).toMatchObject({ kind: 'tell', run: 'b' });
    const first = reduceIncident(undefined, ended(0, 'a'), unit, policy).incident;
    const starting = reduceIncident(first, started(second, 'b'), unit, policy).incident;
    expect(reduceIncident(starting, late, unit, policy).effects.at(-1)).toMatchObject({ run: 'a' });
  });

  it('is told when it would have been, and says since when systemd has been starting it', () => {
    const activating: Sign = { kind: 'activating', atMs: 8 * second, invocation: 'b', sinceMs: second };
    const { told } = telling([ended(0, 'a'), activating, { ...activating, atMs: 14 * second }]);
    expect(told).toEqual([
      { atMs: minute, kind: 'fell', event: { kind: 'fell', cause: exit3, startingSinceMs: second } },
    ]);
    const over = telling([ended(0, 'a'), activating, started(20 * second, 'b'), ready(25 * second, 'b')]);
    expect(over.kinds).toEqual(['restarted']);
  });
});

describe('a start whose job alone times out', () => {
  const over: Sign = { kind: 'start-job-timed-out', atMs: 5 * second, invocation: 'a' };

  it('is no fall, and is told again when it is up', () => {
    const signs = [{ ...over, sinceMs: second }, started(30 * second, 'a', 0), ready(35 * second, 'a')];
    const { told } = telling(signs);
    expect(told.map(({ event }) => event)).toMatchObject([
      { kind: 'not-ready', isJobOver: true, waitedSeconds: 4 },
      { kind: 'started' },
    ]);
    expect(told[0]?.event).not.toHaveProperty('fall');
  });

  it('after a fall is told with that', () => {
    const { told } = telling([ended(0, 'before'), over]);
    expect(told.at(-1)?.event).toMatchObject({ kind: 'not-ready', isJobOver: true, fall: { falls: 1 } });
  });

  it('and that was cancelled is told also soon after a stop', () => {
    const stop = ended(0, 'a', { job: 'stop' });
    const cause = { result: 'job-timeout', code: null, status: null };
    const cancelled: Sign = { kind: 'stays-down', atMs: 9 * second, invocation: null, cause };
    expect(telling([stop, cancelled]).told).toMatchObject([{ event: { kind: 'stays-down', cause } }]);
  });
});

describe('a restart by hand between two falls', () => {
  it('begins a row, and it is down since the fall after it', () => {
    const restart = ended(3 * second, 'b', { job: 'restart' });
    const row = [ended(0, 'a'), started(second, 'b', 1), restart, started(4 * second, 'c', 0)];
    const more = [ended(6 * second, 'c'), started(7 * second, 'd', 1), ended(8 * second, 'd')];
    const { told, incident } = telling([...row, ...more, staysDown(9 * second, 'd', { restarts: 2 })]);
    expect(told.at(-1)?.event).toMatchObject({ kind: 'stays-down', gaveUp: { falls: 2, seconds: 2 } });
    expect(incident).toMatchObject({ downSinceMs: 6 * second });
  });
});

describe('a service without a hook for its end', () => {
  it('is told each time that it has fallen for good', () => {
    const fall = (atMs: number, run: string) => [
      started(atMs, run, 0),
      ready(atMs + second, run),
      staysDown(atMs + minute, run),
    ];
    const { told } = telling([...fall(0, 'a'), ...fall(2 * minute, 'b')]);
    expect(told.map(({ kind, atMs }) => [kind, atMs / second])).toEqual([
      ['stays-down', 60],
      ['restarted', 121],
      ['stays-down', 180],
    ]);
  });
});

describe('what is started by hand after it was given up, and given up once more', () => {
  const row = (atMs: number, run: string) => [
    started(atMs, run, 0),
    ended(atMs + second, run),
    started(atMs + 2 * second, `${run}2`, 1),
    ended(atMs + 3 * second, `${run}2`),
    staysDown(atMs + 3 * second + 1, `${run}2`),
  ];

  it('is told so at once, and only then ever more rarely', () => {
    const starts = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(minutes => minutes * minute);
    const { told } = telling(starts.flatMap((atMs, index) => row(atMs, `r${index}`)));
    expect(told.map(({ kind }) => kind)).toEqual(told.map(() => 'stays-down'));
    const after = told.map(({ atMs }) => Math.round(atMs / minute));
    expect(after.slice(0, 3)).toEqual([0, 2, 3]);
    expect(after.length).toBeLessThanOrEqual(5);
  });
});

it('what a boot has started is not said to be restarted, and what Restart= started in that boot is', () => {
  const boot = 10 * second;
  const after = (atMs: number, restarts: number): Sign => ({
    kind: 'started',
    atMs,
    invocation: 'b',
    restarts,
    bootMs: boot,
  });
  const eventAfter = (start: Sign, endMs: number) =>
    telling([ended(endMs, 'a', { isByJob: true }), start, ready(start.atMs + second, 'b')]).told.at(-1)
      ?.event;
  expect(eventAfter(after(boot + 5 * second, 0), boot - 2 * second)).toMatchObject({
    kind: 'restarted',
    isByJob: true,
  });
  expect(eventAfter(after(boot + 5 * second, 1), boot + 2 * second)).not.toHaveProperty('isByJob');
  expect(eventAfter(after(boot + 5 * second, 0), boot + 2 * second)).not.toHaveProperty('isByJob');
});

it('what is given up again after a boot fell as often as in that boot, also where the restarts were not read', () => {
  const boot = minute;
  const row = (atMs: number, run: string, bootMs: number): readonly Sign[] =>
    [0, 1, 2].flatMap(index => [
      { kind: 'started', atMs: atMs + index * 400, invocation: `${run}${index}`, restarts: null, bootMs },
      ended(atMs + index * 400 + 200, `${run}${index}`),
    ]);
  const signs = [
    ...row(0, 'a', -hour),
    staysDown(second + 1, 'a2', { restarts: 3 }),
    ...row(boot + second, 'b', boot),
    staysDown(boot + 2 * second + 1, 'b2', { restarts: 3 }),
  ];
  const { told } = telling(signs);
  expect(told.at(-1)?.event).toMatchObject({
    kind: 'stays-down',
    gaveUp: { falls: 3, seconds: 0.8 },
    falls: 6,
  });
});

describe('a loop, whatever its rhythm', () => {
  it('is told to fall again and again until it has stayed up for ten minutes', () => {
    const signs = Array.from({ length: 20 }, (_, index) => [
      ended(index * 3 * minute, `run-${index}`),
      started(index * 3 * minute + second, `run-${index + 1}`, index + 1),
      ready(index * 3 * minute + second, `run-${index + 1}`),
    ]).flat();
    // That it was up from its start is known once it has run for a while.
    const takenMs = ({ kind, atMs }: Sign) => (kind === 'ready' ? atMs + 5 * second : atMs);
    const { told } = telling(signs, { remindSeconds: 24 * 3600 }, undefined, { takenMs });
    expect(told.map(({ kind, atMs }) => [kind, Math.floor(atMs / minute)])).toEqual([
      ['restarted', 0],
      ['restarted', 3],
      ['keeps-falling', 6],
      ['keeps-falling', 12],
      ['keeps-falling', 27],
      ['restarted', 67],
    ]);
    expect(told.at(-1)?.event).toMatchObject({ falls: 20, downSeconds: 1, heldSeconds: 600 });
  });

  /** Runs that end by themselves; of some the hooks are lost, and some ends are told twice. */
  const runs = fc.array(
    fc.record({
      upMs: fc.integer({ min: 1, max: 9 * minute }),
      downMs: fc.integer({ min: 1, max: 50 * second }),
      isReady: fc.boolean(),
      isLost: fc.constantFrom(false, false, false, true),
      isTwice: fc.boolean(),
    }),
    { minLength: 3, maxLength: 400 },
  );
  type Run = typeof runs extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

  function signsOf(all: readonly Run[]): readonly Sign[] {
    let atMs = 0;
    const signs = all.flatMap(({ upMs, downMs, isReady, isLost, isTwice }, index): readonly Sign[] => {
      const invocation = `run-${index}`;
      // The first fall, and the count after it, are seen: later counts are held against it.
      const isSeen = index <= 1 || !isLost;
      const start = index > 0 && isSeen ? [started(atMs, invocation, index)] : [];
      const answer = isReady && isSeen ? [ready(atMs + 1, invocation), look(atMs + upMs - 1)] : [];
      atMs += upMs;
      const end = isSeen ? [ended(atMs, invocation)] : [];
      const late = isTwice && isSeen ? [ended(atMs + downMs - 1, invocation, { job: 'unknown' })] : [];
      atMs += downMs;
      return [...start, ...answer, ...end, ...late];
    });
    const last = all.length;
    return [
      ...signs,
      started(atMs, 'last', last),
      ready(atMs + 1, 'last'),
      ...[1, 5, 11].map(minutes => look(atMs + minutes * minute)),
    ];
  }

  it('no fall is lost from the count, and none is counted twice', () => {
    fc.assert(
      fc.property(runs, all => {
        const { counted, told } = telling(signsOf(all), { remindSeconds: 24 * 3600 });
        expect(told.at(-1)?.kind).toBe('restarted');
        expect(counted).toBe(all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('is told no more often than grows with the logarithm of the time', () => {
    fc.assert(
      fc.property(runs, all => {
        const signs = signsOf(all);
        const minutes = (signs.at(-1)?.atMs ?? 0) / minute;
        const { told } = telling(signs, { remindSeconds: 24 * 3600 });
        expect(told.length).toBeLessThanOrEqual(4 + 2 * Math.log2(2 + minutes));
      }),
      { numRuns: 300 },
    );
  });

  it('never ready, says at each word how often it fell, and each word comes later', () => {
    const everyMs = 6 * second;
    const signs = Array.from({ length: 5_000 }, (_, index) => [
      ended(index * everyMs, `run-${index}`),
      started(index * everyMs + 5_000, `run-${index + 1}`, index + 1),
    ]).flat();
    const { told } = telling(signs, { remindSeconds: 24 * 3600 }, 8 * hour);
    expect(
      told.map(({ kind, event, atMs }) => [
        kind,
        'falls' in event ? event.falls : 0,
        Math.floor(atMs / minute),
      ]),
    ).toEqual([
      ['keeps-falling', 10, 1],
      ['keeps-falling', 60, 6],
      ['keeps-falling', 210, 21],
      ['keeps-falling', 810, 81],
      ['keeps-falling', 4410, 441],
    ]);
    expect(telling(signs).kinds).toEqual(['keeps-falling']);
  });

  it('counts what only systemd has seen, and not once more when its hook is late', () => {
    const fall = [ended(0, 'a'), started(100, 'b', 1), ready(200, 'b')];
    const jump = [started(10 * second, 'e', 4), ready(11 * second, 'e')];
    expect(telling([...fall, ...jump]).counted).toBe(4);
    const late = [ended(2 * second, 'b'), ended(4 * second, 'c')];
    expect(telling([...fall, ...jump, ...late]).counted).toBe(4);
    const seen: Sign = {
      kind: 'ready',
      atMs: 12 * second,
      seenMs: 17 * second,
      invocation: 'b',
      restarts: 3,
    };
    const between = [ended(0, 'a'), started(100, 'b', 1), seen];
    expect(telling(between).counted).toBe(3);
    expect(telling([...between, ended(5 * second, 'c')]).counted).toBe(3);
  });
});

describe('the word of a restart', () => {
  const falls = [0, 1, 2].flatMap(index => [
    ended(index * 10 * second, `run-${index}`),
    started(index * 10 * second + second, `run-${index + 1}`, index + 1),
    ready(index * 10 * second + 2 * second, `run-${index + 1}`),
  ]);

  it('comes at once for the first two falls, and has to hold from the third on', () => {
    const { told } = telling(falls);
    expect(told.map(({ kind, atMs }) => [kind, atMs / second])).toEqual([
      ['restarted', 2],
      ['restarted', 12],
      ['restarted', 82],
    ]);
    expect(told.map(({ event }) => event)).toMatchObject([
      { falls: 1 },
      { falls: 2 },
      { falls: 3, heldSeconds: 60 },
    ]);
  });

  it('that was held back comes before it is up for long where somebody stops it, and says that it is stopped', () => {
    const stopMs = 40 * second;
    const stop = (job: 'stop' | 'restart') =>
      telling([...falls, ended(stopMs, 'run-3', { job })]).told.at(-1);
    expect(stop('stop')).toMatchObject({
      kind: 'restarted',
      atMs: stopMs,
      event: { falls: 3, stoppedMs: stopMs },
    });
    expect(stop('stop')?.event).not.toHaveProperty('heldSeconds');
    expect(stop('restart')?.event).not.toHaveProperty('stoppedMs');
  });
});

describe('a repair by hand', () => {
  const loop = (count: number) =>
    Array.from({ length: count }, (_, index) => [
      ended(index * 6 * second, `run-${index}`),
      started(index * 6 * second + second, `run-${index + 1}`, index + 1),
    ]).flat();

  it('of what systemd gave up says how often it fell, for how long it was down, and that a job started it', () => {
    const down = [...loop(3), ended(18 * second, 'run-3'), staysDown(18_100, 'run-3')];
    const { told } = telling([...down, started(hour, 'b', 0), ready(hour + second, 'b')]);
    expect(told.at(-1)?.event).toMatchObject({
      kind: 'restarted',
      falls: 4,
      sinceMs: 0,
      downSeconds: 3_583,
      isByJob: true,
    });
  });

  it('that has held closes the story: what falls after it is counted from that fall on', () => {
    const down = [...loop(3), ended(18 * second, 'run-3'), staysDown(18_100, 'run-3')];
    const mended = [...down, started(minute, 'b', 0), ready(minute + second, 'b')];
    const after = (...signs: readonly Sign[]) => telling([...mended, ...signs]).told.slice(2);
    const back = [started(5 * minute + second, 'c', 1), ready(5 * minute + 2 * second, 'c')];
    const [once, ...more] = after(ended(5 * minute, 'b'), ...back);
    expect(once).toMatchObject({
      atMs: 5 * minute + 2 * second,
      event: { kind: 'restarted', falls: 1, downSeconds: 2 },
    });
    expect(once?.event).not.toHaveProperty('sinceMs');
    expect(more).toEqual([]);
    const again = [
      ended(5 * minute, 'b'),
      started(5 * minute + second, 'c', 1),
      ended(5 * minute + 2 * second, 'c'),
      staysDown(5 * minute + 2_100, 'c', { restarts: 1 }),
    ];
    expect(after(...again)).toMatchObject([
      { event: { kind: 'stays-down', gaveUp: { falls: 2, seconds: 2 } } },
    ]);
    expect(after(...again)[0]?.event).not.toHaveProperty('falls');
    expect(after(staysDown(5 * minute, 'b'))[0]?.event).not.toHaveProperty('falls');
    // Before that nobody has been told that it is up.
    expect(telling([...mended, ended(minute + 30 * second, 'b')]).incident).toMatchObject({ falls: 5 });
  });

  const fallen = [...loop(20), ended(120 * second, 'run-20')];
  const stopped: Sign = { kind: 'finished', atMs: 125 * second, invocation: null };

  it('of what was stopped before says the same, also where systemd has kept its count', () => {
    for (const restarts of [0, 20]) {
      const again = [started(hour, 'b', restarts), ready(hour + second, 'b')];
      const { told, incident } = telling([...fallen, stopped, look(200 * second), ...again]);
      expect(told.map(({ event }) => event)).toMatchObject([
        { kind: 'keeps-falling' },
        { kind: 'restarted', cause: exit3, falls: 21, sinceMs: 0, downSeconds: 3_481, isByJob: true },
      ]);
      expect(incident).toBeUndefined();
    }
  });

  it('of what waited for its restart is known by the count, which it does not raise', () => {
    const byJob = [0, 20, 21].map(restarts => {
      const again = [started(125 * second, 'b', restarts), ready(131 * second, 'b'), look(hour)];
      const event = telling([...fallen, ...again]).told.at(-1)?.event;
      expect(event).toMatchObject({ kind: 'restarted', falls: 21 });
      return event !== undefined && 'isByJob' in event;
    });
    expect(byJob).toEqual([true, true, false]);
  });

  it('after a stop is no fall, whatever systemd counts', () => {
    const again = [started(hour, 'b', 20), ready(hour + second, 'b'), ended(2 * hour, 'b')];
    const { told } = telling([
      ...fallen,
      stopped,
      ...again,
      started(2 * hour + 1, 'c', 21),
      ready(2 * hour + 2, 'c'),
    ]);
    expect(told.at(-1)?.event).toMatchObject({ kind: 'restarted', falls: 1 });
  });
});

describe('a word that was held back', () => {
  it('that it is still down is taken back by a start, whatever becomes of that', () => {
    const { kinds } = telling(
      [
        ended(0, 'a'),
        staysDown(100, 'a'),
        started(hour, 'b', 0),
        ended(hour + second, 'b'),
        started(hour + 2 * second, 'c', 1),
        ready(hour + 8 * second, 'c'),
      ],
      { remindSeconds: 6 * 3600 },
    );
    expect(kinds).toEqual(['stays-down', 'restarted']);
  });
});

describe('who is told, and when', () => {
  it('is told that it is up of what was told to be down, also after a stop and however short it was', () => {
    const down = [ended(0, 'a'), staysDown(100, 'a'), started(minute, 'b', 0)];
    const stop = ended(minute + second, 'b', { job: 'stop' });
    const again = [started(hour, 'c', 0), ready(hour + second, 'c')];
    const { told } = telling([...down, stop, look(2 * minute), ...again]);
    expect(told.map(({ event }) => event)).toMatchObject([
      { kind: 'stays-down' },
      { kind: 'restarted', cause: exit3, falls: 1, downSeconds: 3_601, isByJob: true },
    ]);
    const late: Sign = { kind: 'not-ready', atMs: 31 * second, invocation: 'b', waitedSeconds: 30 };
    const short = [ended(0, 'a'), started(second, 'b'), late, ready(40 * second, 'b')];
    expect(telling(short, { thresholdSeconds: 300 }).kinds).toEqual(['not-ready', 'restarted']);
  });

  it('is told each start where that is wanted, and not otherwise', () => {
    const start = [started(0, 'a', 0), ready(second, 'a')];
    expect(telling(start).kinds).toEqual([]);
    expect(telling(start, { tellsStarts: true }).kinds).toEqual(['started']);
    const byHand = [...start, ended(minute, 'a', { job: 'restart' }), started(minute + second, 'b', 0)];
    const again = [...byHand, ready(minute + 2 * second, 'b')];
    expect(telling(again, { tellsStarts: true }).kinds).toEqual(['started', 'started']);
  });

  it('is not told of what was down for less than the threshold', () => {
    const short = [ended(0, 'a'), started(second, 'b'), ready(9 * second, 'b')];
    expect(telling(short, { thresholdSeconds: 10 }).kinds).toEqual([]);
    expect(telling(short, { thresholdSeconds: 9 }).kinds).toEqual(['restarted']);
    const down = telling([ended(0, 'a'), staysDown(second)], { thresholdSeconds: 300 }).told;
    expect(down.map(({ atMs }) => atMs)).toEqual([300 * second]);
  });

  it('is reminded while it stays down, and not afterwards', () => {
    const looks = Array.from({ length: 26 * 60 }, (_, index) => look((index + 1) * minute));
    const rules = { remindSeconds: 6 * 3600 };
    const down = [ended(0, 'a'), staysDown(second), ...looks];
    const { told } = telling(down, rules, 26 * hour);
    expect(told.map(({ kind, atMs }) => [kind, atMs / hour])).toEqual([
      ['stays-down', 1 / 3600],
      ['still-down', 6],
      ['still-down', 12],
      ['still-down', 18],
      ['still-down', 24],
    ]);
    expect(telling([...down, started(26 * hour, 'b', 0), ready(26.1 * hour, 'b')], rules).heldBack).toEqual([
      'restarted',
    ]);
  });

  it('who has muted it hears nothing of what is over by then, and then of what is not', () => {
    const rules = { mutedUntilMs: 2 * hour };
    expect(telling([ended(0, 'a'), started(100, 'b'), ready(200, 'b')], rules).kinds).toEqual([]);
    const { told } = telling([ended(0, 'a'), staysDown(100)], rules);
    expect(told.map(({ kind, atMs }) => [kind, atMs])).toEqual([['stays-down', 2 * hour]]);
  });

  it('an incident is over when the service has been up for ten minutes', () => {
    const fall = [ended(0, 'a'), started(100, 'b'), ready(200, 'b')];
    expect(telling([...fall, look(9 * minute)]).incident).toBeDefined();
    expect(telling([...fall, look(11 * minute)]).incident).toBeUndefined();
  });
});

describe('signs of one fall, in any order and however often', () => {
  const signs: readonly Sign[] = [
    ended(1_000, 'a'),
    staysDown(1_100, 'a'),
    staysDown(1_200, null),
    started(2_000, 'b'),
    ready(3_000, 'b'),
    look(3_500),
  ];
  const anyOrder = fc.array(fc.constantFrom(...signs), { minLength: 1, maxLength: 30 });

  it('make at most one message of a kind', () => {
    fc.assert(
      fc.property(anyOrder, order => {
        const { kinds } = telling(order);
        expect(kinds).toEqual([...new Set(kinds)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leave nothing behind that says it is down, once it is ready last', () => {
    fc.assert(
      fc.property(anyOrder, order => {
        const { heldBack } = telling([...order, started(4_000, 'c'), ready(5_000, 'c')]);
        expect(heldBack.filter(kind => kind !== 'restarted')).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never give a negative time, also when the clock is set back', () => {
    fc.assert(
      fc.property(
        anyOrder,
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 30, maxLength: 30 }),
        (order, shifts) => {
          const { told } = telling(
            order.map((sign, index) => ({ ...sign, atMs: sign.atMs + (shifts[index] ?? 0) })),
          );
          for (const { event } of told) {
            const seconds = 'downSeconds' in event ? Number(event.downSeconds) : 0;
            expect(seconds).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });
});

describe('one that a timer or a socket starts again', () => {
  const job = { purpose: { isMeantToStay: false, startedBy: ['backup.timer'] } } as const;
  const killed = { result: 'signal', code: 'killed', status: 'KILL' };
  const done = { cause: { result: 'success', code: 'exited', status: '0' } } as const;

  it('is told once that it failed and who starts it again, and once that it ended well', () => {
    const { told, heldBack, incident } = telling(
      [
        ended(0, 'a'),
        staysDown(100, 'a'),
        look(30_000),
        ended(60_000, 'b'),
        staysDown(60_100, 'b'),
        look(90_000),
        started(120_000, 'c', 0),
        ended(120_100, 'c', done),
        look(150_000),
        ended(180_000, 'd', done),
      ],
      { ...job, remindSeconds: 60 },
    );
    expect(told).toEqual([
      {
        atMs: 100,
        kind: 'failed',
        event: { kind: 'failed', cause: exit3, startedBy: ['backup.timer'] },
      },
      { atMs: 120_100, kind: 'recovered', event: { kind: 'recovered', cause: exit3, falls: 2 } },
    ]);
    expect({ heldBack, incident }).toEqual({ heldBack: [], incident: undefined });
  });

  it('is well again when it is up, and may end as soon as it likes', () => {
    const { kinds, incident } = telling(
      [
        started(0, 'a', 0),
        ready(5_000, 'a'),
        ended(60_000, 'a', { cause: killed }),
        staysDown(60_100, 'a'),
        started(90_000, 'b', 0),
        ready(95_000, 'b'),
        ended(100_000, 'b', done),
        started(200_000, 'c', 0),
        ended(200_500, 'c', done),
      ],
      job,
    );
    expect({ kinds, incident }).toEqual({ kinds: ['failed', 'recovered'], incident: undefined });
  });

  it('is not down after a good end, however long ago it failed', () => {
    const signs = [ended(0, 'a', { cause: killed }), staysDown(100, 'a'), started(hour, 'b', 0)];
    const { told } = telling([...signs, ended(hour + 1_000, 'b', done)], job);
    expect(told.map(({ atMs, kind }) => ({ atMs, kind }))).toEqual([
      { atMs: 100, kind: 'failed' },
      { atMs: hour + 1_000, kind: 'recovered' },
    ]);
  });

  it('is told to stay down once what starts it has failed, and by which unit it comes back', () => {
    const purpose = { isMeantToStay: false, startedBy: [], failedTrigger: 'a.socket' } as const;
    const [down] = telling([ended(0, 'a'), staysDown(100, 'a')], { purpose }).told;
    expect(down?.event).toMatchObject({ kind: 'stays-down', cause: exit3, failedTrigger: 'a.socket' });
  });

  it('is told to stay down where its start limit is met', () => {
    const limit: Sign = {
      kind: 'stays-down',
      atMs: 70_000,
      invocation: null,
      cause: { result: 'start-limit-hit', code: null, status: null },
    };
    expect(telling([ended(0, 'a'), staysDown(100, 'a'), limit], job).kinds).toEqual(['failed', 'stays-down']);
  });

  it('is told what Restart= has done as any other', () => {
    const signs = [ended(0, 'a'), started(100, 'b'), ready(5_100, 'b'), ended(9_000, 'b', done)];
    const { kinds, incident } = telling(signs, job);
    expect({ kinds, incident }).toEqual({ kinds: ['restarted'], incident: undefined });
  });

  it('is told nothing of what is muted or was too short', () => {
    const signs = [ended(0, 'a'), staysDown(100, 'a'), ended(60_000, 'b', done)];
    expect(telling(signs, { ...job, thresholdSeconds: 300 }).kinds).toEqual([]);
    expect(telling(signs, { ...job, mutedUntilMs: hour }).kinds).toEqual([]);
  });

  it('makes at most one message of failure in an incident, whatever comes in whatever order', () => {
    const signs = ['a', 'b', 'c'].flatMap((run, index): readonly Sign[] => {
      const atMs = index * minute;
      return [ended(atMs, run), staysDown(atMs + 100, run), started(atMs, run, 0), look(atMs + 200)];
    });
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...signs), { minLength: 1, maxLength: 30 }), order => {
        const { kinds } = telling(order, job);
        expect(kinds).not.toContain('stays-down');
        expect(kinds.filter(kind => kind === 'failed').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('systemd has not given up what somebody has started by hand, time and again', () => {
  const twice = [ended(0, 'a'), staysDown(100, 'a'), started(minute, 'b', 0), ended(minute + 900, 'b')];
  const { told } = telling([...twice, staysDown(minute + 1_000, 'b')]);
  const event = { kind: 'stays-down', cause: exit3, gaveUp: null };
  expect(told.map(each => each.event)).toEqual([event, { ...event, falls: 2, sinceMs: 0 }]);
  const withoutHook = [ended(0, 'a'), staysDown(100, 'a'), ended(minute, 'b'), staysDown(minute + 100, 'b')];
  expect(telling(withoutHook).told.at(-1)?.event).toMatchObject({ kind: 'stays-down', gaveUp: null });
});

describe('what the start limit refused no restart, or did', () => {
  const twice = [ended(0, 'a'), started(second, 'b', 1), ended(2 * second, 'b')];

  it('has not given up, however often it fell', () => {
    const [down] = telling([...twice, staysDown(3 * second, 'b')]).told;
    expect(down?.event).toMatchObject({ kind: 'stays-down', gaveUp: null, falls: 2, sinceMs: 0 });
  });

  it('gave up where it did, also where the service was ready in between, and reminders say so', () => {
    const ready3 = [ended(15 * second, 'a'), started(16 * second, 'b', 1), ready(17 * second, 'b')];
    const row = { falls: 3, failedStarts: 0, sinceMs: 15 * second, lastMs: 47 * second };
    const signs = [
      ...ready3,
      ended(31 * second, 'b'),
      started(32 * second, 'c', 2),
      ready(33 * second, 'c'),
      ended(47 * second, 'c'),
      staysDown(48 * second, 'c', { restarts: 3, row }),
    ];
    const { told } = telling(signs, { remindSeconds: 3_600 }, 2 * hour);
    expect(told.at(-2)?.event).toMatchObject({ kind: 'stays-down', gaveUp: { falls: 3, seconds: 32 } });
    expect(told.at(-2)?.event).not.toHaveProperty('falls');
    expect(told.at(-1)?.event).toMatchObject({ kind: 'still-down', isLimited: true });
    const later = [started(3 * hour, 'd', 0), staysDown(3 * hour + second, 'd'), look(5 * hour)];
    const again = telling([...signs, ...later], { remindSeconds: 3_600 }, 5 * hour).told.at(-1);
    expect(again?.event).toEqual({ kind: 'still-down', sinceMs: 47 * second });
  });

  it('gave up after what the journal has, where no hook ran, and its incident has all of these', () => {
    const cause = { result: 'resources', code: null, status: null };
    const row = { falls: 0, failedStarts: 5, sinceMs: 10 * second, lastMs: 14_200 };
    const refused = { restarts: 5, row };
    const failed = ended(12 * second, 'c', { cause, isAfterUnseen: true });
    const down = { ...staysDown(15 * second, 'e', refused), cause };
    for (const signs of [[down], [failed, down]]) {
      const { told, incident } = telling(signs);
      expect(told.at(-1)?.event).toEqual({
        kind: 'stays-down',
        cause,
        gaveUp: { falls: 0, failedStarts: 5, seconds: 4.2 },
      });
      expect(incident).toMatchObject({ falls: 5, failedStarts: 5, sinceMs: 10 * second });
    }
    const before = [ended(0, 'z'), staysDown(second, 'z'), started(9 * second, 'a', 0)];
    const [last] = telling([...before, down]).told.slice(-1);
    expect(last?.event).toMatchObject({ gaveUp: { failedStarts: 5 }, falls: 1, failedStarts: 5, sinceMs: 0 });
  });
});

describe('the cause of what systemd gives up', () => {
  it('is the end that was seen, not the start that the limit refused', () => {
    const limit = { result: 'start-limit-hit', code: 'exited', status: '3' };
    const given: Sign = { kind: 'stays-down', atMs: 200, invocation: 'a', cause: limit };
    expect(telling([ended(0, 'a'), given]).told.map(({ event }) => event)).toMatchObject([{ cause: exit3 }]);
    expect(telling([given]).told.map(({ event }) => event)).toMatchObject([{ cause: limit }]);
  });
});

describe('the next look', () => {
  const after = (signs: readonly Sign[], remindSeconds: number | null = null) => {
    const rules = { ...policy, remindSeconds };
    const incident = signs.reduce<Incident | undefined>(
      (before, sign) => reduceIncident(before, sign, unit, rules).incident,
      undefined,
    );
    return incident && nextLookMs(incident, remindSeconds);
  };

  it('is now as long as the service does not answer', () => {
    expect(after([ended(0, 'a')])).toBe(0);
    expect(after([ended(0, 'a'), started(second, 'b')])).toBe(0);
  });

  it('is when a service that is up has got over it, or its last message is due', () => {
    const up = [ended(0, 'a'), started(second, 'b'), ready(2 * second)];
    expect(after(up)).toBe(2 * second + 10 * minute);
  });

  it('is when the next reminder is due of one that stays down, and never without reminders', () => {
    expect(after([ended(0, 'a'), staysDown(100, 'a')], 3_600)).toBe(hour);
    expect(after([ended(0, 'a'), staysDown(100, 'a')])).toBe(Infinity);
  });

  it('is never missed: a look before it changes nothing (%)', () => {
    const sign = fc.oneof(
      fc.constant(ended(0, 'a')),
      fc.constant(started(second, 'b')),
      fc.constant(ready(2 * second)),
      fc.constant(staysDown(3 * second)),
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 6 }), fc.constantFrom(null, 3_600), (signs, remindSeconds) => {
        const rules = { ...policy, remindSeconds };
        const ordered = signs.toSorted((a, b) => a.atMs - b.atMs);
        const reduce = (before: Incident | undefined, each: Sign) => {
          const { incident, closedMs } = reduceIncident(before, each, unit, rules);
          return closedMs === undefined ? incident : undefined;
        };
        const incident = ordered.reduce(reduce, undefined);
        const nextMs = incident && nextLookMs(incident, remindSeconds);
        if (incident === undefined || nextMs === undefined || nextMs === 0) return;
        const early = reduceIncident(incident, look(Math.min(nextMs, 100 * hour) - 1), unit, rules);
        expect({ effects: early.effects, closedMs: early.closedMs }).toEqual({
          effects: [],
          closedMs: undefined,
        });
      }),
    );
  });
});

describe('what systemd gave up after', () => {
  const failed = { result: 'exit-code', code: 'exited', status: '4', isBeforeUp: true } as const;
  const boot = hour;
  const before = [0, 5, 10].map(at => ended(at * second, `before ${at}`, { cause: failed }));
  const down = ended(12 * second, 'shut down', { job: 'shutdown', cause: failed });
  const after = [0, 5, 10].map(at =>
    ended(boot + at * second, `after ${at}`, { cause: failed, ...(at === 0 && { isByJob: true }) }),
  );

  it('is the row since the boot, or since somebody started it, also where no start was seen', () => {
    for (const between of [[down], []]) {
      const { told } = telling([
        ...before,
        ...between,
        ...after,
        staysDown(boot + 11 * second, 'after 10', { restarts: 3 }),
      ]);
      expect(told.at(-1)?.event).toMatchObject({
        kind: 'stays-down',
        gaveUp: { falls: 0, failedStarts: 3, seconds: 10 },
        falls: 0,
        failedStarts: 6,
        sinceMs: 0,
      });
    }
  });

  it('is that row where its last end comes with the word that it stays down', () => {
    const { told } = telling([
      ended(0, 'a'),
      started(second, 'b', 1),
      ended(2 * second, 'b'),
      started(minute, 'c', 0),
      staysDown(minute + second, 'c'),
    ]);
    expect(told.at(-1)?.event).toMatchObject({ kind: 'stays-down', gaveUp: null, falls: 3 });
  });

  it('is "at least" that often where nothing tells of the first of them, and their time is left open', () => {
    const first = ended(0, 'a', { cause: failed, isAfterUnseen: true });
    const { told } = telling([
      first,
      ended(5 * second, 'b', { cause: failed }),
      staysDown(6 * second, 'b', { restarts: 4 }),
    ]);
    expect(told.at(-1)?.event).toMatchObject({ gaveUp: { failedStarts: 2, isAtLeast: true } });
    const [alone] = telling([staysDown(6 * second, 'b', { restarts: 5 })]).told;
    expect(alone?.event).toMatchObject({ gaveUp: { falls: 1, isAtLeast: true } });
    const [fell] = telling([first, ended(5 * second, 'b', { cause: failed })]).told;
    expect(fell?.event).toEqual({ kind: 'fell', cause: failed, falls: 0, failedStarts: 2, isAtLeast: true });
  });
});
