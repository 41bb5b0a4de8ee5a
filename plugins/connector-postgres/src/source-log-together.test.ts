import { createLogGroup, type LogGroup, type LogMember, seededPick } from '@qianzhi/testing';
import type pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeSource, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const idAndName = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);
const came = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });

describeSource('postgres source: one slot for many resources', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const ours = 'FROM pg_replication_slots WHERE database = current_database()';
  const count = async (sql: string) => (await run(sql)).rowCount;
  const slots = () => count(`SELECT 1 ${ours}`);
  const walsenders = () =>
    count(
      `SELECT 1 FROM pg_stat_replication r JOIN pg_stat_activity a USING (pid) WHERE a.datname = current_database()`,
    );
  const released = async () =>
    (await run(`SELECT confirmed_flush_lsn AS at ${ours} AND NOT temporary`)).rows[0] as { at: string };
  let group: LogGroup;
  let names = 0;

  beforeEach(() => {
    group = createLogGroup(site(), `agent-${++names}/source`);
  });
  afterEach(async () => {
    await site()[Symbol.asyncDispose]();
    await came(() => count(`SELECT 1 ${ours} AND active`)).toBe(0);
    await run(`SELECT pg_drop_replication_slot(slot_name) ${ours}`);
  });

  const make = (table: string, rows = 5) =>
    run(`CREATE TABLE ${table} (id int PRIMARY KEY, name text);
      INSERT INTO ${table} SELECT n, 'first' FROM generate_series(1, ${rows}) n`);
  async function rowsOf(table: string) {
    const { rows } = await run(`SELECT id, name FROM ${table} ORDER BY id::text COLLATE "C"`);
    return rows.map(({ id, name }: { id: string; name: string }) => [id, name]);
  }
  const held = ({ target }: LogMember) => [...target.rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const equals = async (...members: readonly LogMember[]) => {
    for (const member of members) {
      const rows = await rowsOf(member.table);
      await came(() => held(member)).toEqual(rows);
    }
  };

  async function write(session: pg.Client, tables: readonly string[], seed: number, times: number) {
    const pick = seededPick(seed);
    for (let each = 0; each < times; each++) {
      await session.query('BEGIN');
      for (let statement = pick(3); statement >= 0; statement--) {
        const table = tables[pick(tables.length)]!;
        const [id, other, kind] = [pick(60), pick(60), pick(100)];
        // writers take turns at a table, so that they do not meet in keys
        await session.query(`SELECT pg_advisory_xact_lock(${tables.indexOf(table)})`);
        if (kind < 40)
          await session.query(
            `INSERT INTO ${table} VALUES (${id}, 'i${pick(1e6)}') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name`,
          );
        else if (kind < 60) await session.query(`DELETE FROM ${table} WHERE id = ${id}`);
        else
          await session.query(
            `UPDATE ${table} SET id = ${other} WHERE id = ${id} AND NOT EXISTS (SELECT 1 FROM ${table} WHERE id = ${other})`,
          );
      }
      await session.query(pick(6) === 0 ? 'ROLLBACK' : 'COMMIT').catch(notDeadlock);
    }
  }
  function notDeadlock(error: { readonly code?: string }) {
    if (error.code !== '40P01') throw error;
  }

  it('three resources under writers share one slot and one walsender; one is emptied, one crashes, one comes late', async () => {
    const tables = ['storm_a', 'storm_b', 'storm_c'];
    for (const table of tables) await make(table);
    const [a, b] = ['storm_a', 'storm_b'].map((table) => group.add(table));
    await a!.start();
    await b!.start();
    await came(() => held(a!).length * held(b!).length).toBe(25);
    const sessions = await Promise.all([1, 2, 3].map(() => site().session()));
    const written = Promise.all(
      sessions.map((session, at) =>
        write(session, at === 0 ? tables : tables.slice(at - 1, at), at + names, 250).catch(notDeadlock),
      ),
    );
    const c = group.add('storm_c');
    await c.start();
    await came(() => c.target.rows.size > 0).toBe(true);
    await run('TRUNCATE storm_b');
    for (let crash = 0; crash < 4; crash++) {
      await a!.crash();
      await a!.start();
      await came(() => a!.committed).not.toBe(undefined);
    }
    await written;
    await run(`INSERT INTO storm_a VALUES (1000, 'last'); INSERT INTO storm_b VALUES (1000, 'last')`);
    await equals(a!, b!, c);
    await came(walsenders).toBe(1);
    expect(await slots()).toBe(1);
    expect([a!.copied, c.copied]).toEqual([[], []]);
    for (const member of [a!, b!, c]) await member.stop();
    expect(b!.copied).toEqual(['truncated']);
    await came(walsenders).toBe(0);
  });

  it('is released up to the lowest receipt, whoever runs; one taken out of the config holds nothing', async () => {
    await make('low');
    await make('high');
    const [low, high] = [group.add('low'), group.add('high')];
    await low.run();
    await high.run();
    expect(await slots()).toBe(1);
    await run(`UPDATE low SET name = 'x'; UPDATE high SET name = 'y'`);
    await high.run();
    const { notes } = await (await site().open()).check(signal, group.alongside());
    expect(notes.map(({ en }) => en)).toContainEqual(
      expect.stringMatching(/^slot qianzhi_log_\w+: shared by 2 resources, \d+ MiB kept; held back by low/),
    );
    const { notes: alone } = await (await site().open()).check(signal);
    expect(alone.map(({ en }) => en)).toContainEqual(
      expect.stringMatching(/no exchange of this agent uses it.*pg_drop_replication_slot\('qianzhi_log_/),
    );
    const { position } = JSON.parse(low.committed!).then ?? JSON.parse(low.committed!);
    expect(await released()).toEqual({ at: position });
    group.remove('low');
    await run(`UPDATE high SET name = 'z'`);
    await high.run();
    expect((await released()).at).toBe(JSON.parse(high.committed!).position);
    const published = `SELECT tablename FROM pg_publication_tables WHERE tablename IN ('low', 'high')`;
    expect((await run(published)).rows).toEqual([{ tablename: 'high' }]);
    // it comes back where it was, and is copied
    await low.run();
    expect(low.copied).toEqual(['table-replaced']);
    await equals(low, high);
  });

  it('a reader that stalls neither holds others nor is cut; it catches up beside them and joins them again', async () => {
    await make('slow');
    await make('quick');
    const [slow, quick] = [group.add('slow'), group.add('quick')];
    await slow.start();
    await quick.start();
    await equals(slow, quick);
    const goOn = slow.stall();
    for (let part = 0; part < 2; part++)
      await run(
        `INSERT INTO slow SELECT ${part} * 100000 + n, 'bulk' FROM generate_series(100, 99999) n; UPDATE quick SET name = 'q${part}'`,
      );
    await equals(quick);
    await came(walsenders).toBe(1);
    goOn();
    await came(() => slow.target.rows.size).toBe(2 * 99_900 + 5);
    await run(`UPDATE slow SET name = 'end' WHERE id = 1; UPDATE quick SET name = 'end' WHERE id = 1`);
    await came(() => [slow.target.rows.get('1'), quick.target.rows.get('1')]).toEqual(['end', 'end']);
    await came(walsenders).toBe(1);
    expect(await slots()).toBe(1);
    expect([...slow.copied, ...quick.copied]).toEqual([]);
  });

  it('one that is paused for too long is not waited for any more: it alone is copied again', async () => {
    await make('paused');
    await make('busy');
    // far more than other tests write into the same log meanwhile
    const paused = group.add('paused', { log: { maxLagMiB: 80 } });
    const busy = group.add('busy', { log: { maxLagMiB: 80 } });
    await paused.run();
    await busy.run();
    await run(`UPDATE paused SET name = 'changed'`);
    const before = (await released()).at;
    for (let part = 0; part < 16; part++) {
      await run(`CREATE TABLE bulk_${part} AS SELECT n, repeat(md5(n::text), 20) FROM generate_series(1, 12500) n;
        UPDATE busy SET name = 'part ${part}'`);
      await busy.run();
    }
    await busy.run();
    expect(busy.copied).toEqual([]);
    expect((await released()).at).not.toBe(before);
    expect(site().logged).toContainEqual(
      expect.objectContaining({ resource: 'paused', behindBytes: expect.any(Number) }),
    );
    await paused.run();
    expect(paused.copied).toEqual(['slot-dropped']);
    await equals(paused, busy);
  });

  it('the slot and the publication go with the last exchange, once its run is over', async () => {
    await make('gone');
    const left = group.add('gone');
    await left.start();
    await equals(left);
    const others = group.alongside().others();
    const former = { ...group.alongside(), others: () => others };
    group.remove('gone');
    await came(walsenders).toBe(1);
    const connection = await site().open();
    const ended = connection.endLog!(former, group.alongside(), signal);
    await left.stop();
    await ended;
    expect(await slots()).toBe(0);
    expect(await count(`SELECT 1 FROM pg_publication_tables WHERE tablename = 'gone'`)).toBe(0);
    await connection.endLog!(former, group.alongside(), signal);
  });

  it('names one statement for all that have the same publication, whichever of them asks', async () => {
    await make('told_a');
    await make('told_b');
    for (const table of ['told_a', 'told_b']) group.add(table);
    group.add('elsewhere', { log: { publication: 'of_its_own' } });
    const sqlOf = (table: string) =>
      site()
        .source(
          idAndName,
          { table },
          { strategy: 'log', config: { readOnly: true }, alongside: group.alongside(table) },
        )
        .then(
          () => 'opened',
          ({ details }) => details.sql as string,
        );
    const sql = await sqlOf('told_a');
    expect(sql).toMatch(/ FOR TABLE "public"."told_a", "public"."told_b" WITH /);
    expect(await sqlOf('told_b')).toBe(sql);
    await run(sql);
    expect([await sqlOf('told_a'), await sqlOf('told_b')]).toEqual(['opened', 'opened']);
  });

  it('refuses a partition beside its partitioned table in one publication, and says what to do', async () => {
    await run(`CREATE TABLE split (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
      CREATE TABLE split_low PARTITION OF split FOR VALUES FROM (0) TO (100)`);
    for (const [first, second] of [
      ['split', 'split_low'],
      ['split_low', 'split'],
    ] as const) {
      group = createLogGroup(site(), `agent-${++names}/source`);
      await group.add(first).run();
      const refused = { code: 'QZ_POSTGRES_LOG_PARTITION', details: { other: `"public"."${first}"` } };
      await expect(group.add(second).run()).rejects.toMatchObject(refused);
    }
  });
});
