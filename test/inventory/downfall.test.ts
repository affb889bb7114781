/** What ended a service, by the times that real managers gave (247, 252, 257 and 262 agree). */
import { describe, expect, it } from 'vitest';
import { downfallOf, endedBy, restartingOf } from '../../src/inventory/downfall.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';

const base = {
  ...notLoadable('a.service'),
  loadState: 'loaded',
  result: 'success',
  leftInactiveUsec: 100,
  enteredInactiveUsec: 301,
  enteredInactiveSeconds: 1_795_929_330,
};
const terminated = { ...base, mainCode: 2, mainStatus: 15 };

describe('endedBy', () => {
  it('is the service itself when its process is gone before it leaves active', () => {
    expect(endedBy({ ...terminated, mainEndedUsec: 300, leftActiveUsec: 301 })).toBe('itself');
  });

  it('is a job when it leaves active before its process is gone', () => {
    expect(endedBy({ ...terminated, mainEndedUsec: 301, leftActiveUsec: 300 })).toBe('job');
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
});

describe('downfallOf', () => {
  it('respects a stop, and says of an unknown end that it is unknown', () => {
    const failedStart = { ...base, activeState: 'failed', result: 'exit-code' };
    expect(
      downfallOf({ ...terminated, mainEndedUsec: 301, leftActiveUsec: 300 }, undefined, false),
    ).toBeUndefined();
    expect(downfallOf(failedStart, true, false)).toBeUndefined();
    expect(downfallOf(failedStart, undefined, false)?.how).toBe('unknown');
    expect(downfallOf(failedStart, false, false)?.how).toBe('fell');
  });

  it('says of a clean end that nothing asks to take back that it may be meant', () => {
    const clean = { ...base, mainCode: 1, mainStatus: 0, mainEndedUsec: 300, leftActiveUsec: 301 };
    expect(downfallOf(clean, undefined, true)?.how).toBe('ended');
    expect(downfallOf(clean, undefined, false)?.how).toBe('fell');
    // A signal that counts as a success is no end of its own.
    expect(downfallOf({ ...clean, mainCode: 2, mainStatus: 15 }, undefined, true)?.how).toBe('fell');
  });

  it('says that systemd has given up after a loop, whatever the result', () => {
    const loop = { ...base, activeState: 'failed', result: 'exit-code', nRestarts: 5 };
    const end = { mainEndedUsec: 98, leftActiveUsec: 99, mainCode: 1, mainStatus: 3 };
    expect(downfallOf({ ...loop, ...end }, false, false)).toEqual({
      how: 'gave-up',
      sinceSeconds: 1_795_929_330,
      restarts: 5,
      result: 'exit-code',
      code: 'exited',
      status: '3',
    });
  });
});

describe('restartingOf', () => {
  it('tells a service between two starts, and how its last run ended', () => {
    const waiting = { ...base, activeState: 'activating', subState: 'auto-restart', nRestarts: 7 };
    const end = { result: 'exit-code', mainCode: 1, mainStatus: 3 };
    expect(restartingOf({ ...waiting, ...end })).toMatchObject({
      how: 'restarting',
      restarts: 7,
      status: '3',
    });
    expect(restartingOf({ ...waiting, subState: 'start' })).toBeUndefined();
  });
});
