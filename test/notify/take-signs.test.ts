/** What becomes of files of the spool with what the manager knows of their runs. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sign } from '../../src/notify/sign.ts';
import { makeSpool } from '../../src/notify/spool.ts';
import { takeSigns } from '../../src/notify/take-signs.ts';
import { openStore } from '../../src/store/database.ts';
import type { EndInJournal, LiveUnit } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';

const unit = 'a.service';
const run = '1'.repeat(32);
const at = 1_795_929_330;
let folder: string;
const endInJournal: EndInJournal = {
  invocation: run,
  wasStopped: false,
  result: 'exit-code',
  code: null,
  status: null,
  at: null,
};
const silentJournal = {
  shutdowns: async () => [],
  failedStartsOf: async () => new Map(),
};

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-take-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** The signs that a file of the spool becomes, which a hook wrote at `at`. */
async function taken(
  kind: 'ended' | 'failed',
  words: readonly string[],
  live: Partial<LiveUnit>,
  journal?: { readonly startFailed?: true; readonly end?: Partial<EndInJournal> },
) {
  const file = path.join(makeSpool(folder), `${run}.7`);
  fs.writeFileSync(file, ['daruma-sign 1', kind, unit, ...words, run, 'end', ''].join('\n'));
  fs.utimesSync(file, at, at);
  const signs: Sign[] = [];
  using database = openStore(folder);
  await takeSigns({
    folder,
    database,
    incidents: { append: (_unit, sign) => void signs.push(sign) },
    look: () =>
      Promise.resolve({
        live: new Map([[unit, { ...notLoadable(unit), loadState: 'loaded', invocation: run, ...live }]]),
        manager: undefined,
        journal: journal && {
          ...silentJournal,
          jobsOfRuns: async () =>
            new Map([
              [
                run,
                { hasStopJob: false, endedBy: 'none', ...(journal.startFailed && { startFailed: true }) },
              ],
            ]),
          endsOf: async () =>
            new Map(journal.end === undefined ? [] : [[unit, { ...endInJournal, ...journal.end }]]),
        },
        bootMs: null,
      }),
    discarded: () => {},
  });
  return signs;
}

describe('the time of a fall', () => {
  const words = ['exit-code', 'exited', '3'];
  const fell = {
    activeState: 'failed',
    subState: 'failed',
    leftInactiveUsec: 100,
    enteredInactiveUsec: 9_000,
    leftActiveUsec: 301,
    mainEndedUsec: 300,
    mainEndedSeconds: at - 40.5,
  };

  it('is when its main process ended, as `daruma status` has it, and not when the hook was run', async () => {
    expect(await taken('ended', words, fell)).toMatchObject([
      { kind: 'ended', atMs: (at - 40.5) * 1_000, seenMs: at * 1_000 },
    ]);
  });

  it('is that of the hook where the manager is in another run', async () => {
    const [sign] = await taken('ended', words, { ...fell, invocation: '2'.repeat(32) });
    expect(sign).toMatchObject({ kind: 'ended', atMs: at * 1_000 });
    expect(sign).not.toHaveProperty('seenMs');
  });

  it('is no later where only the failure was told, since what followed the end kept its hook from being run', async () => {
    expect(await taken('failed', words, fell)).toMatchObject([
      { kind: 'stays-down', atMs: at * 1_000, endedMs: (at - 40.5) * 1_000 },
    ]);
    const waiting = { ...fell, activeState: 'activating', subState: 'auto-restart', leftInactiveUsec: 9_001 };
    expect(await taken('failed', words, waiting)).toMatchObject([
      { kind: 'ended', atMs: (at - 40.5) * 1_000, seenMs: at * 1_000 },
    ]);
    const withoutMain = { ...fell, mainEndedUsec: 0, mainEndedSeconds: null };
    const end = { at: { usec: 300, seconds: at - 30 } };
    expect(await taken('failed', ['exit-code', '', ''], withoutMain, { end })).toMatchObject([
      { kind: 'stays-down', endedMs: (at - 30) * 1_000 },
    ]);
    const overTime = { ...fell, result: 'timeout', leftActiveUsec: 299 };
    expect(await taken('failed', ['timeout', 'killed', 'TERM'], overTime, {})).toMatchObject([
      { kind: 'stays-down', endedMs: (at - 40.5) * 1_000, cause: { status: 'TERM' } },
    ]);
  });

  it('has a process that ended by itself, where only what followed took too long', async () => {
    const [sign] = await taken('failed', ['timeout', 'exited', '0'], { ...fell, result: 'timeout' });
    expect(sign).toMatchObject({ cause: { code: 'exited', status: '0', endedBeforeTimeout: true } });
  });
});

