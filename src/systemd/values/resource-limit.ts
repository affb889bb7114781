import { parseUnsigned64 } from './integer.ts';
import { parseSize } from './size.ts';
import { parseTimeSpan } from './time-span.ts';

/** The unit of measure of a `Limit*=` setting. */
export type ResourceLimitUnit = 'count' | 'bytes' | 'seconds' | 'microseconds' | 'nice';

/** A soft and a hard limit; `Infinity` stands for no limit. */
export type ResourceLimit = { readonly soft: bigint | number; readonly hard: bigint | number };

const RLIM_INFINITY = 2n ** 64n - 1n;

/**
 * Reads a resource limit: one value for both limits, or `soft:hard`. Undefined when the text is no limit, and when the soft limit is
 * above the hard one.
 *
 * Source: systemd.exec(5), "Process Properties"; `rlimit_parse()` in `src/basic/rlimit-util.c`.
 *
 * @param unit of the resource, see {@link resourceLimitUnit}
 * @example
 * parseResourceLimit('1024:4096', 'count'); // { soft: 1024n, hard: 4096n }
 */
export function parseResourceLimit(text: string, unit: ResourceLimitUnit): ResourceLimit | undefined {
  const [softText = '', hardText, ...more] = text.split(':');
  if (more.length > 0) return undefined;
  const soft = parseOne(softText, unit);
  const hard = hardText === undefined ? soft : parseOne(hardText, unit);
  return soft === undefined || hard === undefined || soft > hard ? undefined : { soft, hard };
}

/** The unit of measure of a setting such as `LimitNOFILE` or `DefaultLimitNOFILE`. */
export function resourceLimitUnit(directive: string): ResourceLimitUnit {
  return UNITS.get(directive.replace(/^(?:Default)?Limit/, '')) ?? 'bytes';
}

const UNITS: ReadonlyMap<string, ResourceLimitUnit> = new Map([
  ['CPU', 'seconds'],
  ['RTTIME', 'microseconds'],
  ['NICE', 'nice'],
  ['NOFILE', 'count'],
  ['NPROC', 'count'],
  ['LOCKS', 'count'],
  ['SIGPENDING', 'count'],
  ['RTPRIO', 'count'],
]);

function parseOne(text: string, unit: ResourceLimitUnit): bigint | number | undefined {
  if (unit === 'seconds') {
    const usec = parseTimeSpan(text);
    return usec === undefined ? undefined : Math.ceil(usec / 1_000_000);
  }
  if (unit === 'microseconds') return parseTimeSpan(text, 1);
  if (unit === 'nice') return parseNice(text);
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  const count = unit === 'bytes' ? parseSize(text) : parseUnsigned64(text);
  return count === undefined || count >= RLIM_INFINITY ? undefined : count;
}

/** `+5` and `-5` are nice levels; a number without a sign is the kernel's raw value, 0 to 40, which falls as the nice level rises. */
function parseNice(text: string): bigint | undefined {
  const sign = text.charAt(0);
  const level = parseUnsigned64(/^[+-]/.test(text) ? text.slice(1) : text);
  if (level === undefined) return undefined;
  if (sign === '+') return level < 20n ? 20n - level : undefined;
  if (sign === '-') return level <= 20n ? 20n + level : undefined;
  return level <= 40n ? level : undefined;
}
