import type { QueryPlace } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { describeSite, resourceOf, signal, until } from './test/site.js';

const resource = resourceOf([
  { column: 'code', type: 'C', length: 12, key: true },
  { column: 'n', type: 'I' },
  { column: 'amount', type: 'N', precision: 30, scale: 10 },
  { column: 'at', type: 'T' },
  { column: 'bin', type: 'G', length: 100 },
  { column: 'r', type: 'B' },
]);
const parameters = [
  { name: 'code', column: 'code', type: 'C' as const, length: 12 },
  { name: 'n', column: 'n', type: 'I' as const, required: false },
  { name: 'at', column: 'at', type: 'T' as const, required: false },
];
const limits = { maxRows: 10, maxBytes: 1 << 20 };
const lookup: QueryPlace = { kind: 'lookup', source: { table: 'q' }, by: { code: 'code', n: 'n', at: 'at' } };

describeSite('online query in MySQL', (site) => {
  const open = async (place: QueryPlace, timeoutMs = 5_000) => {
    const connection = await site().open();
    return site().keep(await connection.query!({ resource, parameters, place, timeoutMs }, signal));
  };
  const make = async () => {
    await site().db.run(
      'CREATE TABLE q (code varchar(12), n bigint, amount decimal(30,10), at datetime(6), bin varbinary(10), r double)',
    );
    await site().db.run(
      `INSERT INTO q VALUES ('a''b', 9007199254740993, 12345678901234567890.1234567891, '2026-01-01 08:00:00.123456', x'00ff', 0.1),
         ('b', 9007199254740992, NULL, NULL, NULL, NULL), ('B', 1, 2, '2026-01-02', NULL, 1e23)`,
    );
  };
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

  it('a lookup gives values exactly, finds exactly, and binds what it is asked with', async () => {
    await make();
    const query = await open(lookup);
    const exact =
      "S\ta'b\t9007199254740993\t12345678901234567890.1234567891\t2026-01-01 08:00:00.123456\t\\\\x00ff\t0.1\n";
    expect(text((await query.run(["a'b", null, null], limits, signal)).bytes)).toBe(exact);
    expect(
      (await query.run(["a'b", '9007199254740993', '2026-01-01 08:00:00.123456'], limits, signal)).rows,
    ).toBe(1);
    expect((await query.run(["a'b", '9007199254740992', null], limits, signal)).rows).toBe(0);
    expect(text((await query.run(['B', null, null], limits, signal)).bytes)).toMatch(
      /^S\tB\t1\t.*\t1e\+23\n$/,
    );
    expect((await query.run(["' OR 1=1 -- ", null, null], limits, signal)).rows).toBe(0);
  });

  it('a statement gives the same, and says what bound kept rows out', async () => {
    await make();
    const statement = String.raw`SELECT * FROM q WHERE code LIKE :code AND ':n\' ' <> '' -- the end`;
    const query = await open({ kind: 'statement', statement });
    expect(text((await query.run(["a'_", null, null], limits, signal)).bytes)).toContain(
      '\t9007199254740993\t12345678901234567890.1234567891\t2026-01-01 08:00:00.123456\t',
    );
    expect(await query.run(['%', null, null], { ...limits, maxRows: 2 }, signal)).toMatchObject({
      rows: 2,
      stoppedBy: 'rows',
    });
  });

  it('is proven when it is opened, and cannot write', async () => {
    await make();
    const wrong: [QueryPlace, string][] = [
      [{ kind: 'statement', statement: 'SELECT * FROM nothing' }, 'QZ_SQL_STATEMENT_REFUSED'],
      [{ kind: 'statement', statement: 'SELECT code FROM q' }, 'QZ_MYSQL_COLUMN_MISSING'],
      [
        { kind: 'lookup', source: { table: 'q' }, by: { code: 'amount', n: 'n', at: 'at' } },
        'QZ_SQL_LOOKUP_UNFIT',
      ],
    ];
    for (const [place, code] of wrong)
      await expect(open(place), code).rejects.toMatchObject({ code, kind: 'config' });
  });

  it('an abort, and its own limit, end the statement in the server', async () => {
    await make();
    const place: QueryPlace = {
      kind: 'statement',
      statement: 'SELECT q.* FROM q, (SELECT SLEEP(60) AS s) AS z WHERE code = :code AND s >= 0',
    };
    const running = async () =>
      Number(
        (
          await site().values(
            `SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(60)%' AND id <> connection_id()`,
          )
        )[0],
      );
    const query = await open(place);
    const abort = new AbortController();
    const asked = query.run(['b', null, null], limits, abort.signal);
    asked.catch(() => undefined);
    await until('the statement runs', async () => (await running()) === 1);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
    await until('the statement ended', async () => (await running()) === 0);
    expect(query.usable).toBe(false);
    const late = await open(place, 300);
    await expect(late.run(['b', null, null], limits, signal)).rejects.toMatchObject({
      code: 'QZ_SQL_QUERY_TIMEOUT',
    });
  });
});
