import { isQianzhiError } from '@qianzhi/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyRows, anyText } from './arbitraries.js';
import { binaryOf, decodeField, decodeRows, readRows, rowOffsets } from './decode.js';
import { rowsDigest } from './digest.js';
import { rowsOf } from './fixtures.js';
import { createRowWriter } from './row-writer.js';
import { scanRows } from './scan.js';

function encode(rows: readonly { op: 'S' | 'U' | 'D'; fields: readonly (string | null)[] }[]): Uint8Array {
  return rowsOf(...rows.map(({ op, fields }) => [op, ...fields] as const));
}

it('carries any text, and null apart from the empty text', () => {
  fc.assert(
    fc.property(anyRows(3), (rows) => {
      const bytes = encode(rows);
      expect([...decodeRows(bytes)]).toEqual(rows);
      expect(scanRows(bytes, 3)).toEqual({
        rows: rows.length,
        snapshots: rows.filter((row) => row.op === 'S').length,
        upserts: rows.filter((row) => row.op === 'U').length,
        deletes: rows.filter((row) => row.op === 'D').length,
      });
      const read: unknown[] = [];
      expect(readRows(bytes, (op, fields, row) => read.push({ op, fields, row }))).toBe(rows.length);
      expect(read).toEqual(rows.map((row, i) => ({ ...row, row: i })));
    }),
  );
});

it('writes text, its UTF-8 and its row text alike', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const writer = createRowWriter(1);
      writer.begin('U');
      writer.text(text);
      writer.utf8(Buffer.from(`<${text}>`), 1, 1 + Buffer.byteLength(text));
      writer.end();
      const block = writer.take();
      const field = block.subarray(2, block.indexOf(9, 2));
      writer.begin('U');
      writer.field(field);
      writer.field(field);
      writer.end();
      expect(Buffer.compare(writer.take(), block)).toBe(0);
      expect(decodeField(field)).toBe(text);
    }),
  );
});

it('carries a value of megabytes and many rows across pieces', () => {
  const long = '惠\t州\n\\'.repeat(400_000);
  const rows: ['U', string, string | null][] = [['U', long, null]];
  for (let i = 0; i < 50_000; i++) rows.push(['U', `行${i}`, '']);
  const bytes = rowsOf(...rows);
  expect(scanRows(bytes, 2).rows).toBe(rows.length);
  let row = 0;
  for (const { fields } of decodeRows(bytes)) {
    const [, first, second] = rows[row++]!;
    if (fields[0] !== first || fields[1] !== second) expect.unreachable(`row ${row}`);
  }
  expect(row).toBe(rows.length);
});

it('writes binary and logical values as their canonical text', () => {
  const writer = createRowWriter();
  writer.begin('S');
  writer.binary(Uint8Array.of(0, 255, 10));
  writer.binary(null);
  writer.bool(true);
  writer.bool(null);
  writer.null();
  writer.end();
  expect(writer.rows).toBe(1);
  const bytes = writer.take();
  expect(Buffer.from(bytes).toString()).toBe('S\t\\\\x00ff0a\t\\N\tt\t\\N\t\\N\n');
  expect(binaryOf([...decodeRows(bytes)][0]!.fields[0]!)).toEqual(Buffer.from([0, 255, 10]));
});

it('drops a row that was not ended, and keeps what was taken', () => {
  const writer = createRowWriter(8);
  writer.begin('U');
  writer.text('kept');
  writer.end();
  const length = writer.bytes;
  writer.begin('U');
  writer.text('half');
  expect(writer.bytes).toBeGreaterThan(length);
  writer.drop();
  expect(writer.bytes).toBe(length);
  writer.begin('U');
  const taken = writer.take();
  expect(writer).toMatchObject({ rows: 0, bytes: 0 });
  writer.begin('D');
  writer.text('other');
  writer.end();
  expect(Buffer.from(taken).toString()).toBe('U\tkept\n');
});

it('finds the same rows however a block is split at row ends', () => {
  fc.assert(
    fc.property(anyRows(2), fc.nat(), (rows, at) => {
      const bytes = encode(rows);
      const offsets = rowOffsets(bytes);
      expect(offsets.length).toBe(rows.length + 1);
      const cut = offsets[at % offsets.length]!;
      const halves = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(halves.flatMap((half) => [...decodeRows(half)])).toEqual(rows);
      expect(halves.reduce((sum, half) => sum + scanRows(half, 2).rows, 0)).toBe(rows.length);
    }),
  );
});

