import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exchanges, follower, openExchanges, readAll } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresConnector } from '../../plugins/connector-postgres/src/connector.js';
import { resourceOf } from '../fixtures/resource.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres.js';

/** Strategy `log` over settings of a PostgreSQL server: no log, no slot free, log that was thrown away, commits nobody sees. */
const resource = resourceOf('firm', [{ column: 'code' }, { column: 'name', length: 60 }]);
let server: PostgresServer;
let client: pg.Client;
let exchanges: Exchanges;

async function connected(): Promise<pg.Client> {
  const opened = new pg.Client({ connectionString: server.url });
  opened.on('error', () => undefined);
  await opened.connect();
  return opened;
}

async function setAndRestart(settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
  await server.stop('fast');
  await server.start();
  client = await connected();
}

async function set(name: string, value: string): Promise<void> {
  await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
  await client.query('SELECT pg_reload_conf()');
  const now = async () => Object.values((await client.query(`SHOW ${name}`)).rows[0])[0];
  await expect.poll(now, { timeout: 10_000 }).toBe(value);
}

const follow = (config: object = {}) =>
  exchanges.source(resource, { table: 'firm' }, { strategy: 'log', config });
const make = () =>
  client.query(`CREATE TABLE IF NOT EXISTS firm (code varchar(20) PRIMARY KEY, name varchar(60));
    TRUNCATE firm; INSERT INTO firm VALUES ('a', '1'), ('b', '2')`);
const slots = async () =>
  (await client.query('SELECT slot_name AS name, wal_status AS status, active FROM pg_replication_slots'))
    .rows as { name: string; status: string; active: boolean }[];
const waiting = async (condition: string) =>
  (await client.query(`SELECT 1 FROM pg_stat_activity WHERE ${condition}`)).rowCount;

beforeAll(async () => {
  if (!hasPostgres()) return;
  server = await startPostgres();
  client = await connected();
  const { hostname, port, username, password } = new URL(server.url);
  const config = { host: hostname, port: Number(port), database: 'postgres', user: username, password };
  exchanges = openExchanges(postgresConnector, config);
});
afterEach(async () => {
  await exchanges?.[Symbol.asyncDispose]();
  if (!client) return;
  await expect.poll(async () => (await slots()).some(({ active }) => active)).toBe(false);
  await client.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots');
});
afterAll(async () => {
  await client?.end();
  await server?.[Symbol.asyncDispose]();
});

