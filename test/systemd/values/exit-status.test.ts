import { expect, test } from 'vitest';
import {
  emptyExitStatusSet,
  exitStatusFromName,
  exitStatusName,
  formatExitStatusSet,
  parseExitStatusWords,
} from '../../../src/systemd/values/exit-status.ts';

test('names and numbers are statuses, signal names are signals, and a number never is a signal', () => {
  const { set, invalid } = parseExitStatusWords('TEMPFAIL 250 9 SIGKILL RTMIN+3 FAILURE');
  expect(set).toEqual({ statuses: new Set([75, 250, 9, 1]), signals: new Set([9, 37]) });
  expect(invalid).toEqual([]);
});

test('bad words are skipped one by one', () => {
  const { set, invalid } = parseExitStatusWords('EXIT_FAILURE 256 -1 tempfail 3 "4"');
  expect(set.statuses).toEqual(new Set([3]));
  expect(invalid).toEqual(['EXIT_FAILURE', '256', '-1', 'tempfail', '"4"']);
});

test('the words before a backslash at the end count', () => {
  expect(parseExitStatusWords('3 4\\')).toEqual({
    set: { statuses: new Set([3]), signals: new Set() },
    invalid: ['4\\'],
  });
});

test('a set is printed as systemctl show does', () => {
  expect(formatExitStatusSet(parseExitStatusWords('SIGTERM TEMPFAIL 3 RTMIN+1 HUP').set)).toBe(
    '3 75 HUP TERM RTMIN+1',
  );
  expect(formatExitStatusSet(emptyExitStatusSet)).toBe('');
});

test('every named status reads back', () => {
  const named = Array.from({ length: 256 }, (_, status) => [status, exitStatusName(status)] as const).filter(
    ([, name]) => name !== undefined,
  );
  expect(named).toHaveLength(69);
  expect(named.filter(([status, name]) => exitStatusFromName(name ?? '') !== status)).toEqual([]);
  expect(exitStatusName(242)).toBe('NUMA_POLICY');
  expect(exitStatusName(79)).toBeUndefined();
});

test('a name that a version does not know yet is no name there', () => {
  expect(exitStatusFromName('KSM', 253)).toBeUndefined();
  expect(exitStatusFromName('KSM', 254)).toBe(245);
  expect(parseExitStatusWords('KSM', 252).invalid).toEqual(['KSM']);
});

// The cases of TEST(exit_status_from_string) in systemd's src/test/test-exit-status.c.
test.each([
  ['11', [11]],
  ['SUCCESS', [0]],
  ['FAILURE', [1]],
  ['-1', []],
  ['256', []],
  ['foo', []],
])('the word %s means the statuses %j', (word, statuses) => {
  const { set, invalid } = parseExitStatusWords(word);
  expect([...set.statuses]).toEqual(statuses);
  expect(invalid).toEqual(statuses.length === 0 ? [word] : []);
});
