import { describe, expect, it } from 'vitest';
import { nativeType } from './file/native-type.js';
import { openSite, signal } from './test/site.js';

describe('discover', () => {
  it.each([
    ['VARCHAR(20)', 'C', 20, null, null],
    ['INTEGER', 'I', null, null, null],
    ['DECIMAL(10,2)', 'N', null, 10, 2],
    ['numeric(6)', 'N', null, 6, 0],
    ['MONEY', 'Y', null, null, null],
    ['DATE', 'D', null, null, null],
    ['datetime', 'T', null, null, null],
    ['TIMESTAMP', 'T', null, null, null],
    ['BOOLEAN', 'L', null, null, null],
    ['BLOB', 'G', null, null, null],
    ['REAL', 'B', null, null, null],
    ['DOUBLE PRECISION', 'B', null, null, null],
    ['FLOAT', 'F', null, null, null],
    ['TEXT', 'M', null, null, null],
    ['', null, null, null, null],
  ])('takes %s for %s', (declared, type, length, precision, scale) => {
    expect(nativeType(declared)).toEqual({ type, length, precision, scale });
  });

  it('counts rows, names keys and lists views, also one that no longer works', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (b TEXT, a INTEGER NOT NULL, PRIMARY KEY (a, b)); INSERT INTO t VALUES ('x', 1), ('y', 1);
      CREATE VIEW good AS SELECT a FROM t; CREATE VIEW bad AS SELECT * FROM nowhere; CREATE TABLE qianzhi_ledger (x)`);
    const found = await (await site.connect()).discover({}, signal);
    expect(found.map((table) => [table.table, table.kind, table.rows, table.primaryKey])).toEqual([
      ['bad', 'view', null, []],
      ['good', 'view', null, []],
      ['t', 'table', 2, ['a', 'b']],
    ]);
    expect(found[0]!.comment).toContain('无法读取');
    expect(found[2]!.columns.map((column) => column.nullable)).toEqual([true, false]);
  });

  it('names the columns that an index leads with', async () => {
    await using site = openSite();
    site.db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT UNIQUE);
      CREATE INDEX ab ON t (a, b); CREATE INDEX part ON t (c) WHERE c > 'x';
      CREATE TABLE w (k TEXT, v TEXT, PRIMARY KEY (k, v)) WITHOUT ROWID`);
    const found = await (await site.connect()).discover({}, signal);
    expect(found.map(({ indexed }) => indexed?.toSorted())).toEqual([['a', 'd', 'id'], ['k']]);
  });

  it('says in check how the file is kept', async () => {
    await using site = openSite();
    site.db.exec('CREATE TABLE t (a)');
    const report = await (await site.connect()).check(signal);
    expect(report.version).toMatch(/^3\./);
    expect(report.notes.map((note) => note.level)).toEqual(['ok', 'ok', 'warning']);
  });
});
