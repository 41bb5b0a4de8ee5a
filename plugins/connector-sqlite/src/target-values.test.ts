import { describe, expect, it } from 'vitest';
import { keyed, openSite, resourceOf, signal, write } from './test/site.js';

describe('values in columns of other types', () => {
  const resource = resourceOf([
    { column: 'id', type: 'C', key: true, required: true },
    { column: 'n', type: 'N', precision: 38, scale: 2 },
    { column: 'c', type: 'C' },
    { column: 'i', type: 'I' },
    { column: 'l', type: 'L' },
  ]);

  it('rejects what a numeric column would change, and compares the rest as numbers', async () => {
    await using site = openSite();
    site.db.exec('CREATE TABLE t (id TEXT PRIMARY KEY, n NUMERIC, c INTEGER, i REAL, l TEXT)');
    const sink = await site.sink(resource, { table: 't' });
    const rows = [
      'U\ta\t1.50\t12\t3\tt',
      'U\tb\t1234567890123456789012.25\t1\t1\tf',
      'U\tc\t1.00\t007\t1\tf',
      'U\td\t1.00\tabc\t9007199254740993\tf',
      'U\te\t0.10\tx\t-5\t\\N',
    ];
    const { ledger, rejected } = await write(sink, resource, 1, rows);
    expect(rejected.map((row) => [row.row, row.item, row.reason])).toEqual([
      [1, 'n', 'not-exact'],
      [2, 'c', 'not-exact'],
      [3, 'i', 'not-exact'],
    ]);
    expect(ledger.counts).toMatchObject({ delivered: 5, inserted: 2, rejected: 3 });
    expect(site.db.prepare('SELECT * FROM t').raw().all()).toEqual([
      ['a', 1.5, 12, 3, '1'],
      ['e', 0.1, 'x', -5, null],
    ]);
    expect((await write(sink, resource, 2, [rows[0]!, rows[4]!])).ledger.counts.unchanged).toBe(2);
  });

  it('keeps integers as integers in columns without a type', async () => {
    await using site = openSite();
    site.db.exec('CREATE TABLE t (id TEXT PRIMARY KEY, n, c, i, l, batch)');
    const sink = await site.sink(resource, { table: 't', constants: { batch: 7 } });
    await write(sink, resource, 1, ['U\ta\t1.50\t007\t3\tt']);
    const types = ['n', 'c', 'i', 'l', 'batch'].map((column) =>
      site.db.prepare(`SELECT ${column} || ' ' || typeof(${column}) FROM t`).pluck().get(),
    );
    expect(types).toEqual(['1.50 text', '007 text', '3 integer', '1 integer', '7 integer']);
  });

  it('makes a table that keeps everything, with the Chinese names beside the columns', async () => {
    await using site = openSite();
    const sink = await site.sink({ ...resource, name: '企业 */ 名录' }, { table: 'made', create: true });
    await write(sink, resource, 1, ['U\t007\t1234567890123456789012.50\t00\t9007199254740993\tf']);
    expect(site.db.prepare('SELECT id, n, c, l, CAST(i AS TEXT) FROM made').raw().get()).toEqual([
      '007',
      '1234567890123456789012.50',
      '00',
      0,
      '9007199254740993',
    ]);
    expect(site.db.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'made'`).pluck().get()).toContain(
      '企业 * / 名录',
    );
    const [found] = await (await site.connect()).discover({ table: 'made' }, signal);
    expect(found?.columns.map((column) => [column.type, column.scale])).toEqual([
      ['C', null],
      ['N', 2],
      ['C', null],
      ['I', null],
      ['L', null],
    ]);
  });

  it('sees a change of case in a NOCASE column, and never loses rows to conflict clauses of the table', async () => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id TEXT PRIMARY KEY ON CONFLICT IGNORE, name TEXT COLLATE NOCASE UNIQUE ON CONFLICT REPLACE)`,
    );
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\tone', 'U\tb\ttwo']);
    expect((await write(sink, keyed, 2, ['U\ta\tONE'])).ledger.counts.updated).toBe(1);
    const clash = await write(sink, keyed, 3, ['U\tc\ttwo']);
    expect(clash.rejected.map((row) => row.reason)).toEqual(['duplicate-key']);
    expect(site.db.prepare('SELECT * FROM t ORDER BY id').raw().all()).toEqual([
      ['a', 'ONE'],
      ['b', 'two'],
    ]);
  });
});
