/** What a follower says of a service, whenever it begins. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ChannelFault } from '../../src/notify/channel.ts';
import { follow, type Watch } from '../../src/notify/follow.ts';
import type { Incident } from '../../src/notify/incident.ts';
import type { Purpose } from '../../src/inventory/purpose.ts';
import type { Readiness } from '../../src/notify/readiness.ts';
import type { Notice } from '../../src/notify/notice.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { Outbox } from '../../src/store/outbox.ts';
import type { LiveUnit } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { unpackedRoot } from '../support/root.ts';

const unit = 'litellm.service';
const killed = { result: 'signal', code: 'killed', status: 'KILL' };
const exit0 = { result: 'success', code: 'exited', status: '0' };
const active: LiveUnit = {
  ...notLoadable(unit),
  result: 'success',
  activeState: 'active',
  subState: 'running',
  nRestarts: 1,
};

/** The messages of a fall and a start that nobody looks at until `laterMs` after the start, and of what comes after. */
async function told(
  look: () => LiveUnit | undefined,
  laterMs: number,
  later: readonly Sign[] = [],
  stoppedRuns: readonly string[] = [],
  probes: Readiness['probes'] = [],
  { failedTrigger, ...purpose }: Purpose = { isMeantToStay: true, startedBy: [] },
  boot: Pick<Watch, 'bootMs' | 'isStartedAtBoot' | 'journal'> = { bootMs: null, isStartedAtBoot: () => true },
): Promise<readonly Notice[]> {
  let nowMs = 10_000_000;
  let asked = 0;
  const database = openStore(unpackedRoot({}));
  onTestFinished(() => database.close());
  const incidents = new Incidents<Sign, Incident>(database);
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const atMs = nowMs - laterMs;
  incidents.append(unit, { kind: 'ended', atMs: atMs - 1_000, invocation: 'a', cause: killed, job: 'none' });
  incidents.append(unit, { kind: 'started', atMs, invocation: 'b', restarts: 1 });
  for (const sign of later) incidents.append(unit, sign);
  const policy = { thresholdSeconds: 0, remindSeconds: null };
  const desk = { database, incidents, outbox, channels: ['a'], policy, host: 'neko', scope: 'user' } as const;
  const watch = {
    // Two seconds pass from one look to the next.
    look: () => {
      nowMs += 2_000;
      return Promise.resolve(look());
    },
    readiness: { probes, seconds: 30 },
    purpose,
    ...boot,
    asserts: ['AssertPathExists=/srv/model'],
    // A socket fails after its service.
    failedTrigger: () => Promise.resolve((asked += 1) > 2 ? failedTrigger : undefined),
    now: () => nowMs,
    isEdited: () => false,
    wasStopped: (run: string) => Promise.resolve(stoppedRuns.includes(run)),
    log: () => Promise.resolve([]),
  };
  await follow(unit, watch, desk, nowMs + 10_000);
  return outbox.due('a', nowMs + 3_600_000, 10).map(({ content }) => content);
}

it.each([0, 59_000, 3_600_000])(
  'what runs is up again, and never late: %i ms after its start',
  async laterMs => {
    expect(await told(() => active, laterMs)).toEqual([expect.objectContaining({ kind: 'restarted' })]);
  },
);

it('what ends and is started anew between any two looks is not up, also where systemd counts no restart', async () => {
  let runs = 0;
  const notices = await told(() => ({ ...active, nRestarts: 0, invocation: `run ${(runs += 1)}` }), 1_000);
  expect(notices.map(({ kind }) => kind)).not.toContain('restarted');
});

it('what a socket starts stays down once that socket has failed, which is named', async () => {
  const purpose = { isMeantToStay: false, startedBy: ['a.socket'], failedTrigger: 'a.socket' } as const;
  const failed = { ...active, activeState: 'failed', subState: 'failed', result: 'signal' } as const;
  const notices = await told(() => failed, 1_000, [], [], [], purpose);
  expect(notices).toMatchObject([{ kind: 'stays-down', failedTrigger: 'a.socket' }]);
});

