import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import { compileValidator, createRowWriter } from '@qianzhi/rows';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeSource, readAll, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

type Shape = Omit<CatalogItem, 'name' | 'column'>;

const id = { column: 'id', type: 'I', key: true } as const;
const one = (shape: Shape): CatalogResource => resourceOf([id, { column: 'v', ...shape }]);

describeSource('postgres source: values', (site) => {
  let tables = 0;

  /** Texts of one column as an item of some shape, in the order given. */
  async function carried(columnType: string, shape: Shape, values: readonly string[], source: object = {}) {
    const table = `v${++tables}`;
    await site().db.query(`CREATE TABLE ${table} (id int PRIMARY KEY, v ${columnType})`);
    for (const [at, value] of values.entries()) {
      await site().db.query(`INSERT INTO ${table} VALUES (${at}, ${value})`);
    }
    const { rows } = await readAll(await site().source(one(shape), { table, ...source }));
    return rows.map((row) => row[1]);
  }

  it('arbitrary text comes as the row writer itself would write it', async () => {
    const { db } = site();
    await db.query('CREATE TABLE texts (id int PRIMARY KEY, v text)');
    const resource = one({ type: 'M' });
    const source = await site().source(resource, { table: 'texts' });
    const special = fc.constantFrom('\\', '\b', '\f', '\v', '\n', '\r', '\t', 'b', 'N', '.', '甲', '😀');
    const unit = fc.oneof({ weight: 3, arbitrary: special }, fc.string({ unit: 'binary', maxLength: 1 }));
    const text = fc.option(
      fc.array(unit, { maxLength: 30 }).map((units) => units.join('').replaceAll('\0', '')),
      { nil: null },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (values) => {
        await db.query('TRUNCATE texts');
        await db.query('INSERT INTO texts SELECT * FROM json_populate_recordset(NULL::texts, $1)', [
          JSON.stringify(values.map((v, at) => ({ id: at, v }))),
        ]);
        const writer = createRowWriter();
        for (const [at, value] of values.entries()) {
          writer.begin('S');
          writer.text(String(at));
          writer.text(value);
          writer.end();
        }
        const blocks: Uint8Array[] = [];
        for await (const block of source.read(undefined, { blockBytes: 100 }, signal))
          blocks.push(block.bytes);
        expect(Buffer.concat(blocks).toString()).toBe(Buffer.from(writer.take()).toString());
      }),
      { numRuns: 40 },
    );
  });

  describe('are spelled as the catalog wants them', () => {
    it('decimals are padded, and never rounded', async () => {
      const shape: Shape = { type: 'N', precision: 12, scale: 2 };
      expect(await carried('numeric', shape, ['1', '1.5', '1.500', '1.234', "'NaN'", '-0.001'])).toEqual([
        '1.00',
        '1.50',
        '1.50',
        '1.234',
        'NaN',
        '-0.001',
      ]);
      expect(await carried('bigint', shape, ['7', '-9223372036854775808'])).toEqual([
        '7.00',
        '-9223372036854775808.00',
      ]);
      expect(await carried('money', shape, ["'12.5'", "'-1234567.89'"])).toEqual(['12.50', '-1234567.89']);
      expect(await carried('double precision', shape, ['1e15', '0.1', '123456789012345680'])).toEqual([
        '1000000000000000.00',
        '0.10',
        '123456789012345680.00',
      ]);
      expect(await carried('text', shape, ["'007.5'", "'1e2'", "'壹'"])).toEqual(['7.50', '100.00', '壹']);
      expect(await carried('numeric(12,2)', { type: 'I' }, ['12.00', '12.50'])).toEqual(['12', '12.50']);
    });

    it('digits that a column rounds to stay as they are', async () => {
      // PostgreSQL 15 brought scales below zero
      if (site().database.version < 150_000) return;
      expect(await carried('numeric(4,-2)', { type: 'I' }, ['123456'])).toEqual(['123500']);
    });

    it('floats have the shortest digits, without an exponent where ECMAScript has none', async () => {
      const doubles = [
        '1e15',
        '1e20',
        '1e21',
        '1e-6',
        '1e-7',
        '-0',
        '0.1',
        '5e-324',
        '1.7976931348623157e308',
        '1e23',
        '-7e22',
        '5e22',
        '9.999999999999999e22',
        '1e40',
        '123456789012345680000',
        '18014398509481984',
      ];
      const texts = doubles.map((text) => `'${text}'`);
      expect(await carried('double precision', { type: 'B' }, [...texts, "'NaN'", "'-Infinity'"])).toEqual([
        ...doubles.map((text) => (text === '-0' ? '-0' : String(Number(text)))),
        'NaN',
        '-Infinity',
      ]);
      expect(await carried('real', { type: 'F' }, ["'0.1'", "'3.4028235e38'", "'1e-45'"])).toEqual([
        '0.1',
        '3.4028235e+38',
        '1e-45',
      ]);
      expect(await carried('numeric', { type: 'B' }, ['12.50', '0.1000000000000000055'])).toEqual([
        '12.5',
        '0.1000000000000000055',
      ]);
    });

    it('times keep their wall clock, and become instants in the zone that is said', async () => {
      const times = ["'2026-01-01 08:00:00.120'", "'infinity'", "'0044-03-15 00:00:00 BC'", "'12026-01-01'"];
      expect(await carried('timestamp', { type: 'T' }, times)).toEqual([
        '2026-01-01 08:00:00.12',
        'infinity',
        '0044-03-15 00:00:00 BC',
        '12026-01-01 00:00:00',
      ]);
      const instant: Shape = { type: 'T', instant: true };
      expect(await carried('timestamp', instant, times.slice(0, 2))).toEqual([
        '2026-01-01 00:00:00.12+00',
        'infinity',
      ]);
      expect(await carried('timestamptz', instant, ["'2026-01-01 08:00:00+08'"])).toEqual([
        '2026-01-01 00:00:00+00',
      ]);
      const forever = ["'9999-12-31 23:59:59+08'", "'2026-01-01 00:00:00+00'"];
      expect(await carried('timestamptz', { type: 'T' }, forever)).toEqual([
        '9999-12-31 23:59:59',
        '2026-01-01 08:00:00',
      ]);
      const newYork = { zone: 'America/New_York' };
      expect(await carried('timestamptz', { type: 'T' }, ["'2026-07-01 12:00:00+00'"], newYork)).toEqual([
        '2026-07-01 08:00:00',
      ]);
      expect(await carried('date', { type: 'T' }, ["'2026-02-03'", "'5874897-12-31'"])).toEqual([
        '2026-02-03 00:00:00',
        '5874897-12-31',
      ]);
      const dates = ["'2026-02-03'", "'2026-02-03 04:05:06'"];
      expect(await carried('timestamp', { type: 'D' }, dates)).toEqual(['2026-02-03', '2026-02-03 04:05:06']);
      expect(await carried('text', { type: 'D' }, ["'2026-02-03 00:00:00'", "'2026/2/3'"])).toEqual([
        '2026-02-03',
        '2026/2/3',
      ]);
    });

    it('every other type has its text', async () => {
      await site().db.query(`CREATE TYPE colour AS ENUM ('red', 'green');
        CREATE DOMAIN code AS char(6); CREATE DOMAIN amount AS numeric(8,3)`);
      const text: Shape = { type: 'M' };
      expect(await carried('uuid', text, ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"])).toEqual([
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      ]);
      expect(await carried('jsonb', text, [`'{"b":"\\n","a":1}'`])).toEqual(['{"a": 1, "b": "\\n"}']);
      expect(await carried('colour', text, ["'green'"])).toEqual(['green']);
      expect(await carried('code', text, ["'ab'"])).toEqual(['ab']);
      expect(await carried('amount', { type: 'N', precision: 8, scale: 4 }, ['1.5'])).toEqual(['1.5000']);
      expect(await carried('interval', text, ["'1 day 02:03:04'"])).toEqual(['1 day 02:03:04']);
      expect(await carried('inet', text, ["'10.0.0.1/8'"])).toEqual(['10.0.0.1/8']);
      expect(await carried('int[]', text, ["'{1,2}'"])).toEqual(['{1,2}']);
      expect(await carried('varchar(9)', { type: 'C', fixedLength: true }, ["'ab  '"])).toEqual(['ab']);
      expect(await carried('char(4)', { type: 'C' }, ["'ab'"])).toEqual(['ab']);
      expect(await carried('int', { type: 'L' }, ['1', '0', '2'])).toEqual(['t', 'f', '2']);
      expect(await carried('text', { type: 'L' }, ["'true'", "'F'"])).toEqual(['t', 'f']);
      expect(await carried('bytea', { type: 'G' }, ["'\\x5c6e0009'"])).toEqual(['\\x5c6e0009']);
    });

    it('so that the validator accepts what fits and names what does not', async () => {
      await site().db.query(`CREATE TABLE judged (id int PRIMARY KEY, v timestamp);
        INSERT INTO judged VALUES (1, '2026-01-01'), (2, 'infinity'), (3, '0044-01-01 BC'), (4, '12026-01-01')`);
      const resource = one({ type: 'T' });
      const source = await site().source(resource, { table: 'judged' });
      const validator = compileValidator(resource);
      for await (const block of source.read(undefined, { blockBytes: 65_536 }, signal)) {
        const { rejected } = validator.validate(block.bytes);
        expect(rejected.map((row) => row.reason)).toEqual(['special-value', 'type', 'type']);
      }
    });
  });

  it('constants and other column names come as the config says', async () => {
    await site().db.query(
      `CREATE TABLE mapped (id int PRIMARY KEY, "名 称" text); INSERT INTO mapped VALUES (1, '甲')`,
    );
    const resource = resourceOf([
      id,
      { column: 'name', type: 'C', length: 9 },
      { column: 'region', type: 'C', length: 9 },
      { column: 'rate', type: 'N', precision: 4, scale: 2 },
    ]);
    const columns = { name: '名 称', region: { const: `441'3\\00\t` }, rate: { const: 1.5 } };
    const { rows } = await readAll(
      await site().source(resource, { table: 'mapped', columns, where: 'id < 5 -- all' }),
    );
    expect(rows).toEqual([['1', '甲', `441'3\\00\t`, '1.50']]);
  });

  it('a row larger than a row may be is rejected, with its key, and the others come', async () => {
    await site().db.query(`CREATE TABLE large (v text, id int PRIMARY KEY);
      INSERT INTO large SELECT CASE WHEN n IN (3, 7) THEN repeat('x', 9000000) ELSE 'small' END, n FROM generate_series(1, 7) n`);
    const resource = resourceOf([{ column: 'v', type: 'M' }, id]);
    const source = await site().source(resource, { table: 'large', chunkRows: 3 });
    const read = await readAll(source);
    expect(read.rows.map((row) => row[1])).toEqual(['1', '2', '4', '5', '6']);
    expect(read.rejected.map(({ reason, item }) => `${item} ${reason}`)).toEqual([
      '* row-too-large',
      '* row-too-large',
    ]);
    expect(read.ended).toBe(true);
    const first = await site().source(one({ type: 'M' }), { table: 'large' });
    const { rejected } = await readAll(first);
    expect(rejected.map((row) => Buffer.from(row.key!).toString())).toEqual(['3', '7']);
  });
});
