import { expect, test } from 'vitest';
import {
  directivesOf,
  findDirective,
  SECTIONS,
  sectionsOf,
  suggestDirective,
  validateValue,
  versionsOf,
} from '../../src/systemd/directives.ts';
import { expandSpecifiers } from '../../src/systemd/values/specifier.ts';

function validate(
  section: string,
  name: string,
  value: string,
  version = 252,
  specifiers?: Record<string, string>,
) {
  const directive = findDirective(section, name, version);
  if (!directive) throw new Error(`${section}.${name} is unknown to ${version}`);
  const table = new Map(Object.entries(specifiers ?? {}));
  return validateValue(
    directive,
    value,
    specifiers ? { version, expandSpecifiers: text => expandSpecifiers(text, table) } : { version },
  );
}

test('directives are found in their section and by their exact name only', () => {
  expect(findDirective('Service', 'Restart', 252)).toMatchObject({
    kind: 'enum service_restart',
    list: false,
    empty: 'invalid',
  });
  expect(findDirective('Service', 'restart', 252)).toBeUndefined();
  expect(findDirective('service', 'Restart', 252)).toBeUndefined();
  expect(findDirective('Unit', 'Restart', 252)).toBeUndefined();
  expect(findDirective('Socket', 'ListenStream', 252)).toBeUndefined();
});

test('the start limit is set in [Unit]; [Service] takes the older names only', () => {
  expect(findDirective('Unit', 'StartLimitIntervalSec', 252)).toMatchObject({ kind: 'time-span' });
  expect(findDirective('Service', 'StartLimitIntervalSec', 252)).toBeUndefined();
  expect(findDirective('Service', 'StartLimitInterval', 252)?.canonical).toEqual({
    section: 'Unit',
    name: 'StartLimitIntervalSec',
  });
  expect(findDirective('Unit', 'StartLimitInterval', 252)?.canonical).toEqual({
    section: 'Unit',
    name: 'StartLimitIntervalSec',
  });
  expect(findDirective('Service', 'FailureAction', 252)?.canonical).toEqual({
    section: 'Unit',
    name: 'FailureAction',
  });
});

test.each([
  ['Service', 'TimeoutStartFailureMode', 246],
  ['Unit', 'OnSuccess', 249],
  ['Unit', 'Upholds', 249],
  ['Service', 'ExitType', 250],
  ['Service', 'RuntimeRandomizedExtraSec', 250],
  ['Service', 'ReloadSignal', 253],
  ['Service', 'RestartMode', 254],
  ['Service', 'RestartSteps', 254],
  ['Install', 'UpheldBy', 254],
  ['Service', 'ExecReloadPost', 259],
  ['Service', 'RestartRandomizedDelaySec', 262],
])('%s.%s exists since %d', (section, name, since) => {
  expect(findDirective(section, name, since - 1)).toBeUndefined();
  expect(findDirective(section, name, since)).toMatchObject({ since });
  expect(versionsOf(section, name)).toEqual({ since });
});

test('a directive that was removed is unknown from then on', () => {
  expect(findDirective('Unit', 'ConditionNull', 246)).toBeDefined();
  expect(findDirective('Unit', 'ConditionNull', 247)).toBeUndefined();
  expect(versionsOf('Unit', 'ConditionNull')).toEqual({ until: 247 });
  expect(versionsOf('Unit', 'Nonsense')).toBeUndefined();
});

test('what is accepted and does nothing is marked, and takes any value', () => {
  expect(findDirective('Service', 'MemoryLimit', 252)?.ignored).toBe(false);
  expect(findDirective('Service', 'MemoryLimit', 262)?.ignored).toBe(true);
  expect(findDirective('Service', 'SysVStartPriority', 252)?.ignored).toBe(true);
  expect(validate('Service', 'MemoryLimit', 'lots', 262)).toEqual({ ok: true });
});

test('every directive has a kind, and every enumeration its values', () => {
  for (const version of [245, 252, 257, 262]) {
    const all = SECTIONS.flatMap(section => directivesOf(section, version));
    expect(all.length).toBeGreaterThan(360);
    expect(all.filter(({ kind, values }) => kind.startsWith('enum ') && !values?.length)).toEqual([]);
  }
});

