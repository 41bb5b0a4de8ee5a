import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { batchOf, deliveryOf, keyed, openTargetSite, resourceOf, signal, write } from './test/target-site.js';

const rows = ['S\ta\t1', 'S\tb\t2', 'S\tc\t3'];
const all = 'SELECT id, name FROM t ORDER BY id';

/** What hangs on the table, and whether the shadow may take its place. */
const circumstances: readonly [name: string, sql: string, swapped: boolean, from: number][] = [
  [
    'nothing but indexes',
    'CREATE INDEX by_name ON t (name) WHERE name IS NOT NULL; CREATE UNIQUE INDEX odd ON t (lower(id))',
    true,
    0,
  ],
  [
    'rows and comments',
    `INSERT INTO t VALUES ('z', 'old'); COMMENT ON TABLE t IS '表'; COMMENT ON COLUMN t.name IS '名'`,
    true,
    0,
  ],
  [
    'a computed column',
    'ALTER TABLE t ADD COLUMN twice text GENERATED ALWAYS AS (name || name) STORED',
    true,
    120_000,
  ],
  ['a view', 'CREATE VIEW v AS SELECT * FROM t', false, 0],
  [
    'a trigger',
    `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE PROCEDURE f()`,
    false,
    0,
  ],
  ['a foreign key to it', 'CREATE TABLE child (x text REFERENCES t (id))', false, 0],
  [
    'a foreign key from it',
    `CREATE TABLE p (k text PRIMARY KEY); INSERT INTO p VALUES ('1'), ('2'), ('3'), ('4'), ('new'); ALTER TABLE t ADD FOREIGN KEY (name) REFERENCES p`,
    false,
    0,
  ],
  ['a grant', 'GRANT SELECT ON t TO PUBLIC', false, 0],
  ['a grant on a column', 'GRANT SELECT (name) ON t TO PUBLIC', false, 0],
  ['a publication', 'CREATE PUBLICATION pub FOR TABLE t', false, 100_000],
  ['extended statistics', 'CREATE STATISTICS st ON id, name FROM t', false, 100_000],
  ['row security', 'ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (true)', false, 0],
  ['a rule', 'CREATE RULE r AS ON DELETE TO t WHERE old.id IS NULL DO INSTEAD NOTHING', false, 0],
  ['another column', 'ALTER TABLE t ADD COLUMN note text DEFAULT 7', false, 0],
  ['an owned sequence', 'ALTER TABLE t ADD COLUMN no serial', false, 0],
  ['storage settings', 'ALTER TABLE t SET (fillfactor = 70)', false, 0],
  ['an unlogged table', 'ALTER TABLE t SET UNLOGGED', false, 0],
  ['a replica identity', 'ALTER TABLE t REPLICA IDENTITY FULL', false, 0],
  [
    'a function that reads it',
    `CREATE FUNCTION names() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT max(name) FROM t; END`,
    false,
    140_000,
  ],
];

