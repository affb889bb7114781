/** Ends that no hook has told, and what the journal makes of them. */
import { describe, expect, it } from 'vitest';
import { type DownIncident, reduceIncident } from '../../src/notify/incident.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { refusedRestart, unseenEnd } from '../../src/notify/unseen-end.ts';
import type { EndInJournal, HostJournal } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { policy, ready, second, started, telling, unit } from './telling.ts';

const startMs = 1_000_000;
const killed = { result: 'signal', code: 'killed', status: 'KILL' };

type Run = readonly [invocation: string, seconds: number, result: string | null];

function journalOf(runs: readonly Run[]): Pick<HostJournal, 'restartsOf' | 'endsOf'> {
  const endOf = (run: string): EndInJournal => {
    const result = runs.find(([invocation]) => invocation === run)?.[2] ?? null;
    const hasProcess = result === 'signal';
    return {
      invocation: run,
      wasStopped: false,
      result,
      code: hasProcess ? 'killed' : null,
      status: hasProcess ? 9 : null,
      at: null,
    };
  };
  return {
    restartsOf: async () =>
      new Map([
        [
          unit,
          {
            count: runs.length,
            seconds: [],
            falls: runs.map(([invocation, seconds, result]) => ({
              invocation,
              seconds,
              result,
              code: null,
              status: null,
              isOfRestart: false,
            })),
            isWhole: true,
            isLastAnswered: true,
            end: { invocation: '', result: 'success', code: null, status: null },
          },
        ],
      ]),
    endsOf: async asked => new Map([...asked].map(([name, run]) => [name, endOf(run)])),
  };
}

function startOf(restarts: number): DownIncident {
  const { incident } = reduceIncident(undefined, started(startMs, 'z', restarts), unit, policy);
  if (incident?.state !== 'starting') throw new Error('not started');
  return incident;
}

describe('a restart that was refused', () => {
  const runs: readonly Run[] = [
    ['a', 900, 'exit-code'],
    ['b', 902, 'resources'],
    ['c', 904.2, 'resources'],
  ];
  // Its start failed: its times are the same, whether or not a restart was due after it.
  const failed = { ...notLoadable(unit), activeState: 'failed', leftInactiveUsec: 9, nRestarts: 3 } as const;
  const row = { falls: 1, failedStarts: 2, sinceMs: 900_000, lastMs: 904_200 };

  it.each([
    { of: 'all that the journal has', live: { invocation: 'c' }, found: { restarts: 3, row } },
    {
      of: 'none after which none was due',
      live: { invocation: 'c' },
      isLastAnswered: false,
      found: undefined,
    },
    {
      of: 'the count alone where the journal does not have it',
      live: { invocation: 'd' },
      found: { restarts: 3 },
    },
    {
      of: 'the first that is known',
      live: { invocation: 'c' },
      isWhole: false,
      found: { row: { isAtLeast: true } },
    },
    {
      of: 'none before it was started again',
      live: { invocation: 'c', activeState: 'active' },
      found: undefined,
    },
    { of: 'none of what systemd never restarted', live: { invocation: 'c', nRestarts: 0 }, found: undefined },
  ])('is known with $of', async ({ found, live, isLastAnswered = true, isWhole = true }) => {
    const restartsOf: HostJournal['restartsOf'] = async () =>
      new Map(
        [...(await journalOf(runs).restartsOf([], 0))].map(([name, read]) => [
          name,
          { ...read, isLastAnswered, isWhole },
        ]),
      );
    const refused = await refusedRestart(unit, { ...failed, ...live }, 1_000_000, { restartsOf });
    expect([refused]).toMatchObject([found]);
  });
});

