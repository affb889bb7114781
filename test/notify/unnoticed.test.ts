/** What no hook tells while it lasts, found by a look at the states of units. */
import fs from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { hooksDropInName } from '../../src/check/own-drop-ins.ts';
import type { ChannelFault } from '../../src/notify/channel.ts';
import type { Incident } from '../../src/notify/incident.ts';
import type { Notice } from '../../src/notify/notice.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { knownStates, newStates, takeNewStates } from '../../src/notify/unnoticed.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { Outbox } from '../../src/store/outbox.ts';
import type { LiveUnit, RestartsInJournal } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { hostOf, unpackedRoot } from '../support/root.ts';

const unit = 'a.service';
const units = 'home/kuma/.config/systemd/user';
const failed: Partial<LiveUnit> = { activeState: 'failed', subState: 'failed', enteredInactiveSeconds: 5 };
const waits: Partial<LiveUnit> = { activeState: 'activating', subState: 'auto-restart', result: 'resources' };
const starts: Partial<LiveUnit> = { activeState: 'activating', subState: 'start', stateChangedSeconds: 7 };

const notStarted: Partial<LiveUnit> = { activeState: 'inactive', subState: 'dead', result: 'success' };

/** The signs that a look writes. */
async function signsOf(
  state: Partial<LiveUnit>,
  {
    before = [],
    isMeantToStay = true,
    isStopped = false,
    isFirst = false,
    isHookedLate = isFirst,
    known = '',
    found = 'x',
    left = found,
    row,
  }: {
    readonly before?: readonly Sign[];
    readonly isMeantToStay?: boolean;
    readonly isStopped?: boolean;
    readonly isFirst?: boolean;
    /** The hooks were installed just now. */
    readonly isHookedLate?: boolean;
    readonly known?: string;
    /** What the look has found, and what the next one is held against. */
    readonly found?: string;
    readonly left?: string;
    readonly row?: RestartsInJournal;
  } = {},
): Promise<readonly Sign[]> {
  const folder = unpackedRoot({ 'states.new': found, ...(!isFirst && { states: known }) });
  const database = openStore(folder);
  onTestFinished(() => database.close());
  const incidents = new Incidents<Sign, Incident>(database);
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const policy = { thresholdSeconds: 0, remindSeconds: null };
  const desk = { database, incidents, outbox, channels: ['a'], policy, host: 'neko', scope: 'user' } as const;
  for (const sign of before) incidents.append(unit, sign);
  const live = { ...notLoadable(unit), result: 'exit-code', invocation: 'r', ...state };
  const dropIn = `${units}/${unit}.d/${hooksDropInName}`;
  const host = hostOf({ [`${units}/${unit}`]: '[Service]\nExecStart=/bin/a\n', [dropIn]: '[Unit]\n' });
  if (!isHookedLate) fs.utimesSync(host.files.physicalPath(`/${dropIn}`), 0, 0);
  const look = async () => new Map([[unit, live]]);
  const journal = {
    jobsOfRuns: async () => new Map([['r', { hasStopJob: isStopped, endedBy: 'none' } as const]]),
    restartsOf: async () => new Map(row && [[unit, row]]),
    endsOf: async () => new Map(),
  };
  const followed = async () => ({
    purpose: { isMeantToStay, startedBy: [] },
    asserts: ['AssertPathExists=/x'],
  });
  await takeNewStates({ host, look, journal, desk, folder, followed });
  expect(fs.existsSync(newStates(folder))).toBe(false);
  expect(fs.readFileSync(knownStates(folder), 'utf8')).toBe(left);
  return incidents.waitingSigns(unit).map(({ sign }) => sign);
}

it('what has failed, waits for its restart, or goes on starting makes a sign where none is known', async () => {
  expect(await signsOf(failed)).toMatchObject([{ kind: 'stays-down', atMs: 5_000, invocation: 'r' }]);
  // Its last run was before that: of the start that failed nothing was ever active.
  expect(await signsOf({ ...failed, stateChangedSeconds: 9 })).toMatchObject([{ atMs: 9_000 }]);
  expect(await signsOf(waits)).toMatchObject([
    { kind: 'ended', cause: { result: 'resources' }, job: 'none' },
  ]);
  expect(await signsOf(starts)).toMatchObject([{ kind: 'started', atMs: 7_000, invocation: 'r' }]);
  expect(await signsOf({ activeState: 'active', subState: 'running' })).toEqual([]);
});

