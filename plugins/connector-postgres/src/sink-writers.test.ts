import type { Sink, SinkBatch } from '@qianzhi/plugin-api';
import { describeWithPostgres, rowsReadBack } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import {
  batchOf,
  deliveryOf,
  keyed,
  openTargetSite,
  reasons,
  resourceOf,
  signal,
  type TargetSite,
  write,
} from './test/target-site.js';

const all = 'SELECT id, name FROM t ORDER BY id';
const table = 'CREATE TABLE t (id varchar(20) PRIMARY KEY, name text)';

/** Waits until the server shows a session of ours for which `condition` on pg_stat_activity `a` holds; answers its pid. */
async function backend(site: TargetSite, condition: string): Promise<string> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const [pid] = await site.values(
      `SELECT pid FROM pg_stat_activity a WHERE application_name = 'qianzhi' AND datname = current_database() AND ${condition}`,
    );
    if (pid) return pid;
    if (Date.now() > deadline) throw new Error(`no session for which ${condition}`);
  }
}

describeWithPostgres('postgres target: suppliers, instances and faults', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  it('refuses a second supplier, unless it takes over or the grant before has ended', async () => {
    await using site = await openTargetSite(database);
    await write(await site.sink(keyed, { table: 't', create: true }), keyed, 1, ['S\ta\t1']);
    const other = { delivery: deliveryOf('other') };
    await expect(
      write(await site.sink(keyed, { table: 't' }), keyed, 1, ['S\tb\t2'], other),
    ).rejects.toMatchObject({ code: 'QZ_POSTGRES_TARGET_TAKEN' });
    await write(await site.sink(keyed, { table: 't', takeOver: true }), keyed, 1, ['S\tb\t2'], other);
    expect(await site.values(all)).toEqual(['b|2']);
    const third = { delivery: deliveryOf('third') };
    const sink = await site.sink(keyed, { table: 't' }, { ended: [deliveryOf('other')] });
    await write(sink, keyed, 1, ['S\tc\t3'], third);
    expect(await site.values(all)).toEqual(['c|3']);
  });

  it('shares a table among suppliers, each deleting only what it alone delivered', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(`${table}; INSERT INTO t VALUES ('own', '0')`);
    const sink = await site.sink(keyed, { table: 't', shared: true });
    const other = { delivery: deliveryOf('other') };
    const held = () => site.values('SELECT id FROM t ORDER BY id');
    await write(sink, keyed, 1, ['S\ta\t1', 'S\tb\t1']);
    await write(sink, keyed, 1, ['S\tb\t1', 'S\tc\t1'], other);
    expect(await held()).toEqual(['a', 'b', 'c', 'own']);
    const mixed = await write(sink, keyed, 2, ['D\tb\t\\N', 'U\td\t1']);
    expect(mixed.ledger.counts).toMatchObject({ inserted: 1, unchanged: 1, deleted: 0 });
    expect(await held()).toEqual(['a', 'b', 'c', 'd', 'own']);
    const of = (delivery: ReturnType<typeof deliveryOf>) => ({
      exchange: 'x',
      resource: keyed,
      target: { table: 't', shared: true },
      delivery,
    });
    expect(await rowsReadBack(await site.open(), of(deliveryOf()), signal)).toEqual(['a|1', 'd|1']);
    expect(await rowsReadBack(await site.open(), of(other.delivery), signal)).toEqual(['b|1', 'c|1']);
    await write(sink, keyed, 3, ['S\td\t1']);
    expect(await held()).toEqual(['b', 'c', 'd', 'own']);
    await write(sink, keyed, 2, ['D\tb\t\\N'], other);
    expect(await held()).toEqual(['c', 'd', 'own']);
  });

  it('fences an instance that another one has taken over from', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const frozen = await site.sink(keyed, { table: 't' });
    await write(frozen, keyed, 1, ['S\ta\t1'], { snapshot: { id: 's', part: 1, last: false } });
    const newer = await site.sink(keyed, { table: 't' });
    await newer.discardStaged(deliveryOf(), signal);
    await write(newer, keyed, 1, ['S\tb\t1'], { snapshot: { id: 's2', part: 1, last: false } });
    await expect(
      write(frozen, keyed, 1, ['S\ta\t1'], { snapshot: { id: 's', part: 1, last: false } }),
    ).rejects.toMatchObject({ code: 'QZ_POSTGRES_WRITER_FENCED', kind: 'conflict' });
    await write(newer, keyed, 2, ['S\tc\t1'], { snapshot: { id: 's2', part: 2, last: true } });
    expect(await site.values(all)).toEqual(['b|1', 'c|1']);
  });

  it('ends a frozen instance that holds the exchange in the middle of a write', async () => {
    await using site = await openTargetSite(database, { lockTimeoutMs: 300 });
    await site.db.query(`CREATE TABLE t (id varchar(20) PRIMARY KEY, name text CHECK (name <> 'bad'))`);
    const frozen = await site.sink(keyed, { table: 't' });
    let wake: () => void = () => {};
    let reached: () => void = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const inside = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const quarantine = () => {
      reached();
      return asleep;
    };
    const stuck = frozen
      .write(batchOf(keyed, 1, ['U\ta\tbad', 'U\tb\t1']), quarantine, signal)
      .catch((error: unknown) => error);
    await inside;
    const newer = await site.sink(keyed, { table: 't' });
    const applied = await write(newer, keyed, 1, ['U\ta\tbad', 'U\tb\t1']);
    expect(applied.ledger.counts).toMatchObject({ inserted: 1, rejected: 1 });
    wake();
    expect(await stuck).toMatchObject({ kind: 'unavailable' });
    await expect(write(frozen, keyed, 2, ['U\tc\t1'])).rejects.toMatchObject({
      code: 'QZ_POSTGRES_WRITER_FENCED',
    });
    expect(await site.values(all)).toEqual(['b|1']);
  });

  const lost: readonly (readonly [string, (sink: Sink) => Promise<unknown>])[] = [
    ['in the middle of a delta', (sink) => write(sink, keyed, 2, many('U'))],
    ['in the middle of a part', (sink) => write(sink, keyed, 2, many('S'))],
  ];
  it.each(lost)('a server that ends our session %s leaves nothing half done', async (_name, attempt) => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['S\tz\told']);
    // our statement waits for this row and for this table, deep in the write
    const holder = await site.connect();
    await holder.query(`BEGIN; UPDATE t SET name = 'held' WHERE id = 'z'`);
    const writing = attempt(sink).catch((error: unknown) => error);
    const pid = await backend(site, `wait_event_type = 'Lock'`);
    await site.db.query(`SELECT pg_terminate_backend(${pid})`);
    expect(await writing).toMatchObject({ code: 'QZ_POSTGRES_CONNECTION_LOST', kind: 'unavailable' });
    await holder.query('ROLLBACK');
    expect(await site.values(all)).toEqual(['z|old']);
    expect((await sink.ledgerHead(deliveryOf(), signal))?.seq).toBe(1);
    await attempt(sink);
    expect((await site.values('SELECT count(*) FROM t WHERE name = $$1$$'))[0]).toBe('3000');
  });

  it('a session that is ended while rows are sent is told as lost, and the batch can be tried again', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `${table}; CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.001); RETURN new; END';
       CREATE TABLE gate (id int)`,
    );
    const sink = await site.sink(keyed, { table: 't' });
    const big = Array.from({ length: 40_000 }, (_, n) => `S\tk${n}\t${'x'.repeat(200)}`);
    const writing = write(sink, keyed, 1, big).catch((error: unknown) => error);
    const pid = await backend(site, `query LIKE '%COPY%' AND state = 'active'`);
    await site.db.query(`SELECT pg_terminate_backend(${pid})`);
    expect(await writing).toMatchObject({ kind: 'unavailable' });
    const { ledger } = await write(sink, keyed, 1, big);
    expect(ledger.counts.inserted).toBe(40_000);
  });

  it('a lost answer to COMMIT is found in the ledger', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    const first = await write(sink, keyed, 1, ['U\ta\t1']);
    await site.db.query(
      `UPDATE t SET name = 'mine'; SELECT pg_terminate_backend(${await backend(site, 'true')})`,
    );
    const again = await write(await site.sink(keyed, { table: 't' }), keyed, 1, ['U\ta\t1']);
    expect(again.ledger).toEqual(first.ledger);
    expect(await site.values(all)).toEqual(['a|mine']);
    await expect(write(sink, keyed, 1, ['U\ta\t2'])).rejects.toMatchObject({ kind: 'conflict' });
    await expect(write(await site.sink(keyed, { table: 't' }), keyed, 1, ['U\ta\t2'])).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LEDGER_CONFLICT',
      kind: 'integrity',
    });
  });

  it('a lock of others or a deadlock means: try again', async () => {
    await using site = await openTargetSite(database, { lockTimeoutMs: 150 });
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\t1']);
    await site.db.query(`BEGIN; UPDATE t SET name = 'x'`);
    const batch = batchOf(keyed, 2, ['U\ta\t2']);
    await expect(sink.write(batch, async () => {}, signal)).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LOCKED',
      kind: 'unavailable',
    });
    await site.db.query('ROLLBACK');
    expect((await sink.write(batch, async () => {}, signal)).counts.updated).toBe(1);
  });

  it('an abort in the middle ends the statement in the server, and the sink goes on', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\t1']);
    await site.db.query(`BEGIN; UPDATE t SET name = 'x'`);
    const controller = new AbortController();
    const batch: SinkBatch = batchOf(keyed, 2, ['U\ta\t2']);
    const writing = sink.write(batch, async () => {}, controller.signal).catch((error: unknown) => error);
    const pid = await backend(site, `wait_event_type = 'Lock'`);
    controller.abort();
    expect(await writing).toMatchObject({ kind: 'cancelled' });
    await site.db.query('ROLLBACK');
    const deadline = Date.now() + 10_000;
    while ((await site.values(`SELECT 1 FROM pg_stat_activity WHERE pid = ${pid}`)).length > 0) {
      if (Date.now() > deadline) throw new Error('the session is still there');
    }
    expect((await sink.write(batch, async () => {}, signal)).counts.updated).toBe(1);
  });

  it('isolates many bad rows among many good ones, and ends early where the limit is passed', async () => {
    await using site = await openTargetSite(database);
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'n', type: 'I' },
    ]);
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY, n smallint CHECK (n <> 7))');
    const sink = await site.sink(resource, { table: 't' });
    const lines = Array.from(
      { length: 5000 },
      (_, n) => `U\tk${n}\t${n % 50 === 0 ? (n % 100 ? 7 : 99999) : 1}`,
    );
    const written = await write(sink, resource, 1, lines);
    expect(written.ledger.counts).toMatchObject({ delivered: 5000, inserted: 4900, rejected: 100 });
    expect(reasons(written)).toEqual(
      lines.flatMap((_, n) => (n % 50 ? [] : [n % 100 ? `${n} * constraint` : `${n} n out-of-range`])),
    );
    const limit = new Error('over the limit');
    let seen = 0;
    const hopeless = lines.map((line) => line.replace(/\d+$/, '7').replace('k', 'x'));
    const over = sink.write(
      batchOf(resource, 2, hopeless),
      async (rows) => {
        seen += rows.length;
        if (seen > 150) throw limit;
      },
      signal,
    );
    await expect(over).rejects.toBe(limit);
    expect(seen).toBe(200);
    expect((await sink.ledgerHead(deliveryOf(), signal))?.seq).toBe(1);
  });

  it('moves values of a second unique column from one row to another, in the order of the rows', async () => {
    await using site = await openTargetSite(database);
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY, name text UNIQUE)');
    const sink = await site.sink(keyed, { table: 't' });
    await write(sink, keyed, 1, ['U\ta\t1', 'U\tb\t2', 'U\tc\t3']);
    const moved = await write(sink, keyed, 2, ['U\ta\t9', 'U\tb\t1', 'D\tc\t\\N', 'U\td\t3']);
    expect(reasons(moved)).toEqual([]);
    expect(await site.values(all)).toEqual(['a|9', 'b|1', 'd|3']);
  });

  it('is durable where the server was told otherwise, and says what only the server can change', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    await site.db.query(`ALTER DATABASE "${database.name}" SET synchronous_commit = off`);
    try {
      await site.db.query(
        `CREATE FUNCTION durable() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.name := current_setting(''synchronous_commit''); RETURN new; END';
         CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE PROCEDURE durable()`,
      );
      await write(await site.sink(keyed, { table: 't' }), keyed, 1, ['U\ta\t1']);
      expect(await site.values(all)).toEqual(['a|on']);
    } finally {
      await site.db.query(`ALTER DATABASE "${database.name}" RESET synchronous_commit`);
    }
  });
});

function many(op: 'S' | 'U'): string[] {
  return ['z', ...Array.from({ length: 2999 }, (_, n) => `k${n}`)].map((id) => `${op}\t${id}\t1`);
}
