import type { TypedItem } from './canonical-text.js';
import type { TypeVectors } from './type-table.js';
import { invalid, respelled, valid } from './vectors.js';

const date: TypedItem = { type: 'D' };
const looseDate: TypedItem = { type: 'D', allow: ['zero-date', 'infinity'] };
const time: TypedItem = { type: 'T' };
const looseTime: TypedItem = { type: 'T', allow: ['zero-date', 'infinity'] };
const instant: TypedItem = { type: 'T', instant: true };

export const timeTypes: readonly TypeVectors[] = [
  {
    type: 'D',
    name: { zh: '日期型', en: 'date' },
    canonical: '`YYYY-MM-DD`, a real day of the years 0001 to 9999',
    valid: [
      ...valid(date, '0001-01-01', '9999-12-31', '2024-02-29', '2000-02-29', '1582-10-10'),
      ...valid(looseDate, '0000-00-00', '2015-00-00', '2015-06-00', 'infinity', '-infinity'),
    ],
    invalid: [
      ...invalid(
        date,
        'no-such-date',
        '2023-02-29',
        '1900-02-29',
        '2024-13-01',
        '2024-04-31',
        '0000-01-01',
        '2024-00-15',
      ),
      ...invalid(date, 'special-value', '0000-00-00', '2015-00-00', 'infinity', '-infinity'),
      ...invalid(
        date,
        'type',
        '',
        '2024-1-01',
        '20240101',
        '2024/01/01',
        '2024-01-01 00:00:00',
        '12024-01-01',
        '202a-01-01',
      ),
      ...invalid(looseDate, 'no-such-date', '0000-01-00', '2015-13-00', '2023-02-29'),
    ],
    respelled: respelled(
      date,
      ['2024-01-01 00:00:00', '2024-01-01'],
      ['2024-01-01T00:00:00.000', '2024-01-01'],
      ['2024-01-01 08:00:00', '2024-01-01 08:00:00'],
      ['2024/01/01', '2024/01/01'],
    ),
  },
  {
    type: 'T',
    name: { zh: '日期时间型', en: 'date and time' },
    canonical:
      '`YYYY-MM-DD HH:MM:SS[.f]` wall clock without zone, no trailing zeros; an instant in UTC with `+00`',
    valid: [
      ...valid(
        time,
        '2026-01-01 08:00:00.123456',
        '0001-01-01 00:00:00',
        '9999-12-31 23:59:59.999999999',
        '2024-02-29 12:00:00.5',
      ),
      ...valid(instant, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00.25+00'),
      ...valid(looseTime, '0000-00-00 00:00:00', 'infinity', '-infinity'),
    ],
    invalid: [
      ...invalid(
        time,
        'type',
        '',
        '2026-01-01',
        '2026-01-01T08:00:00',
        '2026-01-01 8:00:00',
        '2026-01-01 08:00',
        '2026-01-01 08:00:00.',
      ),
      ...invalid(
        time,
        'type',
        '2026-01-01 08:00:00.10',
        '2026-01-01 08:00:00.0',
        '2026-01-01 08:00:00+00',
        '2026-01-01 08:00:00Z',
      ),
      ...invalid(
        time,
        'no-such-date',
        '2026-02-30 08:00:00',
        '2026-01-01 24:00:00',
        '2026-01-01 08:60:00',
        '2026-01-01 08:00:60',
      ),
      ...invalid(time, 'special-value', '0000-00-00 00:00:00', 'infinity'),
      ...invalid(
        instant,
        'type',
        '2026-01-01 08:00:00',
        '2026-01-01 08:00:00+08',
        '2026-01-01 08:00:00Z',
        '2026-01-01 08:00:00+00:00',
      ),
    ],
    respelled: [
      ...respelled(
        time,
        ['2026-01-01T08:00:00.120000', '2026-01-01 08:00:00.12'],
        ['2026-01-01 08:00:00.000', '2026-01-01 08:00:00'],
      ),
      ...respelled(time, ['2026-01-01', '2026-01-01 00:00:00'], ['2026-01-01 08:00', '2026-01-01 08:00:00']),
      ...respelled(time, ['2026-01-01 08:00:00+08', '2026-01-01 08:00:00+08'], ['Infinity', 'infinity']),
      ...respelled(
        instant,
        ['2026-01-01T00:00:00Z', '2026-01-01 00:00:00+00'],
        ['2026-01-01 00:00:00.500 +00:00', '2026-01-01 00:00:00.5+00'],
      ),
      ...respelled(
        instant,
        ['2026-01-01 08:00:00+08', '2026-01-01 08:00:00+08'],
        ['2026-01-01 08:00:00', '2026-01-01 08:00:00'],
      ),
    ],
  },
];