test('an empty assignment resets lists, restores defaults, is refused, or does nothing', () => {
  const emptyOf = (section: string, name: string) => findDirective(section, name, 252)?.empty;
  expect(emptyOf('Service', 'ExecStart')).toBe('resets');
  expect(emptyOf('Service', 'SuccessExitStatus')).toBe('resets');
  expect(emptyOf('Service', 'KillMode')).toBe('default');
  expect(emptyOf('Unit', 'After')).toBe('keeps');
  expect(emptyOf('Install', 'WantedBy')).toBe('resets');
  expect(validate('Service', 'Restart', '')).toEqual({ ok: false, reason: { code: 'empty' } });
  expect(validate('Service', 'RestartSec', '')).toEqual({ ok: false, reason: { code: 'empty' } });
  expect(validate('Unit', 'After', '')).toEqual({ ok: true });
  expect(validate('Service', 'TimeoutAbortSec', '')).toEqual({ ok: true });
});

test('enumerations are case-sensitive and know which version brought a value', () => {
  expect(validate('Service', 'Restart', 'on-failure')).toEqual({ ok: true });
  expect(validate('Service', 'Restart', 'allways')).toMatchObject({
    reason: { code: 'unknown-value', suggestion: 'always' },
  });
  expect(validate('Service', 'Restart', 'Always')).toMatchObject({ reason: { suggestion: 'always' } });
  expect(validate('Service', 'Restart', '"always"').ok).toBe(false);
  expect(validate('Service', 'Type', 'notify-reload', 253)).toEqual({ ok: true });
  expect(validate('Service', 'Type', 'notify-reload', 252)).toMatchObject({
    reason: { code: 'unknown-value', since: 253 },
  });
  expect(validate('Service', 'RestartMode', 'debug', 256)).toMatchObject({ reason: { since: 257 } });
  expect(findDirective('Service', 'Type', 252)?.values).not.toContain('notify-reload');
  expect(findDirective('Service', 'Type', 253)?.values).toContain('notify-reload');
});

test('booleans that became enumerations take both', () => {
  expect(validate('Service', 'PrivateTmp', 'disconnected', 252).ok).toBe(false);
  expect(validate('Service', 'PrivateTmp', 'disconnected', 257)).toEqual({ ok: true });
  expect(validate('Service', 'PrivateTmp', 'TRUE', 257)).toEqual({ ok: true });
  expect(validate('Service', 'ProtectSystem', 'on')).toEqual({ ok: true });
});

test.each([
  ['Unit', 'StartLimitIntervalSec', '5min'],
  ['Service', 'RestartSec', '1.5'],
  ['Service', 'TimeoutStartSec', '0'],
  ['Service', 'TimeoutStopSec', 'infinity'],
  ['Unit', 'StartLimitBurst', '0x10'],
  ['Service', 'Nice', '-20'],
  ['Service', 'KillSignal', 'SIGRTMIN+3'],
  ['Service', 'UMask', '0027'],
  ['Service', 'LimitNOFILE', '1024:infinity'],
  ['Service', 'MemoryMax', '1.5G'],
  ['Service', 'MemorySwapMax', '0'],
  ['Service', 'CPUQuota', '250%'],
  ['Service', 'CPUWeight', 'idle'],
  ['Service', 'SyslogFacility', 'local7'],
  ['Service', 'StandardOutput', 'append:/var/log/x.log'],
  ['Service', 'StandardError', 'syslog'],
  ['Service', 'WorkingDirectory', '~'],
  ['Service', 'WorkingDirectory', '%h/app'],
  ['Service', 'EnvironmentFile', '-/etc/default/x'],
  ['Service', 'Environment', `A=1 "B=two words" _c=%h`],
  ['Service', 'ExecStart', '%h/bin/run --port=%i'],
  ['Service', 'ReadWritePaths', 'whatever; nobody judges this'],
  ['Unit', 'After', 'network-online.target foo@%i.service a.service'],
  ['Unit', 'ConditionPathExists', '|!/etc/x'],
  ['Unit', 'Documentation', 'man:foo(1) https://example.org'],
  ['Manager', 'DefaultRestartSec', '1s'],
  ['Manager', 'RuntimeWatchdogSec', 'off'],
])('%s.%s=%s is taken', (section, name, value) => {
  expect(validate(section, name, value)).toEqual({ ok: true });
});

