import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assignments } from '../../src/systemd/assignments.ts';
import { parseUnitFile } from '../../src/systemd/unit-file.ts';

const sections = new Set(['Unit', 'Service', 'Install']);

function read(...texts: readonly string[]): Assignments {
  const assignments = new Assignments({ sections, version: 252 });
  for (const [index, text] of texts.entries()) {
    const failure = assignments.read(`/${index}.conf`, parseUnitFile(text));
    if (failure !== undefined) assignments.noteUnread(failure);
  }
  return assignments;
}

const lastRestart = (...lines: readonly string[]) =>
  read(`[Service]\n${lines.join('\n')}\n`).last('Service', 'Restart')?.value;
const listOf = (key: string, ...texts: readonly string[]) =>
  read(...texts)
    .get('Service', key)
    .map(({ value }) => value);

describe('section 6: scalars', () => {
  it('the last valid one wins (always then bogus -> always)', () => {
    expect(lastRestart('Restart=always', 'Restart=bogus')).toBe('always');
    expect(lastRestart('Restart=always', 'Restart=no')).toBe('no');
    expect(lastRestart('Restart=bogus')).toBeUndefined();
  });

  it('an empty Restart= or RestartSec= is invalid and ignored, the earlier value stays', () => {
    expect(lastRestart('Restart=always', 'Restart=')).toBe('always');
    const found = read('[Service]\nRestartSec=5\nRestartSec=\n');
    expect(found.last('Service', 'RestartSec')?.value).toBe('5');
    expect(found.ignored).toMatchObject([
      { key: 'RestartSec', problem: { code: 'bad-value', reason: { code: 'empty' } } },
    ]);
  });

  it('quotes are not stripped for enumerations, and case counts', () => {
    expect(lastRestart('Restart="always"')).toBeUndefined();
    expect(lastRestart('Restart=Always')).toBeUndefined();
    expect(lastRestart('restart=always')).toBeUndefined();
  });

  it('"al\\<newline>ways" is invalid', () => {
    expect(lastRestart('Restart=al\\', 'ways')).toBeUndefined();
  });

  it('the last valid one wins, over any number of lines and files', () => {
    const line = fc.constantFrom('always', 'no', 'on-failure', 'bogus', '', 'ALWAYS', 'always # why');
    fc.assert(
      fc.property(fc.array(fc.array(line, { maxLength: 4 }), { maxLength: 4 }), files => {
        const texts = files.map(lines => `[Service]\n${lines.map(value => `Restart=${value}\n`).join('')}`);
        const valid = files.flat().filter(value => ['always', 'no', 'on-failure'].includes(value));
        expect(read(...texts).last('Service', 'Restart')?.value).toBe(valid.at(-1));
      }),
    );
  });
});

describe('section 6: lists', () => {
  it.each([
    'ExecStartPre',
    'SuccessExitStatus',
    'RestartPreventExitStatus',
    'RestartForceExitStatus',
    'Environment',
  ])('%s: empty resets, otherwise append', key => {
    const value = { ExecStartPre: '/bin/true', Environment: 'A=1' }[key] ?? '3';
    const lines = `${key}=${value}\n`;
    expect(listOf(key, `[Service]\n${lines}${lines}`, `[Service]\n${lines}`)).toHaveLength(3);
    expect(listOf(key, `[Service]\n${lines}`, `[Service]\n${key}=\n${lines}`)).toHaveLength(1);
    expect(listOf(key, `[Service]\n${lines}`, `[Service]\n${key}=\n`)).toEqual([]);
  });

  it.each(['After', 'Before', 'Wants', 'Requires', 'BindsTo', 'PartOf', 'OnFailure'])(
    '%s is a dependency: an empty assignment changes nothing and no drop-in can remove one',
    key => {
      const found = read(`[Unit]\n${key}=a.service\n`, `[Unit]\n${key}=\n${key}=b.service\n`);
      expect(found.get('Unit', key).map(({ value }) => value)).toEqual(['a.service', 'b.service']);
    },
  );

  it('lists are what stands behind the last empty assignment; dependencies are all there ever was', () => {
    const entry = fc.constantFrom('', 'a.service', 'b.service');
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), values => {
        const text = `[Unit]\n${values.map(value => `After=${value}\nDocumentation=${value && 'man:a'}\n`).join('')}`;
        const found = read(text);
        expect(found.get('Unit', 'After')).toHaveLength(values.filter(value => value !== '').length);
        const behind = values.slice(values.lastIndexOf('') + 1);
        expect(found.get('Unit', 'Documentation')).toHaveLength(behind.length);
      }),
    );
  });

  it('Delegate= without a value is one: it switches delegation on', () => {
    expect(listOf('Delegate', '[Service]\nDelegate=no\nDelegate=\n').at(-1)).toBe('');
  });
});

