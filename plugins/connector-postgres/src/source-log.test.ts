import { follower } from '@qianzhi/testing';
import { afterEach, expect, it } from 'vitest';
import { positionOf } from './log/position.js';
import { holdSlot } from './test/hold-slot.js';
import { describeSource, readAll, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSource('postgres source: log', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const open = (table: string, more: object = {}, config: object = {}) =>
    site().source(resource, { table, ...more }, { strategy: 'log', config });
  const make = (table: string) =>
    run(`CREATE TABLE ${table} (id int PRIMARY KEY, name text);
      INSERT INTO ${table} SELECT n, 'first' FROM generate_series(1, 5) n`);
  const slots = async () =>
    (
      await run(`SELECT slot_name, active, confirmed_flush_lsn FROM pg_replication_slots
        WHERE database = current_database() ORDER BY slot_name`)
    ).rows as { slot_name: string; active: string; confirmed_flush_lsn: string }[];

  // a slot outlives its database's sessions, and would keep the database from being dropped
  afterEach(async () => {
    await site()[Symbol.asyncDispose]();
    await expect.poll(async () => (await slots()).some(({ active }) => active === 't')).toBe(false);
    await run(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
    );
  });

  it('copies the table, then brings every change, and nothing twice', async () => {
    await make('plain');
    const { next, rows } = follower(await open('plain'));
    expect(await next()).toEqual(['S1', 'S2', 'S3', 'S4', 'S5']);
    expect(await next()).toEqual([]);
    await run(`INSERT INTO plain VALUES (6, 'six'), (7, NULL); UPDATE plain SET name = 'two' WHERE id = 2;
      DELETE FROM plain WHERE id = 3; UPDATE plain SET id = 40 WHERE id = 4`);
    expect(await next()).toEqual(['D3', 'D4', 'U2', 'U40', 'U6', 'U7']);
    expect(rows.get('40')).toBe('first');
    expect(rows.get('7')).toBe(null);
    expect(await next()).toEqual([]);
    await run(`BEGIN; UPDATE plain SET name = 'never'; ROLLBACK`);
    expect(await next()).toEqual([]);
  });

  it('reads a transaction that commits late, and one that commits while another is read', async () => {
    await make('late');
    const { next } = follower(await open('late'));
    await next();
    const early = await site().session();
    await early.query(`BEGIN; UPDATE late SET name = 'early' WHERE id IN (1, 2)`);
    await run(`UPDATE late SET name = 'second' WHERE id = 3`);
    expect(await next()).toEqual(['U3']);
    await early.query('COMMIT');
    expect(await next()).toEqual(['U1', 'U2']);
  });

  it('keeps a long value that a change did not touch', async () => {
    await make('long');
    await run(`ALTER TABLE long ADD more int;
      ALTER TABLE long ALTER name SET STORAGE EXTERNAL; UPDATE long SET name = repeat('长', 20000) WHERE id = 1`);
    const { next, rows } = follower(await open('long'));
    await next();
    await run('UPDATE long SET more = 1 WHERE id = 1; UPDATE long SET id = 10 WHERE id = 1');
    expect(await next()).toEqual(['D1', 'U10']);
    expect(rows.get('10')).toBe('长'.repeat(20_000));
  });

  it('a truncation leads to a full copy', async () => {
    await make('emptied');
    const source = await open('emptied');
    const { next, rows } = follower(source);
    await next();
    await run(
      `UPDATE emptied SET name = 'x' WHERE id = 1; TRUNCATE emptied; INSERT INTO emptied VALUES (7, 'new')`,
    );
    expect((await next()).filter((row) => row.startsWith('S'))).toEqual(['S7']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'truncated' } }]);
    await next();
    await run(`UPDATE emptied SET name = 'again'`);
    expect(await next()).toEqual(['U7']);
    expect([...rows]).toEqual([['7', 'again']]);
  });

  it('a row that leaves the condition is deleted', async () => {
    await make('scoped');
    const { next } = follower(await open('scoped', { where: `name <> 'hidden'` }));
    await next();
    await run(`UPDATE scoped SET name = 'hidden' WHERE id = 2; UPDATE scoped SET name = 'seen' WHERE id = 3`);
    expect(await next()).toEqual(['D2', 'U3']);
  });

  it('the server forgets what was confirmed, and nothing that was only read', async () => {
    await make('kept');
    const source = await open('kept');
    const first = await readAll(source);
    const [before] = await slots();
    await run(`UPDATE kept SET name = 'changed'`);
    const read = await readAll(source, first.checkpoints.at(-1));
    expect(read.rows.length).toBe(5);
    expect((await slots())[0]).toEqual(before);
    expect((await readAll(source, first.checkpoints.at(-1))).rows.length).toBe(5);
    await source.confirm(read.checkpoints.at(-1)!, signal);
    await source.confirm(first.checkpoints.at(-1)!, signal);
    const { position } = JSON.parse(read.checkpoints.at(-1)!);
    expect((await slots())[0]?.confirmed_flush_lsn).toBe(position);
    expect((await readAll(source, read.checkpoints.at(-1))).rows).toEqual([]);
  });

  it('moves on where only other tables are written', async () => {
    await make('quiet');
    const { next } = follower(await open('quiet'));
    await next();
    const [before] = await slots();
    await run(`CREATE TABLE noisy AS SELECT n, repeat('x', 200) FROM generate_series(1, 20000) n`);
    expect(await next()).toEqual([]);
    expect((await slots())[0]?.confirmed_flush_lsn).not.toBe(before?.confirmed_flush_lsn);
  });

  it('a large transaction comes in blocks, each with the place before it until it is whole', async () => {
    await make('large');
    const source = await open('large');
    const first = await readAll(source);
    await run(`INSERT INTO large SELECT n, 'bulk' FROM generate_series(10, 30009) n`);
    const read = await readAll(source, first.checkpoints.at(-1), { blockBytes: 65_536, maxRows: 10 });
    expect(read.rows.length).toBe(30_000);
    const places = new Set(read.checkpoints);
    expect(places.size).toBe(2);
    expect((await readAll(source, read.checkpoints.at(-1))).rows).toEqual([]);
  });

  it.each([
    ['slot-missing', (slot: string) => `SELECT pg_drop_replication_slot('${slot}')`],
    [
      'slot-dropped',
      () => `CREATE TABLE bulk AS SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 48000) n`,
    ],
    ['slot-ahead', (slot: string) => `SELECT pg_replication_slot_advance('${slot}', pg_current_wal_lsn())`],
    [
      'table-replaced',
      () => 'ALTER PUBLICATION lost_log DROP TABLE lost; ALTER PUBLICATION lost_log ADD TABLE lost',
    ],
  ])('a full copy with a notice: %s', async (reason, harm) => {
    await make('lost');
    await run('CREATE PUBLICATION lost_log FOR TABLE lost');
    // other tests write log of the same server
    const maxLagMiB = reason === 'slot-dropped' ? 24 : 4096;
    const source = await open('lost', { log: { publication: 'lost_log', maxLagMiB } });
    const { next, rows } = follower(source);
    await next();
    await run(`UPDATE lost SET name = 'unseen' WHERE id = 1; DELETE FROM lost WHERE id = 2`);
    const [{ slot_name } = { slot_name: '' }] = await slots();
    await run(harm(slot_name));
    expect(await next()).toEqual(['S1', 'S3', 'S4', 'S5']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason } }]);
    await run(`UPDATE lost SET name = 'followed' WHERE id = 3`);
    expect(await next()).toEqual(['U3']);
    expect(rows.get('1')).toBe('unseen');
    await run('DROP TABLE lost; DROP PUBLICATION lost_log; DROP TABLE IF EXISTS bulk');
  });

  it('finds a slot that was moved after it was looked at, and begins nowhere else', async () => {
    await make('moved');
    const source = await open('moved', { log: { slot: 'moved_slot' } });
    const { next, rows } = follower(source);
    await next();
    const other = await holdSlot(site().config, 'moved_slot');
    await run(`UPDATE moved SET name = 'unseen' WHERE id = 1; DELETE FROM moved WHERE id = 2`);
    const refused = expect(next()).rejects.toMatchObject({ code: 'QZ_POSTGRES_LOG_PASSED' });
    // it has looked at the slot, and waits for the other one to leave it
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = current_database()`;
    await expect.poll(async () => (await run(waiting)).rowCount, { interval: 5, timeout: 20_000 }).toBe(2);
    const { rows: now } = await run('SELECT pg_current_wal_insert_lsn() AS at');
    other.release(positionOf(now[0].at));
    await other.close();
    await refused;
    expect(await next()).toEqual(['S1', 'S3', 'S4', 'S5']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'slot-ahead' } }]);
    expect(rows.get('1')).toBe('unseen');
    await run('DROP TABLE moved');
  });

  it('refuses what it cannot follow when it is opened, and changes nothing by that', async () => {
    await make('refused');
    await run(`CREATE ROLE follower1 LOGIN PASSWORD 'reader-password'; GRANT SELECT ON refused TO follower1;
      CREATE VIEW refused_view AS SELECT * FROM refused;
      CREATE TABLE loose (id int NOT NULL, name text); CREATE TABLE other_key (no int PRIMARY KEY, id int NOT NULL, name text);
      CREATE PUBLICATION of_others FOR TABLE loose WITH (publish = 'insert')`);
    const follower1 = { user: 'follower1', password: 'reader-password' };
    const code = (table: string, more: object = {}, config: object = {}) =>
      open(table, more, config).then(
        () => 'opened',
        (error) => `${error.code}: ${error.texts.en.hint}`,
      );
    expect(await code('refused')).toBe('opened');
    expect((await run(`SELECT 1 FROM pg_publication WHERE pubname LIKE 'qianzhi%refused%'`)).rowCount).toBe(
      0,
    );
    expect(await code('refused_view')).toMatch(/^QZ_POSTGRES_STRATEGY_UNFIT/);
    expect(await code('loose')).toMatch(/^QZ_POSTGRES_LOG_IDENTITY.*"public"."loose" REPLICA IDENTITY FULL/);
    expect(await code('other_key')).toMatch(/^QZ_POSTGRES_LOG_IDENTITY/);
    await run('ALTER TABLE other_key REPLICA IDENTITY FULL');
    expect(await code('other_key')).toBe('opened');
    expect(await code('refused', {}, follower1)).toMatch(
      /^QZ_POSTGRES_LOG_DENIED.*ALTER ROLE follower1 REPLICATION/,
    );
    await run('ALTER ROLE follower1 REPLICATION');
    expect(await code('refused', {}, follower1)).toMatch(
      /^QZ_POSTGRES_LOG_UNPUBLISHED.*CREATE PUBLICATION "qianzhi_log_\w+" FOR TABLE "public"."refused"/,
    );
    expect(await code('refused', { log: { publication: 'of_others' } })).toMatch(
      /^QZ_POSTGRES_LOG_UNPUBLISHED.*ALTER PUBLICATION "of_others" ADD TABLE/,
    );
    expect(await code('refused', {}, { readOnly: true })).toMatch(/^QZ_POSTGRES_LOG_UNPUBLISHED/);
    await run('CREATE PUBLICATION right_one FOR TABLE refused');
    const { next } = follower(await open('refused', { log: { publication: 'right_one' } }, follower1));
    expect((await next()).length).toBe(5);
    await run('DROP OWNED BY follower1; DROP ROLE follower1');
  });

  it('follows a key apart from the primary key, and a partitioned table', async () => {
    await run(`CREATE TABLE apart (no int PRIMARY KEY, id int NOT NULL, name text); ALTER TABLE apart REPLICA IDENTITY FULL;
      INSERT INTO apart VALUES (1, 10, 'a'), (2, 20, 'b');
      CREATE TABLE parted (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
      CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
      CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (100) TO (200);
      INSERT INTO parted VALUES (1, 'a'), (101, 'b')`);
    const apart = follower(await open('apart'));
    const parted = follower(await open('parted'));
    await apart.next();
    await parted.next();
    await run(`UPDATE apart SET id = 11 WHERE no = 1; DELETE FROM apart WHERE no = 2;
      UPDATE parted SET id = 102 WHERE id = 1; UPDATE parted SET name = 'c' WHERE id = 101`);
    expect(await apart.next()).toEqual(['D10', 'D20', 'U11']);
    expect(await parted.next()).toEqual(['D1', 'U101', 'U102']);
  });

  it('an altered table ends the read, so that drift is looked for', async () => {
    await make('altered');
    const source = await open('altered');
    const first = await readAll(source);
    await run(`UPDATE altered SET name = 'x' WHERE id = 1; ALTER TABLE altered ALTER name TYPE varchar(50);
      UPDATE altered SET name = 'y' WHERE id = 2`);
    await expect(readAll(source, first.checkpoints.at(-1))).rejects.toMatchObject({
      code: 'QZ_POSTGRES_SCHEMA_CHANGED',
    });
    const again = await open('altered');
    expect((await readAll(again, first.checkpoints.at(-1))).rows.length).toBe(2);
  });
});