it.each([
  { what: 'that nothing starts at boot', unitFileState: 'disabled', isStarted: false, ago: 5_000, kinds: [] },
  {
    what: 'that another unit pulls in',
    unitFileState: 'disabled',
    isStarted: true,
    ago: 5_000,
    kinds: ['stays-down'],
  },
  {
    what: 'that is masked now',
    unitFileState: 'masked',
    loadState: 'masked',
    isStarted: true,
    ago: 5_000,
    kinds: [],
  },
  {
    what: 'whose file is gone',
    unitFileState: '',
    loadState: 'not-found',
    isStarted: true,
    ago: 5_000,
    kinds: [],
  },
  { what: 'that is enabled', unitFileState: 'enabled', isStarted: true, ago: 5_000, kinds: ['stays-down'] },
  {
    what: 'that was started since',
    unitFileState: 'disabled',
    isStarted: false,
    ago: 20_000,
    kinds: ['stays-down'],
  },
])(
  'of what ran until the machine went down, one $what: $kinds',
  async ({ unitFileState, loadState = 'loaded', isStarted, ago, kinds }) => {
    const forgotten = {
      ...active,
      loadState,
      nRestarts: 0,
      activeState: 'inactive',
      subState: 'dead',
      invocation: '',
    } as const;
    const boot = { bootMs: 10_000_000 - ago, isStartedAtBoot: () => isStarted };
    const notices = await told(() => ({ ...forgotten, unitFileState }), 10_000, [], [], [], undefined, boot);
    expect(notices.map(({ kind }) => kind)).toEqual(kinds);
  },
);

it('what has ended by the time that its socket answers is not up', async () => {
  let looks = 0;
  const failed = { ...active, activeState: 'failed', subState: 'failed' } as const;
  const probe = { kind: 'command', argv: ['/bin/true'], environment: {} } as const;
  const notices = await told(() => ((looks += 1) % 2 === 1 ? active : failed), 1_000, [], [], [probe]);
  expect(notices.map(({ kind }) => kind)).not.toContain('restarted');
});

it.each([
  {
    what: 'a condition',
    how: { conditionsHeld: false, conditionsUsec: 2, enteredInactiveUsec: 1 },
    kinds: ['stays-down'],
  },
  { what: 'ExecCondition=', how: { result: 'exec-condition' }, kinds: ['stays-down'] },
  { what: 'a stop', how: { conditionsHeld: true, conditionsUsec: 2, enteredInactiveUsec: 3 }, kinds: [] },
  {
    what: 'a stop of what was skipped before',
    how: { conditionsHeld: false, conditionsUsec: 2, enteredInactiveUsec: 3 },
    kinds: [],
  },
])('what $what keeps from its restart: $kinds', async ({ how, kinds }) => {
  const skipped = { ...active, activeState: 'inactive', subState: 'dead', result: 'signal', ...how } as const;
  const notices = await told(() => skipped, 1_000);
  expect(notices.flatMap(({ kind }) => (kind === 'stays-down' ? [kind] : []))).toEqual(kinds);
});

it.each([
  { hasJob: false, sinceMs: 61_000, kinds: ['not-ready'] },
  { hasJob: false, sinceMs: 30_000, kinds: [] },
  // Whoever asked for the stop knows of it.
  { hasJob: true, sinceMs: 61_000, kinds: [] },
])(
  'a stop of its own accord that hangs is told: $hasJob, $sinceMs ms',
  async ({ hasJob, sinceMs, kinds }) => {
    const stateChangedSeconds = (10_000_000 - sinceMs) / 1_000;
    const stopping = { ...active, activeState: 'deactivating', subState: 'stop-sigterm', hasJob } as const;
    const notices = await told(() => ({ ...stopping, stateChangedSeconds }), 65_000);
    const late = notices.filter(notice => notice.kind === 'not-ready');
    expect(late).toMatchObject(kinds.map(kind => ({ kind, isStopping: true })));
  },
);

it('nothing is said of how a service is while the manager does not answer', async () => {
  const kinds = (await told(() => undefined, 59_000)).map(({ kind }) => kind);
  expect(kinds).not.toContain('not-ready');
});

