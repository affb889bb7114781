import { expect, it } from 'vitest';
import type { ChannelFault } from '../../src/notify/channel.ts';
import type { Incident } from '../../src/notify/incident.ts';
import type { Notice } from '../../src/notify/notice.ts';
import { settle } from '../../src/notify/settle.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { unpackedRoot } from '../support/root.ts';

const unit = 'litellm.service';
const exit3 = { result: 'exit-code', code: 'exited', status: '3' };
const unknown = { result: null, code: null, status: null };

/** What daruma 0.1.0 kept: all fields in all states. */
const old = {
  id: `${unit}/1000`,
  cause: exit3,
  downSinceMs: 1_000,
  falls: 2,
  fallsInRow: 2,
  number: 2,
  lastEnded: 'a',
  lastStarted: null,
  startedMs: null,
  upSinceMs: null,
  restarted: null,
  reminders: 0,
};
const run = { lastStarted: 'b', startedMs: 2_000 };
const restarted = { key: `${unit}/1000/2/restarted`, dueMs: 3_000, sinceMs: 3_000 };
const up = { ...old, ...run, state: 'up', upSinceMs: 3_000, restarted, falls: 1, fallsInRow: 0 };
const ended = { kind: 'ended', cause: exit3, job: 'none' } as const;

/** What is told, and what is kept, of an incident that lies in the store and a sign that comes. */
function settled(row: object, sign: Sign) {
  const database = openStore(unpackedRoot({}));
  database.prepare('INSERT INTO incident (unit, content) VALUES (?, ?)').run(unit, JSON.stringify(row));
  const incidents = new Incidents<Sign, Incident>(database);
  incidents.append(unit, sign);
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const policy = { thresholdSeconds: 0, remindSeconds: null };
  const desk = { database, incidents, outbox, channels: ['a'], policy, host: 'neko', scope: 'user' } as const;
  const incident = settle(unit, { isMeantToStay: true, startedBy: [] }, desk, new Map(), sign.atMs);
  const told = outbox.due('a', 200_000, 10).map(({ content }) => content);
  database.close();
  return { incident, told };
}

it('an incident of an earlier version goes on, whatever its state', () => {
  const again = { atMs: 9_000, invocation: 'c' };
  const event = { kind: 'restarted', cause: exit3, downSeconds: 8, falls: 2 };
  for (const row of [
    { ...old, state: 'down' },
    { ...old, ...run, state: 'starting' },
    { ...old, ...run, state: 'not-ready' },
    { ...old, state: 'stays-down' },
  ]) {
    const { told, incident } = settled(row, { kind: 'ready', ...again });
    expect({ told, state: incident?.state }).toMatchObject({ told: [event], state: 'up' });
  }
  const failed = settled({ ...old, state: 'failed', hasFailed: true }, { kind: 'ready', ...again });
  expect(failed.told).toMatchObject([{ kind: 'recovered', cause: exit3, falls: 2 }]);
  expect(settled(up, { ...ended, ...again }).told).toMatchObject([{ kind: 'fell', cause: exit3 }]);
  const stopped = { ...old, state: 'stopped', cause: unknown, downSinceMs: null, falls: 0 };
  const late: Sign = { kind: 'stays-down', atMs: 1_100, invocation: 'a', cause: unknown };
  expect(settled(stopped, late)).toEqual({ incident: stopped, told: [] });
});

it('the next state of an incident of an earlier version has no field that it does not need', () => {
  const { incident } = settled({ ...old, state: 'down' }, { kind: 'ready', atMs: 9_000, invocation: 'b' });
  expect(incident).toEqual({
    state: 'up',
    id: old.id,
    number: 2,
    falls: 2,
    sinceMs: 1_000,
    downSinceMs: 1_000,
    lastEnded: 'a',
    lastStarted: 'b',
    startedMs: 9_000,
    upSinceMs: 9_000,
    telling: {
      stage: 0,
      lastToldMs: null,
      lastKind: null,
      said: [],
      pending: {
        key: `${unit}/1000/2/restarted`,
        dueMs: 9_000,
        kind: 'restarted',
        event: { kind: 'restarted', cause: exit3, downSeconds: 8, falls: 2, sinceMs: 1_000 },
        atMs: 9_000,
        putMs: 9_000,
      },
    },
  });
  const stop: Sign = { ...ended, atMs: 9_000, invocation: 'b', job: 'stop' };
  expect(settled(up, stop).incident).toEqual({ state: 'stopped', by: 'stop', lastEnded: 'b', atMs: 9_000 });
  expect(settled(up, { ...ended, atMs: 9_000, invocation: 'b' }).incident).not.toHaveProperty('upSinceMs');
});
