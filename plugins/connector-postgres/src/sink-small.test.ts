import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { keyed, openTargetSite, reasons, resourceOf, write } from './test/target-site.js';

describeWithPostgres('postgres target: deltas of a few rows', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** What the sink's session was last asked. */
  const asked = async () => {
    const sql = `SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() ORDER BY query_start DESC LIMIT 1`;
    return (await database.db.query<{ query: string }>(sql)).rows[0]!.query;
  };

  it('go in one statement that leaves what many rows leave', async () => {
    await using site = await openTargetSite(database);
    const columns = `id varchar(20) COLLATE "C" PRIMARY KEY, "a ""b" varchar(200), n numeric(10,2), at timestamp(3), tag text NOT NULL, d domained`;
    await site.db.query(
      `CREATE DOMAIN domained AS text CHECK (VALUE <> ''); CREATE TABLE few (${columns}); CREATE TABLE many (${columns})`,
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'text', type: 'C', length: 200 },
      { column: 'n', type: 'N', precision: 10, scale: 2 },
      { column: 'at', type: 'T' },
      { column: 'd', type: 'C', length: 20 },
    ]);
    const target = { columns: { text: 'a "b' }, constants: { tag: `it's "\\ 惠州` } };
    const few = await site.sink(resource, { ...target, table: 'few' });
    const many = await site.sink(resource, { ...target, table: 'many' }, { exchange: 'y' });
    const odd = [
      '\\\\n "q" \\t\\n\\r',
      '\u0001\u001f\u007f\u0085',
      '{"a":1}',
      "'';--",
      '惠州😀',
      '',
      '\\N',
      '\\\\N',
    ];
    const rows = odd.map((text, at) => `U\t${at}\t${text}\t${at}.50\t2026-01-01 00:00:00.12${at}\tx`);
    const changes = [
      'U\t0\t改\t0.50\t\\N\tx',
      rows[1]!,
      'D\t2\t\\N\t\\N\t\\N\t\\N',
      'D\tgone\t\\N\t\\N\t\\N\t\\N',
    ];
    const filling = Array.from({ length: 400 }, (_, at) => `U\tf${at}\t${'x'.repeat(50)}\t1.00\t\\N\t\\N`);
    const counts = [];
    // the first of a supplier takes the table
    for (const sink of [few, many]) await write(sink, resource, 1, filling.slice(0, 1));
    for (const [at, lines] of [rows, changes].entries()) {
      const { ledger } = await write(few, resource, at + 2, lines);
      expect(await asked()).toContain('EXECUTE qianzhi_delta_');
      await write(many, resource, at + 2, [...lines, ...filling]);
      expect(await asked()).not.toContain('EXECUTE');
      counts.push(ledger.counts);
    }
    const zero = { rejected: 0, unchanged: 0, inserted: 0, updated: 0, deleted: 0 };
    expect(counts).toEqual([
      { ...zero, delivered: 8, inserted: 8 },
      { ...zero, delivered: 4, updated: 1, unchanged: 2, deleted: 1 },
    ]);
    const left = (table: string) => site.values(`SELECT * FROM ${table} WHERE id NOT LIKE 'f%' ORDER BY id`);
    expect(await left('few')).toHaveLength(7);
    expect(await left('few')).toEqual(await left('many'));
  });

  it('apply once, and are refused with other content', async () => {
    await using site = await openTargetSite(database);
    await site.db.query('CREATE TABLE t (id text PRIMARY KEY, name text)');
    const sink = await site.sink(keyed, { table: 't' });
    const first = await write(sink, keyed, 1, ['U\ta\t1', 'U\tb\t1']);
    const again = await write(sink, keyed, 1, ['U\ta\t1', 'U\tb\t1']);
    expect(again.ledger).toEqual(first.ledger);
    await expect(write(sink, keyed, 1, ['U\ta\t2'])).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LEDGER_CONFLICT',
    });
    expect(await site.values('SELECT name FROM t')).toEqual(['1', '1']);
  });

  it('have a refused row isolated, and go on in one statement', async () => {
    await using site = await openTargetSite(database);
    await site.db.query('CREATE TABLE t (id text PRIMARY KEY, name text UNIQUE)');
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\t1']);
    const written = await write(sink, keyed, 2, ['U\tb\t1', 'U\tc\t2']);
    expect(reasons(written)).toEqual(['0 * duplicate-key']);
    expect(await asked()).not.toContain('EXECUTE');
    // the deleted row's value is free for another only behind its delete
    await write(sink, keyed, 3, ['D\ta\t\\N', 'U\td\t1']);
    expect(await site.values('SELECT * FROM t ORDER BY id')).toEqual(['c|2', 'd|1']);
    await write(sink, keyed, 4, ['U\te\t3']);
    expect(await asked()).toContain('EXECUTE');
  });

  it('see a table that was altered or made anew in between', async () => {
    await using site = await openTargetSite(database);
    await site.db.query('CREATE TABLE t (id text PRIMARY KEY, name varchar(5))');
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\t12345']);
    await site.db.query('ALTER TABLE t ALTER COLUMN name TYPE varchar(2) USING left(name, 2)');
    expect(reasons(await write(sink, keyed, 2, ['U\tb\t123', 'U\tc\t12']))).toEqual(['0 name too-long']);
    await site.db.query('DROP TABLE t; CREATE TABLE t (name text, id text PRIMARY KEY)');
    await write(sink, keyed, 3, ['U\td\t1234567']);
    expect(await site.values('SELECT id, name FROM t')).toEqual(['d|1234567']);
    await site.db.query('ALTER TABLE t DROP COLUMN name');
    await expect(write(sink, keyed, 4, ['U\te\t1'])).rejects.toMatchObject({
      code: 'QZ_POSTGRES_COLUMN_MISSING',
    });
  });
});