// No run came after the one whose restart was due: somebody stopped it while it waited.
it.each([
  { run: 'a', down: [] },
  { run: 'b', down: [expect.objectContaining({ kind: 'stays-down', cause: exit0, gaveUp: null })] },
])(
  'what rests after a restart was due has fallen for good, unless somebody stopped it: $run',
  async ({ run, down }) => {
    const waiting = {
      ...active,
      activeState: 'activating',
      subState: 'auto-restart',
      invocation: 'a',
    } as const;
    const atRest = { ...active, activeState: 'inactive', subState: 'dead', invocation: run } as const;
    const looks: LiveUnit[] = [waiting, atRest];
    const end: Sign = { kind: 'ended', atMs: 10_000_100, invocation: 'b', cause: exit0, job: 'none' };
    expect(await told(() => looks.shift() ?? atRest, 0, [end])).toEqual(down);
  },
);

it.each([
  { stopped: ['b'], kinds: [] },
  { stopped: [], kinds: ['stays-down'] },
])(
  'what its manager has forgotten was stopped where the journal says so: $stopped',
  async ({ stopped, kinds }) => {
    const forgotten = { ...active, activeState: 'inactive', subState: 'dead', invocation: '' } as const;
    const end: Sign = { kind: 'ended', atMs: 10_000_100, invocation: 'b', cause: exit0, job: 'none' };
    expect((await told(() => forgotten, 0, [end], stopped)).map(({ kind }) => kind)).toEqual(kinds);
  },
);

it.each([
  { at: 10_001, wasStopped: true, kinds: [] },
  { at: 10_001, wasStopped: false, kinds: ['stays-down'] },
  { at: 9_000, wasStopped: true, kinds: ['stays-down'] },
])(
  'nor has what was stopped in a later start that no hook told of: $wasStopped at $at',
  async ({ at, wasStopped, kinds }) => {
    const forgotten = { ...active, activeState: 'inactive', subState: 'dead', invocation: '' } as const;
    const fell: Sign = { kind: 'ended', atMs: 10_000_100, invocation: 'b', cause: exit0, job: 'none' };
    const last = {
      invocation: 'c',
      wasStopped,
      result: 'resources',
      code: null,
      status: null,
      at: { usec: at * 1e6, seconds: at },
    };
    const boot = {
      bootMs: null,
      isStartedAtBoot: () => true,
      journal: {
        restartsOf: async () => new Map(),
        endsOf: async () => new Map(),
        lastEndsOf: async () => new Map([[unit, last]]),
      },
    };
    const notices = await told(() => forgotten, 0, [fell], [], [], undefined, boot);
    expect(notices.map(({ kind }) => kind)).toEqual(kinds);
  },
);

it('a service that answers after it was said not to is noticed by whoever waited for it', async () => {
  const folder = unpackedRoot({});
  const database = openStore(folder);
  onTestFinished(() => database.close());
  const incidents = new Incidents<Sign, Incident>(database);
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const atMs = Date.now();
  incidents.append(unit, { kind: 'ended', atMs: atMs - 1_000, invocation: 'a', cause: killed, job: 'none' });
  incidents.append(unit, { kind: 'started', atMs, invocation: 'b', restarts: 1 });
  const policy = { thresholdSeconds: 0, remindSeconds: null };
  const desk = { database, incidents, outbox, channels: ['a'], policy, host: 'neko', scope: 'user' } as const;
  const isUp = path.join(folder, 'is-up');
  const watch = {
    look: () => Promise.resolve(active),
    bootMs: null,
    isStartedAtBoot: () => true,
    asserts: [],
    readiness: {
      probes: [{ kind: 'command', argv: ['/usr/bin/test', '-e', isUp], environment: {} }] as const,
      seconds: 1,
    },
    purpose: { isMeantToStay: true, startedBy: [] },
    now: Date.now,
    isEdited: () => false,
    wasStopped: () => Promise.resolve(false),
    log: () => Promise.resolve([]),
  };
  const following = follow(unit, watch, desk, atMs + 15_000);
  await vi.waitFor(() => expect(incidents.ongoing(unit)?.state).toBe('not-ready'), { timeout: 10_000 });
  fs.writeFileSync(isUp, '');
  await following;
  expect(incidents.ongoing(unit)?.state).toBe('up');
});
