/** A date in UTC: `2026-11-26`. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
