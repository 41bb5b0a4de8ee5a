import { lineOf } from '@qianzhi/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeSite, keyed, readAll, reasons, resourceOf, write } from './test/site.js';

describeSite('mysql target: exact values', (site) => {
  it('refuses what a column would round, cut, pad or read otherwise, and never changes a value', async () => {
    await site().db.run(`CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, c CHAR(4), n DECIMAL(8,1), f FLOAT, d DOUBLE, i INT, ts DATETIME(3),
      day DATE, l TINYINT, e ENUM('a','B','10'), y YEAR, b BINARY(2), v VARCHAR(3), bit BIT(3), t TINYTEXT, s SET('x','y'), ti TIME) COLLATE utf8mb4_bin`);
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'c', type: 'C', length: 4 },
      { column: 'n', type: 'N', precision: 12, scale: 3 },
      { column: 'f', type: 'B' },
      { column: 'd', type: 'N' },
      { column: 'i', type: 'N', precision: 12, scale: 2 },
      { column: 'ts', type: 'T' },
      { column: 'day', type: 'T' },
      { column: 'l', type: 'L' },
      { column: 'e', type: 'C', length: 4 },
      { column: 'y', type: 'I' },
      { column: 'b', type: 'G' },
      { column: 'v', type: 'C', length: 10 },
      { column: 'bit', type: 'I' },
      { column: 't', type: 'M' },
      { column: 's', type: 'C', length: 9 },
      { column: 'ti', type: 'C', length: 9 },
    ]);
    const good = [
      'ab',
      '1.500',
      '0.5',
      '0.1',
      '7.00',
      '2026-01-01 00:00:00.123',
      '2026-01-01 00:00:00',
      't',
      'B',
      '2026',
    ].concat(['\\\\x0001', '好好好', '5', 'long', 'x,y', '08:00:00']);
    const bad = [
      'ab ',
      '1.25',
      '0.1234567890123',
      '12345678901234567890',
      '7.10',
      '2026-01-01 00:00:00.1234',
      '2026-01-01 08:00:00',
    ].concat(['q', 'b', '1', '\\\\x00', '好好好好', '8', 'x'.repeat(256), 'y,x', '8:00']);
    const lines = [`U\tgood\t${good.join('\t')}`];
    for (const [at, value] of bad.entries()) {
      lines.push(`U\tx${at}\t${good.map((text, place) => (place === at ? value : text)).join('\t')}`);
    }
    const sink = await site().sink(resource, { table: 't' });
    const written = await write(sink, resource, 1, lines);
    const told = reasons(written).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    expect(told).toEqual([
      '1 c not-exact',
      '2 n not-exact',
      '3 f not-exact',
      '4 d not-exact',
      '5 i not-exact',
      '6 ts not-exact',
      '7 day not-exact',
      '8 l type',
      '9 e not-exact',
      '10 y not-exact',
      '11 b not-exact',
      '12 v too-long',
      '13 bit too-long',
      '14 t too-long',
      '15 s not-exact',
      '16 ti not-exact',
    ]);
    expect(
      await site().values(
        `SELECT c, n, f, d, i, ts, day, l, e, y, HEX(b), v, bit + 0, CAST(t AS CHAR), s, ti FROM t`,
      ),
    ).toEqual([
      'ab|1.5|0.5|0.1|7|2026-01-01 00:00:00.123|2026-01-01|1|B|2026|0001|好好好|5|long|x,y|08:00:00',
    ]);
    expect((await write(sink, resource, 2, [lines[0]!])).ledger.counts.unchanged).toBe(1);
  });

  it('refuses bytes and texts that are longer than their column, however much longer', async () => {
    await site().db.run(
      'CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, b TINYBLOB, c BLOB, d TINYTEXT, e TEXT) COLLATE utf8mb4_bin',
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'b', type: 'G' },
      { column: 'c', type: 'G' },
      { column: 'd', type: 'M' },
      { column: 'e', type: 'M' },
    ]);
    const sink = await site().sink(resource, { table: 't' });
    const hex = (bytes: number) => `\\\\x${'ab'.repeat(bytes)}`;
    const written = await write(sink, resource, 1, [
      `U\t0\t${hex(255)}\t${hex(65_535)}\t${'x'.repeat(255)}\t${'y'.repeat(65_535)}`,
      `U\t1\t${hex(256)}\t\\N\t\\N\t\\N`,
      `U\t2\t\\N\t${hex(65_536 + 7)}\t\\N\t\\N`,
      `U\t3\t\\N\t\\N\t${'x'.repeat(256)}\t\\N`,
      `U\t4\t\\N\t\\N\t\\N\t${'好'.repeat(30_000)}`,
    ]);
    expect(reasons(written)).toEqual(['1 b too-long', '2 c too-long', '3 d too-long', '4 e too-long']);
    expect(await site().values('SELECT LENGTH(b), LENGTH(c), LENGTH(d), LENGTH(e) FROM t')).toEqual([
      '255|65535|255|65535',
    ]);
  });

  it('refuses characters that the column has no place for, and tells of them beforehand', async () => {
    await site().db.run(
      `CREATE TABLE t (id VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, u VARCHAR(20) CHARACTER SET utf8mb3, g VARCHAR(20) CHARACTER SET gbk, l VARCHAR(20) CHARACTER SET latin1)`,
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'u', type: 'C', length: 20 },
      { column: 'g', type: 'C', length: 20 },
      { column: 'l', type: 'C', length: 20 },
    ]);
    const sink = await site().sink(resource, { table: 't' });
    const written = await write(sink, resource, 1, [
      'U\t𠮷\t䶮\t镕\tcafé',
      'U\t1\t𠮷\t镕\tx',
      'U\t2\tx\t𠮷\tx',
      'U\t3\tx\tx\t惠',
      'U\t4\t\\N\t\t\\N',
    ]);
    expect(
      reasons(written)
        .map((each) => each.slice(0, 3))
        .sort(),
    ).toEqual(['1 u', '2 g', '3 l']);
    expect(await site().values('SELECT id, u, g, l FROM t ORDER BY id')).toEqual([
      '4|NULL||NULL',
      '𠮷|䶮|镕|café',
    ]);
    const notes = await (await site().open()).tryTarget!(
      { exchange: 'x', resource, target: { table: 't' } },
      AbortSignal.timeout(10_000),
    );
    expect(notes.map(({ error }) => error?.code)).toEqual(Array(3).fill('QZ_MYSQL_COLUMN_CHARSET'));
  });

  it('puts times into columns of the other kind by the zone, and back', async () => {
    await site().db.run(
      'CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, wall TIMESTAMP(6) NULL, inst DATETIME(6), day TIMESTAMP NULL)',
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'wall', type: 'T' },
      { column: 'inst', type: 'T', instant: true },
      { column: 'day', type: 'D' },
    ]);
    const sink = await site().sink(resource, { table: 't', zone: 'Europe/Berlin' });
    const written = await write(sink, resource, 1, [
      'U\ta\t2026-07-01 12:00:00.5\t2026-01-01 00:00:00+00\t2026-01-02',
      'U\tskipped\t2026-03-29 02:30:00\t\\N\t\\N',
      'U\ttwice\t\\N\t2026-10-25 00:30:00+00\t\\N',
      'U\tlate\t2040-01-01 00:00:00\t\\N\t\\N',
    ]);
    expect(reasons(written)).toEqual(['1 wall not-exact', '2 inst not-exact', '3 wall type']);
    expect(await site().values('SELECT * FROM t')).toEqual([
      'a|2026-07-01 10:00:00.500000|2026-01-01 01:00:00.000000|2026-01-01 23:00:00',
    ]);
    const back = await readAll(await site().source(resource, { table: 't', zone: 'Europe/Berlin' }));
    expect(back.rows).toEqual([['a', '2026-07-01 12:00:00.5', '2026-01-01 00:00:00+00', '2026-01-02']]);
  });

  it('translates codes, and refuses one without a translation', async () => {
    await site().db.run(
      `CREATE TABLE t (id VARCHAR(20) PRIMARY KEY, name INT, source VARCHAR(10), active TINYINT(1))`,
    );
    const target = {
      table: 't',
      codes: { name: { '1': '10', '2': '20', '0': null } },
      constants: { source: `民'政`, active: true },
    };
    const sink = await site().sink(keyed, target);
    const written = await write(sink, keyed, 1, ['S\ta\t1', 'S\tb\t0', 'S\tc\t9', 'S\td\t2']);
    expect(reasons(written)).toEqual(['2 name untranslated-code']);
    expect(await site().values('SELECT * FROM t ORDER BY id')).toEqual([
      `a|10|民'政|1`,
      `b|NULL|民'政|1`,
      `d|20|民'政|1`,
    ]);
  });

  it('gives back what it was given, whatever it is', async () => {
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'text', type: 'M' },
      { column: 'code', type: 'C', length: 40 },
      { column: 'amount', type: 'N', precision: 38, scale: 10 },
      { column: 'big', type: 'I' },
      { column: 'at', type: 'T' },
      { column: 'day', type: 'D' },
      { column: 'bytes', type: 'G' },
      { column: 'ratio', type: 'B' },
      { column: 'yes', type: 'L' },
    ]);
    const sink = await site().sink(resource, { table: 't', create: true }, { write: 'merge' });
    const source = await site().source(resource, { table: 't' });
    const text = fc
      .string({ unit: 'grapheme-composite', maxLength: 40 })
      .filter((each) => !each.includes('\0'));
    const two = (n: number) => String(n).padStart(2, '0');
    const day = fc.tuple(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
    );
    const dayText = day.map(([y, m, d]) => `${String(y).padStart(4, '0')}-${two(m)}-${two(d)}`);
    const row = fc.tuple(
      fc.option(text),
      fc.option(fc.string({ unit: 'binary', maxLength: 20 }).filter((each) => !each.includes('\0'))),
      fc.option(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map(decimal)),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
      fc.option(
        fc
          .tuple(dayText, fc.integer({ min: 0, max: 86_399 }), fc.integer({ min: 0, max: 999_999 }))
          .map(([d, s, us]) =>
            `${d} ${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${String(us).padStart(6, '0')}`.replace(
              /\.?0+$/,
              (zeros) => (zeros.startsWith('.') ? '' : ''),
            ),
          )
          .filter((each) => each.length >= 19),
      ),
      fc.option(dayText),
      fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)),
      fc.option(
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .filter((value) => !Object.is(value, -0))
          .map(String),
      ),
      fc.option(fc.constantFrom('t', 'f')),
    );
    let seq = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const given = rows.map((values, at) => [String(at), ...values]);
        const lines = given.map((values) => lineOf('S', values));
        const written = await write(sink, resource, ++seq, lines);
        expect(reasons(written)).toEqual([]);
        expect((await readAll(source)).rows).toEqual(given);
        const again = await write(
          sink,
          resource,
          ++seq,
          given.map((values) => lineOf('U', values)),
        );
        expect(again.ledger.counts.unchanged).toBe(given.length);
      }),
      { numRuns: 25 },
    );
  });
});

/** Ten digits behind the point. */
function decimal(value: bigint): string {
  const digits = String(value < 0n ? -value : value).padStart(11, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
}
