import { follower } from '@qianzhi/testing';
import { afterEach, expect, it } from 'vitest';
import { describeSource, readAll } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSource('postgres source: log of a table that is changed', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const open = (table: string) => site().source(resource, { table }, { strategy: 'log' });

  afterEach(async () => {
    await site()[Symbol.asyncDispose]();
    const ours = 'FROM pg_replication_slots WHERE database = current_database()';
    await expect.poll(async () => (await run(`SELECT 1 ${ours} AND active`)).rowCount).toBe(0);
    await run(`SELECT pg_drop_replication_slot(slot_name) ${ours}`);
  });

  it.each([
    ['a key was changed', 'UPDATE apart SET id = 11 WHERE no = 1'],
    ['a row was deleted', 'DELETE FROM apart WHERE no = 1'],
  ])('a full copy where %s meanwhile', async (_, change) => {
    await run(`CREATE TABLE apart (no int PRIMARY KEY, id int NOT NULL, name text); ALTER TABLE apart REPLICA IDENTITY FULL;
      INSERT INTO apart VALUES (1, 10, 'a'), (2, 20, 'b')`);
    const source = await open('apart');
    const { next, rows } = follower(source);
    await next();
    await run('ALTER TABLE apart REPLICA IDENTITY DEFAULT');
    await run(change);
    await run('ALTER TABLE apart REPLICA IDENTITY FULL');
    await next();
    const kept = await run('SELECT id, name FROM apart ORDER BY id');
    expect([...rows].sort()).toEqual(kept.rows.map(({ id, name }) => [id, name]));
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'key-unknown' } }]);
    await run(`UPDATE apart SET id = 21 WHERE no = 2`);
    expect(await next()).toEqual(['D20', 'U21']);
    await run('DROP TABLE apart');
  });

  it('a full copy where the table was made anew, and it is published again', async () => {
    const make = `CREATE TABLE made (id int PRIMARY KEY, name text); INSERT INTO made VALUES (1, 'a'), (2, 'b')`;
    await run(make);
    const { checkpoints } = await readAll(await open('made'));
    await run(`DROP TABLE made; ${make}; DELETE FROM made WHERE id = 1`);
    const source = await open('made');
    const copied = await readAll(source, checkpoints.at(-1));
    expect(copied.rows).toEqual([['2', 'b']]);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'table-replaced' } }]);
    await run(`INSERT INTO made VALUES (3, 'c')`);
    expect((await readAll(source, copied.checkpoints.at(-1))).rows).toEqual([['3', 'c']]);
  });

  it('refuses a partition whose own identity does not tell the key', async () => {
    await run(`CREATE TABLE parted (no int, id int NOT NULL, name text, PRIMARY KEY (no)) PARTITION BY RANGE (no);
      CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
      ALTER TABLE parted REPLICA IDENTITY FULL; INSERT INTO parted VALUES (1, 10, 'a'), (2, 20, 'b')`);
    await expect(open('parted')).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LOG_IDENTITY',
      texts: {
        en: { hint: expect.stringContaining('ALTER TABLE "public"."parted_low" REPLICA IDENTITY FULL') },
      },
    });
    await run('ALTER TABLE parted_low REPLICA IDENTITY FULL');
    const { next } = follower(await open('parted'));
    await next();
    await run('UPDATE parted SET id = 11 WHERE no = 1; DELETE FROM parted WHERE no = 2');
    expect(await next()).toEqual(['D10', 'D20', 'U11']);
  });
});