describe('an end that no hook has told', () => {
  it.each<{ of: string; runs: readonly Run[]; restarts: number; found: Partial<Sign> | undefined }>([
    {
      of: 'the run before',
      runs: [
        ['a', 500, 'signal'],
        ['b', 998, 'signal'],
      ],
      restarts: 2,
      found: { kind: 'ended', atMs: 998_000, invocation: 'b', cause: killed },
    },
    {
      of: 'the run before starts that led to no process',
      runs: [
        ['a', 900, 'signal'],
        ['b', 930, 'resources'],
        ['c', 960, 'resources'],
      ],
      restarts: 3,
      found: { kind: 'ended', atMs: 900_000, invocation: 'a', cause: { ...killed, startsFailedSince: 2 } },
    },
    {
      of: 'the run before very many starts that led to no process',
      runs: [
        ['a', 800, 'signal'],
        ...Array.from({ length: 180 }, (_, index): Run => [`n${index}`, 805 + index, 'resources']),
      ],
      restarts: 181,
      found: { kind: 'ended', atMs: 800_000, invocation: 'a', cause: { ...killed, startsFailedSince: 180 } },
    },
    {
      of: 'starts that led to no process, and none before them',
      runs: [['b', 930, 'resources']],
      restarts: 1,
      found: {
        atMs: 930_000,
        cause: { result: 'resources', code: null, status: null, startsFailedSince: 1 },
      },
    },
    { of: 'none that came later', runs: [['y', 1_002, 'signal']], restarts: 1, found: undefined },
    { of: 'none where nothing has fallen', runs: [['a', 998, 'signal']], restarts: 0, found: undefined },
    { of: 'none that the journal has', runs: [], restarts: 1, found: undefined },
  ])('is taken from the journal: $of', async ({ runs, restarts, found }) => {
    const sign = await unseenEnd(unit, startOf(restarts), notLoadable(unit), journalOf(runs));
    expect([sign]).toMatchObject([found]);
  });

  it('is told with its cause and its time', () => {
    const late: Sign = { kind: 'ended', atMs: 0, invocation: 'a', cause: killed, job: 'none' };
    const { told } = telling([started(3 * second, 'b', 1), late, ready(4 * second, 'b')]);
    expect(told.map(({ event }) => event)).toEqual([
      { kind: 'restarted', cause: killed, downSeconds: 4, falls: 1 },
    ]);
  });

  it('is looked for in the journal once, however many starts have failed since', async () => {
    const journal = journalOf([
      ['a', 900, 'signal'],
      ['b', 930, 'resources'],
      ['c', 960, 'resources'],
    ]);
    const asked: string[] = [];
    const endsOf: HostJournal['endsOf'] = runs => {
      asked.push(...runs.values());
      return journal.endsOf(runs);
    };
    await unseenEnd(unit, startOf(3), notLoadable(unit), { ...journal, endsOf });
    expect(asked).toEqual(['a']);
  });

  it('leaves the time open where only starts that failed are known', () => {
    const starts = { result: 'resources', code: null, status: null, startsFailedSince: 3 };
    const late: Sign = { kind: 'ended', atMs: 0, invocation: 'a', cause: starts, job: 'none' };
    const { told } = telling([started(3 * second, 'd', 3), late, ready(4 * second, 'd')]);
    expect(told.map(({ event }) => event)).toMatchObject([
      { kind: 'restarted', cause: starts, downSeconds: 4, isAtLeast: true },
    ]);
  });

  it('is no fall where it was the end of a start', () => {
    const cause = { result: 'timeout', code: 'killed', status: 'TERM', isBeforeUp: true } as const;
    const late: Sign = { kind: 'ended', atMs: 0, invocation: 'a', cause, job: 'none' };
    const timedOut: Sign = { kind: 'start-job-timed-out', atMs: 5 * second, invocation: 'b' };
    const { told } = telling([started(3 * second, 'b', 1), late, timedOut]);
    expect(told.map(({ event }) => event)).toEqual([
      {
        kind: 'not-ready',
        waitedSeconds: 2,
        isJobOver: true,
        fall: { cause, falls: 0, failedStarts: 1, sinceMs: 0 },
      },
    ]);
  });

  it('is when its incident began to fall, where it is all of it', () => {
    const late: Sign = { kind: 'ended', atMs: 0, invocation: 'a', cause: killed, job: 'none' };
    const more: Sign = { kind: 'ended', atMs: 4 * second, invocation: 'b', cause: killed, job: 'none' };
    const signs = [
      started(3 * second, 'b', 1),
      late,
      more,
      started(5 * second, 'c', 2),
      ready(6 * second, 'c'),
    ];
    expect(telling(signs).told.at(-1)?.event).toMatchObject({ falls: 2, sinceMs: 0 });
  });

  it('also in the word that is about to be told', () => {
    const fall: Sign = { kind: 'ended', atMs: 0, invocation: 'a', cause: killed, job: 'none' };
    const signs = [fall, started(second, 'b', 1), ready(2 * second, 'b'), started(60 * second, 'd', 2)];
    const late: Sign = { kind: 'ended', atMs: 59 * second, invocation: 'c', cause: killed, job: 'none' };
    const { told } = telling([...signs, late, ready(61 * second, 'd')]);
    expect(told.map(({ event }) => event)).toMatchObject([
      { kind: 'restarted', falls: 1 },
      { kind: 'restarted', cause: killed, falls: 2, downSeconds: 2 },
    ]);
  });
});