describe.skipIf(!hasPostgres())('strategy log over settings of a PostgreSQL server', () => {
  it('refuses a server without the log, says what has to be set, and follows it once that was done', async () => {
    await make();
    const error = await follow().then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'QZ_POSTGRES_LOG_OFF',
      kind: 'config',
      texts: { en: { message: expect.stringContaining('is replica') } },
    });
    const [, name, value] = error.texts.en.hint.match(/ALTER SYSTEM SET (\w+) = '(\w+)'/);
    expect(error.texts.zh.hint).toContain(`ALTER SYSTEM SET ${name} = '${value}'`);
    expect(await slots()).toEqual([]);
    await setAndRestart({ [name]: value, max_replication_slots: '1' });
    expect(await follower(await follow()).next()).toEqual(['Sa', 'Sb']);
  });

  it('is told where no slot is free, and copies once one is', async () => {
    await make();
    await client.query(`SELECT pg_create_physical_replication_slot('of_others')`);
    const source = await follow();
    await expect(readAll(source)).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LOG_SLOTS_FULL',
      kind: 'unavailable',
      texts: { en: { message: expect.stringContaining('max_replication_slots = 1)') } },
    });
    expect((await slots()).map(({ name }) => name)).toEqual(['of_others']);
    await client.query(`SELECT pg_drop_replication_slot('of_others')`);
    const { next } = follower(source);
    expect(await next()).toEqual(['Sa', 'Sb']);
    await client.query(`UPDATE firm SET name = '1a' WHERE code = 'a'`);
    expect(await next()).toEqual(['Ua']);
  });

  it('copies where the server threw away what the slot still needed', async () => {
    await make();
    const source = await follow();
    const { next, rows } = follower(source);
    await next();
    await client.query(`UPDATE firm SET name = 'unseen' WHERE code = 'a'; DELETE FROM firm WHERE code = 'b'`);
    await set('max_slot_wal_keep_size', '1MB');
    for (let file = 0; file < 3; file++) {
      await client.query('CREATE TABLE more (n int); DROP TABLE more');
      await client.query('SELECT pg_switch_wal()');
    }
    await client.query('CHECKPOINT');
    expect((await slots()).map(({ status }) => status)).toEqual(['lost']);
    expect(await next()).toEqual(['Sa']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'slot-lost' } }]);
    await client.query(`INSERT INTO firm VALUES ('c', '3')`);
    expect(await next()).toEqual(['Uc']);
    expect([...rows]).toEqual([
      ['a', 'unseen'],
      ['c', '3'],
    ]);
    await set('max_slot_wal_keep_size', '-1');
  });

  it('copies where the log ends before the place: a server put back to an older state', async () => {
    // the slot is there still: whoever copies again joins it by a temporary one
    await setAndRestart({ max_replication_slots: '2' });
    await make();
    const source = await follow();
    const checkpoint = (await readAll(source)).checkpoints.at(-1)!;
    const place = JSON.parse(checkpoint);
    const behind = JSON.stringify({ ...place, position: 'FF/0' });
    const again = await readAll(source, behind);
    expect(again.rows.map((row) => row.join(' '))).toEqual(['a 1', 'b 2']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'log-behind' } }]);
    await client.query(`DELETE FROM firm WHERE code = 'a'`);
    const next = await readAll(source, again.checkpoints.at(-1));
    expect(next.ops.map((op, at) => `${op}${next.rows[at]![0]}`)).toEqual(['Da']);
  });

  it('gives up on a commit that nobody sees, keeps the place, and goes on once it is seen', async () => {
    await make();
    const source = await follow({ statementTimeoutMs: 1000 });
    const { checkpoints } = await readAll(source);
    const writer = await connected();
    await set('synchronous_standby_names', 'nobody');
    const held = writer.query(`UPDATE firm SET name = 'held' WHERE code = 'a'`);
    await expect.poll(() => waiting(`wait_event = 'SyncRep'`), { timeout: 10_000 }).toBe(1);
    await expect(readAll(source, checkpoints.at(-1))).rejects.toMatchObject({
      code: 'QZ_POSTGRES_LOG_UNSEEN',
      kind: 'unavailable',
      texts: { en: { message: expect.stringContaining('within 1000 ms') } },
    });
    await set('synchronous_standby_names', '');
    await held;
    await writer.end();
    const read = await readAll(source, checkpoints.at(-1));
    expect(read.rows.map((row) => row.join(' '))).toEqual(['a held']);
    expect(source.notices()).toEqual([]);
  });

  it('says what the server could not read of its log, and copies once the slot has failed over it several times', async () => {
    await make();
    const { checkpoints } = await readAll(await follow());
    const at = async (sql: string) => Object.values((await client.query(sql)).rows[0])[0] as string;
    const here = await at('SELECT pg_current_wal_insert_lsn()');
    await client.query(`UPDATE firm SET name = 'unread' WHERE code = 'a'`);
    const [file, offset] = (
      await at(`SELECT concat_ws(' ', w.file_name, w.file_offset) FROM pg_walfile_name_offset('${here}') w`)
    ).split(' ');
    // nothing is written into this file any more
    await client.query('SELECT pg_switch_wal()');
    const wal = await open(join(await at('SHOW data_directory'), 'pg_wal', file!), 'r+');
    await wal.write(Buffer.alloc(64, 0xff), 0, 64, Number(offset) + 24);
    await wal.close();
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(readAll(await follow(), checkpoints.at(-1))).rejects.toMatchObject({
        code: 'QZ_POSTGRES_DRIVER',
        texts: { en: { message: expect.stringMatching(/answered XX000: could not .+/) } },
      });
    const source = await follow();
    const again = await readAll(source, checkpoints.at(-1));
    expect(again.rows.map((row) => row.join(' '))).toEqual(['a unread', 'b 2']);
    expect(source.notices()).toMatchObject([{ code: 'copied-again', details: { reason: 'slot-broken' } }]);
    await client.query(`DELETE FROM firm WHERE code = 'b'`);
    const next = await readAll(source, again.checkpoints.at(-1));
    expect(next.ops.map((op, at) => `${op}${next.rows[at]![0]}`)).toEqual(['Db']);
  });
});
