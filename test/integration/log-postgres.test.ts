import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { rowsOf } from '../fixtures/tables.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

/** A PostgreSQL log followed through the platform into another database, over restarts of the agents and of the server. */
let server: PostgresServer;
let client: pg.Client;
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
const table = 'firm';
const columns = ['code', 'name'];

async function connected(): Promise<pg.Client> {
  const opened = new pg.Client({ connectionString: server.url });
  opened.on('error', () => undefined);
  await opened.connect();
  return opened;
}

beforeAll(async () => {
  if (!hasPostgres()) return;
  server = await startPostgres({ settings: { wal_level: 'logical' } });
  client = await connected();
  await client.query(`CREATE TABLE firm (code varchar(20) PRIMARY KEY, name varchar(40));
    INSERT INTO firm SELECT 'c' || n, '名称' || n FROM generate_series(1, 3000) n`);
  site = await createSite();
  const { hostname, port, username, password } = new URL(server.url);
  const civil = { type: 'postgres', host: hostname, port: Number(port), database: 'postgres' };
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { civil: { ...civil, user: username, password } },
    exchanges: [{ name: 'out', supply: table, connector: 'civil', strategy: 'log', source: { table } }],
  });
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { own: { type: 'sqlite', path: site.at('sw.sqlite'), create: true } },
    exchanges: [{ name: 'in', consume: table, connector: 'own', target: { table, create: true } }],
  });
  await site.publish(resourceOf(table, [{ column: 'code' }, { column: 'name' }]));
  await site.supply(table, 'mz-1');
  await site.subscribe('sw', table);
  await start();
});
afterAll(async () => {
  await site?.close();
  await client?.end();
  await server?.[Symbol.asyncDispose]();
});

const start = () => Promise.all([mz.start({ limits: { batchRows: 400 } }), sw.start()]);

async function flows(): Promise<{ out: object; into: object }> {
  const out = await mz.done('out');
  const into = await sw.done('in');
  const { rows } = await client.query({
    text: 'SELECT code, name FROM firm ORDER BY code COLLATE "C"',
    rowMode: 'array',
  });
  expect(rowsOf(site.at('sw.sqlite'), table, columns)).toEqual(rows);
  return { out: out.summary!, into: into.summary! };
}

const released = async () =>
  (await client.query(`SELECT confirmed_flush_lsn AS at FROM pg_replication_slots`)).rows.map(({ at }) => at);

describe.skipIf(!hasPostgres())('strategy log from PostgreSQL to a target', () => {
  it('all rows first, then what changed, deletes and changed keys included', async () => {
    await flows();
    await client.query(`UPDATE firm SET name = '改' WHERE code LIKE 'c1%'; DELETE FROM firm WHERE code LIKE 'c29%';
      UPDATE firm SET code = 'neu' WHERE code = 'c3'; INSERT INTO firm VALUES ('dazu', NULL)`);
    const { into } = await flows();
    expect(into).toMatchObject({ updated: 1111, inserted: 2, deleted: 112 });
    expect((await flows()).out).toMatchObject({ read: 0 });
  });

  it('goes on after both agents and the server were started anew, and lets the server forget what has its receipt', async () => {
    const before = await released();
    await Promise.all([mz.stop(), sw.stop()]);
    await client.query(`UPDATE firm SET name = 'unterdessen' WHERE code LIKE 'c2%'`);
    await server.stop('fast');
    await server.start();
    client = await connected();
    await start();
    await flows();
    expect(await released()).not.toEqual(before);
  });

  it('an emptied table and a slot that is gone lead to full copies', async () => {
    await client.query(`TRUNCATE firm; INSERT INTO firm VALUES ('eins', '1'), ('zwei', '2')`);
    await flows();
    await client.query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`);
    await client.query(`DELETE FROM firm WHERE code = 'eins'; INSERT INTO firm VALUES ('drei', '3')`);
    await flows();
    await client.query(`UPDATE firm SET name = '4'`);
    expect((await flows()).into).toMatchObject({ updated: 2, deleted: 0 });
  });

  it('drift pauses the stream', async () => {
    await client.query(`ALTER TABLE firm ALTER COLUMN name TYPE varchar(30)`);
    expect(await mz.run('out')).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_DRIFT' } });
    await client.query(`ALTER TABLE firm ALTER COLUMN name TYPE varchar(40); UPDATE firm SET name = '5'`);
    mz.engine.streams.resume(table);
    await flows();
  });

  it('a commit that waits for a synchronous standby is in the log, and read only when it is seen', async () => {
    const standby = async (sql: string) => {
      await client.query(`ALTER SYSTEM ${sql}`);
      await client.query('SELECT pg_reload_conf()');
    };
    const waiting = async (condition: string) =>
      (await client.query(`SELECT 1 FROM pg_stat_activity WHERE ${condition}`)).rowCount;
    const writer = await connected();
    await standby(`SET synchronous_standby_names = 'nobody'`);
    await expect
      .poll(async () => (await client.query('SHOW synchronous_standby_names')).rows[0])
      .toMatchObject({
        synchronous_standby_names: 'nobody',
      });
    const held = writer.query(`UPDATE firm SET name = '6'; DELETE FROM firm WHERE code = 'drei'`);
    await expect.poll(() => waiting(`wait_event = 'SyncRep'`), { timeout: 10_000 }).toBe(1);
    const read = mz.run('out');
    const looks = `application_name = 'qianzhi' AND query LIKE '%txid_current_snapshot%'`;
    await expect.poll(() => waiting(looks), { timeout: 10_000 }).toBe(1);
    await standby('RESET synchronous_standby_names');
    await held;
    expect(await read).toMatchObject({ state: 'done', summary: { read: 2 } });
    await flows();
    await writer.end();
  });

  it('evidence', () => expectEvidence(site));
});
