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
