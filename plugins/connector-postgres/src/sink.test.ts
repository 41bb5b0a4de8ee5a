import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { keyed, openTargetSite, reasons, resourceOf, write } from './test/target-site.js';

describeWithPostgres('postgres target: rows and columns', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  it('refuses rows with item and reason, and applies the others', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE TABLE p (k text PRIMARY KEY); INSERT INTO p VALUES ('1');
       CREATE TABLE t (id varchar(20) PRIMARY KEY, name varchar(3) NOT NULL UNIQUE, n smallint CHECK (n <> 13), k text REFERENCES p)`,
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'name', type: 'C', length: 50 },
      { column: 'n', type: 'I' },
      { column: 'k', type: 'C', length: 10 },
    ]);
    const sink = await site.sink(resource, { table: 't' });
    const lines = [
      'U\ta\t甲\t1\t1',
      'U\tb\t\\N\t1\t1',
      'U\tc\t一二三四\t1\t1',
      'U\td\t丁\t99999\t1',
      'U\te\t戊\t13\t1',
      'U\tf\t己\t1\t2',
      'U\tg\t甲\t1\t1',
      'U\th\t  \t1\t\\N',
      'U\ti\t三个  \t1\t1',
    ];
    const written = await write(sink, resource, 1, lines);
    expect(reasons(written).sort()).toEqual([
      '1 name required',
      '2 name too-long',
      '3 n out-of-range',
      '4 * constraint',
      '5 * foreign-key',
      '6 * duplicate-key',
      '8 name too-long',
    ]);
    expect(written.ledger.counts).toMatchObject({ delivered: 9, inserted: 2, rejected: 7 });
    const [third] = written.rejected.filter(({ row }) => row === 2);
    expect(Buffer.from(third!.bytes).toString()).toBe(`${lines[2]}\n`);
    expect(Buffer.from(third!.key!).toString()).toBe('c');
    expect(await site.values('SELECT id, name FROM t ORDER BY 1')).toEqual(['a|甲', 'h|  ']);
  });

  it('translates codes, refuses those without a translation, and writes constants beside', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE TABLE t (id text PRIMARY KEY, sex char(1), ok char(1), "来源" text NOT NULL, n int, empty text DEFAULT 'x')`,
    );
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'sex', type: 'C', length: 1 },
      { column: 'ok', type: 'L' },
    ]);
    const sink = await site.sink(resource, {
      table: 't',
      codes: { sex: { '1': 'M', '2': 'F', '0': null }, ok: { t: 'Y', f: 'N' } },
      constants: { 来源: '民政\t局', n: 7, empty: null },
    });
    const written = await write(sink, resource, 1, [
      'S\ta\t1\tt',
      'S\tb\t9\tt',
      'S\tc\t0\tf',
      'S\td\t\\N\t\\N',
    ]);
    expect(reasons(written)).toEqual(['1 sex untranslated-code']);
    const all = 'SELECT * FROM t ORDER BY 1';
    expect(await site.values(all)).toEqual([
      'a|M|Y|民政\t局|7|NULL',
      'c|NULL|N|民政\t局|7|NULL',
      'd|NULL|NULL|民政\t局|7|NULL',
    ]);
    const next = await write(sink, resource, 2, ['U\ta\t2\tt', 'U\tc\t0\tf', 'D\td\t\\N\t\\N']);
    expect(next.ledger.counts).toMatchObject({ updated: 1, unchanged: 1, deleted: 1 });
  });

  it('writes domains, identity and partitioned columns, and leaves computed ones alone', async () => {
    await using site = await openTargetSite(database);
    if (Number((await site.values('SHOW server_version_num'))[0]) < 120_000) return;
    await site.db
      .query(
        `CREATE DOMAIN code AS varchar(4) NOT NULL CHECK (VALUE <> 'bad');
       CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name code, twice text GENERATED ALWAYS AS (name || name) STORED) PARTITION BY RANGE (id);
       CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)`,
      )
      .catch(async () => {
        // identity of partitioned tables came later
        await site.db.query(
          `CREATE TABLE t (id bigint PRIMARY KEY, name code, twice text GENERATED ALWAYS AS (name || name) STORED) PARTITION BY RANGE (id);
         CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)`,
        );
      });
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'name', type: 'C', length: 10 },
    ]);
    const sink = await site.sink(resource, { table: 't' });
    const first = await write(sink, resource, 1, [
      'S\t1\ta',
      'S\t12\tb',
      'S\t3\tbad',
      'S\t30\tc',
      'S\t5\tabcde',
    ]);
    expect(
      reasons(first)
        .map((text) => text.slice(2))
        .sort(),
    ).toEqual(['* constraint', 'name constraint', 'name too-long']);
    expect(first.ledger.counts).toMatchObject({ inserted: 2, rejected: 3 });
    const next = await write(sink, resource, 2, ['U\t1\tnew', 'U\t2\tc', 'D\t12\t\\N', 'D\t13\t\\N']);
    expect(next.ledger.counts).toMatchObject({ inserted: 1, updated: 1, unchanged: 1, deleted: 1 });
    expect(await site.values('SELECT id, name, twice FROM t ORDER BY 1')).toEqual(['1|new|newnew', '2|c|cc']);
  });

  it('says what of a table does not fit', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE TABLE plain (id text, name text); CREATE VIEW v AS SELECT * FROM plain;
       CREATE TABLE needs (id text PRIMARY KEY, name text, extra text NOT NULL);
       CREATE TABLE odd (id text PRIMARY KEY, name interval);
       CREATE TABLE late (id text UNIQUE DEFERRABLE, name text);
       CREATE TABLE parent (id text PRIMARY KEY, name text); CREATE TABLE child () INHERITS (parent)`,
    );
    for (const [table, code] of [
      ['plain', 'TARGET_KEY'],
      ['v', 'TARGET_IS_VIEW'],
      ['needs', 'TARGET_COLUMN_REQUIRED'],
      ['odd', 'TYPE_UNFIT'],
      ['late', 'TARGET_KEY'],
      ['parent', 'TARGET_UNFIT'],
      ['nowhere', 'TABLE_MISSING'],
    ]) {
      await expect(site.sink(keyed, { table }), table).rejects.toMatchObject({ code: `QZ_POSTGRES_${code}` });
    }
    await expect(site.sink(keyed, { table: 'needs', columns: { other: 'x' } })).rejects.toMatchObject({
      code: 'QZ_POSTGRES_ITEM_UNKNOWN',
    });
    await expect(site.sink(keyed, { table: 'parent' }, { config: { readOnly: true } })).rejects.toMatchObject(
      { code: 'QZ_POSTGRES_TARGET_READ_ONLY' },
    );
    const sink = await site.sink(keyed, { table: 'needs', constants: { extra: 'x' } });
    expect((await write(sink, keyed, 1, ['U\ta\t1'])).ledger.counts.inserted).toBe(1);
  });

  it('makes a table from the catalog, and adds columns that a later grant brings', async () => {
    await using site = await openTargetSite(database);
    const target = {
      table: `drop "table" '`,
      create: true,
      columns: { name: '列"; --' },
      constants: { 批: 7 },
    };
    await write(await site.sink(keyed, target), keyed, 1, ['S\ta\t1', 'S\tb\t2']);
    const wider = resourceOf([...keyed.items, { column: 'more', type: 'N', precision: 3, scale: 5 }]);
    const sink = await site.sink(wider, target);
    await write(sink, wider, 2, ['U\ta\t3\t0.10000', 'D\tb\t\\N\t\\N']);
    expect(await site.values(`SELECT * FROM "drop ""table"" '"`)).toEqual(['a|3|7|0.10000']);
    const comment = `SELECT obj_description('"drop ""table"" ''"'::regclass)`;
    expect(await site.values(comment)).toEqual(['contract (contract)']);
  });
});
