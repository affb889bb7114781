/**
 * Milliseconds of a clock that nobody sets, since a moment that means nothing. `performance.now()` says the same, and its module takes
 * Node two milliseconds to load.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
