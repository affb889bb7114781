import { describe, expect, test } from 'vitest';
import { judge, mostWavering, type Outcome, verdictText } from '../../lab/verdict.ts';

function outcomes(states: Readonly<Record<string, Outcome['state']>>): readonly Outcome[] {
  return Object.entries(states).map(([name, state]) => ({ file: 'a', name, kind: 'test', state }));
}

describe('two runs of tests', () => {
  test('what failed both times has failed, what failed once is named', () => {
    const first = outcomes({
      good: 'passed',
      bad: 'failed',
      slow: 'failed',
      left: 'skipped',
      fell: 'passed',
    });
    const again = outcomes({
      good: 'passed',
      bad: 'failed',
      slow: 'passed',
      left: 'skipped',
      fell: 'failed',
    });
    const verdict = judge(first, again);
    expect(verdict).toEqual({ passed: 3, failed: ['a > bad'], wavered: ['a > slow', 'a > fell'] });
    expect(verdictText(verdict)).toBe(
      'Failed once, of two times:\n  a > slow\n  a > fell\n\nFailed:\n  a > bad\n\n3 passed, 1 failed\n',
    );
  });

  test('what did not come to an end the second time has failed', () => {
    const first = outcomes({ skipped: 'failed', gone: 'failed' });
    expect(judge(first, outcomes({ skipped: 'skipped' })).failed).toEqual(['a > skipped', 'a > gone']);
  });

  test.each([
    [mostWavering, 0],
    [mostWavering + 1, mostWavering + 1],
  ])('%i that waver are %i failures', (wavering, failures) => {
    const names = Array.from({ length: wavering }, (_, index) => `test ${index}`);
    const all = (state: Outcome['state']) => outcomes(Object.fromEntries(names.map(name => [name, state])));
    const verdict = judge([...all('failed'), ...outcomes({ other: 'passed' })], all('passed'));
    expect(verdict.failed).toHaveLength(failures);
    expect(verdictText(verdict)).toMatch(
      new RegExp(`^${1 + wavering - failures} passed, ${failures} failed\\n$`, 'm'),
    );
  });

  test('a block that fails around its tests counts, an error outside of all files too', () => {
    const stray: Outcome = { file: null, name: 'outside of tests: EPIPE', kind: 'around', state: 'failed' };
    const block: Outcome = { file: 'a', name: 'block', kind: 'around', state: 'failed' };
    const verdict = judge([stray, block], [{ ...block, state: 'passed' }]);
    expect(verdict).toEqual({ passed: 0, failed: ['outside of tests: EPIPE'], wavered: ['a > block'] });
  });
});
