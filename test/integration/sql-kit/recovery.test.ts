import type { Sink } from '@qianzhi/plugin-api';
import {
  batchOfLines,
  configOf,
  delivery,
  describeWithPostgres,
  noAbort,
  quietContext,
  resourceWith,
} from '@qianzhi/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../plugins/connector-postgres/src/test/database.js';
import { sqlKitConnector } from './connector.js';

const items = resourceWith([
  { column: 'id', type: 'C', key: true },
  { column: 'name', type: 'C', length: 3 },
]);
const whole = (at: number, last: boolean, rows: number) => ({
  id: 'snap',
  part: at,
  last,
  ...(last && { totals: { parts: at, rows } }),
});

/** What connectors over a dialect do when they are interrupted, on a real database. */
describeWithPostgres('a target of sql-kit', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());
  beforeEach(() =>
    database.db.query(`DROP SCHEMA IF EXISTS target CASCADE; CREATE SCHEMA target;
      CREATE TABLE target.firm (id text PRIMARY KEY, name varchar(3))`),
  );

  async function openSink(): Promise<Sink> {
    const config = { ...configOf(database.url), schema: 'target' };
    const connection = await sqlKitConnector.open(config, quietContext, noAbort);
    return connection.sink({ exchange: 'x', resource: items, target: { table: 'firm' } }, noAbort);
  }
  const rows = async () =>
    (await database.db.query<{ id: string }>('SELECT id FROM target.firm ORDER BY id')).rows.map(
      ({ id }) => id,
    );
  const none = async () => {};

  it('applies a batch once, whoever writes it at the same time', async () => {
    const sinks = await Promise.all([openSink(), openSink(), openSink()]);
    await sinks[0]!.write(batchOfLines(items, 1, ['U\ta\tx']), none, noAbort);
    const batch = batchOfLines(items, 2, ['U\tb\ty', 'U\tc\tz']);
    const answers = await Promise.all(sinks.map((sink) => sink.write(batch, none, noAbort)));
    expect(answers.map(({ counts }) => counts.inserted)).toEqual([2, 2, 2]);
    expect(new Set(answers.map((row) => JSON.stringify(row))).size).toBe(1);
    expect(await rows()).toEqual(['a', 'b', 'c']);
    for (const sink of sinks) await sink[Symbol.asyncDispose]();
  });

  it('leaves nothing of a batch whose line was lost in the middle, and takes it again', async () => {
    const sink = await openSink();
    const batch = batchOfLines(items, 1, ['U\ta\tx', 'U\tb\ttoo long']);
    const cut = async () => {
      await database.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
    };
    await expect(sink.write(batch, cut, noAbort)).rejects.toMatchObject({ name: 'QianzhiError' });
    expect(await rows()).toEqual([]);
    expect(await sink.ledgerHead(delivery, noAbort)).toBeUndefined();
    const { counts } = await sink.write(batch, none, noAbort);
    expect(counts).toMatchObject({ delivered: 2, inserted: 1, rejected: 1 });
    expect(await rows()).toEqual(['a']);
    await sink[Symbol.asyncDispose]();
  });

  it('begins a snapshot anew over a shadow that a crash left without a ledger row', async () => {
    const crashed = await openSink();
    const lost = new Error('the process is gone');
    const part = batchOfLines(items, 1, ['S\ta\tx', 'S\tb\ttoo long'], whole(1, false, 3));
    await expect(crashed.write(part, () => Promise.reject(lost), noAbort)).rejects.toBe(lost);
    const shadows = `SELECT 1 FROM pg_tables WHERE tablename LIKE 'qianzhi_shadow%'`;
    expect((await database.db.query(shadows)).rows).toHaveLength(1);
    expect(await crashed.ledgerHead(delivery, noAbort)).toBeUndefined();
    const again = await openSink();
    await again.write(batchOfLines(items, 1, ['S\tc\tx'], whole(1, false, 2)), none, noAbort);
    const last = await again.write(batchOfLines(items, 2, ['S\td\ty'], whole(2, true, 2)), none, noAbort);
    expect(last.counts).toMatchObject({ delivered: 2, inserted: 2 });
    expect(await rows()).toEqual(['c', 'd']);
    expect((await database.db.query(shadows)).rows).toEqual([]);
    for (const open of [crashed, again]) await open[Symbol.asyncDispose]();
  });

  it('refuses a last part whose shadow does not hold what was staged, and touches nothing', async () => {
    await database.db.query(`INSERT INTO target.firm VALUES ('old', 'x')`);
    const sink = await openSink();
    await sink.write(batchOfLines(items, 1, ['S\ta\tx', 'S\tb\ty'], whole(1, false, 3)), none, noAbort);
    const { rows: shadows } = await database.db.query<{ tablename: string }>(
      `SELECT tablename FROM pg_tables WHERE tablename LIKE 'qianzhi_shadow%'`,
    );
    await database.db.query(`DELETE FROM target.${shadows[0]!.tablename} WHERE f0 = 'a'`);
    const last = sink.write(batchOfLines(items, 2, ['S\tc\tz'], whole(2, true, 3)), none, noAbort);
    await expect(last).rejects.toMatchObject({ code: 'QZ_SQL_SNAPSHOT_BROKEN', kind: 'integrity' });
    expect(await rows()).toEqual(['old']);
    await sink[Symbol.asyncDispose]();
  });
});
