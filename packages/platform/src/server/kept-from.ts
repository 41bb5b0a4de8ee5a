/** From when on is kept what is kept for so many days: whole months, so that what is older makes one file a month and not one a minute. */
export function keptFrom(now: Date, keepDays: number): string {
  const oldest = new Date(now.getTime() - keepDays * 86_400_000);
  return new Date(Date.UTC(oldest.getUTCFullYear(), oldest.getUTCMonth(), 1)).toISOString();
}
