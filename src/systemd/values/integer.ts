/** The characters that separate words in unit files: `WHITESPACE` in systemd's `src/basic/string-util.h`. */
export const WHITESPACE = ' \t\n\r';

const DIGITS_OF_BASE: ReadonlyMap<number, RegExp> = new Map([
  [2, /^[01]+$/],
  [8, /^[0-7]+$/],
  [10, /^[0-9]+$/],
  [16, /^[0-9a-f]+$/],
]);

const MAX_INT32 = 2n ** 31n - 1n;
export const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Reads an integer as systemd's `safe_atoi()` family does: leading whitespace, a sign, and the prefixes `0x` (16), `0b` (2), `0o` and a bare leading `0` (8).
 * Undefined when the text is no integer; the caller checks the range.
 *
 * @param base fixed base; without it the prefix decides
 */
export function parseInteger(text: string, base?: 8 | 10): bigint | undefined {
  let rest = text.replace(/^[ \t\n\r]+/, '');
  let radix: number | undefined = base;
  if (radix === undefined && /^0[bo]/i.test(rest)) {
    radix = rest[1] === 'b' || rest[1] === 'B' ? 2 : 8;
    rest = rest.slice(2);
  }
  // systemd now calls C's strtol(), which skips more kinds of white space and accepts a sign.
  const match = /^[ \t\n\v\f\r]*([+-]?)(.+)$/s.exec(rest);
  if (!match) return undefined;
  const [, sign = '', body = ''] = match;
  let digits = body.toLowerCase();
  if (radix === undefined) {
    if (digits.startsWith('0x')) {
      radix = 16;
      digits = digits.slice(2);
    } else {
      radix = digits.startsWith('0') ? 8 : 10;
    }
  }
  if (!DIGITS_OF_BASE.get(radix)?.test(digits)) return undefined;
  const prefix = radix === 16 ? '0x' : radix === 8 ? '0o' : radix === 2 ? '0b' : '';
  const magnitude = BigInt(prefix + digits);
  return sign === '-' ? -magnitude : magnitude;
}

/**
 * Reads a 32-bit signed integer between `min` and `max`, as `safe_atoi()` does.
 *
 * @example
 * parseInt32('-5', -20, 19); // -5
 * parseInt32('20', -20, 19); // undefined
 */
export function parseInt32(text: string, min = -(2 ** 31), max = Number(MAX_INT32)): number | undefined {
  const value = parseInteger(text);
  return value === undefined || value < BigInt(min) || value > BigInt(max) ? undefined : Number(value);
}

/** Reads an unsigned integer up to `max` (default 2^32-1), as `safe_atou()` and `safe_atou8()` do. */
export function parseUnsigned(text: string, max = 2 ** 32 - 1): number | undefined {
  return parseInt32(text, 0, max);
}

/** Reads an unsigned 64-bit integer, as `safe_atou64()` does. */
export function parseUnsigned64(text: string): bigint | undefined {
  const value = parseInteger(text);
  return value === undefined || value < 0n || value > MAX_UINT64 ? undefined : value;
}
