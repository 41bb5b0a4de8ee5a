import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableColumn } from '../connection/table.js';
import { BrokenBytes } from './bytes.js';
import { createDecoder } from './events.js';
import { keyLiteralOf } from './key-values.js';

/**
 * Events of MySQL 5.7 and 8 by hand, after the documentation of their form; no such server was asked. Those of MariaDB are read from
 * a server by the tests of the source.
 */
const column = (name: string, baseType: string, more: Partial<TableColumn> = {}): TableColumn => ({
  name,
  nativeType: baseType,
  baseType,
  length: null,
  precision: null,
  scale: null,
  fraction: 0,
  unsigned: false,
  charset: null,
  collation: null,
  required: true,
  hasDefault: false,
  generated: false,
  autoIncrement: false,
  comment: null,
  ...more,
});
const id = column('id', 'bigint', { unsigned: true });
const code = column('code', 'varchar', { charset: 'gbk', collation: 'gbk_chinese_ci', length: 20 });
const table = {
  database: 'civil',
  name: 'firm',
  columns: [column('doc', 'json'), id, code],
  key: [id, code].map((each) => ({ column: each, literal: keyLiteralOf(each)! })),
};

const little = (value: number | bigint, bytes: number) => {
  const found = Buffer.alloc(8);
  found.writeBigUInt64LE(BigInt(value));
  return found.subarray(0, bytes);
};
const text = (value: string, lengthBytes = 1) =>
  Buffer.concat([little(Buffer.byteLength(value), lengthBytes), Buffer.from(value)]);

function event(type: number, parts: readonly (Buffer | number[])[], checked = true): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = 19 + body.length + (checked ? 4 : 0);
  const head = Buffer.concat([
    little(1_700_000_000, 4),
    little(type, 1),
    little(7, 4),
    little(length, 4),
    little(1000, 4),
    little(0, 2),
  ]);
  const whole = Buffer.concat([head, body]);
  return checked ? Buffer.concat([whole, little(crc32(whole), 4)]) : whole;
}

const format = event(15, [little(4, 2), Buffer.alloc(50), little(0, 4), [19], Buffer.alloc(40), [1]]);
const NAMES = Buffer.concat([text('doc'), text('id'), text('code')]);
/** JSON, BIGINT, VARCHAR(40 bytes), with signedness and names as MySQL 8 writes them with binlog_row_metadata = FULL. */
const tableMap = event(19, [
  little(9, 6),
  little(1, 2),
  text('civil'),
  [0],
  text('firm'),
  [0],
  [3, 245, 8, 15],
  [3, 4, 40, 0],
  [0b001],
  [1, 1, 0x80],
  [4, NAMES.length],
  NAMES,
]);
const rows = (type: number, parts: readonly (Buffer | number[])[]) =>
  event(type, [little(9, 6), little(1, 2), [2, 0], [3], ...parts]);
const row = (doc: Buffer | undefined, key: bigint, name: string) =>
  Buffer.concat([Buffer.from([doc ? 0 : 1]), doc ?? Buffer.alloc(0), little(key, 8), text(name)]);
const document = Buffer.concat([little(3, 4), Buffer.from([0, 1, 2])]);
const key = (value: bigint, name: string) => ({
  kind: 'key',
  key: [String(value), `_gbk x'${Buffer.from(name).toString('hex')}'`],
});
const passed = { kind: 'passed', offset: 1000 };

function decode(...events: readonly Buffer[]) {
  const decoder = createDecoder(table);
  return events.map((each) => decoder(each)).at(-1);
}

describe('events of MySQL by hand', () => {
  it('a transaction: its name, its keys, its end', () => {
    const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
    const gtid = event(33, [
      [0],
      Buffer.from(uuid.replaceAll('-', ''), 'hex'),
      little(23, 8),
      Buffer.alloc(17),
    ]);
    expect(decode(format, gtid)).toMatchObject([
      { kind: 'gtid', gtid: { stream: uuid, number: 23n } },
      passed,
    ]);
    const begin = event(2, [Buffer.alloc(8), [5], little(0, 2), little(0, 2), Buffer.from('civil\0BEGIN')]);
    expect(decode(format, begin)).toEqual([{ kind: 'begin' }, passed]);
    const written = rows(30, [[7], row(document, 18446744073709551615n, 'a'), row(undefined, 2n, '')]);
    expect(decode(format, tableMap, written)).toEqual([key(18446744073709551615n, 'a'), key(2n, ''), passed]);
    expect(decode(format, event(16, [little(5, 8)]))).toEqual([{ kind: 'end' }, passed]);
  });

  it('an update has both keys, of a part of a row and of pieces of a document, too', () => {
    const moved = rows(31, [[7], [7], row(document, 1n, 'a'), row(document, 2n, 'a')]);
    expect(decode(format, tableMap, moved)).toEqual([key(1n, 'a'), key(2n, 'a'), passed]);
    // only the key before, only the name after
    const minimal = rows(31, [[0b110], [0b100], [0], little(1, 8), text('a'), [0], text('b')]);
    expect(decode(format, tableMap, minimal)).toEqual([key(1n, 'a'), key(1n, 'b'), passed]);
    const partial = rows(39, [[7], [7], row(document, 1n, 'a'), [1], [1], row(document, 1n, 'b')]);
    expect(decode(format, tableMap, partial)).toEqual([key(1n, 'a'), key(1n, 'b'), passed]);
  });

  it('a key that is not in the event leads to a copy, and so do events that hide their rows', () => {
    const unknown = { kind: 'copy', reason: 'key-unknown' };
    expect(decode(format, tableMap, rows(30, [[0b100], [0], text('a')]))).toEqual([unknown, passed]);
    expect(decode(format, tableMap, rows(30, [[0]]))).toEqual([unknown, passed]);
    expect(decode(format, event(40, [[0]]))).toEqual([
      { kind: 'copy', reason: 'payload-compressed' },
      passed,
    ]);
  });

  it('a table of another make leads to a copy, one of another name to nothing', () => {
    const narrow = event(19, [
      little(9, 6),
      little(1, 2),
      text('civil'),
      [0],
      text('firm'),
      [0],
      [2, 8, 15],
      [2, 40, 0],
      [0],
    ]);
    expect(decode(format, narrow, rows(30, [[3]]))).toEqual([
      { kind: 'copy', reason: 'table-altered' },
      passed,
    ]);
    const other = event(19, [
      little(9, 6),
      little(1, 2),
      text('civil'),
      [0],
      text('shop'),
      [0],
      [1, 8],
      [0],
      [0],
    ]);
    expect(decode(format, other, rows(30, [[7], row(document, 1n, 'a')]))).toEqual([passed]);
  });

  it('a byte that changed is found', () => {
    const written = rows(30, [[7], row(document, 1n, 'a')]);
    for (let at = 19; at < written.length; at++) {
      const changed = Buffer.from(written);
      changed[at]! ^= 0x10;
      expect(() => decode(format, tableMap, changed), `byte ${at}`).toThrow(BrokenBytes);
    }
  });

  it('lengths that are not true lead nowhere', () => {
    const types = fc.constantFrom(2, 4, 19, 30, 31, 32, 33, 38, 39, 23, 24, 162, 165, 166, 170);
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 60 }), fc.boolean(), (type, body, ours) => {
        const bytes = ours ? [little(9, 6), little(1, 2), [2, 0], [3, 7, 7], body] : [body];
        try {
          expect(Array.isArray(decode(format, tableMap, event(type, bytes as Buffer[])))).toBe(true);
        } catch (error) {
          expect(error instanceof BrokenBytes || error instanceof RangeError, String(error)).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
