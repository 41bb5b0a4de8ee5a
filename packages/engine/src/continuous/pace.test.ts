import { describe, expect, it } from 'vitest';
import { createPace } from './pace.js';

/** So many batches, each receipted after so long, then one that has none yet. */
function after(receiptsMs: readonly number[]) {
  const pace = createPace();
  let now = 0;
  let seq = 0;
  for (const ms of receiptsMs) {
    pace.cut(++seq, now);
    now += ms;
    now += pace.nextIn({ seq, receipted: seq }, now)!;
    expect(pace.nextIn({ seq, receipted: seq }, now)).toBe(0);
  }
  pace.cut(++seq, now);
  return (waiting: number, ms: number) =>
    pace.nextIn({ seq: seq - 1 + waiting, receipted: seq - 1 }, now + ms);
}

describe('the pace of batches', () => {
  it('is set by receipts: none is cut while another is under way', () => {
    const next = after([8, 9, 200, 7]);
    expect(next(1, 0)).toBeUndefined();
    expect(next(1, 500)).toBeUndefined();
  });

  it('cuts the first at once', () => {
    expect(createPace().nextIn({ seq: 7, receipted: 7 }, 0)).toBe(0);
  });

  it('leaves half as long again after the soonest receipt of late, and no more than a long line does', () => {
    expect(after([8, 9, 200, 7])(0, 7)).toBe(3.5);
    expect(after([8, 9, 200, 7])(0, 11)).toBe(0);
    expect(after([60, 70])(0, 6)).toBe(14);
    expect(after([60, 70])(0, 500)).toBe(0);
  });

  it('is not taken from a single slow receipt, and before any there is nothing to go by', () => {
    expect(after([])(1, 1000)).toBeUndefined();
    expect(after([400, 12])(1, 1000)).toBeUndefined();
  });

  it('has several under way where the line is long at its best, spread over its length, and no more than four', () => {
    const next = after([120, 100, 300]);
    expect(next(1, 0)).toBe(25);
    expect(next(2, 10)).toBe(15);
    expect(next(3, 60)).toBe(0);
    expect(next(4, 60)).toBeUndefined();
  });

  it('forgets what the line was long ago', () => {
    expect(after([2, ...Array.from({ length: 15 }, () => 100)])(1, 0)).toBeUndefined();
    expect(after([2, ...Array.from({ length: 16 }, () => 100)])(1, 0)).toBe(25);
  });
});
