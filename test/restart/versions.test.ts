/** What changed from version to version, as far as it decides how a service ends. */
import { describe, expect, test } from 'vitest';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { after, again, briefly, endingOf, machineOf, service, serviceUnit } from './given.ts';

/** A setting under the last version that did not know it, and the first that does. */
const known: readonly (readonly [
  version: number,
  line: string,
  name: string,
  before: string,
  since: string,
])[] = [
  [246, 'TimeoutStartFailureMode=abort', 'TimeoutStartFailureMode', 'terminate', 'abort'],
  [250, 'ExitType=cgroup', 'ExitType', 'main', 'cgroup'],
  [253, 'Type=notify-reload', 'Type', 'simple', 'notify-reload'],
  [254, 'RestartMode=direct', 'RestartMode', 'normal', 'direct'],
  [254, 'RestartSteps=3', 'RestartSteps', '0', '3'],
  [254, 'RestartMaxDelaySec=3', 'RestartMaxDelaySec', 'Infinity', '3000000'],
  [257, 'RestartMode=debug', 'RestartMode', 'normal', 'debug'],
  [262, 'RestartRandomizedDelaySec=3', 'RestartRandomizedDelaySec', '0', '3000000'],
];

describe('a setting is known', () => {
  test.each(known)('from %i on: %s', (version, line, name, before, since) => {
    const valueIn = (some: number) => {
      const found = Object.entries(service(line, { version: some }).settings).find(([key]) => key === name);
      return String(found?.[1].value);
    };
    expect(valueIn(version - 1)).toBe(before);
    expect(valueIn(version)).toBe(since);
  });
});

test('246: TimeoutStartFailureMode= chooses the signal that lists of exit statuses are held against', () => {
  const unit = 'Type=notify\nRestart=always\nTimeoutStartFailureMode=abort\nRestartPreventExitStatus=SIGABRT';
  expect(after(unit, 'start-timeout', { version: 245 }).restarts).toBe(true);
  expect(after(unit, 'start-timeout', { version: 246 }).restarts).toBe(false);
});

test('249: a unit that another one upholds is started again', () => {
  const { settings, surroundings } = service('Restart=no');
  const upheld = {
    settings,
    surroundings: { ...surroundings, upheldBy: [{ unit: 'b.target', source: null }] },
  };
  const restarts = (version: number) =>
    predictOutcome(upheld, endingOf('exit:1'), machineOf({ version })).restarts;
  expect(restarts(248)).toBe(false);
  expect(restarts(249)).toBe(true);
});

test('251: Restart=always no longer restarts what a condition has skipped', () => {
  const unit = 'ExecCondition=/bin/condition\nRestart=always';
  expect(after(unit, 'condition:1', { version: 250 }).restarts).toBe(true);
  expect(after(unit, 'condition:1', { version: 251 }).restarts).toBe(false);
});

test('254: waits can grow, and the start limit is met later or never', () => {
  const unit =
    '[Unit]\nStartLimitIntervalSec=8\n[Service]\nExecStart=/bin/daemon\nRestart=always\nRestartSec=1\n' +
    'RestartSteps=2\nRestartMaxDelaySec=4';
  expect(again(unit, 'exit:1', 0, { version: 253 }).givesUp).toBe('yes');
  expect(again(unit, 'exit:1', 0, { version: 254 }).givesUp).toBe('no');
});

test('256: RestartForceExitStatus= is allowed for a oneshot, though not after a success', () => {
  const unit = 'Type=oneshot\nRestartForceExitStatus=0 3';
  expect(serviceUnit(unit, { version: 255 }).unit.load).toBe('bad-setting');
  expect(briefly(after(unit, 'exit:3', { version: 256 }))).toBe('exit-code, restarts');
  expect(briefly(after(unit, 'exit:0', { version: 256 }))).toBe('success, stays down');
});

test('all versions agree on the rest', () => {
  const unit = 'Restart=on-failure\nExecStartPost=/bin/post\nWatchdogSec=3\nRuntimeMaxSec=9';
  const endings = [
    'exit:0',
    'exit:1',
    'signal:TERM',
    'signal:KILL',
    'start-post:1',
    'watchdog',
    'runtime-max',
    'stop',
  ];
  const ofVersion = (version: number) => endings.map(ending => briefly(after(unit, ending, { version })));
  for (const version of [245, 247, 252, 254, 257, 260]) expect(ofVersion(version)).toEqual(ofVersion(262));
});