describeWithPostgres('postgres target: snapshots', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  it.each(circumstances)('keep everything that hangs on the table: %s', async (_name, sql, swapped, from) => {
    await using site = await openTargetSite(database);
    if (Number((await site.values('SHOW server_version_num'))[0]) < from) return;
    await site.db.query(
      `CREATE TABLE t (id varchar(20) CONSTRAINT t_key PRIMARY KEY, name text CONSTRAINT no_bad CHECK (name <> 'bad')); ${sql}`,
    );
    const about = `SELECT string_agg(x, ';' ORDER BY x) FROM (
      SELECT indexrelid::regclass || pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 't'::regclass UNION ALL
      SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass UNION ALL
      SELECT concat(obj_description('t'::regclass), col_description('t'::regclass, 2))) AS o(x)`;
    const [oid, before] = [await site.values(`SELECT 't'::regclass::oid`), await site.values(about)];
    const sink = await site.sink(keyed, { table: 't' });
    const written = await write(sink, keyed, 1, [...rows, 'S\td\tbad', 'S\ta\tagain']);
    expect(written.ledger.counts).toMatchObject({
      delivered: 5,
      inserted: 3,
      updated: 0,
      unchanged: 0,
      rejected: 2,
    });
    const refused = written.rejected.map(({ reason, bytes }) => `${reason} ${Buffer.from(bytes)}`);
    expect(refused).toEqual(['constraint S\td\tbad\n', 'duplicate-key S\ta\tagain\n']);
    expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3']);
    expect((await site.values(`SELECT 't'::regclass::oid`))[0] !== oid[0]).toBe(swapped);
    expect(await site.values(about), 'indexes, constraints and comments').toEqual(before);
    expect(await site.values(`SELECT relname FROM pg_class WHERE relname LIKE 'qianzhi_shadow%'`)).toEqual(
      [],
    );

    const next = await write(sink, keyed, 2, ['S\tb\t2', 'S\tc\tnew', 'S\td\t4']);
    const merged = { delivered: 3, inserted: 1, updated: 1, unchanged: 1, rejected: 0 };
    expect(next.ledger.counts).toMatchObject(swapped ? { delivered: 3, inserted: 3 } : merged);
    expect(await site.values(all)).toEqual(['b|2', 'c|new', 'd|4']);
  });

  it('isolate rows that only the target itself can refuse, with their row text', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE TABLE parent (k text PRIMARY KEY); INSERT INTO parent VALUES ('ok');
       CREATE TABLE t (id varchar(20) PRIMARY KEY, name text REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`,
    );
    const sink = await site.sink(keyed, { table: 't' });
    const bad = new Set([3, 700, 701, 1999]);
    const lines = Array.from({ length: 2000 }, (_, n) => `S\tk${n}\t${bad.has(n) ? 'no\\tne' : 'ok'}`);
    const parts = [lines.slice(0, 1000), lines.slice(1000)];
    await write(sink, keyed, 1, parts[0]!, { snapshot: { id: 's', part: 1, last: false } });
    const { ledger, rejected } = await write(sink, keyed, 2, parts[1]!, {
      snapshot: { id: 's', part: 2, last: true, totals: { parts: 2, rows: 2000 } },
    });
    expect(rejected.map(({ bytes, reason }) => [reason, Buffer.from(bytes).toString()])).toEqual(
      [...bad].map((n) => ['foreign-key', `S\tk${n}\tno\\tne\n`]),
    );
    expect(ledger.counts).toMatchObject({ delivered: 2000, inserted: 1996, unchanged: 0, rejected: 4 });
  });

  it('refuse a part that does not follow, totals that do not hold, and a table altered in between', async () => {
    await using site = await openTargetSite(database);
    const sink = await site.sink(keyed, { table: 't', create: true });
    const broken = { code: 'QZ_POSTGRES_SNAPSHOT_BROKEN', kind: 'integrity' };
    const part = (id: string, number: number, last: boolean, total = 3) => ({
      snapshot: { id, part: number, last, ...(last && { totals: { parts: number, rows: total } }) },
    });
    await expect(write(sink, keyed, 1, rows, part('s', 2, true))).rejects.toMatchObject(broken);
    await expect(write(sink, keyed, 1, rows, part('s', 1, true, 4))).rejects.toMatchObject(broken);
    await write(sink, keyed, 1, rows.slice(0, 2), part('s', 1, false));
    await site.db.query('ALTER TABLE t ALTER COLUMN name TYPE varchar(60)');
    await expect(write(sink, keyed, 2, rows.slice(2), part('s', 2, true))).rejects.toMatchObject(broken);
    await sink.discardStaged(deliveryOf(), signal);
    await write(sink, keyed, 1, rows.slice(0, 2), part('s2', 1, false));
    const shadow = (
      await site.values(`SELECT relname FROM pg_class WHERE relname LIKE 'qianzhi_shadow%' AND relkind = 'r'`)
    )[0];
    await site.db.query(`DELETE FROM ${shadow} WHERE id = 'a'`);
    await expect(write(sink, keyed, 2, rows.slice(2), part('s2', 2, true))).rejects.toMatchObject(broken);
    await sink.discardStaged(deliveryOf(), signal);
    expect((await write(sink, keyed, 1, rows)).ledger.counts.inserted).toBe(3);
  });

  it('tell a key that no index can hold, and leave the table as it was', async () => {
    await using site = await openTargetSite(database);
    const long = resourceOf([
      { column: 'id', type: 'M', key: true },
      { column: 'name', type: 'C', length: 50 },
    ]);
    const sink = await site.sink(long, { table: 't', create: true });
    const noise = Array.from({ length: 4000 }, (_, n) => ((n * 7919) ** 2).toString(36)).join('');
    const written = write(sink, long, 1, [`S\t${noise}\t1`, 'S\tb\t2']);
    await expect(written).rejects.toMatchObject({ code: 'QZ_POSTGRES_TARGET_UNFIT', kind: 'config' });
    expect(await site.values(all)).toEqual([]);
  });

  it('replace rows of a resource without key', async () => {
    await using site = await openTargetSite(database);
    const journal = resourceOf([{ column: 'name', type: 'C' }]);
    await site.db.query(
      'CREATE TABLE t (name text); GRANT SELECT ON t TO PUBLIC; CREATE TABLE u (name text)',
    );
    for (const table of ['t', 'u']) {
      const sink = await site.sink(journal, { table }, { exchange: table });
      await write(sink, journal, 1, ['S\tx', 'S\tx', 'S\ty', 'S\t']);
      await write(sink, journal, 2, ['S\tx', 'S\tz', 'S\tz']);
      expect(await site.values(`SELECT name FROM ${table} ORDER BY 1`)).toEqual(['x', 'z', 'z']);
      await expect(write(sink, journal, 3, ['U\tq'])).rejects.toMatchObject({
        code: 'QZ_POSTGRES_DELTA_WITHOUT_KEY',
      });
    }
  });

  it('never hide rows of readers, and wait for those who hold the table', async () => {
    await using site = await openTargetSite(database, { lockTimeoutMs: 200 });
    await site.db.query(
      `CREATE TABLE t (id varchar(20) PRIMARY KEY, name text); INSERT INTO t VALUES ('z', 'old')`,
    );
    const sink = await site.sink(keyed, { table: 't' });
    await site.db.query(`BEGIN; SELECT * FROM t`);
    await expect(write(sink, keyed, 1, rows)).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LOCKED',
      kind: 'unavailable',
    });
    expect(await site.values(all)).toEqual(['z|old']);
    await site.db.query('COMMIT');
    expect((await write(sink, keyed, 1, rows)).ledger.stage).toBe('applied');
    expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3']);
  });

  it('refuse to delete what others still point at, naming no value', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE TABLE t (id varchar(20) PRIMARY KEY, name text); INSERT INTO t VALUES ('secret-z', 'old');
       CREATE TABLE child (x text REFERENCES t (id)); INSERT INTO child VALUES ('secret-z')`,
    );
    const sink = await site.sink(keyed, { table: 't' });
    const error = await sink.write(batchOf(keyed, 1, rows), async () => {}, signal).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'QZ_POSTGRES_TARGET_REFUSES_DELETE' });
    expect(JSON.stringify(error)).not.toContain('secret-z');
  });
});
