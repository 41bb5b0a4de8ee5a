import type { CatalogResource } from './resource.js';

const hour = 3_600;
const day = 24 * hour;

/** Realtime is judged by the hour; the longest month, quarter, half-year and year count. */
const seconds: Readonly<Record<CatalogResource['updateCycle'], number | undefined>> = {
  realtime: hour,
  daily: day,
  weekly: 7 * day,
  monthly: 31 * day,
  quarterly: 92 * day,
  'half-yearly': 184 * day,
  yearly: 366 * day,
  irregular: undefined,
};

/** Seconds within which a resource promises new data (更新周期); undefined where it promises none. */
export function cycleSeconds({ updateCycle }: Pick<CatalogResource, 'updateCycle'>): number | undefined {
  return seconds[updateCycle];
}

/** Asia/Shanghai has no summer time: its calendar is UTC's, eight hours on. */
const SHANGHAI_MS = 8 * hour * 1000;
/** R037: static data is brought up to date within the first ten days of the period after its change. */
const DAYS_OF_GRACE = 10;

/** Last second of a calendar day in Asia/Shanghai; day and month may run over, as Date.UTC takes them. */
function endOfDay(year: number, month: number, date: number): Date {
  return new Date(Date.UTC(year, month, date + 1) - SHANGHAI_MS - 1000);
}

/** End of the tenth day of the first period of so many months that begins after `month`. */
const afterPeriod = (months: number) => (year: number, month: number) =>
  endOfDay(year, (Math.floor(month / months) + 1) * months, DAYS_OF_GRACE);

type Deadline = (year: number, month: number, date: number, weekday: number) => Date;

const deadlines: Readonly<
  Record<Exclude<CatalogResource['updateCycle'], 'realtime' | 'irregular'>, Deadline>
> = {
  daily: (year, month, date) => endOfDay(year, month, date + 1),
  // weeks begin on Monday
  weekly: (year, month, date, weekday) => endOfDay(year, month, date + 13 - ((weekday + 6) % 7)),
  monthly: (year, month) => endOfDay(year, month + 2, 0),
  quarterly: afterPeriod(3),
  'half-yearly': afterPeriod(6),
  yearly: afterPeriod(12),
};

/**
 * Until when data that was current at `since` may stay as it is, to the second; undefined where the cycle promises nothing.
 * Dynamic data (realtime, R036): an hour later. Daily, weekly, monthly: by the end of the next day, week, month. Static data (quarterly
 * and longer, R037): by the end of the tenth day of the period after `since`, so what changed in January to March by 10 April.
 * Calendar days of Asia/Shanghai, whatever the machine is set to; working days play no part.
 */
export function updateDueAt(
  { updateCycle }: Pick<CatalogResource, 'updateCycle'>,
  since: Date,
): Date | undefined {
  if (updateCycle === 'irregular') return undefined;
  if (updateCycle === 'realtime') return new Date(since.getTime() + hour * 1000);
  const local = new Date(since.getTime() + SHANGHAI_MS);
  return deadlines[updateCycle](
    local.getUTCFullYear(),
    local.getUTCMonth(),
    local.getUTCDate(),
    local.getUTCDay(),
  );
}