it('refuses a block split anywhere else', () => {
  const bytes = rowsOf(['U', '惠州', 'a\tb'], ['D', 'x', null]);
  const ends = new Set(rowOffsets(bytes));
  for (let cut = 1; cut < bytes.length; cut++) {
    if (ends.has(cut)) continue;
    expect(() => scanRows(bytes.subarray(0, cut), 2), `first ${cut}`).toThrow();
  }
});

const bad: [string, string | Uint8Array, { row: number; field: number; problem: RegExp }][] = [
  ['a wrong op', 'U\ta\tb\nX\ta\tb\n', { row: 2, field: 0, problem: /op/ }],
  ['an op of two letters', 'U\ta\tb\nUU\ta\tb\n', { row: 2, field: 0, problem: /op/ }],
  ['an empty row', 'U\ta\tb\n\n', { row: 2, field: 0, problem: /op/ }],
  ['a field too few', 'U\ta\n', { row: 1, field: 1, problem: /number of fields/ }],
  ['a field too many', 'U\ta\tb\tc\n', { row: 1, field: 3, problem: /number of fields/ }],
  ['an unknown escape', 'U\ta\t\\b\n', { row: 1, field: 2, problem: /escape/ }],
  ['a backslash before TAB', 'U\ta\\\tb\n', { row: 1, field: 1, problem: /escape/ }],
  ['a backslash before LF', 'U\ta\tb\\\n', { row: 1, field: 2, problem: /escape/ }],
  ['\\N within a value', 'U\tx\\N\tb\n', { row: 1, field: 1, problem: /escape/ }],
  ['a value behind \\N', 'U\t\\Nx\tb\n', { row: 1, field: 1, problem: /escape/ }],
  ['a raw CR', 'U\ta\tb\r\n', { row: 1, field: 2, problem: /CR/ }],
  ['U+0000', 'U\ta\tb\nU\t\0\tb\n', { row: 2, field: 1, problem: /U\+0000/ }],
  ['no LF at the end', 'U\ta\tb', { row: 1, field: 2, problem: /LF/ }],
  [
    'bad UTF-8',
    Buffer.from([85, 9, 97, 9, 98, 10, 85, 9, 97, 9, 0xe6, 0x83, 10]),
    { row: 2, field: 2, problem: /UTF-8/ },
  ],
  ['a surrogate', Buffer.from([85, 9, 0xed, 0xa0, 0x80, 9, 98, 10]), { row: 1, field: 1, problem: /UTF-8/ }],
  ['an overlong form', Buffer.from([85, 9, 0xc0, 0x89, 9, 98, 10]), { row: 1, field: 1, problem: /UTF-8/ }],
];
it.each(bad)('refuses %s with row and field', (_, text, { row, field, problem }) => {
  try {
    scanRows(Buffer.from(text as string), 2);
    expect.unreachable();
  } catch (error) {
    expect(isQianzhiError(error, 'QZ_ROWS_MALFORMED') && error.details).toMatchObject({
      row,
      field,
      problem: expect.stringMatching(problem),
    });
  }
});

it('finds every flipped byte by scan or digest', () => {
  const about = { kind: 'delta', schemaVersion: 1 } as const;
  const bytes = rowsOf(['U', '惠州', 'a\tb\\', null], ['S', '', '𠮷', '3'], ['D', 'x', null, null]);
  const digest = rowsDigest(about, bytes);
  let byScan = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (let value = 0; value < 256; value++) {
      if (value === bytes[at]) continue;
      const changed = Buffer.from(bytes);
      changed[at] = value;
      try {
        scanRows(changed, 3);
      } catch (error) {
        expect(isQianzhiError(error, 'QZ_ROWS_MALFORMED')).toBe(true);
        byScan++;
        continue;
      }
      expect(rowsDigest(about, changed)).not.toBe(digest);
    }
  }
  expect(byScan).toBeGreaterThan(1000);
});

it('never takes longer than the block or answers anything but counts for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (bytes, fields) => {
      try {
        const { rows } = scanRows(bytes, fields);
        expect(encode([...decodeRows(bytes)])).toEqual(Buffer.from(bytes));
        expect(rowOffsets(bytes).length).toBe(rows + 1);
      } catch (error) {
        expect(isQianzhiError(error, 'QZ_ROWS_MALFORMED')).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
