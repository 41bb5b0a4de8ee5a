import type { QueryPlace } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSite, resourceOf, type Site, signal } from './test/site.js';

const resource = resourceOf([
  { column: 'code', type: 'C', length: 12, key: true },
  { column: 'n', type: 'I' },
  { column: 'amount', type: 'N', precision: 10, scale: 2 },
]);
const parameters = [
  { name: 'code', column: 'code', type: 'C' as const, length: 12 },
  { name: 'n', column: 'n', type: 'I' as const, required: false },
];
const limits = { maxRows: 10, maxBytes: 1 << 20 };
const lookup: QueryPlace = { kind: 'lookup', source: { table: 'q' }, by: { code: 'code', n: 'n' } };

let site: Site;
beforeEach(() => {
  site = openSite();
  site.db.exec('CREATE TABLE q (code TEXT, n INTEGER, amount NUMERIC)');
  site.db.exec(`INSERT INTO q VALUES ('a''b', 9007199254740993, '1.5'), ('b', 1, NULL), ('b', 2, 3)`);
});
afterEach(() => site[Symbol.asyncDispose]());

const open = async (place: QueryPlace, timeoutMs = 10_000) => {
  const connection = await site.connect();
  return connection.query!({ resource, parameters, place, timeoutMs }, signal);
};

it('a lookup gives values exactly, and binds what it is asked with', async () => {
  await using query = await open(lookup);
  const one = await query.run(["a'b", null], limits, signal);
  expect(Buffer.from(one.bytes).toString()).toBe("S\ta'b\t9007199254740993\t1.50\n");
  expect((await query.run(["' OR 1 --", null], limits, signal)).rows).toBe(0);
  expect((await query.run(['b', '2'], limits, signal)).rows).toBe(1);
  expect(await query.run(['b', null], { ...limits, maxRows: 1 }, signal)).toMatchObject({
    rows: 1,
    stoppedBy: 'rows',
  });
  expect(await query.run(['b', null], { ...limits, maxBytes: 12 }, signal)).toMatchObject({
    rows: 1,
    stoppedBy: 'bytes',
  });
});

it('is proven when it is opened', async () => {
  const wrong: [QueryPlace, string][] = [
    [{ kind: 'statement', statement: 'SELECT * FROM nothing' }, 'QZ_SQL_STATEMENT_REFUSED'],
    [{ kind: 'statement', statement: 'SELECT code FROM q' }, 'QZ_SQLITE_COLUMN_MISSING'],
    [{ kind: 'lookup', source: { table: 'q' }, by: { code: 'n', n: 'n' } }, 'QZ_SQL_LOOKUP_UNFIT'],
  ];
  for (const [place, code] of wrong)
    await expect(open(place), code).rejects.toMatchObject({ code, kind: 'config' });
});

it('an abort and its own limit end what SQLite is doing', async () => {
  const endless =
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT code, count(i) AS n, 1 AS amount FROM q, n WHERE code = :code';
  const query = await open({ kind: 'statement', statement: endless });
  const abort = new AbortController();
  const asked = query.run(['b', null], limits, abort.signal);
  abort.abort();
  await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
  expect(query.usable).toBe(false);
  await using late = await open({ kind: 'statement', statement: endless }, 300);
  await expect(late.run(['b', null], limits, signal)).rejects.toMatchObject({ code: 'QZ_SQL_QUERY_TIMEOUT' });
  expect(late.usable).toBe(false);
  // nothing of it holds the file
  site.db.exec('DELETE FROM q');
});
