import { parseInteger } from './integer.ts';

/**
 * Reads a file mode, always octal: `755`, `0755`, up to `7777`. No sign.
 *
 * Source: `parse_mode()` in systemd's `src/basic/parse-util.c`.
 *
 * @example
 * parseMode('0750'); // 0o750
 */
export function parseMode(text: string): number | undefined {
  if (/^[ \t\n\r]*[+-]/.test(text)) return undefined;
  const mode = parseInteger(text, 8);
  return mode === undefined || mode > 0o7777n ? undefined : Number(mode);
}
