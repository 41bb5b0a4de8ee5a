import { describe, expect, it } from 'vitest';
import { columnTime, earlier, requireZone, safeTime, secondsBefore } from './watermark-times.js';

describe('times of a watermark', () => {
  it.each([
    ['2026-01-01 00:00:30.1234567', 60, '2025-12-31 23:59:30.1234567'],
    ['2026-01-01', 1, '2025-12-31'],
    ['0001-01-01 00:00:10', 60, '0001-01-01 00:00:00'],
    ['1582-10-15 00:00:00', 86_400, '1582-10-14 00:00:00'],
    ['no time', 5, 'no time'],
  ])('%s less %i s is %s', (time, seconds, before) => {
    expect(secondsBefore(time, seconds)).toBe(before);
  });

  it('are spelled as the column has them', () => {
    const instant = '2026-01-01 20:00:00.5 +00:00';
    expect(columnTime(instant, 'instant', 'Asia/Shanghai')).toBe('2026-01-01 20:00:00.5');
    expect(columnTime(instant, 'wall', 'Asia/Shanghai')).toBe('2026-01-02 04:00:00.5');
    expect(columnTime(instant, 'date', 'Asia/Shanghai')).toBe('2026-01-02');
  });

  it('are safe before the oldest transaction, and with a margin where none can be seen', () => {
    const now = '2026-01-01 10:00:00';
    expect(safeTime(now, null, true, 300)).toBe('2026-01-01 09:59:59');
    expect(safeTime(now, '2026-01-01 09:00:00', true, 300)).toBe('2026-01-01 09:00:00');
    expect(safeTime(now, null, false, 300)).toBe('2026-01-01 09:45:00');
    expect(safeTime(now, null, false, 3600)).toBe('2026-01-01 09:00:00');
  });

  it('compare as text does, the shorter fraction first', () => {
    expect(earlier('2026-01-01 00:00:00', '2026-01-01 00:00:00.1')).toBe('2026-01-01 00:00:00');
    expect(earlier('2026-01-01 00:00:00.12', '2026-01-01 00:00:00.1')).toBe('2026-01-01 00:00:00.1');
  });

  it('have zones of the IANA list', () => {
    const unfit = (_: string, en: string) => new Error(en);
    for (const zone of ['Asia/Shanghai', 'UTC']) expect(() => requireZone(zone, unfit)).not.toThrow();
    expect(() => requireZone('Mars/Olympus', unfit)).toThrow('there is no zone Mars/Olympus');
  });
});
