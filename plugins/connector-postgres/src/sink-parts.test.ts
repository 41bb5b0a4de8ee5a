import type { LoadedPart, OnRejected, Sink } from '@qianzhi/plugin-api';
import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { batchOf, deliveryOf, keyed, openTargetSite, signal, write } from './test/target-site.js';

const all = 'SELECT id, name FROM t ORDER BY id';
const table = 'CREATE TABLE t (id varchar(20) PRIMARY KEY, name text)';
const nothing: OnRejected = async () => {
  throw new Error('no row is refused');
};
/** Sessions in a transaction that only waits. */
const idle = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'qianzhi' AND datname = current_database() AND state LIKE 'idle in transaction%'`;

/** Four parts with the rows that are named. */
const parts: readonly (readonly string[])[] = [['S\ta\t1'], ['S\tb\t2', 'S\tc\t3'], ['S\td\t4'], ['S\te\t5']];

function part(number: number, lines = parts[number - 1]!) {
  return batchOf(keyed, number, lines, {
    snapshot: { id: 's', part: number, last: number === parts.length },
  });
}

const load = (sink: Sink, number: number, lines?: readonly string[]): Promise<LoadedPart> =>
  sink.parts!.load(part(number, lines), signal);

describeWithPostgres('postgres target: parts side by side', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  it('load on two sessions at once, and on none but those', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    await sink.write(part(1), nothing, signal);
    const both = await Promise.all([load(sink, 2), load(sink, 3)]);
    expect(await site.values(idle)).toEqual(['2']);
    const [shadow] = await site.values(`SELECT relname FROM pg_class WHERE relname LIKE 'qianzhi_shadow%'`);
    expect(await site.values(`SELECT count(*) FROM ${shadow}`)).toEqual(['1']);
    for (const each of both) await each.commit(nothing);
    expect(await site.values(idle)).toEqual(['0']);
    expect((await sink.write(part(4), nothing, signal)).counts).toMatchObject({ delivered: 5, inserted: 5 });
    expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3', 'd|4', 'e|5']);
  });

  it('do not wait for each other where the table has a second unique index, and refuse the later row', async () => {
    await using site = await openTargetSite(database, { lockTimeoutMs: 2000 });
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY, name text UNIQUE)');
    const sink = await site.sink(keyed, { table: 't' });
    await sink.write(part(1), nothing, signal);
    const later = await load(sink, 3, ['S\td\t2', 'S\tx\t4']);
    const earlier = await load(sink, 2);
    await earlier.commit(nothing);
    const refused: string[] = [];
    const row = await later.commit(async (rows) => {
      refused.push(...rows.map(({ reason, bytes }) => `${reason} ${Buffer.from(bytes)}`));
    });
    expect(refused).toEqual(['duplicate-key S\td\t2\n']);
    expect(row.counts).toMatchObject({ delivered: 2, rejected: 1 });
    await sink.write(part(4), nothing, signal);
    expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3', 'e|5', 'x|4']);
  });

  it('keep the row that was delivered first of those with one key', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    await sink.write(part(1), nothing, signal);
    const [shadow] = await site.values(`SELECT relname FROM pg_class WHERE relname LIKE 'qianzhi_shadow%'`);
    const many = Array.from({ length: 200_000 }, (_, n) => `S\tk${n}\tfirst`);
    const loading = load(sink, 2, many);
    while ((await site.values(`SELECT pg_relation_size('${shadow}') > 200000`))[0] !== 't');
    // its rows lie before the last ones of the earlier part
    const later = await load(sink, 3, ['S\tk199999\tsecond', 'S\td\t4', 'S\ta\tsecond']);
    const earlier = await loading;
    await earlier.commit(nothing);
    await later.commit(nothing);
    const { ledger, rejected } = await write(sink, keyed, 4, parts[3]!, {
      snapshot: { id: 's', part: 4, last: true },
    });
    expect(rejected.map(({ bytes }) => Buffer.from(bytes).toString()).sort()).toEqual([
      'S\ta\tsecond\n',
      'S\tk199999\tsecond\n',
    ]);
    expect(ledger.counts).toMatchObject({ inserted: 200_003, rejected: 2 });
    expect(await site.values(`SELECT name FROM t WHERE id IN ('a', 'k199999') ORDER BY id`)).toEqual([
      '1',
      'first',
    ]);
  });

  it('hold off an instance that takes over until they are committed, and are fenced after it', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const older = await site.sink(keyed, { table: 't' });
    await older.write(part(1), nothing, signal);
    const loaded = await load(older, 2);
    const newer = await site.sink(keyed, { table: 't' });
    const discarding = newer.discardStaged(deliveryOf(), signal);
    const waiting = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    while ((await site.values(waiting))[0] !== '1');
    expect((await loaded.commit(nothing)).seq).toBe(2);
    await discarding;
    expect(await newer.ledgerHead(deliveryOf(), signal)).toBeUndefined();
    await expect(load(older, 3)).rejects.toMatchObject({ code: 'QZ_POSTGRES_WRITER_FENCED' });
    expect(await site.values(idle)).toEqual(['0']);
  });

  it('are ended with a frozen instance', async () => {
    await using site = await openTargetSite(database, { lockTimeoutMs: 300 });
    await site.db.query(table);
    const frozen = await site.sink(keyed, { table: 't' });
    await frozen.write(part(1), nothing, signal);
    const both = await Promise.all([load(frozen, 2), load(frozen, 3)]);
    const newer = await site.sink(keyed, { table: 't' });
    await newer.write(part(2), nothing, signal);
    for (const each of both)
      await expect(each.commit(nothing)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(load(frozen, 3)).rejects.toMatchObject({ code: 'QZ_POSTGRES_WRITER_FENCED' });
    for (const number of [3, 4]) await newer.write(part(number), nothing, signal);
    expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3', 'd|4', 'e|5']);
  });

  it('go on without one whose session is lost', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(table);
    const sink = await site.sink(keyed, { table: 't' });
    await sink.write(part(1), nothing, signal);
    const earlier = await load(sink, 2);
    const [pid] = await site.values(idle.replace('count(*)', 'pid'));
    const later = await load(sink, 3);
    await site.db.query(`SELECT pg_terminate_backend(${pid})`);
    await expect(earlier.commit(nothing)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(later.commit(nothing)).rejects.toMatchObject({ code: 'QZ_POSTGRES_SNAPSHOT_BROKEN' });
    for (const each of await Promise.all([load(sink, 2), load(sink, 3)])) await each.commit(nothing);
    await sink.write(part(4), nothing, signal);
    expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3', 'd|4', 'e|5']);
  });

  it('wait for each other where the server gives one session', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(
      `CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1; GRANT ALL ON SCHEMA "${site.schema.replaceAll('"', '""')}" TO narrow`,
    );
    try {
      const login = { config: { user: 'narrow', password: 'narrow' } };
      const sink = await site.sink(keyed, { table: 't', create: true }, login);
      await sink.write(part(1), nothing, signal);
      const [earlier, later] = [load(sink, 2), load(sink, 3)];
      await (await earlier).commit(nothing);
      await (await later).commit(nothing);
      await sink.write(part(4), nothing, signal);
      expect(await site.values(all)).toEqual(['a|1', 'b|2', 'c|3', 'd|4', 'e|5']);
      await sink[Symbol.asyncDispose]();
    } finally {
      await site.db.query('DROP OWNED BY narrow; DROP ROLE narrow');
    }
  });
});
