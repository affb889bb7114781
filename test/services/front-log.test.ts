import { expect, it } from 'vitest';
import { readFrontLog } from '../../src/services/front-log.ts';

const at = '2026-11-30T20:35:52.795637+00:00';
const atMs = Date.UTC(2026, 10, 30, 20, 35, 52, 795);

/** As HAProxy 2.6.12 logs them. */
it('reads which place answers and which does not', () => {
  const text = [
    `${at} Server answer/local is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 1 active and 1 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`,
    `${at} Server answer/node-kuma is DOWN via watch-node-kuma/node-kuma. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.`,
    `${at} Server answer/local is UP, reason: Layer7 check passed, code: 200, check duration: 1ms. 1 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.`,
    `${at} Proxy answer stopped (cumulated conns: FE: 0, BE: 0).`,
    '',
  ].join('\n');
  expect(readFrontLog(text)).toEqual([
    { kind: 'down', server: 'local', atMs },
    { kind: 'down', server: 'node-kuma', atMs },
    { kind: 'up', server: 'local', atMs },
    { kind: 'begun-anew', atMs },
  ]);
});

it.each([
  'Server answer/local is DOWN, reason: x',
  `${at} Server watch-node-kuma/node-kuma is DOWN, reason: x`,
  `${at} Server answer/local is going DOWN for maintenance.`,
  `${at} Server answer/local is DOWNHILL`,
  `${at}  Server answer/local is DOWN, reason: x`,
  `${at} x Server answer/local is DOWN, reason: x`,
  `2026-99-30T20:35:52.795637+00:00 Server answer/local is DOWN, reason: x`,
  `${at} Server answer/${'a'.repeat(65)} is DOWN, reason: x`,
  `${at} Proxy front stopped (cumulated conns: FE: 0, BE: 0).`,
])('takes nothing from %j', line => {
  expect(readFrontLog(line)).toEqual([]);
});
