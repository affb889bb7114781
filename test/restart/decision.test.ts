/** Whether systemd restarts, by result, policy and the lists of exit statuses. */
import { describe, expect, test } from 'vitest';
import { decideRestart } from '../../src/restart/decision.ts';
import type { ServiceResult } from '../../src/restart/process-end.ts';
import type { RestartPolicy } from '../../src/systemd/service-settings.ts';
import { after, briefly, service, serviceUnit } from './given.ts';

const policies = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
  'always',
] as const;

/** Row by row: which results restart under the policies above, in their order. */
const table: readonly (readonly [result: ServiceResult, restarts: string])[] = [
  ['success', '-Y----Y'],
  ['exit-code', '--Y---Y'],
  ['signal', '--YYY-Y'],
  ['core-dump', '--YYY-Y'],
  ['timeout', '--YY--Y'],
  ['protocol', '--YY--Y'],
  ['resources', '--YY--Y'],
  ['oom-kill', '--YY--Y'],
  ['watchdog', '--YY-YY'],
  ['exec-condition', '-------'],
];

describe('Restart= by result', () => {
  const cells = table.flatMap(([result, row]) =>
    policies.map((policy, column) => [policy, result, row[column] === 'Y'] as const),
  );
  test.each(cells)('Restart=%s after %s: %s', (policy, result, restarts) => {
    const { settings } = service(`Restart=${policy}`);
    expect(decideRestart(settings, result, null, 252).restarts).toBe(restarts);
  });
});

describe('from the end of the process to the restart, Type=simple', () => {
  const unit = (policy: RestartPolicy) =>
    `ExecStart=/bin/daemon\nExecStartPre=/bin/pre\nExecStartPost=/bin/post\nWatchdogSec=1\nRuntimeMaxSec=1\nRestart=${policy}`;
  const rows: readonly (readonly [ending: string, result: ServiceResult])[] = [
    ['exit:0', 'success'],
    ['exit:1', 'exit-code'],
    ['exit:143', 'exit-code'],
    ['signal:TERM', 'success'],
    ['signal:HUP', 'success'],
    ['signal:INT', 'success'],
    ['signal:PIPE', 'success'],
    ['signal:KILL', 'signal'],
    ['signal:SEGV', 'signal'],
    ['core:SEGV', 'core-dump'],
    ['core:ABRT', 'core-dump'],
    ['start-pre:1', 'exit-code'],
    ['start-post:1', 'exit-code'],
    ['start-timeout', 'timeout'],
    ['start-post-timeout', 'timeout'],
    ['runtime-max', 'timeout'],
    ['watchdog', 'watchdog'],
    ['oom', 'oom-kill'],
  ];
  const cells = rows.flatMap(([ending, result]) =>
    policies.map((policy, column) => {
      const row = table.find(([name]) => name === result)?.[1] ?? '';
      return [policy, ending, `${result}, ${row[column] === 'Y' ? 'restarts' : 'stays down'}`] as const;
    }),
  );
  test.each(cells)('Restart=%s, %s: %s', (policy, ending, expected) => {
    expect(briefly(after(unit(policy), ending))).toBe(expected);
  });
});

describe('SIGTERM from outside', () => {
  test('does not restart a daemon under on-abnormal or on-failure', () => {
    for (const policy of ['on-abnormal', 'on-failure', 'on-abort']) {
      expect(briefly(after(`Restart=${policy}`, 'signal:TERM'))).toBe('success, stays down');
    }
  });

  test('restarts a oneshot under on-abnormal, on-failure and on-abort', () => {
    for (const policy of ['on-abnormal', 'on-failure', 'on-abort']) {
      const unit = `Type=oneshot\nRestart=${policy}`;
      expect(briefly(after(unit, 'signal:TERM'))).toBe('signal, restarts');
    }
  });

  test('that a shell turns into exit 143: on-failure restarts, on-abnormal does not', () => {
    expect(briefly(after('Restart=on-failure', 'exit:143'))).toBe('exit-code, restarts');
    expect(briefly(after('Restart=on-abnormal', 'exit:143'))).toBe('exit-code, stays down');
  });
});

