import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rowsReadBack } from '@qianzhi/testing';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { sqliteConnector } from './connector.js';
import { deliveryOf, keyed, openSite, resourceOf, signal, write } from './test/site.js';

describe('what does not fit is said when the sink is opened', () => {
  it.each([
    ['a view', 'CREATE VIEW t AS SELECT 1 AS id, 2 AS name', 'TARGET_IS_VIEW'],
    ['no unique index', 'CREATE TABLE t (id TEXT, name TEXT)', 'TARGET_KEY'],
    [
      'a key that does not compare bytes',
      'CREATE TABLE t (id TEXT COLLATE NOCASE PRIMARY KEY, name TEXT)',
      'TARGET_KEY',
    ],
    [
      'a column to be filled',
      'CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT, extra TEXT NOT NULL)',
      'TARGET_COLUMN_REQUIRED',
    ],
    ['a computed column', 'CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT AS (id))', 'COLUMN_MISSING'],
  ])('%s', async (_name, sql, code) => {
    await using site = openSite();
    site.db.exec(sql);
    await expect(site.sink(keyed, { table: 't' })).rejects.toMatchObject({
      code: `QZ_SQLITE_${code}`,
      kind: 'config',
    });
  });

  it('a read-only connector, and one without write access', async () => {
    await using site = openSite({ readOnly: true });
    await expect(site.sink(keyed, { table: 't', create: true })).rejects.toMatchObject({
      code: 'QZ_SQLITE_TARGET_READ_ONLY',
    });
  });

  it('makes a new file in WAL mode, only when told to', async () => {
    await using site = openSite();
    const path = join(site.folder, 'new.sqlite');
    const open = (config: object) =>
      sqliteConnector.open(
        { path, ...config },
        { tempDir: site.folder, now: () => new Date() } as never,
        signal,
      );
    await expect(open({})).rejects.toMatchObject({ code: 'QZ_SQLITE_FILE_MISSING' });
    await using connection = await open({ create: true });
    expect((await connection.check(signal)).version).toBe('none');
    expect(existsSync(path)).toBe(false);
    await using sink = await connection.sink(
      { exchange: 'x', resource: keyed, target: { table: 't', create: true } },
      signal,
    );
    await write(sink, keyed, 1, ['U\ta\t1']);
    const db = new Database(path, { readonly: true });
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });
});

