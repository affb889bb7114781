/** Quiet hours, in which no message is sent. */

/** Minutes since midnight, in the local time of the machine. When `from` is later than `to`, the hours span midnight. */
export interface QuietHours {
  readonly fromMinutes: number;
  readonly toMinutes: number;
}

/**
 * The end of the quiet hours that contain a moment, in milliseconds since 1970; undefined outside quiet hours. Wall clock time
 * is used, including daylight saving time.
 */
export function quietUntil({ fromMinutes, toMinutes }: QuietHours, nowMs: number): number | undefined {
  const now = new Date(nowMs);
  const minutes = now.getHours() * 60 + now.getMinutes();
  const isOvernight = fromMinutes > toMinutes;
  const isQuiet = isOvernight
    ? minutes >= fromMinutes || minutes < toMinutes
    : minutes >= fromMinutes && minutes < toMinutes;
  if (!isQuiet) return undefined;
  const days = isOvernight && minutes >= fromMinutes ? 1 : 0;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 0, toMinutes).getTime();
}
