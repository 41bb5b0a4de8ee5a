import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { keyed, openTargetSite, reasons, resourceOf, write } from './test/target-site.js';

describeWithPostgres('postgres target: exact values', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  it('refuses what a column would round, cut or pad, and never changes a value', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE TABLE t (id text PRIMARY KEY, c char(4), n numeric(8,1), f real, d double precision, i integer, ts timestamp(3), day date, l smallint, u uuid, j json)`,
    );
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
      { column: 'u', type: 'C', length: 36 },
      { column: 'j', type: 'M' },
    ]);
    const sink = await site.sink(resource, { table: 't' });
    const good = [
      'a',
      'ab',
      '1.500',
      '0.5',
      '0.1',
      '7.00',
      '2026-01-01 00:00:00.123',
      '2026-01-01 00:00:00',
      't',
      '0b8f9e36-2a3c-4e9d-8d3c-0123456789ab',
      '{"b": 1,  "a": [1.0]}',
    ];
    const other = (at: number, value: string) =>
      `U\tx${at}\t${good
        .slice(1)
        .map((text, place) => (place + 1 === at ? value : text))
        .join('\t')}`;
    const changed = ['', 'ab ', '1.25', '0.1234567890123', '12345678901234567890', '7.10'];
    changed.push('2026-01-01 00:00:00.1234', '2026-01-01 08:00:00', '', good[9]!.toUpperCase());
    const lines = [`U\t${good.join('\t')}`, ...[1, 2, 3, 4, 5, 6, 7, 9].map((at) => other(at, changed[at]!))];
    const written = await write(sink, resource, 1, lines);
    expect(reasons(written)).toEqual([
      '1 c not-exact',
      '2 n not-exact',
      '3 f not-exact',
      '4 d not-exact',
      '5 i not-exact',
      '6 ts not-exact',
      '7 day not-exact',
      '8 u not-exact',
    ]);
    expect(await site.values('SELECT c, n, f, d::numeric, i, ts, day, l, u, j FROM t')).toEqual([
      'ab  |1.5|0.5|0.1|7|2026-01-01 00:00:00.123|2026-01-01|1|0b8f9e36-2a3c-4e9d-8d3c-0123456789ab|{"b": 1,  "a": [1.0]}',
    ]);
    expect((await write(sink, resource, 2, [`U\t${good.join('\t')}`])).ledger.counts.unchanged).toBe(1);
  });

  it('refuses more than microseconds, also where one row of many has them', async () => {
    await using site = await openTargetSite(database);
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'at', type: 'T' },
      { column: 'since', type: 'T', instant: true },
    ]);
    const sink = await site.sink(resource, { table: 't', create: true });
    const lines = Array.from(
      { length: 50 },
      (_, n) => `S\t${n}\t2026-01-01 00:00:00.123456\t2026-01-01 00:00:00.5+00`,
    );
    lines[7] = 'S\t7\t2026-01-01 00:00:00.1234567\t\\N';
    lines[9] = 'S\t9\t\\N\t2026-01-01 00:00:00.123456789+00';
    const written = await write(sink, resource, 1, lines);
    expect(reasons(written)).toEqual(['7 at not-exact', '9 since not-exact']);
    expect(await site.values('SELECT count(*) FROM t')).toEqual(['48']);
  });

  it('puts wall-clock times and instants into columns of the other kind by the zone, and back', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      'CREATE TABLE t (id text PRIMARY KEY, wall timestamptz, instant timestamp, day timestamptz)',
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'wall', type: 'T' },
      { column: 'instant', type: 'T', instant: true },
      { column: 'day', type: 'D' },
    ]);
    const sink = await site.sink(resource, { table: 't', zone: 'Europe/Berlin' });
    const written = await write(sink, resource, 1, [
      'U\ta\t2026-07-01 12:00:00.5\t2026-01-01 00:00:00+00\t2026-01-02',
      'U\tskipped\t2026-03-29 02:30:00\t\\N\t\\N',
      'U\ttwice\t\\N\t2026-10-25 00:30:00+00\t\\N',
      'U\tonce\tinfinity\t\\N\t\\N',
    ]);
    expect(reasons(written)).toEqual(['1 wall not-exact', '2 instant not-exact']);
    expect(await site.values('SELECT id, wall, instant, day FROM t ORDER BY 1')).toEqual([
      'a|2026-07-01 10:00:00.5+00|2026-01-01 01:00:00|2026-01-01 23:00:00+00',
      'once|infinity|NULL|NULL',
    ]);
  });

  it('keeps the bytes of text: empty is not NULL, equal is equal byte by byte', async () => {
    await using site = await openTargetSite(database);
    const nondeterministic = Number((await site.values('SHOW server_version_num'))[0]) >= 120_000;
    const collation = nondeterministic
      ? `CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`
      : 'SELECT 1';
    await site.db.query(
      `${collation}; CREATE TABLE t (id text PRIMARY KEY, name text ${nondeterministic ? 'COLLATE loose' : ''}, j json, f double precision)`,
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'name', type: 'M' },
      { column: 'j', type: 'M' },
      { column: 'f', type: 'B' },
    ]);
    const sink = await site.sink(resource, { table: 't' });
    await write(sink, resource, 1, ['U\ta\tabc\t{}\t0', 'U\tb\t\t{}\t0', 'U\tc\tx\\ty\\\\\\nz\\r\t{}\t0']);
    const next = await write(sink, resource, 2, [
      'U\ta\tABC\t{}\t0',
      'U\tb\t\\N\t{}\t-0',
      'U\tc\tx\\ty\\\\\\nz\\r\t{ }\t0',
    ]);
    expect(next.ledger.counts).toMatchObject({ updated: 3, unchanged: 0 });
    expect(await site.values('SELECT name, j, f FROM t ORDER BY id')).toEqual([
      'ABC|{}|0',
      'NULL|{}|-0',
      'x\ty\\\nz\r|{ }|0',
    ]);
    if (!nondeterministic) return;
    await site.db.query('CREATE TABLE u (id text COLLATE loose PRIMARY KEY, name text)');
    await expect(site.sink(keyed, { table: 'u' })).rejects.toMatchObject({ code: 'QZ_POSTGRES_TARGET_KEY' });
  });
});