describe('section 6: what is passed over', () => {
  it('repeated sections merge', () => {
    const found = read('[Service]\nRestart=always\n[Unit]\nAfter=a.service\n[Service]\nRestartSec=3\n');
    expect(found.last('Service', 'Restart')?.value).toBe('always');
    expect(found.last('Service', 'RestartSec')?.value).toBe('3');
  });

  it('a line without "=", an assignment before any section, an unknown key and an unknown section are noted', () => {
    const { ignored } = read('A=1\n[Service]\nRestart\nRestrat=always\n[Servce]\nRestart=no\n');
    expect(ignored.map(({ source, problem }) => [source.line, problem])).toEqual([
      [1, { code: 'stray', problem: 'outside-section' }],
      [3, { code: 'stray', problem: 'missing-equals' }],
      [4, { code: 'unknown-setting', suggestion: 'Restart' }],
      [5, { code: 'unknown-section' }],
    ]);
  });

  it('X- sections and keys are passed over silently', () => {
    expect(read('[X-Own]\nA=1\n[Service]\nX-Note=1\n').ignored).toEqual([]);
  });

  it('StartLimitIntervalSec in [Service] is unknown, StartLimitInterval there is not (section 3)', () => {
    const found = read('[Service]\nStartLimitIntervalSec=1\nStartLimitInterval=2\nStartLimitBurst=3\n');
    expect(found.ignored).toMatchObject([{ problem: { suggestion: 'Unit.StartLimitIntervalSec' } }]);
    expect(found.last('Unit', 'StartLimitIntervalSec')).toEqual({
      value: '2',
      source: { file: '/0.conf', line: 3 },
    });
    expect(found.last('Unit', 'StartLimitBurst')?.value).toBe('3');
  });

  it('a setting of a newer version is unknown, with that version', () => {
    expect(read('[Service]\nRestartSteps=3\n').ignored).toMatchObject([{ problem: { since: 254 } }]);
  });

  it('bad words of a list are skipped singly', () => {
    const found = read('[Service]\nSuccessExitStatus=1 bogus 3\n');
    expect(found.get('Service', 'SuccessExitStatus')).toHaveLength(1);
    expect(found.ignored).toMatchObject([{ problem: { counts: 'part', reason: { words: ['bogus'] } } }]);
  });

  it('TimeoutSec stands for both time-outs', () => {
    const found = read('[Service]\nTimeoutStopSec=1\nTimeoutSec=5\nTimeoutStartSec=9\n');
    expect(found.last('Service', 'TimeoutStopSec')?.value).toBe('5');
    expect(found.last('Service', 'TimeoutStartSec')?.value).toBe('9');
  });

  it('of a drop-in that cannot be read to its end, what stands before the fault counts', () => {
    const found = read('[Service]\nRestart=always\n[Unit\nAfter=a.service\n', '[Service]\nRestartSec=3\n');
    expect(found.last('Service', 'Restart')?.value).toBe('always');
    expect(found.last('Service', 'RestartSec')?.value).toBe('3');
    expect(found.ignored).toMatchObject([{ source: { line: 3 }, problem: { code: 'unread' } }]);
  });
});
