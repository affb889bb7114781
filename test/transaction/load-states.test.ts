import { expect, it } from 'vitest';
import type { FixRecord } from '../../src/transaction/journal.ts';
import { refusedSince } from '../../src/transaction/load-states.ts';

const folder = '/home/kuma/.config/systemd/user';
const absent = { kind: 'absent' } as const;
const record: FixRecord = {
  version: 1,
  id: '20261130T000000Z',
  phase: 'begun',
  process: { pid: 1, started: null },
  scope: 'user',
  root: '/',
  units: ['a.service'],
  operations: [
    { path: `${folder}/gone.service`, before: absent, after: absent },
    { path: `${folder}/gone@.service`, before: absent, after: absent },
  ],
  folders: [],
  lingering: null,
  isReloaded: true,
  started: [],
  stopped: [],
  restarted: [],
};

it.each([
  ['a.service', 'loaded', 'bad-setting', true],
  ['a.service', 'loaded', 'error', true],
  ['a.service', 'loaded', 'not-found', true],
  ['a.service', 'not-found', 'bad-setting', true],
  ['a.service', 'loaded', 'loaded', false],
  ['a.service', 'loaded', 'masked', false],
  // It was no better before.
  ['a.service', 'bad-setting', 'bad-setting', false],
  ['a.service', 'not-found', 'not-found', false],
  // Its file was taken away on purpose.
  ['gone.service', 'loaded', 'not-found', false],
  ['gone@one.service', 'loaded', 'not-found', false],
])('%s, which was %s and is %s: refused since %s', (unit, before, after, isRefused) => {
  const refused = refusedSince(record, new Map([[unit, before]]), new Map([[unit, after]]));
  expect(refused).toEqual(isRefused ? [{ unit, loadState: after }] : []);
});

it('says nothing where the state before is not known', () => {
  expect(refusedSince(record, new Map(), new Map([['a.service', 'bad-setting']]))).toEqual([]);
});
