import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRows } from '../arbitraries.js';
import { decodeRows } from '../decode.js';
import { resourceOf, rowsOf } from '../fixtures.js';
import { createRowWriter } from '../row-writer.js';
import { scanRows } from '../scan.js';
import { compileValidator } from './compile.js';

describe('a block', () => {
  const validator = compileValidator(resourceOf([{ key: true, length: 3 }, { type: 'I' }]));

  it('is handed through untouched when every row is good', () => {
    const block = rowsOf(['U', 'a', '1'], ['S', 'b', null], ['D', 'c', null]);
    const result = validator.validate(block);
    expect(result).toEqual({
      bytes: block,
      read: 3,
      rows: 3,
      deletes: 1,
      rejected: [],
      flagged: [],
      flaggedRows: 0,
    });
    expect(result.bytes).toBe(block);
    expect(validator.validate(new Uint8Array())).toMatchObject({ read: 0, rows: 0 });
  });

  it('loses its bad rows, which come back whole with number, column, reason and key', () => {
    const block = rowsOf(
      ['U', 'long', '1'],
      ['U', 'b', '2'],
      ['S', 'c', 'x'],
      ['U', 'd', '4'],
      ['D', 'e\t', '5'],
    );
    const { bytes, rejected, ...counts } = validator.validate(block);
    expect(Buffer.from(bytes).toString()).toBe('U\tb\t2\nU\td\t4\n');
    expect(counts).toMatchObject({ read: 5, rows: 2, deletes: 0 });
    expect(rejected.map((row) => ({ ...row, bytes: Buffer.from(row.bytes).toString() }))).toEqual([
      { row: 1, op: 'U', column: 'c0', reason: 'too-long', bytes: 'U\tlong\t1\n', key: 'long' },
      { row: 3, op: 'S', column: 'c1', reason: 'type', bytes: 'S\tc\tx\n', key: 'c' },
      { row: 5, op: 'D', column: 'c1', reason: 'delete-with-values', bytes: 'D\te\\t\t5\n', key: 'e\\t' },
    ]);
  });

  it('with rows of another shape loses those only', () => {
    const text = 'U\ta\n\nX\ta\t1\nU\ta\t1\t2\nUU\ta\t1\nU\tb\\x\t1\nU\t\\Nb\t1\nU\tb\rc\t1\nU\tok\t1\n';
    const { rejected, bytes } = validator.validate(Buffer.from(text));
    expect(Buffer.from(bytes).toString()).toBe('U\tok\t1\n');
    expect(rejected.map(({ row, column, reason }) => [row, column, reason])).toEqual([
      [1, null, 'malformed'],
      [2, null, 'malformed'],
      [3, null, 'malformed'],
      [4, null, 'malformed'],
      [5, null, 'malformed'],
      [6, 'c0', 'malformed'],
      [7, 'c0', 'malformed'],
      [8, 'c0', 'malformed'],
    ]);
    expect(rejected.map((row) => row.op)).toEqual(['U', null, null, 'U', null, 'U', 'U', 'U']);
  });

  it('that ends within a row is an error of its maker', () => {
    expect(() => validator.validate(Buffer.from('U\ta\t1'))).toThrow(
      expect.objectContaining({ code: 'QZ_ROWS_MALFORMED' }),
    );
  });

  it('is judged as scanner and values say, for any rows', () => {
    const free = compileValidator(resourceOf([{}, { type: 'M' }, {}]));
    fc.assert(
      fc.property(anyRows(3), (rows) => {
        const block = rowsOf(...rows.map((row) => [row.op, ...row.fields] as const));
        const { bytes, rejected, flaggedRows } = free.validate(block);
        const kept = rows.filter((row) => row.op !== 'D'); // without a key nothing can be deleted
        expect([...decodeRows(bytes)]).toEqual(kept);
        expect(rejected.every((row) => row.op === 'D' && row.reason === 'delete-without-key')).toBe(true);
        const rare = /[\ue000-\uf8ff\ufffd]|[\udb80-\udbff][\udc00-\udfff]/;
        const flagged = kept.filter((row) => row.fields.some((field) => field !== null && rare.test(field)));
        expect(flaggedRows).toBe(flagged.length);
      }),
    );
  });

  it('accepts only what the scanner accepts, for any bytes', () => {
    const free = compileValidator(resourceOf([{}, {}]));
    const unit = fc.constantFrom(
      85,
      83,
      68,
      9,
      10,
      13,
      92,
      78,
      116,
      97,
      0xe6,
      0x83,
      0xa0,
      0xee,
      0x80,
      0xff,
      0,
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const { bytes, rows, read, rejected } = free.validate(Uint8Array.from([...units, 10]));
        expect(scanRows(bytes, 2).rows).toBe(rows);
        expect(read).toBe(rows + rejected.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('is counted right over many runs of rows', () => {
    const rows = Array.from(
      { length: 3000 },
      (_, i) => (i % 700 === 699 ? ['U', `${i}`, 'x'] : ['U', 'k', `${i}`]) as ['U', string, string],
    );
    const { rejected, ...result } = validator.validate(rowsOf(...rows));
    expect(rejected.map((row) => row.row)).toEqual([700, 1400, 2100, 2800]);
    expect(result).toMatchObject({ read: 3000, rows: 2996 });
  });
});

describe('characters', () => {
  const resource = resourceOf([{ length: 10 }, {}]);
  it('that are no UTF-8, lone surrogates or U+0000 reject their row with its item', () => {
    const writer = createRowWriter();
    const values: [string | Uint8Array, string][] = [
      ['a', '惠州'],
      ['a', 'x\ud800y'],
      ['\udc00', 'a'],
      ['nul\0', 'a'],
      [Uint8Array.of(0xff), 'a'],
      ['惠', 'z'],
    ];
    for (const [first, second] of values) {
      writer.begin('U');
      if (typeof first === 'string') writer.text(first);
      else writer.utf8(first);
      writer.text(second);
      writer.end();
    }
    const { rejected, rows } = compileValidator(resource).validate(writer.take());
    expect(rows).toBe(2);
    expect(rejected.map(({ row, column, reason }) => [row, column, reason])).toEqual([
      [2, 'c1', 'invalid-utf8'],
      [3, 'c0', 'invalid-utf8'],
      [4, 'c0', 'nul-character'],
      [5, 'c0', 'invalid-utf8'],
    ]);
  });

  it('of private use and the replacement character are carried and flagged once for each item', () => {
    const block = rowsOf(
      ['U', '\ue000\uf8ff', '\u{f0000}'],
      ['U', '(全角)', '\u{20000}'],
      ['U', '\ufffd\ue123', '\u{10fffd}'],
    );
    const { bytes, flagged, flaggedRows, rejected } = compileValidator(resource).validate(block);
    expect(bytes).toBe(block);
    expect(rejected).toEqual([]);
    expect(flaggedRows).toBe(2);
    expect(flagged).toEqual([
      { row: 1, column: 'c0', reason: 'private-use' },
      { row: 1, column: 'c1', reason: 'private-use' },
      { row: 3, column: 'c0', reason: 'replacement-character' },
      { row: 3, column: 'c0', reason: 'private-use' },
      { row: 3, column: 'c1', reason: 'private-use' },
    ]);
  });

  it('of a rejected row are not flagged', () => {
    const { flagged, flaggedRows } = compileValidator(resourceOf([{}, { type: 'I' }])).validate(
      rowsOf(['U', '\ue000', 'x']),
    );
    expect([flagged, flaggedRows]).toEqual([[], 0]);
  });
});

describe('a row', () => {
  it('at the limit is accepted, one byte more is rejected, and its neighbours are not harmed', () => {
    const validator = compileValidator(resourceOf([{ key: true }, { type: 'M' }]), { rowBytes: 100 });
    const row = (bytes: number) => ['U', 'k', 'x'.repeat(bytes - 5)] as const;
    const { rejected, rows } = validator.validate(rowsOf(row(100), row(101), row(99)));
    expect(rows).toBe(2);
    expect(rejected).toMatchObject([{ row: 2, column: null, reason: 'row-too-large', key: 'k' }]);
  });

  it('over 8 MiB is rejected by default', () => {
    const big = '惠'.repeat(3 << 20);
    const { rejected, bytes } = compileValidator(resourceOf([{ type: 'M' }])).validate(
      rowsOf(['U', big], ['U', 'x']),
    );
    expect(rejected[0]).toMatchObject({ row: 1, reason: 'row-too-large' });
    expect(Buffer.from(bytes).toString()).toBe('U\tx\n');
  });

  it('of deletion carries its key, of its type, and nothing else', () => {
    const items = [{ key: true, type: 'I' }, {}, { key: true, codeTable: 't', schemes: ['uscc'] }] as const;
    const validator = compileValidator(resourceOf(items as never, { t: { A: '' } }));
    const reasons = (...row: (string | null)[]) =>
      validator.validate(rowsOf(['D', ...row])).rejected[0]?.reason;
    expect(reasons('1', null, 'retired code')).toBeUndefined();
    expect(reasons('1', 'x', 'A')).toBe('delete-with-values');
    expect(reasons(null, null, 'A')).toBe('delete-without-key');
    expect(reasons('1', null, null)).toBe('delete-without-key');
    expect(reasons('01', null, 'A')).toBe('type');
    expect(validator.validate(Buffer.from('D\t1\t\\N\n')).rejected[0]?.reason).toBe('malformed');
  });

  it('of a wide resource is checked to its last item', () => {
    const items = Array.from({ length: 1000 }, (_, i) => ({ type: i % 2 ? ('I' as const) : ('C' as const) }));
    const validator = compileValidator(resourceOf(items));
    const row = items.map((_, i) => String(i));
    expect(validator.validate(rowsOf(['U', ...row])).rejected).toEqual([]);
    row[999] = 'x';
    expect(validator.validate(rowsOf(['U', ...row])).rejected[0]).toMatchObject({
      column: 'c999',
      reason: 'type',
    });
  });
});
