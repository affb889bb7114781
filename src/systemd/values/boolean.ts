const TRUE = new Set(['1', 'yes', 'y', 'true', 't', 'on']);
const FALSE = new Set(['0', 'no', 'n', 'false', 'f', 'off']);

/**
 * Reads a boolean the way systemd does: `1 yes y true t on` and `0 no n false f off`, in any letter case.
 *
 * Anything else, the empty string and surrounding whitespace included, is no boolean.
 *
 * Source: systemd.syntax(7); `parse_boolean()` in systemd's `src/basic/parse-util.c`.
 *
 * @example
 * parseBoolean('Yes'); // true
 * parseBoolean('enabled'); // undefined
 */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  return undefined;
}
