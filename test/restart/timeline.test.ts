/** When systemd gives a service up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { predictTimeline, type Timeline } from '../../src/restart/timeline.ts';
import { alone } from '../../src/restart/surroundings.ts';
import { again, endingOf, machineOf, service } from './given.ts';

const always = (unit: string, more = '') =>
  `[Unit]\n${unit}\n[Service]\nExecStart=/bin/daemon\nRestart=always\n${more}`;

describe('the start limit', () => {
  test('exactly burst starts run, and the refused one is counted: B=5', () => {
    expect(again(always(''), 'exit:1', 0)).toMatchObject({ givesUp: 'yes', starts: 5, nRestarts: 5 });
  });

  test('B=1: one run, NRestarts=1', () => {
    const timeline = again(always('StartLimitBurst=1'), 'exit:1', 0);
    expect(timeline).toMatchObject({ givesUp: 'yes', starts: 1, nRestarts: 1 });
  });

  test.each(['StartLimitIntervalSec=0', 'StartLimitBurst=0', 'StartLimitInterval=0'])(
    '%s switches it off',
    setting => {
      expect(again(always(setting), 'exit:1', 0)).toMatchObject({ givesUp: 'no', starts: null });
    },
  );

  test('Restart=always, RestartSec=5 and defaults: never hit', () => {
    expect(again(always('', 'RestartSec=5'), 'exit:1', 0).givesUp).toBe('no');
  });

  test('the default 100ms: surely hit up to 1.6 s of lifetime, surely not above 1.9 s, in between undetermined', () => {
    expect(again(always(''), 'exit:1', 1.6).givesUp).toBe('yes');
    expect(again(always(''), 'exit:1', 1.75).givesUp).toBe('undetermined');
    expect(again(always(''), 'exit:1', 1.91).givesUp).toBe('no');
  });

  test('burst times the period against the interval, the bound itself within', () => {
    // 4 * (0.5 + 0.75) + 4 * (0.25 + 0.05) of slack and work = 6.2
    const unit = (interval: string) =>
      always(`StartLimitBurst=4\nStartLimitIntervalSec=${interval}`, 'RestartSec=750ms');
    expect(again(unit('6200ms'), 'exit:1', 0.5).givesUp).toBe('yes');
    expect(again(unit('6199ms'), 'exit:1', 0.5).givesUp).toBe('undetermined');
    expect(again(unit('5'), 'exit:1', 0.5).givesUp).toBe('undetermined');
    expect(again(unit('4999ms'), 'exit:1', 0.5).givesUp).toBe('no');
  });

  test('says when it is reached', () => {
    const { afterSeconds } = again(always(''), 'exit:1', 0);
    expect(afterSeconds?.[0]).toBeCloseTo(0.5);
    expect(afterSeconds?.[1]).toBeCloseTo(2);
  });

  test('growing waits are summed', () => {
    const growing = 'RestartSec=1\nRestartSteps=3\nRestartMaxDelaySec=8';
    // 1 + 2 + 4 + 8 + 8 = 23
    const unit = (interval: number) => always(`StartLimitIntervalSec=${interval}`, growing);
    expect(again(unit(25), 'exit:1', 0, { version: 254 }).givesUp).toBe('yes');
    expect(again(unit(22), 'exit:1', 0, { version: 254 }).givesUp).toBe('no');
    expect(again(unit(22), 'exit:1', 0, { version: 253 }).givesUp).toBe('yes');
  });

  test('is counted for failing hooks too, although the main process never runs', () => {
    const timeline = again(always('', 'ExecStartPre=/bin/pre'), 'start-pre:1', 3);
    expect(timeline).toMatchObject({ givesUp: 'yes', starts: 5 });
  });

  test('limits that end the service set the period', () => {
    expect(again(always('', 'RuntimeMaxSec=3'), 'runtime-max', 0).givesUp).toBe('no');
    expect(again(always('', 'RuntimeMaxSec=1'), 'runtime-max', 0).givesUp).toBe('yes');
    expect(again(always('', 'WatchdogSec=1'), 'hang', 0).givesUp).toBe('yes');
    const slow = always('', 'Type=notify\nTimeoutStartSec=3');
    expect(again(slow, 'start-timeout', 0).givesUp).toBe('no');
  });

  test('is not the end of a unit that another one upholds', () => {
    const givesUp = (unit: string, version: number) => {
      const { settings, surroundings } = service(unit, { version });
      const upheld = { ...surroundings, upheldBy: [{ unit: 'b.target', source: null }] };
      const facts = { settings, surroundings: upheld };
      return predictTimeline(facts, endingOf('exit:1'), 0, machineOf({ version })).givesUp;
    };
    expect(givesUp(always(''), 248)).toBe('yes');
    expect(givesUp(always(''), 249)).toBe('undetermined');
    expect(givesUp('Restart=no', 249)).toBe('undetermined');
    expect(givesUp('[Unit]\nStartLimitBurst=0\n[Service]\nExecStart=/bin/daemon', 249)).toBe('no');
  });

  test('KillMode=none with an ExecStopPost= adds TimeoutStopSec= to every turn', () => {
    const unit = (mode: string) =>
      always('', `WatchdogSec=1\nKillMode=${mode}\nExecStopPost=/bin/post\nTimeoutStopSec=2`);
    expect(again(unit('control-group'), 'watchdog', 0).givesUp).toBe('yes');
    expect(again(unit('none'), 'watchdog', 0).givesUp).toBe('no');
    expect(again(unit('none'), 'exit:1', 0).givesUp).toBe('yes');
  });

  test('a late start that leaves the main process adds TimeoutStopSec= to every turn', () => {
    const unit = (sigkill: string) =>
      always(
        '',
        `Type=notify\nExecStartPost=/bin/post\nExecStopPost=/bin/post\nTimeoutStartSec=1\nTimeoutStopSec=2
TimeoutStartFailureMode=kill\nSendSIGKILL=${sigkill}`,
      );
    for (const ending of ['start-timeout', 'start-post-timeout']) {
      expect(again(unit('yes'), ending, 0).givesUp).toBe('yes');
      expect(again(unit('no'), ending, 0).givesUp).toBe('no');
    }
  });

  test('each command that a late start is followed by adds TimeoutStartSec= to every turn', () => {
    const unit = (prefix: string) =>
      `[Service]\nType=oneshot\nRestart=on-failure\nTimeoutStartSec=1\nExecStart=${prefix}/bin/a\nExecStart=${prefix}/bin/b`;
    // 5 turns within 10 s: of a little over a second each, and of more than two.
    expect(again(unit(''), 'start-timeout', 0).givesUp).toBe('yes');
    expect(again(unit('-'), 'start-timeout', 0).givesUp).toBe('no');
    expect(again(unit('-'), 'hang', 0).givesUp).toBe('no');
  });

  test.each(['Type=simple', 'Type=notify', 'Type=oneshot'])(
    'a start that may take for ever has no say where something else ends it: %s',
    type => {
      const unit = `[Service]\n${type}\nExecStart=/bin/daemon\nRestart=on-failure\nTimeoutStartSec=infinity`;
      expect(again(unit, 'exit:1', 0).givesUp).toBe('yes');
    },
  );

  test('RestartSec=infinity: the limit has no say', () => {
    expect(again(always('', 'RestartSec=infinity'), 'exit:1', 0)).toMatchObject({ givesUp: 'no', starts: 1 });
  });
});

describe('where the limit is written', () => {
  const inService = (line: string) => `[Service]\nExecStart=/bin/daemon\nRestart=always\n${line}`;

  test('StartLimitInterval= is the old name of StartLimitIntervalSec= in [Unit]', () => {
    expect(again(always('StartLimitInterval=1'), 'exit:1', 1).givesUp).toBe('no');
  });

  test('StartLimitInterval= and StartLimitBurst= count in [Service]', () => {
    expect(again(inService('StartLimitInterval=1'), 'exit:1', 1).givesUp).toBe('no');
    expect(again(inService('StartLimitBurst=2'), 'exit:1', 0)).toMatchObject({ starts: 2 });
  });

  test('StartLimitIntervalSec= in [Service] is an unknown key: the default applies', () => {
    expect(again(inService('StartLimitIntervalSec=1'), 'exit:1', 1).givesUp).toBe('yes');
  });
});

describe('for all limits', () => {
  const limit = fc.record({
    burst: fc.integer({ min: 0, max: 12 }),
    interval: fc.integer({ min: 0, max: 20_000 }),
    restartSec: fc.integer({ min: 0, max: 4_000 }),
    steps: fc.integer({ min: 0, max: 5 }),
    mostDelay: fc.integer({ min: 0, max: 6_000 }),
    lifetime: fc.integer({ min: 0, max: 3_000 }),
  });
  const machine = machineOf({ version: 254 });

  type Some = {
    readonly [K in 'burst' | 'interval' | 'restartSec' | 'steps' | 'mostDelay' | 'lifetime']: number;
  };

  /** Milliseconds to a timeline of `exit:1`. */
  function timelines(): (some: Some) => Timeline {
    const base = service('Restart=always', { version: 254 });
    const own = <T>(value: T) => ({ value, source: null });
    return some => {
      const settings = {
        ...base.settings,
        StartLimitBurst: own(some.burst),
        StartLimitIntervalSec: own(some.interval * 1_000),
        RestartSec: own(some.restartSec * 1_000),
        RestartSteps: own(some.steps),
        RestartMaxDelaySec: own(some.mostDelay * 1_000),
      };
      return predictTimeline(
        { settings, surroundings: alone },
        endingOf('exit:1'),
        some.lifetime / 1_000,
        machine,
      );
    };
  }

  /** How soon it gives up, for comparisons: surely before perhaps before never. */
  const eagerness = { yes: 2, undetermined: 1, no: 0 } as const;
  const isOn = (some: Some) => some.burst > 0 && some.interval > 0;

  test('when it gives up, starts and NRestarts are the burst, within the interval', () => {
    const timeline = timelines();
    fc.assert(
      fc.property(limit, some => {
        const { givesUp, starts, nRestarts, afterSeconds } = timeline(some);
        expect(afterSeconds !== null).toBe(givesUp === 'yes');
        if (afterSeconds === null) return;
        expect([starts, nRestarts]).toEqual([some.burst, some.burst]);
        expect(afterSeconds[1]).toBeLessThanOrEqual(some.interval / 1_000);
        expect(afterSeconds[0]).toBeLessThanOrEqual(afterSeconds[1]);
      }),
    );
  });

  test('a larger burst, a longer wait or life never gives up more surely', () => {
    const change = fc.constantFrom('burst', 'restartSec', 'lifetime' as const);
    const timeline = timelines();
    fc.assert(
      fc.property(limit.filter(isOn), change, fc.integer({ min: 1, max: 3_000 }), (some, key, more) => {
        // RestartSec= beyond RestartMaxDelaySec= switches the growth off; keep that out of the comparison.
        const steady = { ...some, steps: 0 };
        const larger = { ...steady, [key]: steady[key] + (key === 'burst' ? 1 : more) };
        expect(eagerness[timeline(larger).givesUp]).toBeLessThanOrEqual(eagerness[timeline(steady).givesUp]);
      }),
    );
  });

  test('a longer interval never gives up less surely', () => {
    const timeline = timelines();
    fc.assert(
      fc.property(limit.filter(isOn), fc.integer({ min: 1, max: 9_000 }), (some, more) => {
        const longer = { ...some, interval: some.interval + more };
        expect(eagerness[timeline(longer).givesUp]).toBeGreaterThanOrEqual(eagerness[timeline(some).givesUp]);
      }),
    );
  });

  test('what counting starts one by one finds is what is predicted', () => {
    // Every delay and overhead at one point of its interval: the truth of one possible run.
    const luck = fc.double({ min: 0, max: 1, noNaN: true });
    const timeline = timelines();
    fc.assert(
      fc.property(limit.filter(isOn), luck, (some, late) => {
        const { givesUp } = timeline(some);
        if (givesUp === 'undetermined') return;
        expect(givesUp).toBe(countStarts(some, late) === null ? 'no' : 'yes');
      }),
      { numRuns: 500 },
    );
  });

  /** Starts until one is refused, in systemd's own window; null when none of many is. */
  function countStarts(some: Some, late: number): number | null {
    const grows = some.steps > 0 && some.restartSec > 0 && some.restartSec < some.mostDelay;
    let now = 0;
    let begin = 0;
    let inWindow = 0;
    for (let start = 1; start <= 200; start += 1) {
      if (now - begin > some.interval || inWindow === 0) {
        begin = now;
        inWindow = 0;
      }
      if (inWindow >= some.burst) return start;
      inWindow += 1;
      const share = grows ? Math.min(1, (start - 1) / some.steps) : 0;
      const wait = grows ? some.restartSec * (some.mostDelay / some.restartSec) ** share : some.restartSec;
      now += some.lifetime + 50 * late + wait + (wait === 0 ? 50 : 250) * late;
    }
    return null;
  }
});
