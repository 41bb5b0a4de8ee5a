import { expect, it } from 'vitest';
import { chinaDay, nextChinaDay } from './china-day.js';

it.each([
  ['2026-01-31T15:59:59.999Z', '2026-01-31', '2026-01-31T16:00:00.000Z'],
  ['2026-01-31T16:00:00.000Z', '2026-02-01', '2026-02-01T16:00:00.000Z'],
  ['2028-02-28T16:00:00.000Z', '2028-02-29', '2028-02-29T16:00:00.000Z'],
])('%s is the day %s in Asia/Shanghai, which ends at %s', (at, day, end) => {
  expect(chinaDay(new Date(at))).toBe(day);
  expect(nextChinaDay(new Date(at)).toISOString()).toBe(end);
});
