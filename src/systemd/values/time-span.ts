const USEC_PER_SEC = 1_000_000n;
const USEC_PER_MINUTE = 60n * USEC_PER_SEC;
const USEC_PER_HOUR = 60n * USEC_PER_MINUTE;
const USEC_PER_DAY = 24n * USEC_PER_HOUR;
const USEC_PER_WEEK = 7n * USEC_PER_DAY;
/** 30.4375 days; see systemd.time(7). */
const USEC_PER_MONTH = 2_629_800n * USEC_PER_SEC;
/** 365.25 days; see systemd.time(7). */
const USEC_PER_YEAR = 31_557_600n * USEC_PER_SEC;

/** `USEC_INFINITY`, the largest 64-bit number. */
const INFINITE_USEC = 2n ** 64n - 1n;
/** The largest count of units: systemd reads the count as a signed 64-bit number. */
const MAX_COUNT = 2n ** 63n - 1n;

/**
 * Reads a time span such as `90`, `1.5`, `1min 30s`, `2h` or `infinity`. `M` is a month, `m` a minute. A number without a unit
 * counts in units of `defaultUnitUsec`.
 *
 * Systemd understands `μs` with a Greek letter since 249; here every version does. Spans above 2^53 µs (285 years) are rounded to
 * the nearest number.
 *
 * Source: systemd.time(7), "Parsing Time Spans"; `parse_time()` in `src/basic/time-util.c`.
 *
 * @param defaultUnitUsec the unit of a number without one, in whole microseconds; a second when it is missing
 * @returns microseconds, `Infinity` for `infinity`; undefined for an empty text, a negative span, an unknown unit, and a span of
 * 2^64-1 µs and more
 * @example
 * import { parseTimeSpan } from 'daruma/systemd';
 *
 * parseTimeSpan('1min 30s'); // 90_000_000
 * parseTimeSpan('1.5'); // 1_500_000
 * parseTimeSpan('100', 1_000); // 100_000
 * parseTimeSpan('-1'); // undefined
 */
export function parseTimeSpan(text: string, defaultUnitUsec = 1_000_000): number | undefined {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text) * defaultUnitUsec;
  const usec = parseUsec(text, BigInt(defaultUnitUsec));
  return typeof usec === 'bigint' ? Number(usec) : usec;
}

/**
 * Writes a time span as `systemctl show` prints a `*USec` property: `infinity`, `0`, `1min 30s`, `100ms`, `1.500000s`. Below one
 * minute it writes what is less than the unit as a decimal fraction, with all digits down to the microsecond.
 *
 * Source: `format_timespan()` with accuracy 0 in `src/basic/time-util.c`, called by `bus_print_property()`.
 *
 * @param usec a whole number of microseconds, or `Infinity`; a negative number counts as 0
 * @throws RangeError when `usec` is a fraction
 * @example
 * import { formatTimeSpan } from 'daruma/systemd';
 *
 * formatTimeSpan(90_000_000); // '1min 30s'
 * formatTimeSpan(61_500_000); // '1min 1.500000s'
 */
export function formatTimeSpan(usec: number): string {
  if (usec === Number.POSITIVE_INFINITY) return 'infinity';
  if (!(usec > 0)) return '0';
  const parts: string[] = [];
  let rest = BigInt(usec);
  for (const [suffix, unit, fractionDigits] of PRINTED_UNITS) {
    if (rest < unit) continue;
    const count = rest / unit;
    const below = rest % unit;
    if (rest < USEC_PER_MINUTE && below > 0n) {
      parts.push(`${count}.${below.toString().padStart(fractionDigits, '0')}${suffix}`);
      break;
    }
    parts.push(`${count}${suffix}`);
    rest = below;
  }
  return parts.join(' ');
}

/** Reads a time span as nanoseconds (`TimerSlackNSec=`); a number without a unit counts nanoseconds. Source: `parse_nsec()`. */
export function parseNanoseconds(text: string): number | undefined {
  const nsec = parseSpan(text, 1n, NSEC_OF_UNIT);
  return typeof nsec === 'bigint' ? Number(nsec) : nsec;
}

