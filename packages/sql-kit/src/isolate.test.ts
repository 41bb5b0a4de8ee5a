import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isolate } from './isolate.js';

/** A database that refuses some rows, names the row or not, and may name a wrong one. */
async function run(rows: number, bad: ReadonlySet<number>, hint: (row: number) => number | undefined) {
  const applied: number[] = [];
  const refused: number[] = [];
  let attempts = 0;
  await isolate(
    rows,
    async ({ from, to }) => {
      attempts++;
      for (let row = from; row < to; row++) {
        if (bad.has(row)) return { refusal: 'bad', row: hint(row) };
      }
      for (let row = from; row < to; row++) applied.push(row);
      return undefined;
    },
    async (row) => void refused.push(row),
  );
  return { applied, refused, attempts };
}

describe('isolate', () => {
  it('applies every good row once and in order, and refuses exactly the bad ones, whatever is hinted', async () => {
    const rows = fc.integer({ min: 0, max: 200 });
    const hints = fc.constantFrom<(row: number) => number | undefined>(
      () => undefined,
      (row) => row,
      (row) => row + 1,
      () => 0,
      () => 1e9,
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.integer({ min: 0, max: 199 })), hints, async (count, some, hint) => {
        const bad = new Set(some.filter((row) => row < count));
        const { applied, refused } = await run(count, bad, hint);
        expect(applied).toEqual(
          Array.from({ length: count }, (_, row) => row).filter((row) => !bad.has(row)),
        );
        expect(refused).toEqual([...bad].sort((a, b) => a - b));
      }),
    );
  });

  it('takes three attempts for a row that is named, and a logarithm of them for one that is not', async () => {
    const bad = new Set([70_000]);
    expect((await run(100_000, bad, (row) => row)).attempts).toBeLessThanOrEqual(4);
    expect((await run(100_000, bad, () => undefined)).attempts).toBeLessThanOrEqual(36);
  });

  it('ends with what onRefused throws', async () => {
    const limit = new Error('limit');
    const over = isolate(
      10,
      async () => ({ refusal: 'bad' }),
      () => Promise.reject(limit),
    );
    await expect(over).rejects.toBe(limit);
  });
});
