/** Hours in which nobody is told anything. */

/** Minutes since midnight, in the time of the machine; `from` after `to` goes over midnight. */
export interface QuietHours {
  readonly fromMinutes: number;
  readonly toMinutes: number;
}

/**
 * The end of the quiet hours that a moment lies in; undefined outside of them. Hours are those of the wall clock, also
 * where it is set for summer.
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
