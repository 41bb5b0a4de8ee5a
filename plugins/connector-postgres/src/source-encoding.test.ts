import { describeWithPostgres } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { createDatabase } from './test/database.js';
import { readAll, signal, siteOf } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'C', length: 50 },
  { column: 'note', type: 'M' },
]);

describeWithPostgres('postgres source: encodings', (url) => {
  it('a database that checks nothing: rows that are no UTF-8 are rejected with their item', async () => {
    await using database = await createDatabase(
      url,
      `ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await using site = siteOf(database);
    await database.db.query(`CREATE TABLE loose (id int PRIMARY KEY, name text, note text);
      INSERT INTO loose SELECT n, '惠州', 'x' FROM generate_series(1, 20) n;
      UPDATE loose SET name = E'\\\\xbbddd6dd'::bytea::text, note = 'gbk' WHERE id = 7;
      UPDATE loose SET note = convert_from('\\xbbddd6dd', 'SQL_ASCII') WHERE id IN (8, 20)`);
    const read = await readAll(await site.source(resource, { table: 'loose', chunkRows: 6 }));
    expect(read.rows.map((row) => row[0])).not.toContain('8');
    expect(read.rows.length).toBe(18);
    expect(read.rejected.map(({ item, reason }) => `${item} ${reason}`)).toEqual([
      'note invalid-utf8',
      'note invalid-utf8',
    ]);
    expect(Buffer.from(read.rejected[0]!.bytes).toString()).toBe('S\t8\t惠州\t\\N\n');
  });

  it('another encoding is converted by the server; what it cannot convert is rejected row by row', async () => {
    await using database = await createDatabase(
      url,
      `ENCODING 'EUC_CN' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await using site = siteOf(database);
    await database.db.query(`CREATE TABLE chinese (id int PRIMARY KEY, name text, note text, at timestamp DEFAULT '2026-01-01');
      INSERT INTO chinese SELECT n, '惠州市', '区' FROM generate_series(1, 50) n;
      UPDATE chinese SET note = convert_from('\\xfefe', 'EUC_CN') WHERE id IN (1, 17, 18, 50)`);
    for (const spec of [{ chunkRows: 10 }, { parallel: 2 }]) {
      const read = await readAll(await site.source(resource, { table: 'chinese', ...spec }));
      expect(read.rows.length).toBe(46);
      expect(read.rows[0]).toEqual(['2', '惠州市', '区']);
      expect(read.rejected.map(({ key, item }) => `${Buffer.from(key!)} ${item}`)).toEqual([
        '1 note',
        '17 note',
        '18 note',
        '50 note',
      ]);
      expect(read.ended).toBe(true);
    }
    const watermark = { column: 'at', overlapSeconds: 0, zone: 'UTC' };
    const source = await site.source(resource, { table: 'chinese', watermark }, { strategy: 'watermark' });
    const first = await readAll(source);
    await database.db.query(`UPDATE chinese SET at = now() AT TIME ZONE 'UTC' WHERE id IN (16, 17, 20)`);
    const read = await readAll(source, first.checkpoints.at(-1));
    expect([read.rows.map((row) => row[0]), read.rejected.length]).toEqual([['16', '20'], 1]);
  });

  it('pending rows that the server cannot convert are rejected, and set done while they are the same', async () => {
    await using database = await createDatabase(
      url,
      `ENCODING 'EUC_CN' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await using site = siteOf(database);
    const run = (sql: string) => database.db.query(sql);
    await run(`CREATE TABLE marked (id int PRIMARY KEY, name text, note text, picked int DEFAULT 1)`);
    const flag = { column: 'picked' };
    const source = await site.source(resource, { table: 'marked', flag }, { strategy: 'flag' });
    const { checkpoints } = await readAll(source);
    await run(`INSERT INTO marked SELECT n, '惠州市', '区', 0 FROM generate_series(1, 6) n;
      UPDATE marked SET note = convert_from('\\xfefe', 'EUC_CN') WHERE id IN (2, 3, 5)`);
    const read = await readAll(source, checkpoints.at(-1));
    expect(read.rows.map(([id]) => id)).toEqual(['1', '4', '6']);
    expect(read.rejected.map(({ key }) => `${Buffer.from(key!)}`)).toEqual(['2', '3', '5']);
    await run(`UPDATE marked SET note = 'better' WHERE id = 3`);
    await source.confirm(read.checkpoints.at(-1)!, signal);
    expect((await run('SELECT id FROM marked WHERE picked = 0 ORDER BY id')).rows).toEqual([{ id: '3' }]);
  });
});