describe('a failure', () => {
  it('of a run that goes on is that of its start job', async () => {
    const words = ['success', '', ''];
    const starting = { activeState: 'activating', subState: 'start' };
    expect(await taken('failed', words, starting)).toMatchObject([{ kind: 'start-job-timed-out' }]);
    expect(await taken('failed', words, { activeState: 'active', subState: 'running' })).toMatchObject([
      { kind: 'look' },
    ]);
  });
});

describe('a failure for good', () => {
  const failed = { activeState: 'failed', subState: 'failed', nRestarts: 3, enteredInactiveUsec: 900 };
  const words = ['exit-code', 'exited', '3'];

  it('is a restart that was refused only where one was due', async () => {
    const [refused] = await taken('failed', words, { ...failed, leftActiveUsec: 300, leftInactiveUsec: 400 });
    expect(refused).toMatchObject({ kind: 'stays-down', refused: { restarts: 3 } });
    // Since its last restart somebody has taken Restart= away.
    const [ended] = await taken('failed', words, { ...failed, leftActiveUsec: 400, leftInactiveUsec: 300 });
    expect(ended).toMatchObject({ kind: 'stays-down' });
    expect(ended).not.toHaveProperty('refused');
  });
});

describe('an end before the unit was active', () => {
  const other = { invocation: '2'.repeat(32) };
  const starting = {
    activeState: 'deactivating',
    subState: 'stop-post',
    leftActiveUsec: 200,
    leftInactiveUsec: 300,
  };
  const wasUp = { ...starting, leftActiveUsec: 400 };
  const timeout = ['timeout', 'killed', 'TERM'];
  const exit = ['exit-code', 'exited', '4'];

  it.each([
    { of: 'a start that timed out', type: 'dbus', words: timeout, live: starting, isStart: true },
    { of: 'an exit before READY=1', type: 'notify', words: exit, live: starting, isStart: true },
    { of: 'ExecStartPost= that hangs', type: 'simple', words: timeout, live: starting, isStart: true },
    { of: 'a run that had been up', type: 'notify', words: exit, live: wasUp, isStart: false },
    { of: 'a run that took too long', type: 'simple', words: timeout, live: wasUp, isStart: false },
    { of: 'what is up at once', type: 'simple', words: exit, live: starting, isStart: false },
    { of: 'a job', type: 'oneshot', words: timeout, live: starting, isStart: false },
    {
      of: 'one that was to be up once it has ended',
      type: 'oneshot',
      words: exit,
      live: { ...starting, remainsAfterExit: true },
      isStart: true,
    },
    {
      of: 'one that the journal has',
      type: 'notify',
      words: exit,
      live: other,
      startFailed: true,
      isStart: true,
    },
    { of: 'one that nothing tells of', type: 'notify', words: exit, live: other, isStart: false },
  ] as const)('is a start that failed, and no fall, where nothing had come up: $of', async each => {
    const { type, words, live, isStart } = each;
    const [sign] = await taken(
      'ended',
      words,
      { type, ...live },
      'startFailed' in each ? { startFailed: true } : undefined,
    );
    expect(sign?.kind === 'ended' && sign.cause.isBeforeUp).toBe(isStart || undefined);
  });
});

it('what Restart= has not started is known by the count of restarts', async () => {
  const words = ['exit-code', 'exited', '3'];
  const waits = { activeState: 'activating', subState: 'auto-restart' };
  expect(await taken('ended', words, { ...waits, nRestarts: 0 })).toMatchObject([{ isByJob: true }]);
  // One run, after which the limit refused the restart that is counted.
  const refused = {
    activeState: 'failed',
    subState: 'failed',
    nRestarts: 1,
    leftInactiveUsec: 4,
    leftActiveUsec: 3,
  };
  expect(await taken('ended', words, refused)).toMatchObject([{ isByJob: true }]);
  const queued = { ...waits, subState: 'auto-restart-queued', nRestarts: 1 };
  expect(await taken('ended', words, queued)).toMatchObject([{ isByJob: true }]);
  for (const nRestarts of [1, 7]) {
    const [sign] = await taken('ended', words, { ...waits, nRestarts });
    expect(sign).not.toHaveProperty('isByJob');
  }
  // One of the boot before, and the first of this one.
  const [sign] = await taken('ended', words, { activeState: 'active', invocation: '2'.repeat(32) });
  expect(sign).not.toHaveProperty('isByJob');
});