describe('snapshots', () => {
  const rows = ['S\ta\t1', 'S\tb\t2', 'S\tc\t3'];
  const all = 'SELECT id, name FROM t ORDER BY id';

  it.each([
    ['swap', '', true],
    ['a view on it', 'CREATE VIEW v AS SELECT * FROM t', false],
    ['a trigger on it', 'CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END', false],
    ['an index on it', 'CREATE INDEX i ON t (name)', false],
    ['a foreign key to it', 'CREATE TABLE child (x TEXT REFERENCES t (id))', false],
    ['a broken view elsewhere', 'CREATE VIEW v AS SELECT * FROM nowhere', false],
  ])('keep everything that hangs on the table: %s', async (_name, sql, swapped) => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, name TEXT CHECK (name <> 'bad')); ${sql}`);
    const root = site.db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 't'`).pluck();
    const before = root.get();
    const sink = await site.sink(keyed, { table: 't' });
    const { ledger, rejected } = await write(sink, keyed, 1, [...rows, 'S\td\tbad', 'S\ta\tagain']);
    expect(ledger.counts).toEqual({
      delivered: 5,
      inserted: 3,
      updated: 0,
      unchanged: 0,
      deleted: 0,
      rejected: 2,
    });
    expect(rejected.map((row) => row.reason)).toEqual(['constraint', 'duplicate-key']);
    expect(site.db.prepare(all).raw().all()).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    expect(root.get() !== before).toBe(swapped);
    const names = site.db
      .prepare(`SELECT name FROM sqlite_schema WHERE type <> 'index' AND name LIKE 'qianzhi_shadow%'`)
      .all();
    expect(names).toEqual([]);
    const next = await write(sink, keyed, 2, ['S\tb\t2', 'S\tc\tnew', 'S\td\t4']);
    expect(next.ledger.counts).toMatchObject({ delivered: 3, inserted: 1, updated: 1, unchanged: 1 });
    expect(site.db.prepare(all).raw().all()).toEqual([
      ['b', '2'],
      ['c', 'new'],
      ['d', '4'],
    ]);
  });

  it('isolates rows that only the target itself can refuse, with their row text', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE parent (k TEXT PRIMARY KEY); INSERT INTO parent VALUES ('1'), ('3');
      CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, name TEXT REFERENCES parent (k))`);
    const sink = await site.sink(keyed, { table: 't' });
    const { ledger, rejected } = await write(sink, keyed, 1, rows);
    expect(rejected.map((row) => [row.reason, Buffer.from(row.bytes).toString()])).toEqual([
      ['foreign-key', 'S\tb\t2\n'],
    ]);
    expect(ledger.counts).toMatchObject({ delivered: 3, inserted: 2, unchanged: 0, rejected: 1 });
  });

  it('refuses a part that does not follow, and totals that do not hold', async () => {
    await using site = openSite();
    const sink = await site.sink(keyed, { table: 't', create: true });
    await expect(
      write(sink, keyed, 1, rows, { snapshot: { id: 's', part: 2, last: true } }),
    ).rejects.toMatchObject({ code: 'QZ_SQLITE_SNAPSHOT_BROKEN' });
    const wrong = { id: 's', part: 1, last: true, totals: { parts: 1, rows: 4 } };
    await expect(write(sink, keyed, 1, rows, { snapshot: wrong })).rejects.toMatchObject({
      kind: 'integrity',
    });
    expect((await write(sink, keyed, 1, rows)).ledger.counts.inserted).toBe(3);
  });

  it('replaces rows of a resource without key', async () => {
    await using site = openSite();
    const journal = resourceOf([{ column: 'name', type: 'C' }]);
    const sink = await site.sink(journal, { table: 't', create: true });
    await write(sink, journal, 1, ['S\tx', 'S\tx', 'S\ty']);
    await write(sink, journal, 2, ['S\tx', 'S\tz', 'S\tz']);
    expect(site.db.prepare('SELECT name FROM t ORDER BY 1').pluck().all()).toEqual(['x', 'z', 'z']);
    await expect(write(sink, journal, 3, ['U\tq'])).rejects.toMatchObject({
      code: 'QZ_SQLITE_DELTA_WITHOUT_KEY',
    });
  });
});

describe('several suppliers', () => {
  it('refuses a second one, unless it takes over', async () => {
    await using site = openSite();
    await write(await site.sink(keyed, { table: 't', create: true }), keyed, 1, ['S\ta\t1']);
    const other = { delivery: deliveryOf('other') };
    await expect(
      write(await site.sink(keyed, { table: 't' }), keyed, 1, ['S\tb\t2'], other),
    ).rejects.toMatchObject({ code: 'QZ_SQLITE_TARGET_TAKEN' });
    await write(await site.sink(keyed, { table: 't', takeOver: true }), keyed, 1, ['S\tb\t2'], other);
    expect(site.db.prepare('SELECT id FROM t').pluck().all()).toEqual(['b']);
  });

  it('share a table, each deleting only what it alone delivered', async () => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, name TEXT); INSERT INTO t VALUES ('own', '0')`,
    );
    const sink = await site.sink(keyed, { table: 't', shared: true });
    const other = { delivery: deliveryOf('other') };
    const held = () => site.db.prepare('SELECT id FROM t ORDER BY id').pluck().all();
    await write(sink, keyed, 1, ['S\ta\t1', 'S\tb\t1']);
    await write(sink, keyed, 1, ['S\tb\t1', 'S\tc\t1'], other);
    expect(held()).toEqual(['a', 'b', 'c', 'own']);
    await write(sink, keyed, 2, ['D\tb\t\\N', 'U\td\t1']);
    expect(held()).toEqual(['a', 'b', 'c', 'd', 'own']);
    const of = (delivery: ReturnType<typeof deliveryOf>) => ({
      exchange: 'x',
      resource: keyed,
      target: { table: 't', shared: true },
      delivery,
    });
    expect(await rowsReadBack(await site.connect(), of(deliveryOf()), signal)).toEqual(['a|1', 'd|1']);
    expect(await rowsReadBack(await site.connect(), of(other.delivery), signal)).toEqual(['b|1', 'c|1']);
    await write(sink, keyed, 3, ['S\td\t1']);
    expect(held()).toEqual(['b', 'c', 'd', 'own']);
    await write(sink, keyed, 2, ['D\tb\t\\N'], other);
    expect(held()).toEqual(['c', 'd', 'own']);
  });
});

