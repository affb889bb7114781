/** How long systemd waits before a restart. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restartDelay, restartWaitUsec } from '../../src/restart/delay.ts';
import type { ServiceSettings } from '../../src/systemd/service-settings.ts';
import { after, service } from './given.ts';

const second = 1_000_000;

describe('the first wait', () => {
  test('is 100 ms by default, and up to 250 ms more', () => {
    expect(after('Restart=always', 'exit:1').delaySeconds).toEqual([0.1, 0.35]);
  });

  test('holds the start-to-start medians of a quiet manager', () => {
    const measured = [
      ['100ms', 0.251],
      ['1', 1.251],
      ['2.5', 2.748],
      ['5', 5.248],
      ['0', 0.007],
    ] as const;
    for (const [restartSec, seconds] of measured) {
      const [min, max] = after(`Restart=always\nRestartSec=${restartSec}`, 'exit:1').delaySeconds ?? [1, 0];
      expect(min).toBeLessThanOrEqual(seconds);
      // Start to start is the wait and the few milliseconds of a fork.
      expect(max + 0.01).toBeGreaterThanOrEqual(seconds);
    }
  });

  test('RestartSec=0 waits for no timer', () => {
    const [min, max] = after('Restart=always\nRestartSec=0', 'exit:1').delaySeconds ?? [1, 1];
    expect(min).toBe(0);
    expect(max).toBeLessThan(0.1);
  });

  test('RestartSec=infinity never ends: it stays in auto-restart', () => {
    const outcome = after('Restart=always\nRestartSec=infinity', 'exit:1');
    expect(outcome).toMatchObject({ restarts: false, delaySeconds: null, state: 'activating/auto-restart' });
  });

  test('RestartRandomizedDelaySec= (262) adds to the latest', () => {
    const unit = 'Restart=always\nRestartSec=1\nRestartRandomizedDelaySec=3';
    expect(after(unit, 'exit:1', { version: 262 }).delaySeconds).toEqual([1, 4.25]);
    expect(after(unit, 'exit:1', { version: 261 }).delaySeconds).toEqual([1, 1.25]);
  });
});

describe('RestartSteps= and RestartMaxDelaySec= (254)', () => {
  const waits = (text: string, version = 254) => {
    const { settings } = service(text, { version });
    return [1, 2, 3, 4, 5, 6].map(restart => restartWaitUsec(settings, restart) / second);
  };
  const steps = 'RestartSec=1\nRestartSteps=4\nRestartMaxDelaySec=16\nRestart=always';

  test('grow geometrically from the first restart on', () => {
    expect(waits(steps)).toEqual([1, 2, 4, 8, 16, 16]);
  });

  test('are truncated to microseconds', () => {
    const { settings } = service('RestartSec=1\nRestartSteps=3\nRestartMaxDelaySec=2', { version: 254 });
    expect(restartWaitUsec(settings, 2)).toBe(1_259_921);
  });

  test('older versions do not know them', () => {
    expect(waits(steps, 253)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test.each([
    ['no steps', 'RestartSec=1\nRestartMaxDelaySec=16'],
    ['no limit', 'RestartSec=1\nRestartSteps=4'],
    ['a limit that is already reached', 'RestartSec=1\nRestartSteps=4\nRestartMaxDelaySec=1'],
  ])('%s: the wait stays', (_, text) => {
    expect(waits(text)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('RestartSec=0 stays 0', () => {
    expect(waits('RestartSec=0\nRestartSteps=4\nRestartMaxDelaySec=9')).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('a limit below RestartSec= takes its place', () => {
    expect(waits('RestartSec=5\nRestartSteps=4\nRestartMaxDelaySec=2')).toEqual([2, 2, 2, 2, 2, 2]);
  });
});

describe('for all settings', () => {
  const usec = fc.integer({ min: 0, max: 100 * second });
  const settings = fc.record({
    RestartSec: setting(fc.oneof(usec, fc.constant(Number.POSITIVE_INFINITY))),
    RestartSteps: setting(fc.nat(20)),
    RestartMaxDelaySec: setting(fc.oneof(usec, fc.constant(Number.POSITIVE_INFINITY))),
    RestartRandomizedDelaySec: setting(usec),
  });

  function setting(value: fc.Arbitrary<number>): fc.Arbitrary<ServiceSettings['RestartSec']> {
    return value.map(number => ({ value: number, source: null }));
  }

  test('a later wait is never shorter than an earlier one', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 30 }), (some, restart) => {
        expect(restartWaitUsec(some, restart + 1)).toBeGreaterThanOrEqual(restartWaitUsec(some, restart));
      }),
    );
  });

  test('the interval holds the wait and whatever randomness adds', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 30 }), share, (some, restart, luck) => {
        const delay = restartDelay(some, restart);
        const wait = restartWaitUsec(some, restart);
        expect(delay === null).toBe(wait === Number.POSITIVE_INFINITY);
        if (delay === null) return;
        const seconds = (wait + luck * some.RestartRandomizedDelaySec.value) / second;
        expect(delay[0]).toBeLessThanOrEqual(seconds);
        expect(delay[1]).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });

  test('the wait lies between RestartSec= and RestartMaxDelaySec=', () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 30 }), (some, restart) => {
        const wait = restartWaitUsec(some, restart);
        expect(wait).toBeGreaterThanOrEqual(some.RestartSec.value);
        expect(wait).toBeLessThanOrEqual(Math.max(some.RestartSec.value, some.RestartMaxDelaySec.value));
      }),
    );
  });
});
