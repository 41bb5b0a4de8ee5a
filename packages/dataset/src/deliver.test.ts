import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogOf, everyType } from './testing/catalog.js';
import { type DeliverRig, deliverRig, type Value } from './testing/deliver-rig.js';

let rig: DeliverRig;
beforeAll(async () => {
  rig = await deliverRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const resource = catalogOf(everyType);
const columns = everyType.map(({ column }) => column);
const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;

/** Read by a program other than the one that wrote: all values as text, in the file's order. */
async function query(sql: string): Promise<Value[][]> {
  const instance = await DuckDBInstance.create(':memory:', { preserve_insertion_order: 'true' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const rows = (await connection.runAndReadAll(sql)).getRows() as Value[][];
  connection.closeSync();
  return rows;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '',
    '\\N',
    '=1+1',
    '-5',
    '@x',
    '"',
    'a,b',
    'a\r\nb',
    '\t',
    '\\',
    ' x ',
    '0012',
    '440300199001011234',
    '中文',
  ),
);
const option = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const day = fc.constantFrom('0001-01-01', '1999-12-31', '2026-02-28', '9999-12-31');
const row = fc.tuple(
  option(text.filter((value) => !value.includes('\0'))),
  option(text.filter((value) => !value.includes('\0'))),
  option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  option(fc.integer({ min: -999_999, max: 999_999 }).map((n) => `${n}.51`)),
  option(fc.constantFrom('0.1', '-1.5', '1e+300', '12')),
  option(day),
  option(day.map((one) => `${one} 23:59:59.123456`)),
  option(day.map((one) => `${one} 08:00:00+00`)),
  option(fc.constantFrom('t', 'f')),
  option(fc.uint8Array({ maxLength: 6 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)),
);
const table = fc
  .array(row, { minLength: 1, maxLength: 30 })
  .map((rows) => rows.map((fields, n): Value[] => [`k${n}`, ...fields]));
const byKey = (rows: readonly Value[][]) => [...rows].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
const bool = (value: Value) => (value === 't' ? 'true' : value === 'f' ? 'false' : value);

describe('a delivered file read back by another program is the table, value by value', () => {
  it('CSV', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const { path } = await rig.deliver(resource, rows);
        const types = columns.map((column) => `'${column}': 'VARCHAR'`).join(', ');
        const read = await query(
          `SELECT * FROM read_csv(${quoted(path)}, columns = {${types}}, auto_detect = false, header = true, quote = '"', escape = '"', delim = ',', new_line = '\\r\\n', allow_quoted_nulls = false)`,
        );
        const spelt = rows.map((fields) =>
          fields.map((value, at) => {
            if (at === 9) return bool(value);
            return (at === 1 || at === 2) && value !== null && /^[=+\-@\t\r]/.test(value)
              ? `'${value}`
              : value;
          }),
        );
        expect(byKey(read)).toEqual(byKey(spelt));
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it('JSON Lines', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const { path } = await rig.deliver(resource, rows, { format: 'jsonl' });
        const fields = columns.map((column) => `json_extract_string(json, '$.${column}')`).join(', ');
        const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
        const values = lines.map((line) => `(${quoted(line)}::JSON)`).join(', ');
        const read = await query(`SELECT ${fields} FROM (VALUES ${values}) AS lines(json)`);
        const shown = (value: Value, at: number) => {
          if (at === 9) return bool(value);
          return at === 5 && value !== null ? `${Number(value)}` : value;
        };
        const all = (table: readonly Value[][]) => byKey(table.map((one) => one.map(shown)));
        expect(all(read)).toEqual(all(rows));
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it('Parquet', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const { path, notes } = await rig.deliver(resource, rows, { format: 'parquet' });
        expect(notes.asText).toEqual([]);
        const shown: Record<string, string> = {
          seal: `'\\x' || lower(hex(seal))`,
          moment: "strftime(moment, '%Y-%m-%d %H:%M:%S.%f')",
          instant: "strftime(timezone('UTC', instant), '%Y-%m-%d %H:%M:%S') || '+00'",
          day: "strftime(day, '%Y-%m-%d')",
        };
        const fields = columns.map((column) => `(${shown[column] ?? column})::VARCHAR`).join(', ');
        const read = await query(`SELECT ${fields} FROM read_parquet(${quoted(path)})`);
        const wanted = rows.map((one) =>
          one.map((value, at) =>
            at === 9 ? bool(value) : at === 5 && value !== null ? Number(value) : value,
          ),
        );
        const got = read.map((one) =>
          one.map((value, at) => (at === 5 && value !== null ? Number(value) : value)),
        );
        expect(byKey(got as Value[][])).toEqual(byKey(wanted as Value[][]));
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

const small = catalogOf([everyType[0]!, everyType[1]!, everyType[3]!]);

it('GB18030 comes back by the decoder of the platform, and rows with private-use characters are told', async () => {
  const rows = [
    ['a', '中文 㐀 𠀀 é €', '1'],
    ['b', '\ue000', '2'],
  ];
  const { path, notes } = await rig.deliver(small, rows, { encoding: 'gb18030', header: 'names' });
  const back = new TextDecoder('gb18030').decode(await readFile(path));
  expect(back.split('\r\n')[0]).toBe('代码,"名称,""全""",数量');
  expect(back).toContain('a,中文 㐀 𠀀 é €,1\r\n');
  expect(notes.privateUse).toBe(1);
});

it('digest and size are those of the file; the order is the seed’s and nobody else’s', async () => {
  const rows = Array.from({ length: 500 }, (_, n) => [`k${n}`, 'x', '1']);
  const seed = '11'.repeat(32);
  const first = await rig.deliver(small, rows, { seed });
  const again = await rig.deliver(small, [...rows].reverse(), { seed });
  const other = await rig.deliver(small, rows);
  const bytes = await readFile(first.path);
  expect(first.bytes).toBe(bytes.length);
  expect(first.digest).toBe(`sha-256:${createHash('sha256').update(bytes).digest('base64url')}`);
  expect(again.digest).toBe(first.digest);
  expect(other.digest).not.toBe(first.digest);
});

it('numbers that Parquet cannot hold exactly are text, and said so', async () => {
  const rows = [
    ['a', null, '9223372036854775808'],
    ['b', null, '1'],
  ];
  const { path, notes } = await rig.deliver(small, rows, { format: 'parquet' });
  expect(notes.asText).toEqual(['n']);
  const read = await query(`SELECT code, n FROM read_parquet(${quoted(path)}) ORDER BY code`);
  expect(read).toEqual([
    ['a', '9223372036854775808'],
    ['b', '1'],
  ]);
});

it('granted items only, masked as told; a change where nobody may look is none', async () => {
  const before = [
    ['a', '张三', '1'],
    ['b', '李四', '2'],
    ['c', '王五', '3'],
  ];
  const after = [
    ['a', '张三', '9'],
    ['b', '李四光', '2'],
    ['d', '赵六', '4'],
  ];
  const more = { columns: ['code', 'name'], masks: { name: 'name' as const } };
  const whole = await rig.deliver(small, after, more);
  expect((await readFile(whole.path, 'utf8')).split('\r\n').sort()).toEqual(
    ['', 'a,张*', 'b,李**', 'd,赵*', '\ufeffcode,name'].sort(),
  );
  const changes = await rig.deliver(small, after, more, before);
  expect(changes).toMatchObject({ rows: 3, upserts: 2, deletes: 1 });
  expect((await readFile(changes.path, 'utf8')).split('\r\n').sort()).toEqual(
    ['', 'D,c,', 'U,b,李**', 'U,d,赵*', '\ufeff_change,code,name'].sort(),
  );
  const keyless = { columns: ['name'], masks: {} };
  await expect(rig.deliver(small, after, keyless, before)).rejects.toMatchObject({
    code: 'QZ_DATASET_NO_KEY',
  });
});

it('rows in scope only; a row that left the scope is a delete, also where the scope itself changed', async () => {
  const before = [
    ['a', '张三', '1'],
    ['b', '李四', '2'],
    ['c', '王五', '9007199254740993'],
    ['e', null, null],
  ];
  const after = [
    ['a', '张三', '7'],
    ['b', '李四', '3'],
    ['c', '王五', '9007199254740993'],
    ['d', '赵六', '4'],
  ];
  const sorted = async (path: string) => (await readFile(path, 'utf8')).split('\r\n').sort().slice(1);
  const rows = 'n < 5 or n = 9007199254740993';
  const whole = await rig.deliver(small, after, { scope: { rows } });
  expect(whole).toMatchObject({ rows: 3 });
  expect((await sorted(whole.path)).slice(0, 3)).toEqual(['b,李四,3', 'c,王五,9007199254740993', 'd,赵六,4']);
  const more = { columns: ['code', 'name'], scope: { rows, base: rows } };
  const changes = await rig.deliver(small, after, more, before);
  expect((await sorted(changes.path)).slice(0, -1)).toEqual(['D,a,', 'U,d,赵六']);
  const widened = await rig.deliver(small, after, { ...more, scope: { base: 'n = 1' } }, before);
  expect((await sorted(widened.path)).slice(0, -1)).toEqual(['U,b,李四', 'U,c,王五', 'U,d,赵六']);
  const none = await rig.deliver(small, after, { ...more, scope: { rows: 'n < 0', base: rows } }, before);
  expect((await sorted(none.path)).slice(0, -1)).toEqual(['D,a,', 'D,b,', 'D,c,']);
});
