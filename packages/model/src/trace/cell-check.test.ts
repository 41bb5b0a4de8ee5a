import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellCheck, cellHash } from './cell-check.js';

describe('cells of a delivered file', () => {
  it('are the same after a spreadsheet lost NULL, and with or without the apostrophe of a neutralised formula', () => {
    expect(cellHash(null)).toBe(cellHash(''));
    expect(cellHash("'=1+1")).toBe(cellHash('=1+1'));
    expect(cellHash("'abc")).not.toBe(cellHash('abc'));
  });

  it('agree by chance about once in 256, whatever the key', () => {
    const key = 0x1234_5678;
    let equal = 0;
    for (let i = 0; i < 20_000; i++)
      if (cellCheck(key, 3, cellHash(`v${i}`)) === cellCheck(key, 3, cellHash(`w${i}`))) equal++;
    expect(equal).toBeGreaterThan(20);
    expect(equal).toBeLessThan(200);
  });

  it('are a byte for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.nat(999), (text, key, column) => {
        const check = cellCheck(key, column, cellHash(text));
        return Number.isInteger(check) && check >= 0 && check < 256;
      }),
    );
  });
});
