const TRUE = new Set(['1', 'yes', 'y', 'true', 't', 'on']);
const FALSE = new Set(['0', 'no', 'n', 'false', 'f', 'off']);

/**
 * Reads a boolean as systemd does: `1 yes y true t on` and `0 no n false f off`, in any letter case.
 *
 * Source: systemd.syntax(7); `parse_boolean()` in `src/basic/parse-util.c`.
 *
 * @returns undefined for any other text, also for an empty one and for one with white space around the word
 * @example
 * import { parseBoolean } from 'daruma/systemd';
 *
 * parseBoolean('Yes'); // true
 * parseBoolean('enabled'); // undefined
 */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  return undefined;
}
