import { MAX_UINT64, parseInt32, parseUnsigned64 } from './integer.ts';

const SUFFIXES = ['E', 'P', 'T', 'G', 'M', 'K', 'B', ''];
const PART = /[ \t\n\r]*\+?([0-9]+)(?:\.([0-9]*))?[ \t\n\r]*([EPTGMKB]?)/y;

/**
 * Reads a size in bytes with the suffixes `K M G T P E` of `base` 1024 or 1000. A size may have several parts, from big to small
 * (`1G 512M`), and fractions (`1.5G`). Undefined when the text is no size.
 *
 * Source: `parse_size()` in systemd's `src/basic/parse-util.c`.
 *
 * @example
 * parseSize('1.5G'); // 1_610_612_736n
 */
export function parseSize(text: string, base: 1000 | 1024 = 1024): bigint | undefined {
  let total = 0n;
  let largest = 0;
  let position = 0;
  do {
    PART.lastIndex = position;
    const match = PART.exec(text);
    if (!match) return undefined;
    const [, whole = '', fraction = '', suffix = ''] = match;
    const index = SUFFIXES.indexOf(suffix);
    if (index < largest) return undefined;
    largest = index + 1;
    const factor = BigInt(base) ** BigInt(Math.max(0, 6 - index));
    const scale = 10n ** BigInt(fraction.length);
    total += BigInt(whole) * factor + (BigInt(fraction === '' ? '0' : fraction) * factor) / scale;
    if (total > MAX_UINT64) return undefined;
    position = PART.lastIndex;
  } while (position < text.length);
  return total;
}

/**
 * Reads `12%`, `12.5%`, `12.25%`, `125‰`, `125.5‰` or `1250‱` as ten-thousandths. Undefined for any other text.
 *
 * Source: `parse_permyriad_unbounded()` in `src/basic/percent-util.c`.
 *
 * @example
 * parsePermyriad('12.5%'); // 1250
 */
export function parsePermyriad(text: string): number | undefined {
  const match = /^([^.]*)(?:\.([0-9]{1,2}))?([%‰‱])$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', sign = '%'] = match;
  const decimals = sign === '%' ? 2 : sign === '‰' ? 1 : 0;
  const count = parseInt32(whole, 0);
  if (count === undefined || fraction.length > decimals) return undefined;
  const value = count * 10 ** decimals + Number(fraction.padEnd(decimals, '0') || '0');
  return value < 2 ** 31 ? value : undefined;
}

/**
 * Whether systemd accepts a text as a limit on memory: bytes, a share of the machine's memory, or `infinity`.
 *
 * @param zeroIsValid whether 0 is a limit, as it is for `MemoryLow=` and `MemorySwapMax=`
 */
export function isMemoryLimit(text: string, zeroIsValid: boolean): boolean {
  if (text === 'infinity') return true;
  const share = parsePermyriad(text);
  if (share !== undefined && share <= 10_000) return share > 0 || zeroIsValid;
  const bytes = parseSize(text);
  return bytes !== undefined && bytes < MAX_UINT64 && (bytes > 0n || zeroIsValid);
}

/** Whether systemd accepts a text as the value of `TasksMax=`: a number from 1, a share, or `infinity`. Source: `config_parse_tasks_max()`. */
export function isTasksMax(text: string): boolean {
  if (text === 'infinity') return true;
  const share = parsePermyriad(text);
  if (share !== undefined && share <= 10_000) return true;
  const count = parseUnsigned64(text);
  return count !== undefined && count > 0n && count < MAX_UINT64;
}
