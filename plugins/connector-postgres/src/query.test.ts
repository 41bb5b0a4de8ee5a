import type { QueryPlace } from '@qianzhi/plugin-api';
import { resourceWith, until } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { describeSource, signal } from './test/source-site.js';

const resource = resourceWith([
  { column: 'code', type: 'C', length: 12, key: true },
  { column: 'amount', type: 'N', precision: 30, scale: 10 },
  { column: 'at', type: 'T' },
  { column: 'blob', type: 'G', length: 100 },
  { column: 'real', type: 'B' },
]);
const parameters = [
  { name: 'code', column: 'code', type: 'C' as const, length: 12 },
  { name: 'day', column: 'day', type: 'T' as const, required: false },
];
const limits = { maxRows: 10, maxBytes: 1 << 20 };
const lookup: QueryPlace = { kind: 'lookup', source: { table: 'q' }, by: { code: 'code', day: 'at' } };
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describeSource('online query in PostgreSQL', (site) => {
  const open = async (place: QueryPlace, timeoutMs = 5_000) => {
    const connection = await site().open();
    const query = await connection.query!({ resource, parameters, place, timeoutMs }, signal);
    site().keep(query);
    return query;
  };
  const make = async () => {
    await site().db.query(
      `DROP TABLE IF EXISTS q; CREATE TABLE q (code varchar(12), amount numeric(30,10), at timestamp, blob bytea, real float8)`,
    );
    await site().db.query(
      `INSERT INTO q VALUES ('a''b', 12345678901234567890.1234567891, '2026-01-01 08:00:00.123456', '\\x00ff', 1e23),
         ('b', NULL, NULL, NULL, NULL), ('b', 2, '2026-01-02', NULL, 0.1)`,
    );
  };

  it('a lookup gives values exactly, and binds what it is asked with', async () => {
    await make();
    const query = await open(lookup);
    const one = await query.run(["a'b", null], limits, signal);
    expect(text(one.bytes)).toBe(
      "S\ta'b\t12345678901234567890.1234567891\t2026-01-01 08:00:00.123456\t\\\\x00ff\t1e+23\n",
    );
    expect(one).toMatchObject({ rows: 1, stoppedBy: undefined, rejected: [] });
    expect((await query.run(["' OR true --", null], limits, signal)).rows).toBe(0);
    const both = await query.run(['b', '2026-01-02 00:00:00'], limits, signal);
    expect(text(both.bytes)).toBe('S\tb\t2.0000000000\t2026-01-02 00:00:00\t\\N\t0.1\n');
  });

  it('a statement gives the same, and says what bound kept rows out', async () => {
    await make();
    const statement =
      "SELECT * FROM q WHERE code = :code AND (:day::timestamp IS NULL OR at = :day) AND ':x' <> '' -- the end";
    const query = await open({ kind: 'statement', statement });
    expect((await query.run(['b', null], limits, signal)).rows).toBe(2);
    expect(await query.run(['b', null], { ...limits, maxRows: 1 }, signal)).toMatchObject({
      rows: 1,
      stoppedBy: 'rows',
    });
    expect(await query.run(['b', null], { ...limits, maxRows: 2 }, signal)).toMatchObject({
      rows: 2,
      stoppedBy: undefined,
    });
    expect(await query.run(['b', null], { ...limits, maxBytes: 20 }, signal)).toMatchObject({
      rows: 1,
      stoppedBy: 'bytes',
    });
  });

  it('is proven when it is opened', async () => {
    await make();
    const wrong: [QueryPlace, string][] = [
      [{ kind: 'statement', statement: 'SELECT * FROM nothing' }, 'QZ_SQL_STATEMENT_REFUSED'],
      [{ kind: 'statement', statement: 'SELECT code FROM q' }, 'QZ_POSTGRES_COLUMN_MISSING'],
      [{ kind: 'statement', statement: 'SELECT * FROM q WHERE code = :other' }, 'QZ_SQL_STATEMENT_WRONG'],
      [
        { kind: 'lookup', source: { table: 'none' }, by: { code: 'code', day: 'at' } },
        'QZ_POSTGRES_TABLE_MISSING',
      ],
      [{ kind: 'lookup', source: { table: 'q' }, by: { code: 'amount', day: 'at' } }, 'QZ_SQL_LOOKUP_UNFIT'],
    ];
    for (const [place, code] of wrong)
      await expect(open(place), code).rejects.toMatchObject({ code, kind: 'config' });
  });

  it('cannot write', async () => {
    await make();
    await site().db.query(
      `CREATE OR REPLACE FUNCTION take_all() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM q; RETURN 1; END $$`,
    );
    const query = await open({
      kind: 'statement',
      statement: 'SELECT * FROM q WHERE take_all() = 1 AND code = :code',
    });
    await expect(query.run(['b', null], limits, signal)).rejects.toMatchObject({
      code: 'QZ_POSTGRES_READ_ONLY',
    });
  });

  it('an abort, and its own limit, end the statement in the server', async () => {
    await make();
    const place: QueryPlace = {
      kind: 'statement',
      statement: 'SELECT q.* FROM q, pg_sleep(60) WHERE code = :code',
    };
    const running = async () => {
      const { rows } = await site().db.query(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid()`,
      );
      return Number(rows[0].n);
    };
    const query = await open(place);
    const abort = new AbortController();
    const asked = query.run(['b', null], limits, abort.signal);
    asked.catch(() => undefined);
    await until('the statement runs', async () => (await running()) === 1);
    abort.abort();
    const at = Date.now();
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
    await until('the statement ended', async () => (await running()) === 0);
    expect(Date.now() - at).toBeLessThan(1_000);
    expect(query.usable).toBe(false);
    const late = await open(place, 300);
    await expect(late.run(['b', null], limits, signal)).rejects.toMatchObject({
      code: 'QZ_SQL_QUERY_TIMEOUT',
      kind: 'timeout',
    });
    expect(await running()).toBe(0);
  });
});