describe('RestartPreventExitStatus= and RestartForceExitStatus=', () => {
  test('prevent beats force', () => {
    const unit = 'Restart=always\nRestartPreventExitStatus=3\nRestartForceExitStatus=3';
    expect(briefly(after(unit, 'exit:3'))).toBe('exit-code, stays down');
  });

  test('force restarts even with Restart=no and after a success', () => {
    const unit = 'Restart=no\nRestartForceExitStatus=0 3 SIGTERM';
    expect(briefly(after(unit, 'exit:3'))).toBe('exit-code, restarts');
    expect(briefly(after(unit, 'exit:0'))).toBe('success, restarts');
    expect(briefly(after(unit, 'signal:TERM'))).toBe('success, restarts');
  });

  test('are matched by kind: 143 is not SIGTERM', () => {
    const unit = 'Restart=always\nRestartPreventExitStatus=143';
    expect(after(unit, 'signal:TERM').restarts).toBe(true);
    expect(after('Restart=always\nRestartPreventExitStatus=SIGTERM', 'exit:143').restarts).toBe(true);
    expect(after('Restart=always\nRestartPreventExitStatus=SIGTERM', 'signal:TERM').restarts).toBe(false);
  });

  test('match a dumped core by its signal', () => {
    expect(after('Restart=always\nRestartPreventExitStatus=SIGSEGV', 'core:SEGV').restarts).toBe(false);
  });

  test('do not look at control processes', () => {
    const hooks = 'ExecStartPre=/bin/pre\nExecStartPost=/bin/post\n';
    expect(after(`${hooks}Restart=always\nRestartPreventExitStatus=3`, 'start-pre:3').restarts).toBe(true);
    expect(after(`${hooks}Restart=no\nRestartForceExitStatus=3`, 'start-pre:3').restarts).toBe(false);
    expect(after(`${hooks}Restart=always\nRestartPreventExitStatus=3`, 'start-post:3').restarts).toBe(true);
  });

  test('look at the main process that a failed ExecStartPost= has had killed', () => {
    const unit = 'ExecStartPost=/bin/post\nRestart=always\nRestartPreventExitStatus=SIGTERM';
    expect(briefly(after(unit, 'start-post:1'))).toBe('exit-code, stays down');
  });

  test('are not touched by a "-" before the command', () => {
    const unit = 'ExecStart=-/bin/daemon\nRestart=always\nRestartPreventExitStatus=3';
    expect(briefly(after(unit, 'exit:3'))).toBe('success, stays down');
  });

  test('a oneshot that succeeds is not forced to restart, from 256 on', () => {
    const unit = 'Type=oneshot\nRestartForceExitStatus=0 3';
    expect(briefly(after(unit, 'exit:0', { version: 256 }))).toBe('success, stays down');
    expect(briefly(after(unit, 'exit:3', { version: 256 }))).toBe('exit-code, restarts');
  });

  test('up to 255 a oneshot with RestartForceExitStatus= is refused', () => {
    const unit = 'Type=oneshot\nRestartForceExitStatus=3';
    expect(serviceUnit(unit, { version: 255 }).unit.load).toBe('bad-setting');
    expect(serviceUnit(unit, { version: 256 }).unit.load).toBe('loaded');
  });
});

test('a oneshot with Restart=always or on-success is refused', () => {
  for (const restart of ['always', 'on-success']) {
    expect(serviceUnit(`Type=oneshot\nRestart=${restart}`).unit.load).toBe('bad-setting');
  }
});

describe('Restart=always does not restart', () => {
  const cases: readonly (readonly [why: string, unit: string, ending: string])[] = [
    ['after systemctl stop', '', 'stop'],
    ['when the condition is not met', 'ExecCondition=/bin/condition', 'condition:1'],
    ['on a status of RestartPreventExitStatus=', 'RestartPreventExitStatus=3', 'exit:3'],
    ['after a clean exit under RemainAfterExit=', 'RemainAfterExit=yes', 'exit:0'],
  ];
  test.each(cases)('%s', (_, unit, ending) => {
    expect(after(`Restart=always\n${unit}`, ending).restarts).toBe(false);
  });
});