describe('one file, several writers', () => {
  it('lets sinks of one process take turns, also while a quarantine writes', async () => {
    await using site = openSite({ busyTimeoutMs: 0 });
    site.db.exec(
      `CREATE TABLE a (id TEXT PRIMARY KEY, name TEXT CHECK (name <> 'bad')); CREATE TABLE b (id TEXT PRIMARY KEY, name TEXT)`,
    );
    const [one, two] = [
      await site.sink(keyed, { table: 'a' }, 'one'),
      await site.sink(keyed, { table: 'b' }, 'two'),
    ];
    const written = await Promise.all([
      write(one, keyed, 1, ['U\tx\tbad', 'U\ty\t1']),
      write(two, keyed, 1, ['U\tx\t1']),
      write(one, keyed, 2, ['U\tz\t1']),
    ]);
    expect(written.map(({ ledger }) => ledger.counts.inserted)).toEqual([1, 1, 1]);
  });

  it('is unavailable while another program writes, and leaves nothing half done', async () => {
    await using site = openSite({ busyTimeoutMs: 60 });
    const sink = await site.sink(keyed, { table: 't', create: true });
    site.db.exec('BEGIN IMMEDIATE');
    await expect(write(sink, keyed, 1, ['U\ta\t1'])).rejects.toMatchObject({
      code: 'QZ_SQLITE_BUSY',
      kind: 'unavailable',
    });
    site.db.exec('ROLLBACK; BEGIN; SELECT * FROM t');
    const reading = site.db.prepare('SELECT count(*) FROM t').get();
    await expect(write(sink, keyed, 1, ['U\ta\t1'])).rejects.toMatchObject({ kind: 'unavailable' });
    site.db.exec('COMMIT');
    expect([reading, (await write(sink, keyed, 1, ['U\ta\t1'])).ledger.counts.inserted]).toEqual([
      { 'count(*)': 0 },
      1,
    ]);
  });

  it('names a trigger that rolls back everything, and a deferred foreign key', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT);
      CREATE TRIGGER g BEFORE INSERT ON t WHEN new.name = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END;
      CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE f (id TEXT PRIMARY KEY, name TEXT REFERENCES p (k) DEFERRABLE INITIALLY DEFERRED)`);
    await expect(
      write(await site.sink(keyed, { table: 't' }), keyed, 1, ['U\ta\tok', 'U\tb\tbad']),
    ).rejects.toMatchObject({ code: 'QZ_SQLITE_TARGET_ROLLED_BACK' });
    await expect(
      write(await site.sink(keyed, { table: 'f' }), keyed, 1, ['U\ta\tnone']),
    ).rejects.toMatchObject({ code: 'QZ_SQLITE_DEFERRED_CONSTRAINT' });
    expect(site.db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(0);
  });

  it('writes tables and columns whatever their names, and constants beside', async () => {
    await using site = openSite();
    const target = {
      table: `drop "table" '`,
      create: true,
      columns: { name: '列"; --' },
      constants: { 来源: '民政', 批: 7 },
    };
    const sink = await site.sink(keyed, target);
    await write(sink, keyed, 1, ['S\ta\t1', 'S\tb\t2']);
    await write(sink, keyed, 2, ['U\ta\t3', 'D\tb\t\\N']);
    expect(site.db.prepare(`SELECT * FROM "drop ""table"" '"`).all()).toEqual([
      { 来源: '民政', 批: 7, id: 'a', '列"; --': '3' },
    ]);
  });
});