test.each([
  ['Service', 'RestartSec', '-1', { code: 'malformed', expected: 'time-span' }],
  ['Service', 'RestartSec', '5 # seconds', { code: 'malformed', expected: 'time-span' }],
  ['Unit', 'StartLimitBurst', '-1', { code: 'malformed', expected: 'integer' }],
  ['Service', 'Nice', '20', { code: 'out-of-range', min: -20, max: 19 }],
  ['Service', 'RemainAfterExit', 'maybe', { code: 'malformed', expected: 'boolean' }],
  ['Service', 'KillSignal', 'term', { code: 'malformed', expected: 'signal' }],
  ['Service', 'LimitNOFILE', '65k', { code: 'malformed', expected: 'resource-limit' }],
  ['Service', 'MemoryMax', '512MB', { code: 'malformed', expected: 'memory-limit' }],
  ['Service', 'CPUQuota', '2', { code: 'malformed', expected: 'percentage' }],
  ['Service', 'CPUWeight', '0', { code: 'out-of-range', min: 1, max: 10_000 }],
  ['Service', 'EnvironmentFile', '~/env', { code: 'path-not-absolute', path: '~/env' }],
  [
    'Service',
    'SuccessExitStatus',
    '143 SIGFOO EXIT_FAILURE 3',
    { code: 'bad-words', words: ['SIGFOO', 'EXIT_FAILURE'], rest: true },
  ],
  ['Service', 'Environment', 'export A=1 1B=2', { code: 'bad-words', words: ['export', '1B=2'], rest: true }],
  ['Service', 'Environment', `A=1 "B=2`, { code: 'bad-words', words: ['"B=2'], rest: true }],
  ['Unit', 'After', 'network a.service', { code: 'bad-words', words: ['network'], rest: true }],
  ['Unit', 'ConditionPathExists', '!etc/x', { code: 'path-not-absolute', path: 'etc/x' }],
  [
    'Unit',
    'Documentation',
    'www.example.org',
    { code: 'bad-words', words: ['www.example.org'], rest: false },
  ],
])('%s.%s=%s is ignored, all of it or in part', (section, name, value, reason) => {
  expect(validate(section, name, value)).toEqual({ ok: false, reason });
});

test.each([
  [
    'ExecStart',
    './run',
    { code: 'bad-command', problem: { code: 'path-not-absolute', path: './run' }, rest: false },
  ],
  ['WorkingDirectory', 'app', { code: 'path-not-absolute', path: 'app' }],
  ['RootDirectory', '/a/../b', { code: 'path-not-normalized', path: '/a/../b' }],
  ['DynamicUser', 'maybe', { code: 'malformed', expected: 'boolean' }],
  ['DynamicUser', '', { code: 'empty' }],
])('%s=%s makes the unit bad-setting', (name, value, reason) => {
  expect(validate('Service', name, value)).toEqual({ ok: false, reason, fatal: 'bad-setting' });
});

test('with specifiers given, an unknown one is a problem: fatal in a command, a warning in a description', () => {
  expect(validate('Service', 'ExecStart', '/bin/x %Q', 252, {})).toMatchObject({
    fatal: 'bad-setting',
    reason: { problem: { code: 'invalid-specifier', specifier: 'Q' } },
  });
  expect(validate('Unit', 'Description', 'at 100%Q', 252, {})).toEqual({
    ok: false,
    reason: { code: 'invalid-specifier', specifier: 'Q' },
  });
  expect(validate('Service', 'User', '%Q', 252, {})).toMatchObject({ fatal: 'bad-setting' });
  expect(validate('Service', 'EnvironmentFile', '%h/env', 252, { h: '/home/ada' })).toEqual({ ok: true });
  expect(validate('Service', 'EnvironmentFile', '%h/env', 252, { h: 'relative' })).toMatchObject({
    reason: { code: 'path-not-absolute' },
  });
});

test('a slip of the pen is recognised, and so is the wrong section', () => {
  expect(suggestDirective('Service', 'Restrat', 252)).toBe('Restart');
  expect(suggestDirective('Service', 'restartsec', 252)).toBe('RestartSec');
  expect(suggestDirective('Service', 'StartLimitIntervalSec', 252)).toBe('Unit.StartLimitIntervalSec');
  expect(suggestDirective('Unit', 'WantedBy', 252)).toBe('Install.WantedBy');
  expect(suggestDirective('Service', 'RestartDelay', 252)).toBeUndefined();
  expect(sectionsOf('FailureAction', 252)).toEqual(['Unit', 'Service']);
});

test('a name that another version knows is no slip of the pen', () => {
  expect(suggestDirective('Service', 'RestartSteps', 252)).toBeUndefined();
});

test('a dash alone is no working directory, and the unit lives', () => {
  expect(validate('Service', 'WorkingDirectory', '-')).toEqual({
    ok: false,
    reason: { code: 'path-not-absolute', path: '' },
  });
});

test('the parent of the root is the root for 255 and newer', () => {
  expect(validate('Service', 'WorkingDirectory', '/../srv', 254)).toMatchObject({ fatal: 'bad-setting' });
  expect(validate('Service', 'WorkingDirectory', '/../srv', 255)).toEqual({ ok: true });
});