it('a start that an assertion has refused makes a sign, once, and not where nothing was started', async () => {
  const refused = { ...notStarted, conditionsHeld: true, conditionsUsec: 8, assertsUsec: 9 };
  expect(await signsOf(refused)).toMatchObject([
    { kind: 'stays-down', cause: { result: 'job-assert', asserts: ['AssertPathExists=/x'] } },
  ]);
  expect(await signsOf(refused, { known: `${unit} loaded refused\n` })).toEqual([]);
  expect(await signsOf(notStarted)).toEqual([]);
  expect(await signsOf({ ...refused, assertsHeld: true })).toEqual([]);
});

it('makes none of what a hook has told, of a stop that failed, of a job, and of what was so when hooks were installed', async () => {
  const told: Sign = { kind: 'look', atMs: 1, invocation: null };
  expect(await signsOf(failed, { before: [told] })).toEqual([told]);
  expect(await signsOf(failed, { isStopped: true })).toEqual([]);
  expect(await signsOf(starts, { isMeantToStay: false })).toEqual([]);
  expect(await signsOf(failed, { isFirst: true })).toEqual([]);
  expect(await signsOf(failed, { known: `${unit} loaded failed     failed A\n` })).toEqual([]);
  expect(await signsOf(failed, { known: `${unit} loaded activating start  A\n` })).toHaveLength(1);
});

it('a start that failed since the hooks were installed is news, also at the first look', async () => {
  const nowSeconds = Math.floor(Date.now() / 1_000) + 60;
  expect(await signsOf({ ...waits, stateChangedSeconds: nowSeconds }, { isFirst: true })).toMatchObject([
    { kind: 'ended', atMs: nowSeconds * 1_000, isByJob: true },
  ]);
  expect(await signsOf({ ...waits, stateChangedSeconds: 7 }, { isFirst: true })).toEqual([]);
});

it('what goes on failing since before the hooks were installed is looked at again, until it has failed since', async () => {
  const found = `b.service loaded failed failed B\n${unit}  loaded activating auto-restart A\n`;
  const left = 'b.service loaded failed failed B\n';
  for (const isFirst of [true, false])
    expect(
      await signsOf({ ...waits, stateChangedSeconds: 7 }, { isFirst, isHookedLate: true, found, left }),
    ).toEqual([]);
  const since = { ...waits, stateChangedSeconds: Math.floor(Date.now() / 1_000) + 60 };
  expect(await signsOf(since, { isHookedLate: true, found })).toHaveLength(1);
});

const failedStart = { code: null, status: null, isOfRestart: false } as const;
const rowOf = (results: readonly string[], isWhole: boolean): RestartsInJournal => ({
  count: results.length,
  seconds: results.map((_, at) => at + 1.5),
  falls: results.map((result, at) => ({ ...failedStart, invocation: `i${at}`, seconds: at + 1, result })),
  isWhole,
  isLastAnswered: true,
  end: { invocation: `i${results.length - 1}`, result: 'resources', code: null, status: null },
});

it('each start that failed makes a sign, with its time in the journal', async () => {
  const row = rowOf(['exit-code', 'resources', 'resources', 'resources'], true);
  const signs = await signsOf(waits, { row });
  expect(signs.map(({ atMs, invocation }) => [atMs, invocation])).toEqual([
    [2_000, 'i1'],
    [3_000, 'i2'],
    [4_000, 'i3'],
  ]);
  const whole = await signsOf(waits, { row: rowOf(['resources', 'resources'], true) });
  expect(whole).toMatchObject([{ isByJob: true }, {}]);
  expect(whole[0]).not.toHaveProperty('isAfterUnseen');
});

it('is said to come after others where the journal does not reach back to the first of them', async () => {
  const cut = await signsOf(waits, { row: rowOf(['resources', 'resources'], false) });
  expect(cut).toMatchObject([{ isAfterUnseen: true }, {}]);
  expect(cut[1]).not.toHaveProperty('isAfterUnseen');
  expect(await signsOf({ ...waits, nRestarts: 9 })).toMatchObject([{ kind: 'ended', isAfterUnseen: true }]);
});
