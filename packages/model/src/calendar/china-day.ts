const AHEAD_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** The calendar day of an instant in Asia/Shanghai, which has no summer time: `2026-01-31`. */
export function chinaDay(at: Date): string {
  return new Date(at.getTime() + AHEAD_MS).toISOString().slice(0, 10);
}

/** When the day after begins there. */
export function nextChinaDay(at: Date): Date {
  const day = Math.floor((at.getTime() + AHEAD_MS) / DAY_MS);
  return new Date((day + 1) * DAY_MS - AHEAD_MS);
}
