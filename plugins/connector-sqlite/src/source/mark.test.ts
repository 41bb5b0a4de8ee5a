import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundMark, markBefore, markOf } from './mark.js';

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger().map(BigInt),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

describe('times of a column as checkpoints hold them', () => {
  it('have the order of their values, numbers before text', () => {
    fc.assert(
      fc.property(number, number, fc.string(), (a, b, text) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(markOf(low) <= markOf(high)).toBe(true);
        expect(markOf(high) < markOf(text)).toBe(true);
      }),
    );
  });

  it('give back the value that SQLite compares alike', () => {
    fc.assert(fc.property(number, (value) => Number(boundMark(markOf(value))) === Number(value)));
    fc.assert(fc.property(fc.string(), (text) => boundMark(markOf(text)) === text));
  });

  it.each([
    ['julian', 2_461_042n, 86_400, 2_461_041n],
    ['unix', 1_767_225_600n, 60, 1_767_225_540n],
    ['unix-ms', 1_767_225_600_000n, 60, 1_767_225_540_000n],
    ['text', '2026-01-01T00:00:30Z', 60, '2025-12-31T23:59:30'],
    ['text', 'no time', 60, 'no time'],
  ] as const)('%s: %s less %s s is %s', (format, value, seconds, before) => {
    expect(boundMark(markBefore(markOf(value), seconds, format))).toBe(before);
  });
});
