import { describe, expect, it } from 'vitest';
import { bringUp, nextSight, provingMs, type Sight } from '../../src/cli/bring-up.ts';
import type { LiveUnit, Manager } from '../../src/systemd/host/host.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { fallen } from '../support/downfall.ts';
import { hostOf } from '../support/root.ts';

/** What a row of looks sees at last, one each second. */
function lastOf(states: readonly Partial<LiveUnit>[], before: Parameters<typeof nextSight>[2]): Sight {
  let sight: Sight | undefined;
  for (const [second, state] of states.entries())
    sight = nextSight(sight, { ...notLoadable('a.service'), ...state }, before, second * 1_000);
  if (sight === undefined) throw new Error('no look');
  return sight;
}

const down = { invocation: 'old', downfall: undefined };
const gone = { activeState: 'failed', subState: 'failed', invocation: 'old' };
const up = { activeState: 'active', subState: 'running', invocation: 'new' };

describe('a look at what was started', () => {
  it('takes what stays up for up, since its start', () => {
    expect(lastOf([gone, { ...up, activeState: 'activating' }, up, up], down)).toEqual({
      phase: 'up',
      invocation: 'new',
      sinceMs: 2_000,
    });
    expect(lastOf([up, { ...up, activeState: 'reloading' }, up], down)).toMatchObject({ sinceMs: 0 });
  });

  it.each([
    ['it has ended', [up, { ...up, ...gone, invocation: 'new' }]],
    ['it ended before the first look', [{ ...gone, invocation: 'new' }]],
    ['it waits for its restart', [{ ...up, activeState: 'activating', subState: 'auto-restart' }]],
    ['it was restarted before the first look', [{ ...up, nRestarts: 1 }]],
    ['it runs again', [up, { ...up, invocation: 'newer', nRestarts: 1 }]],
    ['it is up after that', [up, { ...gone, invocation: 'new' }, { ...up, invocation: 'newer' }]],
  ])('takes what has ended once for fallen, whatever it does then: %s', (_, states) => {
    expect(lastOf(states, down).phase).toBe('fell');
  });

  it('waits for a job that is still to come', () => {
    expect(lastOf([gone], down).phase).toBe('down');
    const running = { ...up, invocation: 'old', nRestarts: 3 };
    expect(lastOf([running, running], down).phase).toBe('changing');
    const waiting = { invocation: 'old', downfall: { ...fallen, how: 'waiting', restarts: 2 } } as const;
    const inWait = { activeState: 'activating', subState: 'auto-restart', invocation: 'old', nRestarts: 2 };
    expect(lastOf([inWait], waiting).phase).toBe('down');
    expect(lastOf([inWait, { ...up, nRestarts: 2 }], waiting).phase).toBe('up');
  });

  it('lasts for longer than what fell was up before, and no longer than it may', () => {
    expect(provingMs(null)).toBe(5_000);
    expect(provingMs(1)).toBe(6_500);
    expect(provingMs(8)).toBe(17_000);
    expect(provingMs(40)).toBe(45_000);
    expect(provingMs(3_600)).toBe(5_000);
  });

  it('is not over while the manager has not noticed that the process has ended', async () => {
    const ended = { ...up, mainPid: 77 };
    const beganMs = Date.now();
    const host = hostOf({ 'proc/77/status': 'Name:\tnode\nState:\tZ (zombie)\n' });
    const manager: Manager = {
      transport: 'bus',
      version: 257,
      isStopping: false,
      unitPath: [],
      units: async () => {
        const state = Date.now() - beganMs < 5_500 ? ended : { ...gone, invocation: 'new' };
        return new Map([['a.service', { ...notLoadable('a.service'), ...state }]]);
      },
      jobType: async () => undefined,
      loadedUnits: async () => [],
      [Symbol.asyncDispose]: async () => {},
    };
    const broughtUp = {
      starts: [],
      restarts: ['a.service'],
      before: new Map([['a.service', { ...down, listener: undefined }]]),
    };
    const { notUp } = await bringUp(broughtUp, { ...host, manager }, () => {});
    expect(notUp).toEqual(['a.service']);
  });
});
