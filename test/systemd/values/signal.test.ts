import { expect, test } from 'vitest';
import { parseSignal, shortSignalName, signalName } from '../../../src/systemd/values/signal.ts';

// The cases of test_signal_from_string() in systemd's src/test/test-signal-util.c, and the names of signal(7).
test.each([
  ['SIGTERM', 15],
  ['TERM', 15],
  ['KILL', 9],
  ['SIGSYS', 31],
  ['1', 1],
  ['0x9', 9],
  ['64', 64],
  ['RTMIN', 34],
  ['SIGRTMIN+0', 34],
  ['RTMIN+30', 64],
  ['SIGRTMAX', 64],
  ['RTMAX-30', 34],
])('%s is signal %d', (text, signal) => {
  expect(parseSignal(text)).toBe(signal);
});

test.each([
  '',
  '0',
  '-1',
  '65',
  'term',
  'SIGterm',
  'SIG15',
  'SIG',
  'FOO',
  'SIGSIGTERM',
  'RTMIN+31',
  'RTMIN-1',
  'RTMAX+1',
  'RTMAX-31',
  'RTMIN+',
  'RTMIN1',
])('%j is no signal', text => {
  expect(parseSignal(text)).toBeUndefined();
});

test('every signal reads back from its names', () => {
  for (let signal = 1; signal <= 64; signal++) {
    expect(parseSignal(signalName(signal))).toBe(signal);
    expect(parseSignal(shortSignalName(signal))).toBe(signal);
  }
});

test('names carry SIG, numbers without a name do not', () => {
  expect(signalName(15)).toBe('SIGTERM');
  expect(signalName(37)).toBe('SIGRTMIN+3');
  expect(signalName(33)).toBe('33');
  expect(shortSignalName(15)).toBe('TERM');
});