const USEC_OF_UNIT: readonly (readonly [name: string, usec: bigint])[] = [
  // The first entry that the text starts with counts, so the order matters: `min`, `months`, `M`, `msec` before `m`.
  ['seconds', USEC_PER_SEC],
  ['second', USEC_PER_SEC],
  ['sec', USEC_PER_SEC],
  ['s', USEC_PER_SEC],
  ['minutes', USEC_PER_MINUTE],
  ['minute', USEC_PER_MINUTE],
  ['min', USEC_PER_MINUTE],
  ['months', USEC_PER_MONTH],
  ['month', USEC_PER_MONTH],
  ['M', USEC_PER_MONTH],
  ['msec', 1000n],
  ['ms', 1000n],
  ['m', USEC_PER_MINUTE],
  ['hours', USEC_PER_HOUR],
  ['hour', USEC_PER_HOUR],
  ['hr', USEC_PER_HOUR],
  ['h', USEC_PER_HOUR],
  ['days', USEC_PER_DAY],
  ['day', USEC_PER_DAY],
  ['d', USEC_PER_DAY],
  ['weeks', USEC_PER_WEEK],
  ['week', USEC_PER_WEEK],
  ['w', USEC_PER_WEEK],
  ['years', USEC_PER_YEAR],
  ['year', USEC_PER_YEAR],
  ['y', USEC_PER_YEAR],
  ['usec', 1n],
  ['us', 1n],
  ['\u03bcs', 1n],
  ['\u00b5s', 1n],
];

const NSEC_OF_UNIT: typeof USEC_OF_UNIT = [
  ...USEC_OF_UNIT.map(([name, usec]) => [name, usec * 1000n] as const),
  ['nsec', 1n],
  ['ns', 1n],
  ['', 1n],
];

const PRINTED_UNITS: readonly (readonly [suffix: string, usec: bigint, fractionDigits: number])[] = [
  ['y', USEC_PER_YEAR, 0],
  ['month', USEC_PER_MONTH, 0],
  ['w', USEC_PER_WEEK, 0],
  ['d', USEC_PER_DAY, 0],
  ['h', USEC_PER_HOUR, 0],
  ['min', USEC_PER_MINUTE, 0],
  ['s', USEC_PER_SEC, 6],
  ['ms', 1000n, 3],
  ['us', 1n, 0],
];

function parseUsec(text: string, defaultUnit: bigint): bigint | number | undefined {
  return parseSpan(text, defaultUnit, USEC_OF_UNIT);
}

/** The count before a unit. systemd reads it with C's strtoll(), which accepts a sign and more kinds of white space. */
const COUNT = /[ \t\n\v\f\r]*([+-]?)([0-9]+)/y;

function parseSpan(
  text: string,
  defaultUnit: bigint,
  units: typeof USEC_OF_UNIT,
): bigint | number | undefined {
  if (/^[ \t\n\r]*infinity[ \t\n\r]*$/.test(text)) return Number.POSITIVE_INFINITY;
  let total = 0n;
  let position = skipWhitespace(text, 0);
  if (position === text.length) return undefined;
  for (; position < text.length; position = skipWhitespace(text, position)) {
    if (text[position] === '-') return undefined;
    let count = 0n;
    COUNT.lastIndex = position;
    const match = COUNT.exec(text);
    if (match) {
      count = BigInt(match[2] ?? '');
      if (count > MAX_COUNT || (match[1] === '-' && count > 0n)) return undefined;
      position = COUNT.lastIndex;
    } else if (text[position] !== '.') {
      return undefined;
    }

    let fraction = '';
    if (text[position] === '.') {
      fraction = digitsAt(text, position + 1);
      if (fraction === '') return undefined;
      position += 1 + fraction.length;
    }

    const unitAt = skipWhitespace(text, position);
    const named = units.find(([name]) => text.startsWith(name, unitAt));
    const next = unitAt + (named?.[0].length ?? 0);
    // systemd refuses `12.34.56`, and reads `12.34 .56` and `12.34s.56` as two spans.
    if (next === position && next < text.length) return undefined;
    position = next;

    const unit = named?.[1] ?? defaultUnit;
    if (count >= INFINITE_USEC / unit) return undefined;
    total += count * unit + fractionOf(fraction, unit);
    if (total >= INFINITE_USEC) return undefined;
  }
  return total;
}

/** systemd adds the value of each decimal digit separately, rounded down to whole microseconds: half a microsecond is nothing. */
function fractionOf(digits: string, unit: bigint): bigint {
  let sum = 0n;
  let weight = unit / 10n;
  for (const digit of digits) {
    if (weight === 0n) break;
    sum += BigInt(digit) * weight;
    weight /= 10n;
  }
  return sum;
}

function digitsAt(text: string, start: number): string {
  let end = start;
  while (end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return text.slice(start, end);
}

function skipWhitespace(text: string, start: number): number {
  let position = start;
  while (position < text.length && ' \t\n\r'.includes(text.charAt(position))) position++;
  return position;
}
