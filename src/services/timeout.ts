/** timeout(1), which ends the command that it runs. */
import path from 'node:path';
import { optionOf } from './program.ts';

/** The durations of a `timeout`, as they are written: how long the command may run, and when it is killed after that. */
export interface WrittenLimit {
  readonly duration: string;
  readonly killAfter: string | undefined;
}

/**
 * Reads the words of a wrapper that stand before its command.
 *
 * @returns undefined for any other wrapper
 */
export function timeoutOf(own: readonly string[]): WrittenLimit | undefined {
  if (path.posix.basename(own[0] ?? '') !== 'timeout') return undefined;
  return { duration: own.at(-1) ?? '', killAfter: optionOf({ args: own.slice(1) }, '-k', '--kill-after') };
}

/** Reads `5`, `1.5m`, `infinity` as sleep(1) and timeout(1) do; in seconds. */
export function parseSeconds(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY;
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (secondsOf[unit] ?? 1);
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
