import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimeSpan, parseNanoseconds, parseTimeSpan } from '../../../src/systemd/values/time-span.ts';

const SECOND = 1_000_000;
const YEAR = 31_557_600 * SECOND;

// The cases of TEST(parse_sec) in systemd's src/test/test-time-util.c.
test.each([
  ['5s', 5 * SECOND],
  ['5s500ms', 5.5 * SECOND],
  [' 5s 500ms  ', 5.5 * SECOND],
  [' 5.5s  ', 5.5 * SECOND],
  [' 5.5s 0.5ms ', 5_500_500],
  [' .22s ', 220_000],
  [' .50y ', YEAR / 2],
  ['2.5', 2.5 * SECOND],
  ['.7', 700_000],
  ['23us', 23],
  ['23\u03bcs', 23],
  ['23\u00b5s', 23],
  ['infinity', Number.POSITIVE_INFINITY],
  [' infinity ', Number.POSITIVE_INFINITY],
  ['+3.1s', 3.1 * SECOND],
  ['3.1s.2', 3.3 * SECOND],
  ['3.1 .2', 3.3 * SECOND],
  ['3.1 sec .2 sec', 3.3 * SECOND],
  ['3.1 sec 1.2 sec', 4.3 * SECOND],
  ['0', 0],
  ['90', 90 * SECOND],
  ['1 2', 3 * SECOND],
])('the time span %j is %d microseconds', (text, usec) => {
  expect(parseTimeSpan(text)).toBe(usec);
});

test.each([
  ' xyz ',
  '',
  ' . ',
  ' 5. ',
  '.s ',
  '-5s ',
  '-0.3s ',
  '-0.0s ',
  '-0.-0s ',
  '0.-0s ',
  '3.-0s ',
  ' infinity .7',
  '.3 infinity',
  '3.+1s',
  '3. 1s',
  '3.s',
  '12.34.56',
  '12..34',
  '..1234',
  '1234..',
  '5S',
  '5Min',
  'Infinity',
  '1e3',
  '1,5',
  '-1',
])('%j is no time span', text => {
  expect(parseTimeSpan(text)).toBeUndefined();
});

test.each([
  ['seconds second sec s', SECOND],
  ['minutes minute min m', 60 * SECOND],
  ['months month M', 2_629_800 * SECOND],
  ['msec ms', 1000],
  ['hours hour hr h', 3600 * SECOND],
  ['days day d', 86_400 * SECOND],
  ['weeks week w', 604_800 * SECOND],
  ['years year y', YEAR],
  ['usec us', 1],
])('the units %s are %d microseconds long', (units, usec) => {
  expect(units.split(' ').filter(unit => parseTimeSpan(`2 ${unit}`) !== 2 * usec)).toEqual([]);
});

test('a bare number counts the default unit, a number with a unit does not', () => {
  expect(parseTimeSpan('5', 1)).toBe(5);
  expect(parseTimeSpan('5', 1000)).toBe(5000);
  expect(parseTimeSpan('5s', 1)).toBe(5 * SECOND);
});

test('a span of 2^64-1 microseconds and more is refused', () => {
  expect(parseTimeSpan('11111111111111y', 1)).toBeUndefined();
  expect(parseTimeSpan('18446744073709551614us')).toBeUndefined();
  expect(parseTimeSpan('584542y')).toBeUndefined();
  expect(parseTimeSpan('584541y')).toBe(584_541 * YEAR);
  expect(parseTimeSpan('1.1111111111111y', 1)).toBeDefined();
});

// The cases of TEST(parse_nsec) there; what is no time span is none in nanoseconds either.
test.each([
  ['5s', 5e9],
  ['5s500ms', 5.5e9],
  [' 5s 500ms  ', 5.5e9],
  [' 5.5s  ', 5.5e9],
  [' 5.5s 0.5ms ', 5.5005e9],
  [' .22s ', 2.2e8],
  [' .50y ', (YEAR * 1000) / 2],
  ['2.5', 2],
  ['.7', 0],
  ['infinity', Number.POSITIVE_INFINITY],
  [' infinity ', Number.POSITIVE_INFINITY],
  ['+3.1s', 3.1e9],
  ['3.1s.2', 3.1e9],
  ['3.1 .2s', 200_000_003],
  ['3.1 sec .2 sec', 3.3e9],
  ['3.1 sec 1.2 sec', 4.3e9],
])('the time span %j is %d nanoseconds', (text, nsec) => {
  expect(parseNanoseconds(text)).toBe(nsec);
});

test('a span of 2^64-1 nanoseconds and more is refused', () => {
  expect(parseNanoseconds('1111111111111y')).toBeUndefined();
  expect(parseNanoseconds('1.111111111111y')).toBeDefined();
});

test('nanoseconds count a bare number as one nanosecond', () => {
  expect(parseNanoseconds('5s')).toBe(5e9);
  expect(parseNanoseconds('2.5')).toBe(2);
  expect(parseNanoseconds('3.1 .2s')).toBe(200_000_003);
  expect(parseNanoseconds('12.34.56')).toBeUndefined();
});

// As printed by `systemd-analyze timespan` of systemd 252.
test.each([
  [1_500_000, '1.500000s'],
  [90_000_000, '1min 30s'],
  [61_500_000, '1min 1.500000s'],
  [100_000, '100ms'],
  [1, '1us'],
  [1500, '1.500ms'],
  [0, '0'],
  [39_447_000_000_000, '1y 3month'],
  [Number.POSITIVE_INFINITY, 'infinity'],
])('%d microseconds are printed as %s', (usec, text) => {
  expect(formatTimeSpan(usec)).toBe(text);
});

// The numbers of TEST(format_timespan) there.
test.each([
  0,
  1,
  12,
  123,
  1234,
  12_345,
  123_456,
  500_000,
  986_087,
  999_000,
  SECOND,
  1_200_000,
  1_230_000,
  1_234_000,
  1_234_500,
  1_234_560,
  1_234_567,
  12_345_678,
  (9 * YEAR) / 5 - 23,
  Number.POSITIVE_INFINITY,
])('%d microseconds are printed so that they read back', usec => {
  expect(parseTimeSpan(formatTimeSpan(usec))).toBe(usec);
});

test('what is printed reads back as the same span', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat()), usec => {
      expect(parseTimeSpan(formatTimeSpan(usec))).toBe(usec);
    }),
  );
});

test('no text makes the parser throw', () => {
  const pieces = fc.constantFrom(
    '1',
    '23',
    '.',
    '-',
    '+',
    ' ',
    '\t',
    '\v',
    's',
    'min',
    'M',
    'm',
    'us',
    'infinity',
    'x',
    '99999999999999999999',
  );
  fc.assert(
    fc.property(fc.array(pieces), text => {
      const usec = parseTimeSpan(text.join(''));
      expect(usec === undefined || usec >= 0).toBe(true);
    }),
  );
});
