import { isQianzhiError } from '@qianzhi/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RowCounts, scanRows } from '../scan.js';
import { mayHoldNanoseconds, rowsWithoutOps } from './loader-text.js';

const bytesOf = (text: string) => Buffer.from(text);
const field = fc.oneof(
  fc.constant('\\N'),
  fc.string({ unit: fc.constantFrom('a', '惠', '𠮷', '\\\\', '\\t', '\\n', '\\r', '.', '0'), maxLength: 40 }),
);
const row = (fields: number) =>
  fc
    .tuple(fc.constantFrom('S', 'U', 'D'), fc.array(field, { minLength: fields, maxLength: fields }))
    .map(([op, values]) => `${[op, ...values].join('\t')}\n`);
const rows = (fields: number) => fc.array(row(fields), { minLength: 1, maxLength: 40 });

/** The same rules in plain words: undefined where they are broken. */
function countsOf(text: string, fields: number): RowCounts | undefined {
  const lines = text.split('\n');
  if (lines.pop() !== '') return undefined;
  const good = (value: string) => value === '\\N' || /^([^\\\r\0]|\\[\\tnr])*$/.test(value);
  const parts = lines.map((line) => line.split('\t'));
  const right = parts.every(
    ([op = '', ...values]) => /^[SUD]$/.test(op) && values.length === fields && values.every(good),
  );
  const count = (wanted: string) => parts.filter(([op]) => op === wanted).length;
  return right
    ? { rows: parts.length, snapshots: count('S'), upserts: count('U'), deletes: count('D') }
    : undefined;
}

function scanned(text: string, fields: number): RowCounts | undefined {
  try {
    return scanRows(bytesOf(text), fields);
  } catch (error) {
    if (isQianzhiError(error, 'QZ_ROWS_MALFORMED')) return undefined;
    throw error;
  }
}

describe('a scan', () => {
  it('counts every block of valid rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }).chain((fields) => fc.tuple(fc.constant(fields), rows(fields))),
        ([fields, lines]) => {
          const text = lines.join('');
          expect(scanned(text, fields)).toEqual(countsOf(text, fields));
        },
      ),
    );
  });

  it('finds whatever is changed, inserted or left out, wherever in a block it is', () => {
    const wrongs = fc.constantFrom('\t', '\n', '\r', '\\', '\\N', '\\x', '\0', 'S', '', 'a');
    fc.assert(
      fc.property(rows(3), fc.nat(), fc.nat({ max: 2 }), wrongs, (lines, place, gone, wrong) => {
        const text = lines.join('');
        // characters outside the BMP are not cut in two
        const characters = [...text];
        const at = place % characters.length;
        characters.splice(at, gone, wrong);
        const changed = characters.join('');
        expect(scanned(changed, 3)).toEqual(changed === '' ? scanned('', 3) : countsOf(changed, 3));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells row and field also far behind, and takes rows larger than its memory', () => {
    const large = `U\t${'惠'.repeat(300_000)}\tx\n`;
    const usual = 'S\ta\\\\\tb\n'.repeat(20_000);
    expect(scanRows(bytesOf(usual + large + usual), 2)).toMatchObject({ rows: 40_001, upserts: 1 });
    const wrong = () => scanRows(bytesOf(`${usual}${large}${usual}D\ta\t\\q\n`), 2);
    expect(wrong).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ row: 40_002, field: 2 }) }),
    );
  });
});

describe('rows for a loader', () => {
  it('are the same without their ops, over any number of pieces', () => {
    const lines = [...Array(30_000).keys()].map((n) => `${'SUD'[n % 3]}\t${'x'.repeat(n % 50)}\t\\N\n`);
    lines.splice(7, 0, `U\t${'y'.repeat(400_000)}\t\n`);
    const pieces = [...rowsWithoutOps(bytesOf(lines.join('')))].length;
    expect(pieces).toBeGreaterThan(3);
    let text = '';
    for (const piece of rowsWithoutOps(bytesOf(lines.join('')))) text += Buffer.from(piece).toString();
    expect(text === lines.map((line) => line.slice(2)).join('')).toBe(true);
  });
});

it('finds times of more than microseconds', () => {
  expect(mayHoldNanoseconds(bytesOf('S\t2026-01-01 00:00:00.123456\t1.2345678\n'))).toBe(false);
  expect(mayHoldNanoseconds(bytesOf('S\t1.5\t2026-01-01 00:00:00.1234567\n'))).toBe(true);
  expect(mayHoldNanoseconds(bytesOf('S\t2026-01-01 00:00:00.5'))).toBe(false);
  expect(mayHoldNanoseconds(bytesOf('S\t2026-01-01 00:00:00.5\t640679.22\n'))).toBe(false);
  expect(mayHoldNanoseconds(bytesOf(`S\t1\nS\t${'x'.repeat(400_000)}`))).toBe(false);
  const usual = 'S\t2026-01-01 00:00:00.5\n'.repeat(20_000);
  expect(mayHoldNanoseconds(bytesOf(usual))).toBe(false);
  expect(mayHoldNanoseconds(bytesOf(`${usual}S\t2026-01-01 00:00:00.1234567\n${usual}`))).toBe(true);
});
