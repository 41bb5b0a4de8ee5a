import { describe, expect, it } from 'vitest';
import { keyed, openSite, readAll, signal } from './test/site.js';

describe('change table', () => {
  const setup = (db: { exec(sql: string): unknown }) =>
    db.exec(`CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT); INSERT INTO t VALUES ('a', '1');
      CREATE TABLE c (n INTEGER PRIMARY KEY, what TEXT, the_id TEXT); INSERT INTO c VALUES (5, 'I', 'a')`);
  const changeTable = { table: 'c', serial: 'n', op: 'what', key: { id: 'the_id' } };

  it('makes a truncation a full copy, deletes what is gone, loses no change without key', async () => {
    await using site = openSite();
    setup(site.db);
    const source = await site.source(keyed, { table: 't', changeTable }, 'change-table');
    const first = await readAll(source);
    site.db.exec(`INSERT INTO c VALUES (9, 'U', 'gone'), (12, 'D', NULL), (15, 'u', 'a')`);
    const next = await readAll(source, first.checkpoints.at(-1));
    // the D without key goes on to validation, which rejects it by name
    expect([next.ops, next.rows]).toEqual([
      ['D', 'D', 'U'],
      [
        ['gone', null],
        [null, null],
        ['a', '1'],
      ],
    ]);
    site.db.exec(
      `DELETE FROM t; INSERT INTO t VALUES ('z', '9'); INSERT INTO c VALUES (20, 'TRUNCATE', NULL), (21, 'I', 'z')`,
    );
    const copy = await readAll(source, next.checkpoints.at(-1));
    expect([copy.ops, copy.rows]).toEqual([['S'], [['z', '9']]]);
    expect((await readAll(source, copy.checkpoints.at(-1))).rows).toEqual([]);
  });

  it('a text among the serials is told by a code', async () => {
    await using site = openSite();
    setup(site.db);
    site.db.exec('CREATE TABLE loose (n INTEGER UNIQUE, what TEXT, the_id TEXT)');
    const loose = { ...changeTable, table: 'loose' };
    const source = await site.source(keyed, { table: 't', changeTable: loose }, 'change-table');
    const first = await readAll(source);
    site.db.exec(`INSERT INTO loose VALUES ('later', 'U', 'a')`);
    await expect(readAll(source, first.checkpoints.at(-1))).rejects.toMatchObject({
      code: 'QZ_SQLITE_STRATEGY_UNFIT',
    });
  });

  it('keeps the changes unless told to purge, and purges only what is confirmed', async () => {
    await using site = openSite();
    setup(site.db);
    const count = () => site.db.prepare('SELECT count(*) FROM c').pluck().get();
    const keeping = await site.source(keyed, { table: 't', changeTable }, 'change-table');
    const { checkpoints } = await readAll(keeping);
    await keeping.confirm(checkpoints.at(-1)!, signal);
    expect(count()).toBe(1);
    site.db.exec(`INSERT INTO c VALUES (7, 'U', 'a')`);
    const purging = await site.source(
      keyed,
      { table: 't', changeTable: { ...changeTable, purge: true } },
      'change-table',
    );
    await purging.confirm(checkpoints.at(-1)!, signal);
    expect(site.db.prepare('SELECT n FROM c').pluck().all()).toEqual([7]);
  });
});
